package resource

import (
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// created tells the attributes of a new object as changes from nothing.
func created(pairs ...any) []reconcile.Change {
	var changes []reconcile.Change
	for i := 0; i+1 < len(pairs); i += 2 {
		changes = append(changes, reconcile.Change{Attribute: pairs[i].(string), To: pairs[i+1]})
	}
	return changes
}

// changesOf tells a policy's differences as changes.
func changesOf(differences []policy.Difference) []reconcile.Change {
	changes := make([]reconcile.Change, 0, len(differences))
	for _, d := range differences {
		changes = append(changes, reconcile.Change{Attribute: "policy " + d.Attribute, From: d.From, To: d.To})
	}
	return changes
}
