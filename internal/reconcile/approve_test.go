package reconcile_test

import (
	"context"
	"errors"
	"testing"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// counted is a resource that has to be created and counts its steps.
type counted struct {
	key   reconcile.Key
	steps *int
}

func (c counted) Key() reconcile.Key                   { return c.key }
func (counted) Needs() []reconcile.Key                 { return nil }
func (counted) Read(context.Context) (struct{}, error) { return struct{}{}, nil }
func (c counted) Compare(struct{}) (reconcile.Comparison, error) {
	return reconcile.Comparison{Steps: []reconcile.Step{{
		Action: reconcile.Create, Doing: "create", Changes: []reconcile.Change{{Attribute: "a", To: 1}},
		Do: func(context.Context, reconcile.Lookup) (reconcile.Outcome, error) {
			*c.steps++
			return reconcile.Outcome{}, nil
		},
	}}}, nil
}

func TestApprove(t *testing.T) {
	refusal := errors.New("refused")
	for _, answer := range []error{nil, refusal} {
		steps, asked := 0, 0
		key := reconcile.Key{Region: "r", Kind: "k"}
		engine := reconcile.Engine{
			Groups: []reconcile.Group{{ID: "g"}},
			Nodes: []reconcile.Node{
				reconcile.Of("g", "n", counted{key, &steps}),
				reconcile.FollowUp("g", "f", reconcile.Key{Kind: "f"}, []reconcile.Key{key}, reconcile.Step{
					Action: reconcile.Check,
					Do: func(context.Context, reconcile.Lookup) (reconcile.Outcome, error) {
						steps++
						return reconcile.Outcome{}, nil
					},
				}),
			},
		}
		plan := engine.Plan(t.Context())
		engine.Approve = func(next *reconcile.Report) error {
			asked++
			if steps != 0 {
				t.Error("a step was begun before the plan was approved")
			}
			if !next.Same(plan) || !next.DryRun {
				t.Errorf("the plan to approve is not the plan: %+v", next)
			}
			return answer
		}
		report := engine.Run(t.Context())
		want, result := 2, reconcile.Created
		if answer != nil {
			want, result = 0, reconcile.Failed
		}
		if steps != want || asked != 1 || report.DryRun {
			t.Errorf("answered %v: %d steps, want %d; asked %d times; dry run %t", answer, steps, want, asked, report.DryRun)
		}
		if got, changed := report.Result(); got != result || changed != (answer == nil) {
			t.Errorf("answered %v: %v, changed %t", answer, got, changed)
		}
		for n := range report.All {
			if !errors.Is(n.Err, answer) {
				t.Errorf("answered %v: %v ended with %v", answer, n.Key, n.Err)
			}
		}
	}
}
