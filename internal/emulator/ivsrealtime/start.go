package ivsrealtime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Limits of StartComposition (RealTimeAPIReference: StartComposition,
// S3DestinationConfiguration).
const (
	minDestinations, maxDestinations = 1, 2
	encodersOfDestination            = 1
	maxThumbnails                    = 1
)

var (
	clientToken = constraint.Matching(1, 64, `[a-zA-Z0-9-_]*`)
	format      = constraint.Text{Enum: []string{"HLS"}}
)

type startInput struct {
	StageARN     *string            `json:"stageArn"`
	Token        *string            `json:"idempotencyToken"`
	Layout       *layoutInput       `json:"layout"`
	Destinations []destinationInput `json:"destinations"`
	Tags         map[string]string  `json:"tags"`
}

type destinationInput struct {
	Name    *string `json:"name"`
	Channel *struct {
		ARN        *string `json:"channelArn"`
		EncoderARN *string `json:"encoderConfigurationArn"`
	} `json:"channel"`
	S3 *s3Input `json:"s3"`
}

type s3Input struct {
	StorageARN  *string  `json:"storageConfigurationArn"`
	EncoderARNs []string `json:"encoderConfigurationArns"`
	Recording   *struct {
		Format *string   `json:"format"`
		HLS    *hlsInput `json:"hlsConfiguration"`
	} `json:"recordingConfiguration"`
	Thumbnails []thumbnailInput `json:"thumbnailConfigurations"`
}

type thumbnailInput struct {
	Storage  []string `json:"storage"`
	Interval *int     `json:"targetIntervalSeconds"`
}

func (in *startInput) check() error {
	var c constraint.Checks
	requireARN(&c, "stageArn", in.StageARN, kindStage)
	c.Text("idempotencyToken", in.Token, clientToken)
	c.RequiredList("destinations", in.Destinations != nil)
	if in.Destinations != nil {
		c.Size("destinations", fmt.Sprintf("[%d destinations]", len(in.Destinations)), len(in.Destinations), minDestinations, maxDestinations)
	}
	for n := range in.Destinations {
		in.Destinations[n].check(&c, fmt.Sprintf("destinations.%d.member.", n+1))
	}
	in.Layout.check(&c)
	checkTags(&c, in.Tags)
	if err := c.Err(codeInvalid); err != nil {
		return err
	}
	if err := refuseReserved(in.Tags); err != nil {
		return err
	}
	return in.checkKinds()
}

// checkKinds refuses what the model cannot say: a composition goes to a
// channel, a bucket, or one of each (RealTimeAPIReference, Composition).
func (in *startInput) checkKinds() error {
	channels, buckets := 0, 0
	for _, d := range in.Destinations {
		if (d.Channel == nil) == (d.S3 == nil) {
			return invalid("A destination must have either a channel or an s3")
		}
		if d.Channel != nil {
			channels++
		} else {
			buckets++
		}
	}
	if channels > 1 || buckets > 1 {
		return invalid("A composition can have one channel and one s3 destination at most")
	}
	if in.Layout != nil && in.Layout.Grid != nil && in.Layout.PIP != nil {
		return invalid("A layout must have either a grid or a pip")
	}
	return nil
}

func (in *destinationInput) check(c *constraint.Checks, prefix string) {
	c.Text(prefix+"name", in.Name, nameLimit)
	if in.Channel != nil {
		requireARN(c, prefix+"channel.channelArn", in.Channel.ARN, kindChannel)
		c.Text(prefix+"channel.encoderConfigurationArn", in.Channel.EncoderARN, arnLimit(kindEncoder))
	}
	if in.S3 != nil {
		in.S3.check(c, prefix+"s3.")
	}
}

func (in *s3Input) check(c *constraint.Checks, prefix string) {
	requireARN(c, prefix+"storageConfigurationArn", in.StorageARN, kindStorage)
	c.RequiredList(prefix+"encoderConfigurationArns", in.EncoderARNs != nil)
	if in.EncoderARNs != nil {
		checkList(c, prefix+"encoderConfigurationArns", in.EncoderARNs, encodersOfDestination, encodersOfDestination, arnLimit(kindEncoder))
	}
	if in.Recording != nil {
		c.Text(prefix+"recordingConfiguration.format", in.Recording.Format, format)
		in.Recording.HLS.check(c, prefix+"recordingConfiguration.hlsConfiguration")
	}
	c.Size(prefix+"thumbnailConfigurations", fmt.Sprintf("[%d configurations]", len(in.Thumbnails)), len(in.Thumbnails), 0, maxThumbnails)
	for _, t := range in.Thumbnails {
		c.Int(prefix+"thumbnailConfigurations.targetIntervalSeconds", t.Interval, minInterval, maxInterval)
		checkList(c, prefix+"thumbnailConfigurations.storage", t.Storage, 0, maxThumbnailStorage, thumbnailStorage)
	}
}

func (s *Service) startComposition(r *wire.Request, in *startInput) (*compositionOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var out *compositionOutput
	return out, s.store.Update(func(tx *store.Tx) error {
		c, err := s.start(tx, r, in)
		if err != nil {
			return err
		}
		out = c.show(r.Now)
		return nil
	})
}

// start makes the composition, or finds the one that the same request made
// before.
func (s *Service) start(tx *store.Tx, r *wire.Request, in *startInput) (*composition, error) {
	if made, err := in.repeated(tx, r); made != nil || err != nil {
		return made, err
	}
	if err := in.checkResources(tx, r); err != nil {
		return nil, err
	}
	if err := s.checkCompositionQuota(tx, r, *in.StageARN); err != nil {
		return nil, err
	}
	i := newID(r, kindComposition)
	c := &composition{
		resource: newResource(i, nil, in.Tags), StageARN: *in.StageARN, Layout: in.Layout.layout(),
		Started: r.Now.UTC(), Request: in.digest(),
	}
	replace(&c.Token, in.Token)
	session := randomText(12)
	for _, wanted := range in.Destinations {
		d := destination{ID: randomText(12), Configuration: wanted.configuration()}
		if d.Configuration.S3 != nil {
			d.Prefix = session + "/" + i.name + "/" + d.ID + "/composite"
			d.render(tx)
		}
		c.Destinations = append(c.Destinations, d)
	}
	for n := range c.Destinations {
		c.Destinations[n].Failure = c.doomed(tx, r, &c.Destinations[n])
	}
	c.put(tx)
	return c, nil
}

// repeated finds the composition that a request with the same token made.
func (in *startInput) repeated(tx *store.Tx, r *wire.Request) (*composition, error) {
	if in.Token == nil {
		return nil, nil
	}
	for _, c := range compositions(tx, r.Account, r.Region) {
		if c.Token != *in.Token {
			continue
		}
		if c.Request != in.digest() {
			return nil, conflict("The idempotency token was used for another request: " + *in.Token)
		}
		return &c, nil
	}
	return nil, nil
}

// digest is the same for requests that ask for the same.
func (in *startInput) digest() string {
	raw, err := json.Marshal(in)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// checkResources looks for everything that the request names. There are no
// channels here: every one of the account and region counts as there.
func (in *startInput) checkResources(tx *store.Tx, r *wire.Request) error {
	if _, _, err := lookup[stage](tx, r, *in.StageARN); err != nil {
		return err
	}
	for _, d := range in.Destinations {
		if d.Channel != nil {
			if _, err := reach(r, *d.Channel.ARN); err != nil {
				return err
			}
		}
		if d.S3 != nil {
			if _, _, err := lookup[storage](tx, r, *d.S3.StorageARN); err != nil {
				return err
			}
		}
		for _, arn := range d.encoders() {
			if _, _, err := lookup[encoder](tx, r, arn); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *destinationInput) encoders() []string {
	switch {
	case in.S3 != nil:
		return in.S3.EncoderARNs
	case in.Channel.EncoderARN != nil:
		return []string{*in.Channel.EncoderARN}
	}
	return nil
}

func (s *Service) checkCompositionQuota(tx *store.Tx, r *wire.Request, stageARN string) error {
	all := live(tx, r)
	if quota := s.options.Compositions; len(all) >= quota {
		return quotaExceeded(fmt.Sprintf("Quota exceeded: %d Compositions", quota))
	}
	ofStage := slices.DeleteFunc(all, func(c composition) bool { return c.StageARN != stageARN })
	if len(ofStage) >= maxStageCompositions {
		return quotaExceeded(fmt.Sprintf("Quota exceeded: %d Compositions per stage", maxStageCompositions))
	}
	return nil
}

// configuration is what was asked for, with its defaults.
func (in *destinationInput) configuration() destinationConfiguration {
	var made destinationConfiguration
	replace(&made.Name, in.Name)
	if in.Channel != nil {
		made.Channel = &channelDestination{ARN: *in.Channel.ARN}
		replace(&made.Channel.EncoderARN, in.Channel.EncoderARN)
		return made
	}
	made.S3 = &s3Destination{
		EncoderARNs: in.S3.EncoderARNs, StorageARN: *in.S3.StorageARN,
		Recording: recordingFormat{Format: "HLS", HLS: hlsOptions{Segment: 2}},
	}
	if in.S3.Recording != nil && in.S3.Recording.HLS != nil {
		replace(&made.S3.Recording.HLS.Segment, in.S3.Recording.HLS.Segment)
	}
	for _, t := range in.S3.Thumbnails {
		made.S3.Thumbnails = append(made.S3.Thumbnails, t.thumbnails())
	}
	return made
}

func (in *thumbnailInput) thumbnails() compositionThumbnails {
	t := compositionThumbnails{Storage: []string{"SEQUENTIAL"}, Interval: 60}
	replaceList(&t.Storage, in.Storage)
	replace(&t.Interval, in.Interval)
	return t
}
