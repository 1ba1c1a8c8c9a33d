package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// StepComposition is the ID of what IVS says of a composition.
const StepComposition = "composition"

// single is what is known of the one composition that was asked for.
type single struct {
	*doctor
	*region
	arn string
	// said is nil when IVS does not know it (any more), err why it is not known.
	said *ivstypes.Composition
	err  error
	// storage and size are what it records with, as far as IVS says; storageErr is
	// why the former is not known.
	storage    *ivstypes.StorageConfiguration
	storageErr error
	size       size
}

// Composition judges the show of one composition, whose region the chains are
// of: by what IVS says, as long as it does, by the log and by the bucket.
func Composition(ctx context.Context, o Options, arn string) Result {
	d, begun := newDoctor(o), time.Now()
	c := &single{doctor: d, region: d.regions[0], arn: arn}
	c.ask(ctx)
	asked := time.Since(begun)
	begun = time.Now()
	shelves := c.read(ctx)
	looked := time.Since(begun)
	begun = time.Now()
	all, places := c.facts(ctx, shelves)
	outcomes(ctx, all, places)
	said := c.findings(all)
	d.result.Steps = append(d.result.Steps, proof.Step{ID: StepComposition, Title: titleComposition, Findings: said, Elapsed: asked})
	if c.logs() {
		d.result.Steps = append(d.result.Steps, proof.Step{ID: proof.StepLog, Title: titleLog, Findings: c.logged(), Elapsed: looked})
	}
	var findings []proof.Finding
	for _, f := range all {
		findings = append(findings, d.deep(ctx, f, places[f], c.size)...)
	}
	if len(all) == 0 {
		findings = append(findings, proof.Finding{
			Region: c.name, Feature: resource.FeatureRecording, ID: idUnread, Title: titleShow, Evidence: c.without(ctx, shelves),
		})
	}
	d.warnOfEvents(c.region, all)
	d.add(proof.StepRecording, titleRecording, begun, findings...)
	return d.told()
}

// ask asks IVS for the composition and for what it records with.
func (c *single) ask(ctx context.Context) {
	client := c.Cloud.In(c.name).IVS
	out, err := cloud.Call(ctx, client.GetComposition, &ivsrealtime.GetCompositionInput{Arn: &c.arn})
	if err != nil {
		if !cloud.Is(err, "ResourceNotFoundException") {
			c.err = unread(ctx, err)
		}
		return
	}
	c.said = out.Composition
	s3 := c.destination()
	if s3 == nil {
		return
	}
	got, err := cloud.Call(ctx, client.GetStorageConfiguration, &ivsrealtime.GetStorageConfigurationInput{Arn: s3.Configuration.S3.StorageConfigurationArn})
	if err == nil {
		c.storage = got.StorageConfiguration
	}
	c.storageErr = unread(ctx, err)
	if encoders := s3.Configuration.S3.EncoderConfigurationArns; len(encoders) > 0 {
		c.size = sizeOf(ctx, client, encoders[0])
	}
}

// destination is the composition's S3 destination, nil if none is known.
func (c *single) destination() *ivstypes.Destination {
	if c.said == nil {
		return nil
	}
	for i := range c.said.Destinations {
		if d := &c.said.Destinations[i]; d.Configuration != nil && d.Configuration.S3 != nil {
			return d
		}
	}
	return nil
}

// read reads the log, and searches the bucket unless IVS said where the recording
// is.
func (c *single) read(ctx context.Context) (shelves library) {
	var wg sync.WaitGroup
	switch {
	case c.prefix() != "":
		shelves = library{c.told()}
	case c.said == nil || c.destination() != nil:
		wg.Go(func() { shelves = c.searched(ctx, idOf(c.arn)) })
	}
	if c.logs() {
		var since time.Time
		if c.said != nil {
			since = aws.ToTime(c.said.StartTime).Add(-time.Minute)
		}
		c.events, c.logErr = c.log.Find(ctx, since, c.arn)
		c.logErr = unread(ctx, c.logErr)
		c.readStage(ctx)
	}
	wg.Wait()
	return shelves
}

// readStage adds the events of the show's stage, which tell who published.
func (c *single) readStage(ctx context.Context) {
	// Others may write to the group, too, and name the composition.
	first := slices.IndexFunc(c.events, func(e eventlog.Event) bool { return e.Composition != "" && e.Stage != "" })
	if first < 0 {
		return
	}
	others, err := c.log.Find(ctx, c.events[first].Time.Add(-longestLife), c.events[first].Stage)
	if err != nil {
		return // then it is not known
	}
	for i := range others {
		if others[i].Composition == "" {
			c.events = append(c.events, others[i])
		}
	}
	eventlog.Sort(c.events)
}

func (c *single) prefix() string {
	if d := c.destination(); d != nil && d.Detail != nil && d.Detail.S3 != nil && c.storage != nil && c.storage.S3 != nil {
		return strings.TrimSuffix(aws.ToString(d.Detail.S3.RecordingPrefix), "/")
	}
	return ""
}

// told is the bucket that IVS says it records to, with the one recording.
func (c *single) told() *shelf {
	name, in := aws.ToString(c.storage.S3.BucketName), c.name
	if name == c.recording.Bucket {
		in = cmp.Or(c.recording.BucketRegion, in)
	}
	s := c.shelf(name, in)
	p := place{prefix: c.prefix(), composition: idOf(c.arn), destination: aws.ToString(c.destination().Id)}
	s.places = map[string]*place{p.composition: s.at(p)}
	return s
}

// facts are those of the composition's recordings: what the log tells, or IVS,
// or else the bucket.
func (c *single) facts(ctx context.Context, shelves library) (all []*facts, places map[*facts]*place) {
	shows := slices.DeleteFunc(showsIn(c.events), func(s *show) bool { return s.composition != c.arn })
	if d := c.destination(); d != nil {
		id := aws.ToString(d.Id)
		i := slices.IndexFunc(shows, func(s *show) bool { return s.destination == id || s.destination == "" })
		if i < 0 {
			i, shows = len(shows), append(shows, &show{region: c.name, composition: c.arn, destination: id, stage: aws.ToString(c.said.StageArn)})
		}
		shows = shows[i : i+1]
		shows[0].destination = id
	} else if c.said != nil {
		return nil, nil // it goes to a channel alone
	}
	found := shelves.find(idOf(c.arn), "")
	if len(shows) == 0 && found != nil {
		shows = append(shows, c.unlogged(found))
	}
	places = map[*facts]*place{}
	for _, s := range shows {
		p := shelves.find(idOf(c.arn), s.destination)
		if p == nil && found != nil {
			continue // the other destination, which is a channel
		}
		f := &facts{show: s, air: airOf(s.stage, c.events), searched: shelves.String(), unsearched: shelves.err(ctx, c.region), state: c.state(s), now: c.now(shelves)}
		if d := c.destination(); d != nil {
			f.asked = aws.ToTime(d.StartTime)
		}
		all, places[f] = append(all, f), p
	}
	return all, places
}

// state is what IVS says of a show's destination (see facts.state).
func (c *single) state(s *show) string {
	switch {
	case c.err != nil:
		return ""
	case c.said == nil:
		return gone
	}
	if d := c.destination(); d != nil && aws.ToString(d.Id) == s.destination {
		return string(d.State)
	}
	return ""
}

// without says why there is no recording to judge.
func (c *single) without(ctx context.Context, shelves library) string {
	switch {
	case c.said != nil:
		return "the composition has no S3 destination, so it records nothing"
	case c.logErr != nil:
		return "IVS does not know the composition, and the log could not be read"
	case shelves.err(ctx, c.region) != nil:
		return "IVS does not know the composition, and not all recordings could be looked at: " + shelves.err(ctx, c.region).Error()
	}
	return fmt.Sprintf("nothing of it is in %s", shelves)
}
