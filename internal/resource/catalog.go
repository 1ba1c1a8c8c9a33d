package resource

import (
	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The steps that a run reports, by their IDs.
const (
	StepBucket   = "ivs-realtime-recording-bucket"
	StepStorage  = "ivs-storage-configuration"
	StepEncoder  = "ivs-encoder-configuration"
	StepLogGroup = "ivs-cloudwatch-log-group"
	StepRule     = "ivs-eventbridge-rule"
	StepTarget   = "ivs-eventbridge-target"
)

// Wish is what a run is asked for.
type Wish struct {
	Env *manifest.Environment
	// Regions to act in: all of the environment's, or some of them, in its
	// order. What the regions share still serves all of them.
	Regions []string
	// Narrowed tells that the regions were chosen by hand. A survey then looks
	// at no others.
	Narrowed bool
	// Recording and Logging are the features that the command names.
	Recording, Logging bool
}

// step is a row of the catalog: one reported step, what it belongs to and the
// nodes that it is made of.
type step struct {
	id, title string
	feature   feature
	nodes     func(w *world) []reconcile.Node
}

type feature int

const (
	recording feature = iota
	logging
)

// catalog lists the steps in the order in which they are reported.
func catalog() []step {
	return []step{
		{StepBucket, "Recordings bucket", recording, bucketNodes},
		{StepStorage, "Storage configurations", recording, storageNodes},
		{StepEncoder, "Encoder configurations", recording, encoderNodes},
		{StepLogGroup, "Log groups", logging, logGroupNodes},
		{StepRule, "EventBridge rules", logging, eachRegion(func(w *world, region string) reconcile.Node {
			return reconcile.Of(StepRule, w.env.RuleName(), &rule{w, region})
		})},
		{StepTarget, "EventBridge targets", logging, eachRegion(func(w *world, region string) reconcile.Node {
			return reconcile.Of(StepTarget, manifest.TargetID, &target{w, region})
		})},
	}
}

// Build lists the steps that a command reports and the resources that they
// are made of. It makes no calls. C may be nil when no feature that is asked
// for is switched on.
func Build(wish Wish, c *cloud.Cloud) (groups []reconcile.Group, nodes []reconcile.Node) {
	return build(wish, c, patience)
}

func build(wish Wish, c *cloud.Cloud, patience waits) (groups []reconcile.Group, nodes []reconcile.Node) {
	var w *world
	if c != nil {
		w = newWorld(wish.Env, c, wish.Regions)
		w.waits = patience
	}
	return wanted(wish, w)
}

// wanted are the steps and resources of a wish, over one world.
func wanted(wish Wish, w *world) (groups []reconcile.Group, nodes []reconcile.Node) {
	for _, s := range catalog() {
		if s.feature == recording && !wish.Recording || s.feature == logging && !wish.Logging {
			continue
		}
		group := reconcile.Group{ID: s.id, Title: s.title, Reason: skipReason(wish.Env, s.feature)}
		groups = append(groups, group)
		if group.Reason == "" {
			nodes = append(nodes, s.nodes(w)...)
		}
	}
	return groups, nodes
}

// Asked tells whether a wish has anything to do with AWS at all.
func Asked(wish Wish) bool {
	return wish.Recording && wish.Env.Recording.Enabled || wish.Logging && wish.Env.Logging.Enabled
}

func skipReason(env *manifest.Environment, f feature) string {
	if f == recording && !env.Recording.Enabled {
		return env.Recording.SkipReason
	}
	if f == logging && !env.Logging.Enabled {
		return env.Logging.SkipReason
	}
	return ""
}

// eachRegion makes one node for each region to act in.
func eachRegion(node func(w *world, region string) reconcile.Node) func(*world) []reconcile.Node {
	return func(w *world) []reconcile.Node {
		var nodes []reconcile.Node
		for _, region := range w.regions {
			nodes = append(nodes, node(w, region))
		}
		return nodes
	}
}

func bucketNodes(w *world) []reconcile.Node {
	storages := map[*bucket][]reconcile.Key{}
	var buckets []*bucket
	for _, region := range w.regions {
		b := w.bucketOf(region)
		if storages[b] == nil {
			buckets = append(buckets, b)
		}
		storages[b] = append(storages[b], storageKey(region))
	}
	var nodes []reconcile.Node
	for _, b := range buckets {
		nodes = append(nodes, reconcile.Of(StepBucket, w.env.BucketName(b.region), b), b.policyCheck(storages[b]))
	}
	return nodes
}

func storageNodes(w *world) []reconcile.Node {
	var nodes []reconcile.Node
	for _, region := range w.regions {
		s := &storage{world: w, region: region, bucket: w.bucketOf(region)}
		nodes = append(nodes, reconcile.Of(StepStorage, w.env.StorageName(), s), s.settling())
	}
	return nodes
}

func encoderNodes(w *world) []reconcile.Node {
	var nodes []reconcile.Node
	for _, region := range w.regions {
		e := &encoder{world: w, region: region}
		nodes = append(nodes, reconcile.Of(StepEncoder, w.env.EncoderName(), e), e.settling())
	}
	return nodes
}

func logGroupNodes(w *world) []reconcile.Node {
	var nodes []reconcile.Node
	for _, region := range w.regions {
		nodes = append(nodes,
			reconcile.Of(StepLogGroup, w.env.LogGroupName(), &logGroup{w, region}),
			reconcile.Of(StepLogGroup, w.env.LogsPolicyName(), &logsPolicy{w, region}))
	}
	return nodes
}
