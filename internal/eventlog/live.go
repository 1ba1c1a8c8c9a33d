package eventlog

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
)

// Live is what IVS composes in a region at the moment.
type Live struct {
	Region       string
	Compositions []Composition
	// Err is why it is not known; it is asked again.
	Err error
}

// Composition is one that goes on, or ended minutes ago.
type Composition struct {
	ARN              string
	Stage, StageName string
	State            string // as in the API: ACTIVE and so on
	Started          time.Time
	Destinations     []Destination
}

// Destination is where a composition goes to.
type Destination struct {
	ID, State string
	// Kind is recording or channel; "" when it is not known.
	Kind string
}

// Failed tells whether the destination has failed.
func (d *Destination) Failed() bool { return d.State == string(types.DestinationStateFailed) }

// Watch asks IVS every so often what it composes.
type Watch struct {
	// Seen is what it answers. It is closed once the watch is over.
	Seen <-chan Live
	now  map[string]chan struct{}
}

// NewWatch watches the logs' regions until ctx is done.
func NewWatch(ctx context.Context, logs []*Log, every time.Duration) *Watch {
	seen := make(chan Live)
	w := &Watch{Seen: seen, now: map[string]chan struct{}{}}
	var all sync.WaitGroup
	for _, log := range logs {
		now := make(chan struct{}, 1)
		w.now[log.Region()] = now
		all.Go(func() { (&watcher{log: log, kinds: map[string]string{}}).watch(ctx, every, now, seen) })
	}
	go func() {
		all.Wait()
		close(seen)
	}()
	return w
}

// Now asks of a region at once, since something has happened there.
func (w *Watch) Now(region string) {
	select {
	case w.now[region] <- struct{}{}:
	default: // it is asked already
	}
}

// watcher looks at one region.
type watcher struct {
	log *Log
	// kinds are those of destinations by id. They never change, so that each
	// composition is asked for once.
	kinds map[string]string
}

func (w *watcher) watch(ctx context.Context, every time.Duration, now <-chan struct{}, seen chan<- Live) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		live := w.look(ctx)
		select {
		case seen <- live:
		case <-ctx.Done():
			return
		}
		select {
		case <-ticker.C:
		case <-now:
		case <-ctx.Done():
			return
		}
	}
}

func (w *watcher) look(ctx context.Context) Live {
	live := Live{Region: w.log.Region()}
	in := &ivsrealtime.ListCompositionsInput{MaxResults: aws.Int32(100)}
	for {
		out, err := cloud.Call(ctx, w.log.clients.IVS.ListCompositions, in)
		if err != nil {
			return Live{Region: live.Region, Err: err}
		}
		for _, c := range out.Compositions {
			live.Compositions = append(live.Compositions, w.composition(ctx, c))
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return live
		}
	}
}

func (w *watcher) composition(ctx context.Context, from types.CompositionSummary) Composition {
	c := Composition{
		ARN: aws.ToString(from.Arn), Stage: aws.ToString(from.StageArn), State: string(from.State), Started: aws.ToTime(from.StartTime),
	}
	c.StageName = w.log.stages.of(ctx, c.Stage)
	for _, d := range from.Destinations {
		id := aws.ToString(d.Id)
		if _, known := w.kinds[id]; !known {
			w.learn(ctx, from.Arn)
		}
		c.Destinations = append(c.Destinations, Destination{ID: id, State: string(d.State), Kind: w.kinds[id]})
	}
	return c
}

// learn finds out what the destinations of a composition are. That it cannot is
// no harm: their ids have to do.
func (w *watcher) learn(ctx context.Context, arn *string) {
	out, err := cloud.Call(ctx, w.log.clients.IVS.GetComposition, &ivsrealtime.GetCompositionInput{Arn: arn})
	w.log.denied.note(err)
	if err != nil || out.Composition == nil {
		return
	}
	for _, d := range out.Composition.Destinations {
		kind := "channel"
		if d.Configuration != nil && d.Configuration.S3 != nil {
			kind = "recording"
		}
		w.kinds[aws.ToString(d.Id)] = kind
	}
}
