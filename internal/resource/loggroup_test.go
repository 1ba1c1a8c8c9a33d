package resource

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// Who may not untag has a log group all the same, and a target for it.
func TestLogGroupWithoutUntag(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Recording = false
	a.fault("service=logs op=UntagResource code=AccessDeniedException status=400")
	for range 2 {
		report := a.run()
		if n := report.Node(logGroupKey(driftRegion)); codeOf(n.Err) != "AccessDeniedException" {
			t.Errorf("the log group says %v", n.Err)
		}
		if n := report.Node(targetKey(driftRegion)); n.Result == reconcile.Failed {
			t.Errorf("the target says %v", n.Err)
		}
	}
	a.server.ClearFaults()
	a.sync()
	a.settled()
}

// A log group that was made before its retention failed was made.
func TestLogGroupWithoutRetention(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Recording = false
	a.fault("op=PutRetentionPolicy code=AccessDeniedException status=400")
	n := a.run().Node(logGroupKey(driftRegion))
	if codeOf(n.Err) != "AccessDeniedException" || n.Result != reconcile.Failed || !n.Changed || len(n.Changes) == 0 {
		t.Errorf("%v, changed %t: %v; %v", n.Result, n.Changed, n.Changes, n.Err)
	}
	a.server.ClearFaults()
	a.sync()
	a.settled()
}

// The group's own policy is read only where it is told of, and never needed.
func TestGroupPolicyThatMayNotBeRead(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Recording = false
	a.sync()
	a.server.ResetCalls()
	a.sync()
	n := 0
	for _, c := range a.calls() {
		if c.Operation == "DescribeResourcePolicies" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the resource policies were read %d times, want 1", n)
	}
	name := a.wish.Env.LogsPolicyName()
	do(t, a.clients(driftRegion).Logs.DeleteResourcePolicy, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: &name})
	a.fault("op=DescribeResourcePolicies skip=1 times=1 code=AccessDeniedException status=400")
	a.sync()
	a.server.ClearFaults()
	a.settled()
}
