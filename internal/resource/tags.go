package resource

import (
	"maps"
	"slices"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	tagCreatedBy = "yolo:created-by"

	// tagPending is on what a run has made and not finished. For an IVS
	// configuration it holds the run that has to settle it and since when, for a
	// log group that its retention is still to be set. It goes with the last step.
	tagPending = "yolo:pending"
)

// missingTags are the wanted tags that live lacks or has other values for.
func missingTags(live, want map[string]string) map[string]string {
	missing := map[string]string{}
	for key, value := range want {
		if have, ok := live[key]; !ok || have != value {
			missing[key] = value
		}
	}
	return missing
}

// tagChanges tells missing tags as changes, in the keys' order.
func tagChanges(live, missing map[string]string) []reconcile.Change {
	var changes []reconcile.Change
	for _, key := range slices.Sorted(maps.Keys(missing)) {
		change := reconcile.Change{Attribute: "tag " + key, To: missing[key]}
		if have, ok := live[key]; ok {
			change.From = have
		}
		changes = append(changes, change)
	}
	return changes
}

// merge returns tags or outputs with more added.
func merge[M ~map[string]string](some, more M) M {
	all := maps.Clone(some)
	if all == nil {
		all = M{}
	}
	maps.Copy(all, more)
	return all
}
