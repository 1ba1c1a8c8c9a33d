package verify

import (
	"slices"
	"testing"

	"github.com/yolo-live/yolo/internal/proof"
)

// TestMissing: events count for a show only if they are of its own stage,
// composition or destination.
func TestMissing(t *testing.T) {
	t.Parallel()
	g := &regionRun{
		Region: Region{Show: proof.Show{Records: true}},
		stage:  &stage{arn: "stage"}, composition: &composition{arn: "composition", destination: "destination"},
	}
	event := func(name, resource, id string) Event {
		e := Event{Resources: []string{resource}}
		e.Detail.Name, e.Detail.Stage, e.Detail.ID = name, "stage", id
		return e
	}
	all := []Event{
		event("Participant Published", "stage", ""), event("Session Start", "composition", ""), event("Session End", "composition", ""),
		event("Destination Start", "composition", "destination"), event("Destination End", "composition", "destination"),
	}
	if missing := g.missing(all); len(missing) > 0 {
		t.Errorf("missing of all are %q", missing)
	}
	for i, own := range all {
		other := slices.Clone(all)
		other[i].Resources = []string{"another"}
		if missing := g.missing(other); !slices.Equal(missing, []string{own.Detail.Name}) {
			t.Errorf("%s of another resource: missing are %q", own.Detail.Name, missing)
		}
		if own.Detail.ID == "" {
			continue
		}
		other[i] = event(own.Detail.Name, "composition", "channel")
		if missing := g.missing(other); !slices.Equal(missing, []string{own.Detail.Name}) {
			t.Errorf("%s of another destination: missing are %q", own.Detail.Name, missing)
		}
	}
}
