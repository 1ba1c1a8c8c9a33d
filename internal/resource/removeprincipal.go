package resource

import (
	"context"

	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// principalNode takes the principal of a region out of our statement of a
// bucket's policy.
func (t *teardown) principalNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	b := t.bucketNamed(thing.place)
	leaves := func(region string) bool { return policy.RecordingPrincipal(region) == thing.Name }
	return removing(thing, needs,
		func(ctx context.Context) (live *policy.Document, err error) {
			if live = t.document(thing.In); live == nil {
				live, err = b.policyNow(ctx, thing.place)
			}
			return live, err
		},
		func(live *policy.Document) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			if _, differences := b.withoutGrant(live, leaves); len(differences) > 0 {
				c.Steps = []reconcile.Step{t.ungrant(b, thing, reconcile.Step{
					Action: reconcile.Update, Doing: "take the principal out of the bucket policy", Changes: changesOf(differences),
				}, leaves)}
			}
			return c, nil
		})
}
