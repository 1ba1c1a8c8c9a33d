package resource

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// State is how a wanted resource is, in the words of the JSON document.
type State string

// The states. One is Unknown that could not be looked at.
const (
	InSync  State = "in-sync"
	Drifted State = "drifted"
	Missing State = "missing"
	Foreign State = "foreign"
	Unknown State = "unknown"
)

// StateOf is the state of a resource as a plan reports it.
func StateOf(n *reconcile.NodeReport) State {
	switch {
	case n.Result == reconcile.Created:
		return Missing
	case n.Result == reconcile.Failed:
		return stateOfFailed(n)
	case n.Changed:
		return Drifted
	}
	return InSync
}

// stateOfFailed tells what was read of a resource that a sync could not mend.
func stateOfFailed(n *reconcile.NodeReport) State {
	code := codeOf(n.Err)
	switch {
	case code == CodeNotOurs || code == CodeBucketForbidden:
		return Foreign
	case slices.ContainsFunc(n.Steps, func(s reconcile.Step) bool { return s.Action == reconcile.Create }),
		code == CodeLogsPolicyQuota, code == reconcile.CodeBlocked && n.Key.Kind == bucketKey("").Kind:
		return Missing
	case len(n.Steps) > 0 || code == CodePolicyTooLarge:
		return Drifted
	}
	return Unknown
}

// Verdict says whether a feature works in a region.
type Verdict struct {
	// Skipped is why the feature is not wanted; nothing else is set then.
	Skipped string
	// Safe is nil when that is not known.
	Safe *bool
	// NotSetUp tells that next to nothing of it is there.
	NotSetUp bool
	// Reasons are why it is not safe or not known to be.
	Reasons []string
	// Compositions are the ARNs of those that record through what is wanted.
	Compositions []string
}

// RegionStatus is how both features are in a region. One that was not asked for
// is nil.
type RegionStatus struct {
	Region             string
	Recording, Logging *Verdict
}

// Status is what a pass over the wanted resources and a survey comes to.
type Status struct {
	// Safe is whether all that is wanted works everywhere; nil when that is not
	// known, or nothing is wanted.
	Safe    *bool
	Regions []RegionStatus
	Inventory
}

// Status judges the report of a plan of Wanted's and Build's nodes. Drift that
// keeps nothing from working, such as a tag's, counts for nothing.
func (s *Survey) Status(plan *reconcile.Report) Status {
	all := Status{Inventory: s.Inventory()}
	safe, known, any := true, true, false
	for _, region := range s.wish.Regions {
		j := judge{Survey: s, plan: plan, region: region}
		one := RegionStatus{Region: region}
		if s.wish.Recording {
			one.Recording = j.recording(all.Things)
		}
		if s.wish.Logging {
			one.Logging = j.logging()
		}
		for _, v := range []*Verdict{one.Recording, one.Logging} {
			if v != nil && v.Skipped == "" {
				any = true
				known = known && v.Safe != nil
				safe = safe && (v.Safe == nil || *v.Safe)
			}
		}
		all.Regions = append(all.Regions, one)
	}
	if any && (known || !safe) {
		all.Safe = &safe
	}
	return all
}

// judge gathers what stands against a feature in a region.
type judge struct {
	*Survey
	plan   *reconcile.Report
	region string

	against, doubts []string
	// The kinds of the resources that are not there for us.
	missing, foreign, unseen []string
}

func (j *judge) verdict() *Verdict {
	against := slices.Concat(sentence(j.missing, "missing"), sentence(j.foreign, "someone else's"), j.against)
	doubts := j.doubts
	if len(j.unseen) > 0 {
		doubts = append([]string{listOf(j.unseen) + " could not be looked at"}, doubts...)
	}
	v := &Verdict{Reasons: slices.Concat(against, doubts)}
	if safe := len(against) == 0; !safe || len(doubts) == 0 {
		v.Safe = &safe
	}
	return v
}

// sentence says of several things that they are something; nothing of none.
func sentence(kinds []string, what string) []string {
	switch len(kinds) {
	case 0:
		return nil
	case 1:
		return []string{"the " + kinds[0] + " is " + what}
	}
	return []string{listOf(kinds) + " are " + what}
}

// listOf is "the bucket, rule and target".
func listOf(kinds []string) string {
	last := len(kinds) - 1
	if last == 0 {
		return "the " + kinds[0]
	}
	return "the " + strings.Join(kinds[:last], ", ") + " and " + kinds[last]
}

// weigh takes in a chain. That IVS does not answer is told by its resources, and
// how long events are kept keeps nothing from working.
func (j *judge) weigh(c Chain) {
	for _, l := range c.Links {
		switch {
		case l.ID == linkRetention.id, l.ID == linkIVS.id && l.Err != nil:
		case l.lack == Missing:
			j.missing = append(j.missing, l.kind)
		case l.lack == Foreign:
			j.foreign = append(j.foreign, l.kind)
		case l.lack == Unknown:
			j.unseen = append(j.unseen, l.kind)
		case l.Hold == Broken:
			j.against = append(j.against, l.Evidence)
		case l.Hold == Doubtful:
			j.doubts = append(j.doubts, l.Evidence)
		}
	}
}

// notThere tells whether a plan would make all of those anew.
func (j *judge) notThere(keys ...reconcile.Key) bool {
	return !slices.ContainsFunc(keys, func(key reconcile.Key) bool {
		n := j.plan.Node(key)
		return n == nil || StateOf(n) != Missing
	})
}

// differs tells whether a plan would change an attribute that begins so.
func differs(n *reconcile.NodeReport, attribute string) bool {
	return slices.ContainsFunc(n.Steps, func(s reconcile.Step) bool {
		return slices.ContainsFunc(s.Changes, func(c reconcile.Change) bool { return strings.HasPrefix(c.Attribute, attribute) })
	})
}

func (j judge) recording(things []Thing) *Verdict {
	if !j.env.Recording.Enabled {
		return &Verdict{Skipped: j.env.Recording.SkipReason}
	}
	j.weigh(j.links().recording())
	v := j.verdict()
	v.NotSetUp = j.notThere(storageKey(j.region), encoderKey(j.region))
	for _, t := range things {
		if t.Key.Region != j.region || t.Standing != Wanted || t.Step != StepStorage && t.Step != StepEncoder {
			continue
		}
		for _, use := range t.Uses {
			if use.Kind == useComposition && !slices.Contains(v.Compositions, use.Name) {
				v.Compositions = append(v.Compositions, use.Name)
			}
		}
	}
	return v
}

// doubtIn is the part of a verdict's reason that comes after what is allowed.
func doubtIn(reason string) string {
	if _, doubt, ok := strings.Cut(reason, "; "); ok {
		return doubt
	}
	return reason
}

func (j judge) logging() *Verdict {
	if !j.env.Logging.Enabled {
		return &Verdict{Skipped: j.env.Logging.SkipReason}
	}
	j.weigh(j.links().logging())
	v := j.verdict()
	v.NotSetUp = j.notThere(logGroupKey(j.region), ruleKey(j.region), targetKey(j.region))
	return v
}

func (j *judge) links() *linking { return &linking{wish: j.wish, plan: j.plan, region: j.region} }
