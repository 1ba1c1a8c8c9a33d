package resource

import (
	"fmt"
	"slices"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// EnvWarnings are what makes values worthless though they are right: those of a
// plan's warnings that are about recording, and, beyond them, what a sync would
// mend, whose Fix is left to the caller.
func EnvWarnings(wish Wish, plan *reconcile.Report) (own, beyond []reconcile.Warning) {
	for _, w := range plan.Warnings() {
		if slices.Contains([]string{WarnCannotRecord, WarnEncryption, WarnRecordingDenied}, w.Code) {
			own = append(own, w)
		}
	}
	if !Asked(wish) {
		return own, nil
	}
	for _, region := range wish.Regions {
		if text := notYet(plan.Node(bucketKey(bucketRegionOf(wish.Env, region))), region); text != "" {
			beyond = append(beyond, reconcile.Warning{
				Code: WarnNotYet, Region: region, Step: StepBucket, Text: text,
			})
		}
	}
	return own, beyond
}

// bucketRegionOf is the region by whose bucket's key a region's is found.
func bucketRegionOf(env *manifest.Environment, region string) string {
	if env.Recording.Layout == manifest.Shared {
		return env.Regions[0]
	}
	return region
}

// notYet says why IVS in a region cannot write to a bucket that is there, as
// long as no sync mends it; "" when nothing is known to be in the way.
func notYet(n *reconcile.NodeReport, region string) string {
	if n == nil || n.Result == reconcile.Failed || n.Outputs[outBucket] == "" {
		return ""
	}
	for _, c := range n.Changes {
		if c.Attribute == "object-ownership" {
			return fmt.Sprintf("%s cannot record yet: the bucket's object ownership does not let IVS's recordings in", region)
		}
	}
	document, err := policy.Parse(n.Outputs[outPolicy])
	if err != nil {
		return ""
	}
	if v := policy.AllowsRecording(document, n.Outputs[outBucket], region); !v.Allowed && !v.Denied && !v.Uncertain {
		return fmt.Sprintf("%s cannot record yet: the bucket's policy does not let IVS write", region)
	}
	return ""
}
