package resource

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The codes of what stands against a removal.
const (
	CodeInUse             = "InUse"             // a composition uses the configuration
	CodeBucketInUse       = "BucketInUse"       // storage configurations that stay record to the bucket
	CodeBucketNotMade     = "BucketNotMade"     // yolo did not make the bucket, so it never empties or deletes it
	CodeStillWritten      = "StillWritten"      // somebody keeps writing to a bucket that is emptied
	CodeObjectLocked      = "ObjectLocked"      // a retention or a legal hold keeps an object
	CodeMFADelete         = "MFADelete"         // a bucket whose versions take a second factor to delete
	CodeDeletionProtected = "DeletionProtected" // the log group's own protection is on
	CodeNotLeftOver       = "NotLeftOver"       // an ARN that was named for removal and is not to go
)

// The codes of warnings about a removal.
const (
	WarnUntagged   = "NotTagged"    // ours by its name, but without the tags, so it stays
	WarnStage      = "StageRecords" // a stage's individual recording loses its configuration
	WarnAppMayUse  = "AppMayUseIt"  // the deployed app may still hold the ARN
	WarnUseUnknown = "UseUnknown"   // it could not be found out who uses it
)

// removal is the resource of a thing that is to go, or to stay for a reason. It
// is read once, whatever the number of passes over it.
type removal struct {
	thing   Thing
	needs   []reconcile.Key
	read    func(context.Context) (any, error)
	compare func(live any) (reconcile.Comparison, error)
}

func (r *removal) Key() reconcile.Key { return r.thing.Key }

func (r *removal) Needs() []reconcile.Key { return r.needs }

func (r *removal) Read(ctx context.Context) (any, error) { return r.read(ctx) }

// Compare adds what is known of the thing already.
func (r *removal) Compare(live any) (reconcile.Comparison, error) {
	c, err := r.compare(live)
	c.Name, c.ARN = r.thing.Name, r.thing.ARN
	if r.thing.Why != "" {
		c.Notes = append([]string{r.thing.Why}, c.Notes...)
	}
	return c, err
}

// removing makes the node of a thing of what is read for it, and what that
// calls for.
func removing[L any](t Thing, needs []reconcile.Key, read func(context.Context) (L, error), compare func(L) (reconcile.Comparison, error)) reconcile.Node {
	return reconcile.Of(t.Step, t.Name, &removal{
		thing: t, needs: needs,
		read:    cloud.Once(func(ctx context.Context) (any, error) { return read(ctx) }),
		compare: func(live any) (reconcile.Comparison, error) { return compare(live.(L)) },
	})
}

// judged makes the node of a thing of which the survey told all. Nothing is read
// for it, so it is known even when the run's time is over.
func judged(t Thing, needs []reconcile.Key, compare func() (reconcile.Comparison, error)) reconcile.Node {
	return reconcile.Of(t.Step, t.Name, &removal{
		thing: t, needs: needs,
		read:    func(context.Context) (any, error) { return nil, nil },
		compare: func(any) (reconcile.Comparison, error) { return compare() },
	})
}

// teardown is what the removals of one pass share.
type teardown struct {
	*Survey
	// unseen are the regions of the manifest that could not be looked at, with
	// the keys of the nodes that fail for it.
	unseen map[string]reconcile.Key
	all    []Thing // that there are
	things []Thing // that the command is about
	// going tells of each thing whether it goes.
	going   map[reconcile.Key]bool
	buckets map[string]*bucket // by name
	since   time.Time          // when its things were seen
	// empties tells that recordings go, and their buckets with them; prunes that
	// only what is left over goes.
	empties, prunes bool
}

// newTeardown takes over what a survey found, and where it failed.
func newTeardown(s *Survey, looks *reconcile.Report) *teardown {
	t := &teardown{
		Survey: s, since: time.Now(), all: s.Inventory().Things,
		unseen: map[string]reconcile.Key{}, going: map[reconcile.Key]bool{}, buckets: map[string]*bucket{},
	}
	t.things = t.all
	for n := range looks.All {
		if n.Err != nil && !t.withoutIVS(n.Key.Region) {
			t.unseen[n.Key.Region] = n.Key
		}
	}
	return t
}

// withoutIVS tells that nothing but that there is no IVS in a region kept it from
// being looked at: then nothing of IVS's is there.
func (t *teardown) withoutIVS(region string) bool {
	seen := t.found[region]
	return seen != nil && len(seen.errs) > 0 && !slices.ContainsFunc(seen.errs, func(err error) bool { return !isProblem(err, CodeNoIVS) })
}

// verdict is what becomes of a thing. The zero value lets it go.
type verdict struct {
	// stays is the reason why it stays; refusal why the whole run must not
	// begin.
	stays    string
	refusal  error
	warnings []reconcile.Warning
}

// build makes the nodes of all things that a verdict was given for, in the
// order of the steps, after those of the regions that could not be looked at.
func (t *teardown) build(looks *reconcile.Report, judge func(Thing) verdict) (groups []reconcile.Group, nodes []reconcile.Node) {
	for _, g := range looks.Groups {
		for _, n := range g.Nodes {
			if _, unseen := t.unseen[n.Key.Region]; !unseen {
				continue
			}
			if len(nodes) == 0 {
				groups = append(groups, g.Group)
			}
			nodes = append(nodes, judged(Thing{Key: n.Key, Step: n.Group, Name: n.Name}, nil,
				func() (reconcile.Comparison, error) { return reconcile.Comparison{}, n.Err }))
		}
	}
	for _, s := range catalog() {
		if s.feature == recording && t.wish.Recording || s.feature == logging && t.wish.Logging {
			groups = append(groups, reconcile.Group{ID: s.id, Title: s.title})
		}
	}
	if slices.ContainsFunc(t.things, func(thing Thing) bool { return thing.Step == StepProof }) {
		groups = append(groups, reconcile.Group{ID: StepProof, Title: "Left by yolo verify"})
	}
	verdicts := map[reconcile.Key]verdict{}
	var first *Thing
	for _, thing := range t.usersFirst() {
		v := judge(thing)
		verdicts[thing.Key], t.going[thing.Key] = v, v.stays == "" && v.refusal == nil
		if v.refusal != nil && first == nil {
			first = &thing
		}
	}
	for _, thing := range t.things {
		v := verdicts[thing.Key]
		if first != nil && v.refusal == nil {
			v.refusal = reconcile.Blocked(first.Key, verdicts[first.Key].refusal)
		}
		nodes = append(nodes, t.node(thing, v))
	}
	return groups, nodes
}

// usersFirst are the things in the order in which they are judged: whether a
// bucket is in use depends on whether its configurations go, and whether these
// are on whether the stages of shows do.
func (t *teardown) usersFirst() []Thing {
	rank := func(thing Thing) int {
		switch thing.Key.Kind {
		case kindProofStage:
			return 0
		case storageKey("").Kind:
			return 1
		}
		return 2
	}
	sorted := slices.Clone(t.things)
	sort.SliceStable(sorted, func(i, j int) bool { return rank(sorted[i]) < rank(sorted[j]) })
	return sorted
}

// node makes the node of a thing.
func (t *teardown) node(thing Thing, v verdict) reconcile.Node {
	if v.refusal != nil || v.stays != "" {
		return judged(thing, nil, func() (reconcile.Comparison, error) {
			return reconcile.Comparison{Notes: []string{v.stays}, Warnings: v.warnings}, v.refusal
		})
	}
	needs := t.needsOf(thing)
	switch thing.Key.Kind {
	case bucketKey("").Kind:
		if t.prunes {
			return t.emptyBucketNode(thing, needs, v)
		}
		return t.bucketNode(thing, needs, v)
	case kindPrincipal:
		return t.principalNode(thing, needs, v)
	case storageKey("").Kind, encoderKey("").Kind:
		return t.configurationNode(thing, needs, v)
	case logGroupKey("").Kind:
		return t.groupNode(thing, needs, v)
	case logsPolicyKey("").Kind:
		return t.logsPolicyNode(thing, needs, v)
	case ruleKey("").Kind:
		return t.ruleNode(thing, needs, v)
	case kindProofStage:
		return t.proofStageNode(thing, needs, v)
	case kindProofRule:
		return t.proofRuleNode(thing, needs, v)
	default:
		return t.targetNode(thing, needs, v)
	}
}

// needsOf are the removals that have to be done before that of a thing: a
// bucket must not go, or lose its grant, while a configuration names it, nor a
// rule before its targets. What cannot be undone comes last.
func (t *teardown) needsOf(thing Thing) []reconcile.Key {
	var needs []reconcile.Key
	for _, other := range t.things {
		if t.going[other.Key] && t.before(other, thing) {
			needs = append(needs, other.Key)
		}
	}
	if thing.Key.Kind == bucketKey("").Kind && t.empties {
		for _, region := range t.Regions() {
			if key, unseen := t.unseen[region]; unseen && (region == thing.Key.Region || t.mayUse(region, thing.Name)) {
				needs = append(needs, key)
			}
		}
	}
	return needs
}

// before tells whether one thing has to go before another one.
func (t *teardown) before(one, other Thing) bool {
	kinds := func(kinds ...string) bool { return slices.Contains(kinds, one.Key.Kind) }
	here := one.Key.Region == other.Key.Region
	storage, encoder, target, rule := storageKey("").Kind, encoderKey("").Kind, targetKey("").Kind, ruleKey("").Kind
	switch other.Key.Kind {
	case storage:
		return here && kinds(kindProofStage)
	case encoder:
		return here && kinds(storage, kindProofStage)
	case kindPrincipal:
		return kinds(storage) && t.recordsTo(one) == other.In && other.Name == policy.RecordingPrincipal(one.Key.Region)
	case bucketKey("").Kind:
		if kinds(kindPrincipal) {
			return one.In == other.Name
		}
		return kinds(storage) && t.recordsTo(one) == other.Name || kinds(encoder) && t.mayUse(one.Key.Region, other.Name)
	case rule:
		return here && kinds(target)
	case logsPolicyKey("").Kind:
		return here && kinds(target) // without it EventBridge writes nothing
	case logGroupKey("").Kind:
		return here && kinds(target, rule, logsPolicyKey("").Kind, kindProofRule)
	}
	return false
}
