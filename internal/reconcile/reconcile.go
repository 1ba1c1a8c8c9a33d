// Package reconcile brings resources from what they are to what they should
// be: it reads them all at once, compares, and carries out the steps, each as
// soon as what it needs is done.
//
// It knows no AWS, no manifest and no terminal. A resource says what it needs
// and compares without side effects; the engine does the waiting, in all
// regions at the same time, and tells an observer what happens.
//
// Start at Resource, Step and Engine.
package reconcile

import "context"

// Key names one resource of a run. Region is "" for what has none.
type Key struct{ Region, Kind, Name string }

func (k Key) String() string {
	if k.Region == "" {
		return k.Kind
	}
	return k.Region + " " + k.Kind
}

// Resource is one object that is wanted. L is the object as Read finds it.
type Resource[L any] interface {
	// Key is the same in every run that wants the same.
	Key() Key
	// Needs lists the resources that must be done before the first step.
	Needs() []Key
	// Read finds the object. That there is none is not an error.
	Read(ctx context.Context) (L, error)
	// Compare tells what must be done. It makes no calls, and the same live
	// object gives the same comparison.
	Compare(live L) (Comparison, error)
}

// Comparison is a resource's live object beside the wanted one.
type Comparison struct {
	// Name is what a person calls the resource, ARN its ARN; "" when unknown.
	Name, ARN string
	// Steps bring the object to what is wanted; none when it is so already.
	Steps []Step
	// Outputs are what is known of the live object before any step.
	Outputs Outputs
	// Notes are sentences for the result that need nobody's attention.
	Notes []string
	// Warnings are what needs somebody's attention.
	Warnings []Warning
	// CanRecord tells, for a storage configuration, whether IVS can record
	// through it; nil for everything else.
	CanRecord *bool
}

// Action is the kind of a step.
type Action int

// The actions. A Check looks again at something that the steps before it may
// have disturbed, and mends it; it is planned only as the follow-up of one.
const (
	Create Action = iota + 1
	Update
	Delete
	Check
)

// Step is one change: what a person is told, and the call that does it.
type Step struct {
	Action Action
	// Doing says what the step does, as in "put the bucket policy".
	Doing string
	// Changes are the attributes that change. A step other than a Check has
	// at least one.
	Changes []Change
	// Soft marks a step whose failure does not hold up what needs the
	// resource, such as a tag.
	Soft bool
	// Aside marks a step that what needs the resource does not wait for. Only
	// such ones may follow it, and nobody looks up what they put out.
	Aside bool
	// Do makes the call. It must not begin anything new after ctx is done.
	Do func(ctx context.Context, look Lookup) (Outcome, error)
}

// Change is one attribute that differs. A nil From means that it was not
// there, a nil To that it goes away.
type Change struct {
	Attribute string `json:"attribute"`
	From      any    `json:"from"`
	To        any    `json:"to"`
}

// Outcome is what a step brought about.
type Outcome struct {
	Outputs Outputs
	// ARN and Name replace the comparison's when not empty.
	ARN, Name string
	// Changes, when Revised, are what was changed in truth, instead of the
	// planned ones.
	Changes []Change
	Revised bool
	// Partly is what was changed before the error that the step failed with.
	Partly []Change
	// Existed tells that a create found its object made by somebody else.
	Existed bool
	// Void tells that a follow-up found nothing to follow up, such as a create
	// that had no effect. It is then left out of the report, and the rest of
	// the outcome is not looked at; what is no follow-up must not set it.
	Void     bool
	Notes    []string
	Warnings []Warning
}

// Outputs are values that others look up, such as an ARN.
type Outputs map[string]string

// Lookup returns an output of a resource that is done, or "" when that
// resource has none such.
type Lookup func(from Key, output string) string

// Warning is something that a run found and does not change. Region, Step and
// Resource are "" where it belongs to none.
type Warning struct {
	Code     string `json:"code"`
	Region   string `json:"region"`
	Step     string `json:"step"`
	Resource string `json:"resource"`
	Text     string `json:"text"`
	Fix      string `json:"fix"`
}

// Group is one of the steps that a command reports: the resources of one kind
// in all regions. A group with a Reason was not asked for and has no nodes.
type Group struct{ ID, Title, Reason string }

// Node is a resource as the engine sees it; Of and FollowUp make one.
type Node struct {
	key     Key
	group   string
	name    string
	needs   []Key
	compare func(ctx context.Context) (Comparison, error)
	// triggers make a follow-up: it is planned only when one of them is
	// planned to be created, and waits for all of them.
	triggers []Key
}

// Key returns the key of the node's resource.
func (n Node) Key() Key { return n.key }

// Of makes a node of a resource, reported in the group with that ID. Name is
// what the resource is called while nothing more is known of it.
func Of[L any](group, name string, r Resource[L]) Node {
	return Node{
		key: r.Key(), group: group, name: name, needs: r.Needs(),
		compare: func(ctx context.Context) (c Comparison, err error) {
			live, err := r.Read(ctx)
			if err == nil {
				c, err = r.Compare(live)
			}
			return c, err
		},
	}
}

// FollowUp makes a node for what no plan can know yet: a step that runs after
// the triggers, whether they went well or not, if one of them creates anything.
func FollowUp(group, name string, key Key, triggers []Key, step Step) Node {
	return Node{
		key: key, group: group, name: name, triggers: triggers,
		compare: func(context.Context) (Comparison, error) {
			return Comparison{Steps: []Step{step}}, nil
		},
	}
}
