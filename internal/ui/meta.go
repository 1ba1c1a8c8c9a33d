package ui

import (
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// Meta is what a report does not know of its own run.
type Meta struct {
	Command, Environment, App string
	// Account is "" while nothing has told it.
	Account string
	DryRun  bool
	// Interrupted is for a run that ended before it had a report, which tells
	// it otherwise.
	Interrupted bool
	Elapsed     time.Duration
	Requests    Requests
	Env         []EnvLine
	// Warnings are those that belong to no resource, such as the manifest's.
	Warnings []reconcile.Warning
	// Removal is what only a command that removes things has to say; nil for
	// all others.
	Removal *Removal
}

// Removal is what a command that removes things has to say beside its report.
type Removal struct {
	// Nothing says why there is nothing to remove, as in "nothing is left over".
	Nothing string
	// Closing are sentences below the verdict.
	Closing []string
}

// removes tells whether what is not changed is kept, and not in sync.
func (m Meta) removes(r *reconcile.Report) bool { return m.Removal != nil || deletes(r) }

// Requests counts HTTP requests sent to AWS, retries included. Mutating ones
// are those whose operation is not a Get, List, Describe, Head, Filter or Test.
type Requests struct {
	Total    int `json:"total"`
	Mutating int `json:"mutating"`
}

// warnings are the run's own and its resources'.
func (m Meta) warnings(r *reconcile.Report) []reconcile.Warning {
	return slices.Concat(m.Warnings, r.Warnings())
}

// Changes counts the changes that a plan would make, or that a run made on what
// did not fail: one for what is created or deleted, one for each attribute of
// what stays.
func Changes(r *reconcile.Report) int {
	total := 0
	for n := range r.All {
		if n.Changed && n.Result != reconcile.Failed {
			total += changes(n)
		}
	}
	return total
}

func changes(n *reconcile.NodeReport) int {
	if n.Result == reconcile.Created || n.Result == reconcile.Deleted {
		return 1
	}
	return len(n.Changes)
}
