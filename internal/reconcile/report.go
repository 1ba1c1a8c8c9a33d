package reconcile

import (
	"errors"
	"reflect"
	"time"
)

// Result is how a resource or a group of them ended. A higher one hides a
// lower one when results are put together.
type Result int

// The results, from the least to the most telling.
const (
	Skipped Result = iota
	Synced
	Deleted
	Created
	Failed
)

// words are the results as done, and as a dry run would do them.
var words = [...]struct{ done, would string }{
	Skipped: {"SKIPPED", "SKIPPED"},
	Synced:  {"SYNCED", "WOULD_SYNC"},
	Deleted: {"DELETED", "WOULD_DELETE"},
	Created: {"CREATED", "WOULD_CREATE"},
	Failed:  {"FAILED", "FAILED"},
}

// Word is the result as reported: in a dry run, what would change is WOULD_….
func (r Result) Word(dryRun, changed bool) string {
	if dryRun && changed {
		return words[r].would
	}
	return words[r].done
}

// NodeReport is one resource at the end of a run, or as planned.
type NodeReport struct {
	Key       Key
	Group     string
	Name, ARN string
	Result    Result
	// Changed tells that something was changed or, in a plan, would be.
	Changed bool
	// Changes are the attributes that were, or would be, changed.
	Changes   []Change
	Outputs   Outputs
	Notes     []string
	Warnings  []Warning
	CanRecord *bool
	Err       error
	// Steps are the planned steps.
	Steps []Step
	// Begun tells that a step was started.
	Begun bool
	// FollowUp tells that the node is one that was planned because of others.
	FollowUp bool
	Elapsed  time.Duration
}

// pending tells that a planned resource has something to be done.
func (r *NodeReport) pending() bool { return r.Result != Failed && len(r.Steps) > 0 }

// unbegun makes a planned resource one whose steps never began.
func (r *NodeReport) unbegun(err error) {
	r.Result, r.Changed, r.Changes, r.Err = Failed, false, nil, err
}

// GroupReport is one group at the end of a run, or as planned.
type GroupReport struct {
	Group
	Result  Result
	Changed bool
	Nodes   []NodeReport
}

// sumUp makes the group's result that of its nodes.
func (g *GroupReport) sumUp() {
	g.Result, g.Changed = Synced, false
	if g.Reason != "" {
		g.Result = Skipped
	}
	for i := range g.Nodes {
		g.Result = max(g.Result, g.Nodes[i].Result)
		g.Changed = g.Changed || g.Nodes[i].Changed
	}
}

// Report is a run, or the plan of one. Groups and nodes are in the order they
// were given in, so the same run reads the same.
type Report struct {
	DryRun bool
	// Interrupted tells that Stop was asked for before all was done.
	Interrupted bool
	Groups      []GroupReport
}

// EndRun makes a plan the report of the run that was to carry it out, and that
// began nothing: all that was pending failed with err, which may be nil when
// nothing was.
func (r *Report) EndRun(err error) {
	r.DryRun = false
	if p, ok := errors.AsType[*Problem](err); ok && p.ProblemCode == CodeInterrupted {
		r.Interrupted = true
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		for i := range g.Nodes {
			if g.Nodes[i].pending() {
				g.Nodes[i].unbegun(err)
			}
		}
		g.sumUp()
	}
}

// Node returns the report of one resource, or nil when it has no part in the
// run.
func (r *Report) Node(key Key) *NodeReport {
	for g := range r.Groups {
		for n := range r.Groups[g].Nodes {
			if r.Groups[g].Nodes[n].Key == key {
				return &r.Groups[g].Nodes[n]
			}
		}
	}
	return nil
}

// All yields the report of every resource.
func (r *Report) All(yield func(*NodeReport) bool) {
	for g := range r.Groups {
		for n := range r.Groups[g].Nodes {
			if !yield(&r.Groups[g].Nodes[n]) {
				return
			}
		}
	}
}

// Same tells whether two plans would do the same.
func (r *Report) Same(other *Report) bool {
	return reflect.DeepEqual(r.intents(), other.intents())
}

// intent is what a plan has in mind for one resource.
type intent struct {
	Key     Key
	Name    string
	Result  Result
	Changes []Change
}

func (r *Report) intents() []intent {
	var all []intent
	for n := range r.All {
		all = append(all, intent{n.Key, n.Name, n.Result, n.Changes})
	}
	return all
}

// Result is the highest of all groups' results.
func (r *Report) Result() (result Result, changed bool) {
	for _, g := range r.Groups {
		result = max(result, g.Result)
		changed = changed || g.Changed
	}
	return result, changed
}

// Warnings lists what all resources warned of, in order.
func (r *Report) Warnings() []Warning {
	var all []Warning
	for n := range r.All {
		all = append(all, n.Warnings...)
	}
	return all
}

// Coded is an error with the parts that a report gives one by one. Any of
// them may be "".
type Coded interface {
	error
	Code() string
	Hint() string
	RequestID() string
}

// Problem is a failure of the engine's own: something that could not be tried,
// or a resource's refusal. It is a Coded error.
type Problem struct {
	ProblemCode string
	Text, Fix   string
	// Because is, for CodeBlocked, the resource that failed first.
	Because Key
	Cause   error
}

// The codes of the engine's own problems.
const (
	CodeBlocked     = "Blocked"
	CodeInterrupted = "Interrupted"
	CodeTimeout     = "Timeout"
)

// Blocked is the problem of a resource that was not tried because of the one
// with the key, whose own failure is the cause.
func Blocked(key Key, cause error) *Problem {
	return &Problem{
		ProblemCode: CodeBlocked,
		Text:        "not tried, because of " + key.String(),
		Fix:         "mend that first, then run the same command again",
		Because:     key,
		Cause:       cause,
	}
}

func (p *Problem) Error() string {
	if p.Cause != nil {
		return p.Text + ": " + p.Cause.Error()
	}
	return p.Text
}

// Unwrap returns the cause, which may be nil.
func (p *Problem) Unwrap() error { return p.Cause }

// Code returns the problem's documented code.
func (p *Problem) Code() string { return p.ProblemCode }

// Hint returns what to do next.
func (p *Problem) Hint() string { return p.Fix }

// RequestID returns the request id of the cause, if it has one.
func (p *Problem) RequestID() string {
	if cause, ok := errors.AsType[Coded](p.Cause); ok {
		return cause.RequestID()
	}
	return ""
}
