package resource

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// encoder is a region's encoder configuration: the size and rate of the
// composed video.
type encoder struct {
	*world
	region string
}

// encodersLive is what there is in a region.
type encodersLive struct {
	named []encoderLive
	all   []ivstypes.EncoderConfigurationSummary
}

// encoderLive is one configuration of our name, with its video, which only
// GetEncoderConfiguration tells.
type encoderLive struct {
	candidate
	video manifest.Encoder
}

func encoderKey(region string) reconcile.Key {
	return reconcile.Key{Region: region, Kind: "encoder-configuration"}
}

func (e *encoder) Key() reconcile.Key { return encoderKey(e.region) }

func (e *encoder) Needs() []reconcile.Key { return nil }

func (e *encoder) Read(ctx context.Context) (encodersLive, error) {
	return e.encoders.get(ctx, e.region, func(ctx context.Context) (live encodersLive, err error) {
		if live.all, err = e.encoderList(ctx, e.region); err == nil {
			live.named, err = e.withVideos(ctx, live.all)
		}
		return live, err
	})
}

// encoderList is every encoder configuration of a region, as one answer.
func (w *world) encoderList(ctx context.Context, region string) ([]ivstypes.EncoderConfigurationSummary, error) {
	return w.encoderLists.get(ctx, region, (&encoder{w, region}).listAll)
}

// read lists all freshly, then gets each of our name.
func (e *encoder) read(ctx context.Context) (live encodersLive, err error) {
	if live.all, err = e.listAll(ctx); err == nil {
		live.named, err = e.withVideos(ctx, live.all)
	}
	return live, err
}

func (e *encoder) listAll(ctx context.Context) ([]ivstypes.EncoderConfigurationSummary, error) {
	pages := ivsrealtime.NewListEncoderConfigurationsPaginator(e.cloud.In(e.region).IVS,
		&ivsrealtime.ListEncoderConfigurationsInput{MaxResults: aws.Int32(pageSize)})
	var all []ivstypes.EncoderConfigurationSummary
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, e.ivsError(e.region, cloud.Plain(err))
		}
		all = append(all, page.EncoderConfigurations...)
	}
	return all, nil
}

// withVideos picks those of our name and gets their videos.
func (e *encoder) withVideos(ctx context.Context, all []ivstypes.EncoderConfigurationSummary) ([]encoderLive, error) {
	var named []encoderLive
	for _, one := range all {
		if aws.ToString(one.Name) == e.env.EncoderName() {
			named = append(named, encoderLive{candidate: candidate{arn: aws.ToString(one.Arn), tags: one.Tags}})
		}
	}
	errs := make([]error, len(named))
	var wg sync.WaitGroup
	for i := range named {
		wg.Go(func() { named[i].video, errs[i] = e.video(ctx, named[i].arn) })
	}
	wg.Wait()
	// One that was deleted since the list is not there any more.
	gone := manifest.Encoder{}
	named = slices.DeleteFunc(named, func(one encoderLive) bool { return one.video == gone })
	return named, first(errs)
}

// video gets the settings of one configuration, once, as they never change.
// They are zero when there is none.
func (e *encoder) video(ctx context.Context, arn string) (manifest.Encoder, error) {
	return e.videos.get(ctx, arn, func(ctx context.Context) (manifest.Encoder, error) {
		out, err := cloud.Call(ctx, e.cloud.In(e.region).IVS.GetEncoderConfiguration, &ivsrealtime.GetEncoderConfigurationInput{Arn: aws.String(arn)})
		if err != nil {
			return manifest.Encoder{}, absent(err, "ResourceNotFoundException")
		}
		if out.EncoderConfiguration == nil || out.EncoderConfiguration.Video == nil {
			return filled(ivstypes.Video{}), nil
		}
		return filled(*out.EncoderConfiguration.Video), nil
	})
}

// filled puts IVS's defaults where a configuration leaves something out.
func filled(v ivstypes.Video) manifest.Encoder {
	full := manifest.Encoder{Width: 1280, Height: 720, Framerate: 30, Bitrate: 2_500_000}
	if v.Width != nil {
		full.Width = *v.Width
	}
	if v.Height != nil {
		full.Height = *v.Height
	}
	if v.Framerate != nil {
		full.Framerate = *v.Framerate
	}
	if v.Bitrate != nil {
		full.Bitrate = *v.Bitrate
	}
	return full
}

func (e *encoder) configuration() *configuration {
	return newConfiguration(e.world, StepEncoder, e.env.EncoderName(), e.Key(), &encoderOperations{e})
}

// settling is the follow-up of this configuration's create.
func (e *encoder) settling() reconcile.Node {
	return settling(StepEncoder, e.env.EncoderName(), e.Key(), func(context.Context) (*configuration, error) { return e.configuration(), nil })
}

func (e *encoder) Compare(live encodersLive) (reconcile.Comparison, error) {
	matching, old := e.split(live.named)
	configuration := e.configuration()
	c, err := configuration.compare(matching, e.changes(old))
	if err != nil {
		return c, err
	}
	configuration.foresee(&c, encoderQuota, describeEncoders(live.all))
	for _, one := range old {
		c.Notes = append(c.Notes, one.stays())
	}
	return c, nil
}

// split separates what has the wanted video from what was replaced.
func (e *encoder) split(live []encoderLive) (matching []candidate, old []encoderLive) {
	for _, one := range live {
		switch {
		case one.video == e.env.Recording.Encoder:
			matching = append(matching, one.candidate)
		case e.notOurs("encoder-configuration", e.env.EncoderName(), one.tags) == nil && !one.pending():
			old = append(old, one)
		}
	}
	sort.SliceStable(old, func(i, j int) bool { return old[i].arn < old[j].arn })
	return matching, old
}

// changes tells a new configuration's video, beside that of the one before if
// there is just one.
func (e *encoder) changes(old []encoderLive) []reconcile.Change {
	want := e.env.Recording.Encoder
	if len(old) != 1 {
		return created("width", want.Width, "height", want.Height, "framerate", want.Framerate, "bitrate", want.Bitrate)
	}
	var changes []reconcile.Change
	before := old[0].video
	for _, a := range []struct {
		name     string
		from, to any
	}{
		{"width", before.Width, want.Width},
		{"height", before.Height, want.Height},
		{"framerate", before.Framerate, want.Framerate},
		{"bitrate", before.Bitrate, want.Bitrate},
	} {
		if a.from != a.to {
			changes = append(changes, reconcile.Change{Attribute: a.name, From: a.from, To: a.to})
		}
	}
	return changes
}

// stays is the note on a configuration that was replaced.
func (one encoderLive) stays() string {
	v := one.video
	return fmt.Sprintf("%s (%dx%d at %v fps, %d bps) stays; IVS cannot change one, and an app may still use it", one.arn, v.Width, v.Height, v.Framerate, v.Bitrate)
}

// encoderOperations are the calls for encoder configurations of one video.
type encoderOperations struct{ *encoder }

func (o *encoderOperations) list(ctx context.Context) ([]candidate, error) {
	live, err := o.read(ctx)
	matching, _ := o.split(live.named)
	return matching, err
}

func (o *encoderOperations) create(ctx context.Context, _ reconcile.Lookup, tags map[string]string) (string, error) {
	want := o.env.Recording.Encoder
	out, err := cloud.Call(ctx, o.cloud.In(o.region).IVS.CreateEncoderConfiguration, &ivsrealtime.CreateEncoderConfigurationInput{
		Name: aws.String(o.env.EncoderName()), Tags: tags,
		Video: &ivstypes.Video{
			Width: aws.Int32(want.Width), Height: aws.Int32(want.Height),
			Framerate: aws.Float32(want.Framerate), Bitrate: aws.Int32(want.Bitrate),
		},
	}, cloud.Unrepeated)
	if err != nil || out.EncoderConfiguration == nil {
		return "", err
	}
	arn := aws.ToString(out.EncoderConfiguration.Arn)
	o.videos.set(arn, want)
	return arn, nil
}

func (o *encoderOperations) remove(ctx context.Context, arn string) error {
	_, err := cloud.Call(ctx, o.cloud.In(o.region).IVS.DeleteEncoderConfiguration, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: aws.String(arn)})
	return absent(err, "ResourceNotFoundException")
}

func (o *encoderOperations) full(_ context.Context, err error) error { return err }
