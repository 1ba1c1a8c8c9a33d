package resource

import (
	"github.com/yolo-live/yolo/internal/cloud"
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
	// Unsettled was made by a run that did not finish, and is not needed.
	Unsettled
	// Dropped is in a region, or of a feature or a bucket layout, that the
	// manifest does not have any more.
	Dropped
)

// Thing is one object of ours that a survey found, whatever its standing.
type Thing struct {
	// Key names it: its region, its kind as in the keys of what is wanted, and
	// in Name what tells it from others of its kind there, such as its ARN.
	Key reconcile.Key
	// Step is the ID of the reported step that it belongs to.
	Step string
	// Name is what a person calls it; ARN is "" for what has none.
	Name, ARN string
	Standing  Standing
	// Why says in a few words why it has that standing, as in "eu-west-1 is not
	// in the manifest". It is "" for what is wanted.
	Why string
	// Tagged tells that it carries both tags with our values, or that its kind
	// carries none. Nothing else is ever deleted.
	Tagged bool
	Uses   []Use
	// Holds is what goes with it, as in "3 recordings" or "1.2 MB of events";
	// "" for nothing.
	Holds string
}

// Use is somebody who needs a configuration.
type Use struct {
	// Kind is "composition", "stage" or "env file".
	Kind string
	// Name is an ARN, or a file's name with the line.
	Name string
}

// Quota is how much of one of AWS's limits is used in a region.
type Quota struct {
	Region string
	// What is limited, as in "storage configurations".
	What string
	// Used and Limit are counts, or bytes where What says so. The limit is
	// AWS's default, which AWS raises for some quotas when asked.
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
// of the manifest. It is a part of an engine's run: its nodes read, and when
// the run is over, Inventory has what they found.
type Survey struct {
	*world
}

// NewSurvey makes a survey for a wish, together with the resources that the
// wish asks for: what both need is read once. It makes no calls.
func NewSurvey(wish Wish, c *cloud.Cloud) *Survey {
	w := newWorld(wish.Env, c, wish.Regions)
	w.waits = patience
	return &Survey{world: w}
}
