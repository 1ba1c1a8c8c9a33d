package logs

import (
	"cmp"
	"fmt"
	"iter"
	"sort"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const streamTable = "logs.stream"

var streamName = constraint.Matching(1, 512, `[^:*]*`)

// stream is a log stream as it is kept.
type stream struct {
	Name           string
	Created        int64 // milliseconds, like all below
	FirstEvent     int64 `json:",omitempty"`
	LastEvent      int64 `json:",omitempty"`
	LastIngestion  int64 `json:",omitempty"`
	EventsReceived int   `json:",omitempty"`
}

// streamInput is the input of operations on one stream.
type streamInput struct {
	groupInput
	LogStreamName *string `json:"logStreamName"`
}

func (in *streamInput) checkNames(c *constraint.Checks) {
	in.checkName(c)
	constraint.Required(c, "logStreamName", in.LogStreamName)
	c.Text("logStreamName", in.LogStreamName, streamName)
}

func (in *streamInput) check() error {
	var c constraint.Checks
	in.checkNames(&c)
	return invalid(&c)
}

func (in *streamInput) key(r *wire.Request) string {
	return here(r, *in.LogGroupName, *in.LogStreamName)
}

func findStream(tx *store.Tx, r *wire.Request, groupName, name string) (stream, error) {
	found, ok := store.Get[stream](tx, streamTable, here(r, groupName, name))
	if !ok {
		return stream{}, notFound("The specified log stream does not exist.")
	}
	return found, nil
}

func (s *Service) createLogStream(r *wire.Request, in *streamInput) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		if _, err := findGroup(tx, r, *in.LogGroupName); err != nil {
			return err
		}
		if _, exists := store.Get[stream](tx, streamTable, in.key(r)); exists {
			return alreadyExists("The specified log stream already exists")
		}
		store.Put(tx, streamTable, in.key(r), stream{Name: *in.LogStreamName, Created: millis(r.Now)})
		return nil
	})
}

func (s *Service) deleteLogStream(r *wire.Request, in *streamInput) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		if _, err := findGroup(tx, r, *in.LogGroupName); err != nil {
			return err
		}
		if !tx.Delete(streamTable, in.key(r)) {
			return notFound("The specified log stream does not exist.")
		}
		deleteBelow(tx, eventTable, store.Key(in.key(r), ""))
		return nil
	})
}

const (
	byName      = "LogStreamName"
	byLastEvent = "LastEventTime"
)

type describeLogStreamsInput struct {
	groupChoice
	page
	Prefix     *string `json:"logStreamNamePrefix"`
	OrderBy    *string `json:"orderBy"`
	Descending bool    `json:"descending"`
}

func (in *describeLogStreamsInput) check() error {
	var c constraint.Checks
	in.groupChoice.check(&c)
	in.page.check(&c)
	c.Text("logStreamNamePrefix", in.Prefix, streamName)
	c.Text("orderBy", in.OrderBy, constraint.Text{Enum: []string{byName, byLastEvent}})
	if err := invalid(&c); err != nil {
		return err
	}
	if in.Prefix != nil && deref(in.OrderBy) == byLastEvent {
		return invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	return nil
}

type logStream struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	UploadSequenceToken string `json:"uploadSequenceToken"`
	Arn                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"` // always 0 since 2019 (LogStream)
}

type describeLogStreamsOutput struct {
	LogStreams []logStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

func (s *Service) describeLogStreams(r *wire.Request, in *describeLogStreamsInput) (*describeLogStreamsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	name, err := in.name(r)
	if err != nil {
		return nil, err
	}
	query := store.Key("DescribeLogStreams", here(r, name), deref(in.Prefix), deref(in.OrderBy), fmt.Sprint(in.Descending))
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &describeLogStreamsOutput{LogStreams: []logStream{}}
	return out, s.store.View(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, name)
		if err != nil {
			return err
		}
		streams, last := paging.Take(in.ordered(store.Scan[*stream](tx, streamTable, here(r, name, deref(in.Prefix)), ""), after), in.limit(describeLimit))
		for _, found := range streams {
			out.LogStreams = append(out.LogStreams, logStream{
				LogStreamName: found.Name, CreationTime: found.Created,
				FirstEventTimestamp: found.FirstEvent, LastEventTimestamp: found.LastEvent, LastIngestionTime: found.LastIngestion,
				UploadSequenceToken: sequenceToken, Arn: g.arn(r) + ":log-stream:" + found.Name,
			})
		}
		out.NextToken = paging.Token(query, last)
		return nil
	})
}

// ordered yields streams in the order asked for, under keys of that order, and
// only those that come after the key after.
func (in *describeLogStreamsInput) ordered(scan iter.Seq2[string, *stream], after string) iter.Seq2[string, *stream] {
	position := func(s *stream) string {
		if deref(in.OrderBy) == byLastEvent {
			return fmt.Sprintf("%020d%s", s.LastEvent, s.Name)
		}
		return s.Name
	}
	compare := cmp.Compare[string]
	if in.Descending {
		compare = func(a, b string) int { return cmp.Compare(b, a) }
	}
	return func(yield func(string, *stream) bool) {
		var streams []*stream
		for _, s := range scan {
			streams = append(streams, s)
		}
		sort.SliceStable(streams, func(i, j int) bool { return compare(position(streams[i]), position(streams[j])) < 0 })
		for _, s := range streams {
			if after != "" && compare(position(s), after) <= 0 {
				continue
			}
			if !yield(position(s), s) {
				return
			}
		}
	}
}
