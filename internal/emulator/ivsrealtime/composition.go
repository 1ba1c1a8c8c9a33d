package ivsrealtime

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// composition is a composition as it is kept: what was asked for, and when
// what happened to it. Its state follows from that and the time.
type composition struct {
	resource     // without a name
	StageARN     string
	Layout       layout
	Destinations []destination
	Started      time.Time
	End          *ending  `json:",omitempty"` // nil as far as is known yet
	Told         []string `json:",omitempty"` // the events that were emitted
	// Token and Request tell a repeated StartComposition.
	Token   string `json:",omitempty"`
	Request string
}

// ending is when and why a composition ends.
type ending struct {
	At   time.Time
	Code string `json:",omitempty"` // of the failure; "" when it is stopped
}

// destination is where a composition goes to.
type destination struct {
	ID            string
	Configuration destinationConfiguration
	Failure       *failure `json:",omitempty"` // nil as far as is known yet
	// What follows is of a recording.
	Prefix    string `json:",omitempty"` // in its bucket
	Rendition string `json:",omitempty"` // the folder of its media playlist
	Video     video  `json:",omitzero"`
	Begun     bool   `json:",omitempty"` // its beginning is written
	Closed    bool   `json:",omitempty"` // nothing more is to be written
	// Lapses are when the bucket became unavailable for a while; Lapsed says that
	// it still is.
	Lapses []time.Time `json:",omitempty"`
	Lapsed bool        `json:",omitempty"`
}

// failure is when and why a destination fails.
type failure struct {
	At     time.Time
	Code   string
	Reason string `json:",omitempty"` // "" for IVS's text for the code
}

// destinationConfiguration holds one of the two.
type destinationConfiguration struct {
	Channel *channelDestination `json:"channel,omitempty"`
	Name    string              `json:"name"`
	S3      *s3Destination      `json:"s3,omitempty"`
}

type channelDestination struct {
	ARN        string `json:"channelArn"`
	EncoderARN string `json:"encoderConfigurationArn,omitempty"` // "" for IVS's default video
}

type s3Destination struct {
	EncoderARNs []string                `json:"encoderConfigurationArns"`
	Recording   recordingFormat         `json:"recordingConfiguration"`
	StorageARN  string                  `json:"storageConfigurationArn"`
	Thumbnails  []compositionThumbnails `json:"thumbnailConfigurations,omitempty"`
}

type recordingFormat struct {
	Format string     `json:"format"`
	HLS    hlsOptions `json:"hlsConfiguration"`
}

type compositionThumbnails struct {
	Storage  []string `json:"storage"`
	Interval int      `json:"targetIntervalSeconds"`
}

func (c *composition) id() id {
	i, _ := parseARN(c.ARN)
	return i
}

func (c *composition) put(tx *store.Tx) { store.Put(tx, table(kindComposition), c.id().key(), *c) }

// encodesWith tells whether a destination uses an encoder configuration.
func (c *composition) encodesWith(arn string) bool {
	return slices.ContainsFunc(c.Destinations, func(d destination) bool {
		return d.Configuration.Channel != nil && d.Configuration.Channel.EncoderARN == arn ||
			d.Configuration.S3 != nil && slices.Contains(d.Configuration.S3.EncoderARNs, arn)
	})
}

// recordsWith tells whether a destination uses a storage configuration.
func (c *composition) recordsWith(arn string) bool {
	return slices.ContainsFunc(c.Destinations, func(d destination) bool {
		return d.Configuration.S3 != nil && d.Configuration.S3.StorageARN == arn
	})
}

// compositions yields those of an account and region.
func compositions(tx *store.Tx, account, region string) iter.Seq2[string, composition] {
	return store.Scan[composition](tx, table(kindComposition), store.Key(account, region, ""), "")
}

// live are the compositions of the request's account and region that have not
// ended.
func live(tx *store.Tx, r *wire.Request) []composition {
	var all []composition
	for _, c := range compositions(tx, r.Account, r.Region) {
		if !c.over(r.Now) {
			all = append(all, c)
		}
	}
	return all
}

// refuseUsed refuses to delete a configuration that a composition uses.
func refuseUsed(tx *store.Tx, r *wire.Request, arn string) error {
	for _, c := range live(tx, r) {
		if c.encodesWith(arn) || c.recordsWith(arn) {
			return conflict(arn + " is in use by " + c.ARN)
		}
	}
	return nil
}

// render gives a recording the video of its encoder configuration, and a folder
// that is named after it (RealTimeUserGuide, Composite Recording).
func (d *destination) render(tx *store.Tx) {
	i, _ := parseARN(d.Configuration.S3.EncoderARNs[0])
	found, _ := store.Get[encoder](tx, table(kindEncoder), i.key())
	d.Video = found.Video
	d.Rendition = fmt.Sprintf("%dp%.4g-%s", d.Video.Height, d.Video.Framerate, randomText(12))
}

// doomed is the failure that a new destination will come to, as soon as the
// composition is up; nil for none. What keeps a recording from its bucket shows
// then.
func (c *composition) doomed(tx *store.Tx, r *wire.Request, d *destination) *failure {
	if d.Configuration.Channel == nil {
		return nil
	}
	for _, other := range live(tx, r) {
		if slices.ContainsFunc(other.Destinations, func(o destination) bool {
			return o.Configuration.Channel != nil && o.Configuration.Channel.ARN == d.Configuration.Channel.ARN && !o.failed(r.Now)
		}) {
			return &failure{At: c.active(), Code: codeBusyChannel}
		}
	}
	return nil
}

// compositionSummary is a composition of a list (RealTimeAPIReference,
// CompositionSummary and DestinationSummary).
type compositionSummary struct {
	ARN          string               `json:"arn"`
	StageARN     string               `json:"stageArn"`
	Destinations []destinationSummary `json:"destinations"`
	State        string               `json:"state"`
	Started      time.Time            `json:"startTime"`
	Ended        time.Time            `json:"endTime,omitzero"`
	Tags         map[string]string    `json:"tags"`
}

type destinationSummary struct {
	ID      string    `json:"id"`
	State   string    `json:"state"`
	Started time.Time `json:"startTime,omitzero"`
	Ended   time.Time `json:"endTime,omitzero"`
}

// shownComposition is a composition with all that is to be seen of it.
type shownComposition struct {
	compositionSummary
	Destinations []shownDestination `json:"destinations"`
	Layout       layout             `json:"layout"`
}

type shownDestination struct {
	destinationSummary
	Configuration destinationConfiguration `json:"configuration"`
	Detail        *destinationDetail       `json:"detail,omitempty"`
}

type destinationDetail struct {
	S3 struct {
		Prefix string `json:"recordingPrefix"`
	} `json:"s3"`
}

// summary is the composition as a list shows it at a time.
func (c *composition) summary(now time.Time) compositionSummary {
	s := compositionSummary{ARN: c.ARN, StageARN: c.StageARN, State: c.state(now), Started: c.Started, Ended: c.ended(now), Tags: c.Tags}
	for i := range c.Destinations {
		s.Destinations = append(s.Destinations, c.summaryOf(&c.Destinations[i], now))
	}
	return s
}

// show is all of the composition at a time.
func (c *composition) show(now time.Time) *compositionOutput {
	s := shownComposition{compositionSummary: c.summary(now), Layout: c.Layout}
	for i, d := range c.Destinations {
		shown := shownDestination{destinationSummary: c.summary(now).Destinations[i], Configuration: d.Configuration}
		if d.Prefix != "" {
			shown.Detail = &destinationDetail{}
			shown.Detail.S3.Prefix = d.Prefix
		}
		s.Destinations = append(s.Destinations, shown)
	}
	return &compositionOutput{Composition: s}
}

type compositionOutput struct {
	Composition shownComposition `json:"composition"`
}

func (s *Service) getComposition(r *wire.Request, in *named) (*compositionOutput, error) {
	found, err := find[composition](s.store, r, in.ARN, kindComposition)
	if err != nil {
		return nil, err
	}
	return found.show(r.Now), nil
}

// stopComposition succeeds for one that has ended, as long as it can be seen.
// AWS does not document whether it does.
func (s *Service) stopComposition(r *wire.Request, in *named) (*empty, error) {
	i, err := identify(r, in.ARN, kindComposition)
	if err != nil {
		return nil, err
	}
	return &empty{}, s.store.Update(func(tx *store.Tx) error {
		c, ok := store.Get[composition](tx, table(kindComposition), i.key())
		if !ok {
			return missing(i)
		}
		if c.End == nil || c.End.At.After(r.Now) {
			c.End = &ending{At: r.Now}
			c.put(tx)
		}
		return nil
	})
}

type listCompositionsInput struct {
	page
	StageARN   *string `json:"filterByStageArn"`
	EncoderARN *string `json:"filterByEncoderConfigurationArn"`
}

type compositionList struct {
	Compositions []compositionSummary `json:"compositions"`
	NextToken    string               `json:"nextToken,omitempty"`
}

func (s *Service) listCompositions(r *wire.Request, in *listCompositionsInput) (*compositionList, error) {
	var checks constraint.Checks
	checks.Text("filterByStageArn", in.StageARN, arnLimit(kindStage))
	checks.Text("filterByEncoderConfigurationArn", in.EncoderARN, arnLimit(kindEncoder))
	if err := checks.Err(codeInvalid); err != nil {
		return nil, err
	}
	stageARN, encoderARN := "", ""
	replace(&stageARN, in.StageARN)
	replace(&encoderARN, in.EncoderARN)
	l := listOf[*composition](r, kindComposition, &in.page, maxResults)
	l.query = store.Key(stageARN, encoderARN)
	l.keep = func(c *composition) bool {
		return (in.StageARN == nil || c.StageARN == stageARN) && (in.EncoderARN == nil || c.encodesWith(encoderARN))
	}
	items, token, err := l.read(s.store)
	out := &compositionList{Compositions: []compositionSummary{}, NextToken: token}
	for _, c := range items {
		out.Compositions = append(out.Compositions, c.summary(r.Now))
	}
	return out, err
}
