package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Engine runs nodes. Its fields are set before the first run and not changed
// afterwards.
type Engine struct {
	Groups []Group
	Nodes  []Node
	// Gate, when not nil, must return nil before any step is begun. It is
	// called once for each resource that has steps.
	Gate func(ctx context.Context) error
	// Approve, when not nil, is shown what a Run is about to do, once all is
	// compared. Nothing is begun before it returns, and nothing at all when
	// it returns an error, with which all that was to be done then fails.
	Approve func(plan *Report) error
	// Observe, when not nil, is told what happens. It is called from many
	// goroutines, never from two at once.
	Observe func(Event)
	// Stop, when done, lets no further step begin; steps under way finish.
	// Nil means never.
	Stop context.Context
}

// EventKind tells what an Event is about.
type EventKind int

// The events of a resource, in the order in which they come; the middle ones
// may be missing, and what a resource needs may be waited for twice: before it
// is known what must be done, and before that is begun.
const (
	Reading  EventKind = iota + 1 // its live object is being read
	Compared                      // it is known what must be done
	Waiting                       // it waits for the resource in For
	Doing                         // a step was begun
	Done                          // a step went well
	Finished                      // the resource is at its end
)

// The events within a read or a step, each as often as it tells of it.
const (
	Advanced EventKind = iota + 101 // it has come as far as Progress
	Held                            // it waits for what Hold says
	Released                        // it waits no more
)

// Event is something that happened to one resource.
type Event struct {
	Kind EventKind
	At   time.Time
	Key  Key
	// For is what a Waiting resource waits for.
	For Key
	// Step is the step of Doing and Done, and the one that Advanced, Held and
	// Released are about; nil when these are about a read.
	Step *Step
	// Progress is that of Advanced.
	Progress Progress
	// Hold says what is waited for in Held; "" where there are no words for it.
	Hold string
	// Report is the resource so far.
	Report NodeReport
}

// Plan reads and compares everything, and changes nothing.
func (e *Engine) Plan(ctx context.Context) *Report {
	r := e.start(ctx, true)
	return r.wait()
}

// Run reads, compares and carries out what must be done. A resource does not
// wait for others to be read, so one that cannot be reached holds up only what
// needs it.
func (e *Engine) Run(ctx context.Context) *Report {
	r := e.start(ctx, false)
	return r.wait()
}

// run is one pass over all nodes.
type run struct {
	*Engine
	plan bool
	// reads is the context of reads and of the gate, which an interruption
	// cuts off. It is the same for all, so that none goes on with what
	// another's end left undone.
	reads   context.Context
	endRead context.CancelFunc
	decided chan struct{} // closed once Approve has answered; nil without one
	refusal error         // Approve's answer
	nodes   map[Key]*running
	wg      sync.WaitGroup
	observe sync.Mutex
}

// running is one node in a run. Its report is written by its own goroutine
// and read by others only after the channel that covers it was closed.
type running struct {
	Node
	report   NodeReport
	planned  Result        // of the comparison; the report's moves on
	inactive bool          // a follow-up that nothing called for, or that found nothing
	blocked  bool          // dependants cannot go on
	released bool          // dependants go on though the node is not done
	compared chan struct{} // closed when planned is known
	ready    chan struct{} // closed when dependants may go on
	done     chan struct{} // closed at the end
}

// release lets dependants go on. What it does not cover may still be written.
func (n *running) release() {
	if !n.released {
		n.released = true
		close(n.ready)
	}
}

func (n *running) end() {
	if !n.released {
		close(n.ready)
	}
	close(n.done)
}

func (e *Engine) start(ctx context.Context, plan bool) *run {
	if e.Stop != nil {
		ctx = context.WithValue(ctx, stopKey{}, e.Stop)
	}
	r := &run{Engine: e, plan: plan, nodes: map[Key]*running{}}
	r.reads, r.endRead = e.untilStop(ctx)
	for _, n := range e.Nodes {
		if r.nodes[n.key] != nil {
			panic(fmt.Sprintf("reconcile: two nodes with the key %v", n.key))
		}
		r.nodes[n.key] = &running{
			Node: n, compared: make(chan struct{}), ready: make(chan struct{}), done: make(chan struct{}),
			report: NodeReport{Key: n.key, Group: n.group, Name: n.name, FollowUp: n.triggers != nil},
		}
	}
	for _, n := range r.nodes {
		for _, key := range slices.Concat(n.needs, n.triggers) {
			if r.nodes[key] == nil {
				panic(fmt.Sprintf("reconcile: %v needs %v, which is not in the run", n.key, key))
			}
		}
	}
	if e.Approve != nil && !plan {
		r.decided = make(chan struct{})
		go r.approve()
	}
	for _, n := range r.nodes {
		r.wg.Go(func() { r.node(ctx, n) })
	}
	return r
}

// approve has the plan looked at, while every node waits.
func (r *run) approve() {
	for _, n := range r.nodes {
		<-n.compared
		n.inactive = n.triggers != nil && !r.called(n)
	}
	plan := r.report()
	plan.DryRun = true
	r.refusal = r.Approve(plan)
	close(r.decided)
}

func (r *run) node(ctx context.Context, n *running) {
	begun := time.Now()
	r.compareNode(ctx, n)
	if r.decided != nil {
		<-r.decided
	}
	if n.triggers != nil && !r.called(n) {
		n.inactive = true
		n.end()
		return
	}
	switch {
	case r.plan || !n.report.pending():
	case r.refusal != nil:
		n.report.unbegun(r.refusal)
	default:
		r.carryOut(ctx, n)
	}
	n.report.Elapsed = time.Since(begun)
	// Told first, so that an observer hears of a failure before it hears what
	// that failure holds up.
	r.tell(Event{Kind: Finished}, n)
	n.end()
}

// compareNode fills in the report as the plan has it.
func (r *run) compareNode(ctx context.Context, n *running) {
	defer func() {
		n.planned = n.report.Result
		close(n.compared)
	}()
	if n.triggers == nil {
		r.tell(Event{Kind: Reading}, n)
	}
	reads, over := r.telling(r.reads, n, nil)
	tooLate := ctx.Err() != nil
	c, err := n.compare(reads)
	over()
	if tooLate && errors.Is(err, context.DeadlineExceeded) {
		n.fail(r.unbegun(ctx))
		return
	}
	if err != nil {
		n.fail(r.explain(ctx, err))
		return
	}
	rep := &n.report
	rep.take(c)
	rep.Result = Synced
	for _, step := range c.Steps {
		// What a check will find, no plan can know.
		rep.Changed = rep.Changed || step.Action != Check
		rep.Changes = append(rep.Changes, step.Changes...)
		rep.Result = max(rep.Result, step.Action.result())
	}
	if err := r.hopeless(n); err != nil {
		rep.Changed, rep.Changes = false, nil
		n.fail(err)
		return
	}
	if n.triggers == nil {
		r.tell(Event{Kind: Compared}, n)
	}
}

// hopeless tells why a node's steps cannot be tried, when the plan knows that
// already: what it needs could not be read or must not be touched.
func (r *run) hopeless(n *running) error {
	if len(n.report.Steps) == 0 {
		return nil
	}
	for _, key := range n.needs {
		need := r.nodes[key]
		select {
		case <-need.compared:
		default:
			r.tell(Event{Kind: Waiting, For: key}, n)
			<-need.compared
		}
		if need.planned == Failed {
			return blockedBy(need)
		}
	}
	return nil
}

func (r *run) wait() *Report {
	r.wg.Wait()
	r.endRead()
	return r.report()
}

func (r *run) report() *Report {
	report := &Report{DryRun: r.plan, Interrupted: r.stopped()}
	for _, g := range r.Groups {
		gr := GroupReport{Group: g}
		for _, n := range r.Nodes {
			run := r.nodes[n.key]
			if run.group != g.ID || run.inactive {
				continue
			}
			gr.Nodes = append(gr.Nodes, run.report)
		}
		gr.sumUp()
		report.Groups = append(report.Groups, gr)
	}
	return report
}

func (r *run) tell(event Event, n *running) {
	if r.Observe == nil {
		return
	}
	event.At, event.Key, event.Report = time.Now(), n.key, n.report
	r.observe.Lock()
	defer r.observe.Unlock()
	r.Observe(event)
}

func (r *NodeReport) take(c Comparison) {
	if c.Name != "" {
		r.Name = c.Name
	}
	r.ARN, r.Outputs, r.Notes = c.ARN, c.Outputs, c.Notes
	r.Warnings, r.CanRecord, r.Steps = c.Warnings, c.CanRecord, c.Steps
}

func (a Action) result() Result {
	switch a {
	case Create:
		return Created
	case Delete:
		return Deleted
	default:
		return Synced
	}
}
