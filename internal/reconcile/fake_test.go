package reconcile

import (
	"context"
	"errors"
	"sync"
	"time"
)

// fake is a resource whose reads and steps take a known time. Without steps
// of its own it is created in one.
type fake struct {
	key     Key
	needs   []Key
	live    bool          // it is there already
	reads   time.Duration // how long a read takes
	takes   time.Duration // how long a step takes
	readErr error
	doErr   error
	steps   []Step
}

func (f *fake) Key() Key     { return f.key }
func (f *fake) Needs() []Key { return f.needs }

func (f *fake) Read(ctx context.Context) (bool, error) {
	if err := sleep(ctx, f.reads); err != nil {
		return false, err
	}
	return f.live, f.readErr
}

func (f *fake) Compare(live bool) (Comparison, error) {
	c := Comparison{Name: f.key.Name}
	switch {
	case f.steps != nil:
		c.Steps = f.steps
	case !live:
		c.Steps = []Step{f.create()}
	}
	return c, nil
}

func (f *fake) create() Step {
	return Step{
		Action: Create, Doing: "create it", Changes: []Change{{Attribute: "name", To: f.key.Name}},
		Do: func(ctx context.Context, _ Lookup) (Outcome, error) {
			if err := sleep(ctx, f.takes); err != nil {
				return Outcome{}, err
			}
			return Outcome{ARN: "arn:" + f.key.Name, Outputs: Outputs{"arn": "arn:" + f.key.Name}}, f.doErr
		},
	}
}

// sleep is a call to AWS: it takes its time and ends with its context.
func sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func key(region, kind string) Key { return Key{Region: region, Kind: kind, Name: region + "-" + kind} }

// nodes makes one group of all resources.
func nodes(resources ...*fake) []Node {
	var all []Node
	for _, r := range resources {
		all = append(all, Of("group", r.key.Name, r))
	}
	return all
}

func engine(resources ...*fake) *Engine {
	return &Engine{Groups: []Group{{ID: "group", Title: "Group"}}, Nodes: nodes(resources...)}
}

// results is what a report says of each resource, in order.
func results(r *Report) []string {
	var all []string
	for n := range r.All {
		text := n.Key.String() + ": " + n.Result.Word(r.DryRun, n.Changed)
		if n.Err != nil {
			text += ": " + n.Err.Error()
		}
		all = append(all, text)
	}
	return all
}

// code is the code of an engine's own problem, or "".
func code(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code()
	}
	return ""
}

// recorder keeps the events that it observes.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) observe(e Event) {
	if !r.mu.TryLock() {
		panic("two events at once")
	}
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// of lists the kinds of one resource's events.
func (r *recorder) of(k Key) []EventKind {
	var kinds []EventKind
	for _, e := range r.events {
		if e.Key == k {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}
