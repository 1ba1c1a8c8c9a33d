package resource

import (
	"errors"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestStateOf(t *testing.T) {
	failed := func(kind, code string, steps ...reconcile.Step) reconcile.NodeReport {
		return reconcile.NodeReport{
			Key: reconcile.Key{Kind: kind}, Result: reconcile.Failed, Err: &reconcile.Problem{ProblemCode: code}, Steps: steps,
		}
	}
	create, update := reconcile.Step{Action: reconcile.Create}, reconcile.Step{Action: reconcile.Update}
	tests := map[string]struct {
		n    reconcile.NodeReport
		want State
	}{
		"as wanted":                     {reconcile.NodeReport{Result: reconcile.Synced}, InSync},
		"to be changed":                 {reconcile.NodeReport{Result: reconcile.Synced, Changed: true}, Drifted},
		"to be created":                 {reconcile.NodeReport{Result: reconcile.Created, Changed: true}, Missing},
		"another app's":                 {failed("rule", CodeNotOurs), Foreign},
		"another account's":             {failed("recordings-bucket", CodeBucketForbidden), Foreign},
		"create held up":                {failed("target", reconcile.CodeBlocked, create), Missing},
		"change held up":                {failed("target", reconcile.CodeBlocked, update), Drifted},
		"not read":                      {failed("storage-configuration", reconcile.CodeBlocked), Unknown},
		"bucket without IVS":            {failed("recordings-bucket", reconcile.CodeBlocked), Missing},
		"no place for a policy":         {failed("logs-resource-policy", CodeLogsPolicyQuota), Missing},
		"no room in a policy":           {failed("recordings-bucket", CodePolicyTooLarge), Drifted},
		"a policy that no one can read": {failed("recordings-bucket", CodePolicyUnreadable), Unknown},
		"interrupted":                   {reconcile.NodeReport{Result: reconcile.Failed, Err: reconcile.Interrupted("stopped")}, Unknown},
		"without a code":                {reconcile.NodeReport{Result: reconcile.Failed, Err: errors.New("boom")}, Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := StateOf(&test.n); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// statusOf is that of a pass over the wanted resources and a survey.
func (a *account) statusOf() Status {
	a.t.Helper()
	s, report := a.surveyWith(func(s *Survey) ([]reconcile.Group, []reconcile.Node) {
		groups, nodes := s.Wanted()
		more, looks := s.Build()
		return append(groups, more...), append(nodes, looks...)
	})
	return s.Status(report)
}

// The whole is safe only if everything that is wanted is known to be.
func TestStatusSafe(t *testing.T) {
	a := start(t, regional)
	if got := a.statusOf(); got.Safe == nil || *got.Safe || !got.Regions[0].Recording.NotSetUp || !got.Regions[1].Logging.NotSetUp {
		t.Errorf("before the sync: %v, %+v", got.Safe, got.Regions)
	}
	a.sync()
	if got := a.statusOf(); got.Safe == nil || !*got.Safe {
		t.Errorf("after it: %+v", got.Regions)
	}
	// A read of one region fails: that is not known, but nothing is wrong.
	a.fault("region=eu-west-1 op=DescribeRule times=1 code=AccessDeniedException")
	got := a.statusOf()
	if got.Safe != nil || got.Regions[1].Logging.Safe != nil || got.Regions[0].Logging.Safe == nil {
		t.Errorf("with one read refused: %v, %+v", got.Safe, got.Regions)
	}
	if reasons := strings.Join(got.Regions[1].Logging.Reasons, "; "); reasons != "the rule could not be looked at" {
		t.Errorf("reasons: %s", reasons)
	}
	// What is known to be wrong counts more than what is not known.
	a.fault("region=eu-west-1 op=DescribeRule times=1 code=AccessDeniedException")
	a.fault("region=us-east-1 op=DescribeLogGroups times=1 code=AccessDeniedException")
	a.wish.Env.Recording.Encoder.Width = 640
	if got := a.statusOf(); got.Safe == nil || *got.Safe {
		t.Errorf("with another encoder: %v", got.Safe)
	}
}
