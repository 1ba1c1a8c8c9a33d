package ui

import (
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// removing is what a command that removes things says of its run.
func removing() Meta {
	m := meta()
	m.Removal = &Removal{Nothing: "all that is there stays", Closing: []string{"The app's values are void."}}
	return m
}

func TestQuestionOfARemoval(t *testing.T) {
	tests := map[string]struct {
		world *world
		want  string
	}{
		"all":  {deleted(twoRegions), "Delete 13 resources in 2 regions of account …9012 (production)?"},
		"some": {destroyed(twoRegions), "Delete 11 resources and change 1 in 2 regions of account …9012 (production)?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Question(tt.world.plan(t), removing()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	change := inSync(twoRegions)
	change.at("us-east-1", "rule").drifted("put the policy", reconcile.Change{Attribute: "statement", From: "x"})
	if got, want := Question(change.plan(t), removing()), "Change 1 resource in 1 region of account …9012 (production)?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A removal that has nothing to do says so in one line, and what stays and why.
func TestNothingToRemove(t *testing.T) {
	w := inSync(twoRegions)
	w.at("us-east-1", "rule").found.Notes = []string{"it has targets of others"}
	p := (layout{}).page()
	p.plan(w.plan(t), removing())
	want := "Nothing to do: all that is there stays\n\nWill stay\n  = us-east-1  rule  yolo-production-liveplatforms-ivs-state-change\n      it has targets of others\n"
	if got := p.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What was kept is no success of a removal that failed, and what is left to be
// done comes last.
func TestVerdictOfARemoval(t *testing.T) {
	tests := map[string]struct {
		world *world
		want  []string
	}{
		"kept beside a failure": {func() *world {
			w := inSync(twoRegions)
			w.at("eu-west-1", "rule").readErr = inUse("eu-west-1")
			return w
		}(), []string{"Failed: 1 failed, 12 kept", "The app's values are void."}},
		"done": {deleted(twoRegions), []string{"Done: 13 deleted", "The app's values are void."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := (layout{}).page()
			p.verdict(tt.world.run(t), removing())
			lines := strings.Split(strings.TrimSpace(p.String()), "\n")
			if len(lines) != len(tt.want) {
				t.Fatalf("%q", lines)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("got %q, want %q", lines[i], want)
				}
			}
		})
	}
}
