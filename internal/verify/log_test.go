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
	of := func(name, resource, id string) event {
		e := event{Resources: []string{resource}}
		e.Detail.Name, e.Detail.ID = name, id
		return e
	}
	all := []event{
		of("Participant Published", "stage", ""), of("Session Start", "composition", ""), of("Session End", "composition", ""),
		of("Destination Start", "composition", "destination"), of("Destination End", "composition", "destination"),
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
		other[i] = of(own.Detail.Name, "composition", "channel")
		if missing := g.missing(other); !slices.Equal(missing, []string{own.Detail.Name}) {
			t.Errorf("%s of another destination: missing are %q", own.Detail.Name, missing)
		}
	}
}
