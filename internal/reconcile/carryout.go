package reconcile

import (
	"context"
	"errors"
	"maps"
)

// carryOut runs a node's steps one after the other, once what it needs is
// done. From here on the report tells what was done, not what was planned.
func (r *run) carryOut(ctx context.Context, n *running) {
	rep := &n.report
	rep.Result, rep.Changed, rep.Changes = Synced, false, nil
	if err := r.ready(ctx, n); err != nil {
		n.fail(err)
		return
	}
	late, err := r.awaitTriggers(ctx, n)
	if err == nil {
		err = r.gate(ctx)
	}
	if err != nil {
		n.fail(err)
		return
	}
	if r.doSteps(ctx, n, r.lookupBut(late)) && r.begunLate(n, late) {
		r.doSteps(ctx, n, r.lookup)
	}
}

// doSteps tells whether all went well, and the node is still in the run.
func (r *run) doSteps(ctx context.Context, n *running, look Lookup) bool {
	rep := &n.report
	var failure error
	for i := range rep.Steps {
		step := &rep.Steps[i]
		if step.Aside {
			n.release()
		}
		if err := r.mayBegin(ctx, step); err != nil {
			n.fail(errors.Join(failure, err))
			return false
		}
		rep.Begun = true
		r.tell(Event{Kind: Doing, Step: step}, n)
		doing, over := r.telling(ctx, n, step)
		outcome, err := step.Do(doing, look)
		over()
		if err != nil {
			rep.change(outcome.Partly)
			if failure = errors.Join(failure, r.explain(ctx, err)); step.Soft {
				continue
			}
			n.fail(failure)
			return false
		}
		if outcome.Void && n.triggers != nil {
			n.inactive = true
			return false
		}
		rep.record(step, outcome, n.planned)
		r.tell(Event{Kind: Done, Step: step}, n)
	}
	if failure != nil {
		n.fail(failure)
		n.blocked = false
	}
	return failure == nil
}

// record adds to the report what a step brought about.
func (r *NodeReport) record(step *Step, o Outcome, planned Result) {
	changes := step.Changes
	if o.Revised {
		changes = o.Changes
	}
	r.change(changes)
	if step.Action == Create && !o.Existed {
		r.Result = Created
	} else if planned == Deleted && len(changes) > 0 {
		r.Result = Deleted
	}
	if o.ARN != "" {
		r.ARN = o.ARN
	}
	if o.Name != "" {
		r.Name = o.Name
	}
	if o.Outputs != nil {
		r.Outputs = maps.Clone(r.Outputs)
		if r.Outputs == nil {
			r.Outputs = Outputs{}
		}
		maps.Copy(r.Outputs, o.Outputs)
	}
	r.Notes = append(r.Notes, o.Notes...)
	r.Warnings = append(r.Warnings, o.Warnings...)
}

func (r *NodeReport) change(changes []Change) {
	r.Changes = append(r.Changes, changes...)
	r.Changed = r.Changed || len(changes) > 0
}

// ready waits until the node may begin, or returns why it cannot.
func (r *run) ready(ctx context.Context, n *running) error {
	for _, key := range n.needs {
		if err := r.await(ctx, n, key); err != nil {
			return err
		}
		if need := r.nodes[key]; !need.released && need.blocked {
			return blockedBy(need)
		}
	}
	return nil
}

// gate waits for the engine's Gate.
func (r *run) gate(ctx context.Context) error {
	if r.Gate == nil {
		return nil
	}
	if err := r.Gate(r.reads); err != nil {
		return r.explain(ctx, err)
	}
	return nil
}

func (r *run) await(ctx context.Context, n *running, key Key) error {
	other := r.nodes[key]
	select {
	case <-other.ready:
		return nil
	default:
		r.tell(Event{Kind: Waiting, For: key}, n)
	}
	select {
	case <-other.ready:
		return nil
	case <-ctx.Done():
		return r.unbegun(ctx)
	}
}

func (r *run) lookup(from Key, output string) string {
	n := r.nodes[from]
	if n == nil {
		return ""
	}
	<-n.done
	return n.report.Outputs[output]
}

func (n *running) fail(err error) {
	n.report.Result, n.report.Err, n.blocked = Failed, err, true
}

// blockedBy says what a node could not be tried for: the first cause, not the
// last link of the chain.
func blockedBy(need *running) error {
	if p, ok := errors.AsType[*Problem](need.report.Err); ok && p.ProblemCode == CodeBlocked {
		return p
	}
	return Blocked(need.key, need.report.Err)
}
