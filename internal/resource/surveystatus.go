package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
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

// there is the report of a resource that is there and ours; else it counts
// against the feature, and is nil.
func (j *judge) there(key reconcile.Key) *reconcile.NodeReport {
	what := inWords(key.Kind)
	n := j.plan.Node(key)
	if n == nil {
		j.unseen = append(j.unseen, what)
		return nil
	}
	switch StateOf(n) {
	case Missing:
		j.missing = append(j.missing, what)
	case Foreign:
		j.foreign = append(j.foreign, what)
	case Unknown:
		j.unseen = append(j.unseen, what)
	default:
		return n
	}
	return nil
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
	bucket, storage, encoder := bucketKey(bucketRegionOf(j.env, j.region)), storageKey(j.region), encoderKey(j.region)
	j.bucket(bucket)
	if n := j.there(storage); n != nil {
		if n.CanRecord != nil && !*n.CanRecord {
			j.against = append(j.against, fmt.Sprintf("its bucket is in %s", n.Outputs[outBucketRegion]))
		}
		j.unsettled(n)
	}
	if n := j.there(encoder); n != nil {
		j.unsettled(n)
	}
	v := j.verdict()
	v.NotSetUp = j.notThere(storage, encoder)
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

// bucket looks for what keeps IVS from writing (RealTimeUserGuide, composite
// recording and individual recording).
func (j *judge) bucket(key reconcile.Key) {
	n := j.there(key)
	if n == nil {
		return
	}
	if differs(n, "object-ownership") {
		j.against = append(j.against, "the bucket's object ownership does not let recordings in")
	}
	switch encryption := n.Outputs[outEncryption]; encryption {
	case "", "AES256":
	case notRead:
		j.doubts = append(j.doubts, "the bucket's default encryption could not be looked at")
	default:
		j.against = append(j.against, fmt.Sprintf("the bucket's default encryption is %s, not SSE-S3", encryption))
	}
	document, err := policy.Parse(n.Outputs[outPolicy])
	if err != nil {
		j.doubts = append(j.doubts, "the bucket policy could not be read")
		return
	}
	switch v := policy.AllowsRecording(document, n.Name, j.region); {
	case v.Denied:
		j.against = append(j.against, "in the bucket policy "+v.Reason)
	case !v.Allowed:
		j.against = append(j.against, "the bucket policy does not let IVS write")
	case v.Uncertain:
		j.doubts = append(j.doubts, "in the bucket policy "+doubtIn(v.Reason))
	}
}

// doubtIn is the part of a verdict's reason that comes after what is allowed.
func doubtIn(reason string) string {
	if _, doubt, ok := strings.Cut(reason, "; "); ok {
		return doubt
	}
	return reason
}

// unsettled counts against recording what a run left that did not finish: it
// may be deleted again.
func (j *judge) unsettled(n *reconcile.NodeReport) {
	if differs(n, "tag "+tagPending) {
		j.against = append(j.against, "the "+inWords(n.Key.Kind)+" is of a run that did not finish")
	}
}

func (j judge) logging() *Verdict {
	if !j.env.Logging.Enabled {
		return &Verdict{Skipped: j.env.Logging.SkipReason}
	}
	group, rule, target := logGroupKey(j.region), ruleKey(j.region), targetKey(j.region)
	j.there(group)
	j.logsPolicy()
	if n := j.there(rule); n != nil {
		if differs(n, "state") {
			j.against = append(j.against, "the rule is disabled")
		}
		if differs(n, "event-pattern") {
			j.against = append(j.against, "the rule does not match just IVS's events")
		}
	}
	if n := j.there(target); n != nil && len(n.Steps) > 0 {
		j.against = append(j.against, "the target does not write events to the log group as they are")
	}
	if !j.env.Recording.Enabled && !manifest.IsIVSRegion(j.region) {
		// With recording on, IVS is asked there, and its silence is told.
		j.doubts = append(j.doubts, "AWS lists no IVS Real-Time in "+j.region+", and without it there are no events")
	}
	v := j.verdict()
	v.NotSetUp = j.notThere(group, rule, target)
	return v
}

// logsPolicy looks for the policies that are in effect, whatever their names.
func (j *judge) logsPolicy() {
	n := j.plan.Node(logsPolicyKey(j.region))
	switch {
	case n == nil || StateOf(n) == Unknown:
		j.unseen = append(j.unseen, "logs resource policies")
	case n.Outputs[outDenied] == "yes":
		j.against = append(j.against, "of the logs resource policies "+n.Outputs[outVerdict])
	case StateOf(n) != InSync:
		j.against = append(j.against, "no logs resource policy lets EventBridge write")
	case n.Outputs[outDenied] == "maybe":
		j.doubts = append(j.doubts, "of the logs resource policies "+doubtIn(n.Outputs[outVerdict]))
	}
}
