package reconcile

import "errors"

// Tally counts how the resources of a run, or of a plan, ended. A follow-up
// that had nothing to do counts for nothing.
type Tally struct {
	Created, Changed, Deleted, Synced int
	// Failed were tried or refused; Untried were held up by one that failed,
	// Undone by an interruption.
	Failed, Untried, Undone int
}

// Wrong is the number of those that are not as they should be.
func (t Tally) Wrong() int { return t.Failed + t.Untried + t.Undone }

// Done is the number of those that were changed, or would be.
func (t Tally) Done() int { return t.Created + t.Changed + t.Deleted }

// Well is the number of those that are.
func (t Tally) Well() int { return t.Done() + t.Synced }

// Tally counts the report's resources.
func (r *Report) Tally() Tally {
	var t Tally
	for n := range r.All {
		switch {
		case n.Result == Created:
			t.Created++
		case n.Result == Deleted:
			t.Deleted++
		case n.Result == Failed && r.Undone(n.Err):
			t.Undone++
		case n.Result == Failed && codeOf(n.Err) == CodeBlocked:
			t.Untried++
		case n.Result == Failed:
			t.Failed++
		case n.Changed:
			t.Changed++
		case !n.FollowUp:
			t.Synced++
		}
	}
	return t
}

// Cause is the resource because of which another could not be tried, or nil
// when the error is not of that kind.
func (r *Report) Cause(err error) *NodeReport {
	p, ok := errors.AsType[*Problem](err)
	if !ok || p.ProblemCode != CodeBlocked {
		return nil
	}
	if n := r.Node(p.Because); n != nil && n.Err != nil {
		return n
	}
	return nil
}

// Undone tells that an error comes of the run's interruption, which ended the
// resource itself or the one that it needs.
func (r *Report) Undone(err error) bool {
	cause := r.Cause(err)
	return codeOf(err) == CodeInterrupted || cause != nil && codeOf(cause.Err) == CodeInterrupted
}

func codeOf(err error) string {
	if coded, ok := errors.AsType[Coded](err); ok {
		return coded.Code()
	}
	return ""
}
