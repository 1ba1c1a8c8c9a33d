package resource

import (
	"cmp"
	"slices"
	"sort"
	"sync"

	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// Standing is what the manifest makes of a thing that is there.
type Standing int

// The standings. All but Wanted are left over: status lists them, and prune
// removes them.
const (
	// Wanted is what the manifest asks for, and what a sync uses.
	Wanted Standing = iota + 1
	// Replaced is a configuration with another video or another bucket than
	// the manifest's. The deployed app may still hold its ARN.
	Replaced
	// Duplicate is a configuration as wanted, beside the one that a sync uses.
	Duplicate
	// Unsettled was made by a run that did not finish, and is not needed. That
	// run may still be at work.
	Unsettled
	// Dropped is in a region, or of a feature or a bucket layout, that the
	// manifest does not have any more.
	Dropped
	// Abandoned is what a run of verify made for its show. That run may still be
	// at work, which its use then tells.
	Abandoned
)

// Thing is one object of ours that a survey found, whatever its standing.
type Thing struct {
	// Key names it: the region that it is in, its kind as in the keys of what
	// is wanted, and in Name what tells it from others of its kind there, such
	// as its ARN.
	Key reconcile.Key
	// Step is the ID of the reported step that it belongs to.
	Step string
	// Name is what a person calls it; ARN is "" for what has none.
	Name, ARN string
	// In is the bucket that a principal may write to; "" for all other kinds.
	In       string
	Standing Standing
	// Why says in a few words why it has that standing, as in "eu-west-1 is not
	// in the manifest". It is "" for what is wanted.
	Why string
	// Tagged tells that it carries both tags with our values, or that its kind
	// carries none. Nothing else is ever deleted.
	Tagged bool
	// Created tells that yolo made it, for a bucket. No other one is ever
	// emptied or deleted.
	Created bool
	Uses    []Use
	// Holds is what goes with it, as in "objects" or "1.2 MB of events"; "" for
	// nothing. That of a bucket that is wanted is not looked for.
	Holds string
	// Unknown is why it could not be found out what uses it or what it holds.
	// Such a thing is to be taken for one that is in use.
	Unknown error

	running []string // compositions that go with a stage

	place  place // of a bucket, and of the one that a principal may write to
	untold error // why a bucket's tags are not known
}

// The kinds of things that are no resource of their own. Those of all others
// are the ones in the keys of what is wanted.
const kindPrincipal = "bucket-policy-principal"

// Use is somebody who needs a thing.
type Use struct {
	// Kind is "composition" or "stage" for a configuration, "storage
	// configuration" for a bucket or a principal, which may itself be left over,
	// "log group" of another app for the logs resource policy, "yolo verify" for
	// what a run of it may still need, or "env file".
	Kind string
	// Name is an ARN, a log group's name, a run's, or a file's name with the line.
	Name string
}

// The kinds of uses that a survey finds.
const (
	useComposition = "composition"
	useStage       = "stage"
	useStorage     = "storage configuration"
	useLogGroup    = "log group"
)

// Quota is how much of one of AWS's limits is used in a region.
type Quota struct {
	Region string
	// What is limited, as in "storage configurations".
	What string
	// Used and Limit are counts, or bytes or characters where What says so. The
	// limit is AWS's default, which AWS raises for some quotas when asked.
	Used, Limit int
}

// Inventory is what a survey found.
type Inventory struct {
	// Things are in the manifest's order of regions, then by region, and in
	// each in the order of the steps.
	Things []Thing
	Quotas []Quota
}

// Leftovers are the things that are not wanted any more.
func (i Inventory) Leftovers() []Thing {
	var left []Thing
	for _, t := range i.Things {
		if t.Standing != Wanted {
			left = append(left, t)
		}
	}
	return left
}

// Survey looks for all that is ours, in every region that has IVS and in those
// of the manifest, or only in those of a wish that is narrowed to some. It is a
// part of one pass of an engine: its nodes read, and when the pass is over,
// Inventory has what they found. The next pass takes a new one.
type Survey struct {
	*world
	// Stages has it ask which stages use a storage configuration that is
	// wanted, and Rules how many rules a region has. The first takes a request
	// for each stage, five a second, the other one for each hundred rules.
	Stages, Rules bool

	wish Wish
	// together tells that the wanted resources are in the same pass, and tell
	// of what could not be read of them.
	together bool

	mu    sync.Mutex
	found map[string]*sight // by region

	wantedSights perKey[bucketSight]    // by region and name
	ruleLists    perKey[[]ebtypes.Rule] // by region and prefix
}

// StepSurvey is the ID of the step that a survey's nodes are reported in.
const StepSurvey = "survey"

// WarnNotSurveyed is the code of the warning that a region that is not in the
// manifest could not be looked at.
const WarnNotSurveyed = "RegionNotRead"

// NewSurvey makes a survey of the features that a wish names, switched on or
// not. It makes no calls.
func NewSurvey(wish Wish, c *cloud.Cloud) *Survey {
	w := newWorld(wish.Env, c, wish.Regions)
	w.waits, w.surveyed = patience, true
	return &Survey{world: w, wish: wish, found: map[string]*sight{}}
}

// Build gives the step of the survey, and a node for each region to look at.
// They change nothing.
func (s *Survey) Build() (groups []reconcile.Group, nodes []reconcile.Node) {
	for _, region := range s.Regions() {
		nodes = append(nodes, reconcile.Of(StepSurvey, "survey of "+region, &look{s, region}))
	}
	return []reconcile.Group{{ID: StepSurvey, Title: "What is there"}}, nodes
}

// Wanted gives the steps and nodes of what the manifest asks for, as Build
// alone would: what both need is read once. It is for the same pass as the
// survey's.
func (s *Survey) Wanted() (groups []reconcile.Group, nodes []reconcile.Node) {
	s.together = true
	return wanted(s.wish, s.world)
}

// Regions are those that are looked at, those of the manifest first.
func (s *Survey) Regions() []string {
	if s.wish.Narrowed {
		return s.regions
	}
	all := slices.Clone(s.env.Regions)
	for _, region := range slices.Sorted(slices.Values(manifest.IVSRegions())) {
		if !slices.Contains(all, region) {
			all = append(all, region)
		}
	}
	return all
}

// Inventory puts in order what has been found so far.
func (s *Survey) Inventory() Inventory {
	s.mu.Lock()
	defer s.mu.Unlock()
	regions := s.Regions()
	var all Inventory
	for _, region := range regions {
		if seen := s.found[region]; seen != nil {
			all.Things = append(all.Things, s.things(seen)...)
		}
	}
	all.Things = append(all.Things, s.bucketThings()...)
	place := func(region string) int {
		if i := slices.Index(regions, region); i >= 0 {
			return i
		}
		return len(regions)
	}
	sort.SliceStable(all.Things, func(i, j int) bool {
		a, b := &all.Things[i], &all.Things[j]
		return cmp.Or(cmp.Compare(place(a.Key.Region), place(b.Key.Region)), cmp.Compare(a.Key.Region, b.Key.Region),
			cmp.Compare(rankOf(a.Key.Kind), rankOf(b.Key.Kind)), cmp.Compare(a.Standing, b.Standing), cmp.Compare(a.Key.Name, b.Key.Name)) < 0
	})
	all.Quotas = s.quotas(all.Things)
	return all
}

// rankOf is the place of a kind in the order of the steps.
func rankOf(kind string) int {
	return slices.Index([]string{
		bucketKey("").Kind, kindPrincipal, storageKey("").Kind, encoderKey("").Kind,
		logGroupKey("").Kind, logsPolicyKey("").Kind, ruleKey("").Kind, targetKey("").Kind, kindProofStage, kindProofRule,
	}, kind)
}

// things are those of one region, but for buckets and what is in their
// policies.
func (s *Survey) things(seen *sight) []Thing {
	return slices.Concat(s.storageThings(seen), s.encoderThings(seen), s.loggingThings(seen), s.proofThings(seen))
}

// records tells whether the manifest wants recording in a region, logs the same
// of event logging.
func (s *Survey) records(region string) bool {
	return s.env.Recording.Enabled && slices.Contains(s.env.Regions, region)
}

func (s *Survey) logs(region string) bool {
	return s.env.Logging.Enabled && slices.Contains(s.env.Regions, region)
}

// notWanted says why a region has no part in a feature, in the words of the
// feature's skip reason unless it is on.
func (s *Survey) notWanted(region, skipReason string) string {
	if skipReason != "" {
		return skipReason
	}
	return region + " is not in the manifest"
}
