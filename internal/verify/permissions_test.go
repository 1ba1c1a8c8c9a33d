package verify

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/permissions"
	"github.com/yolo-live/yolo/internal/proof"
)

// permissionCase is a run that makes calls which others do not make.
type permissionCase struct {
	name    string
	prepare func(a *account)
	change  func(o *Options)
	want    []string // beginnings of what is not proven all the same
	least   []string // the actions without which this run is tried
}

func permissionCases() []permissionCase {
	return []permissionCase{
		{
			name: "whole", change: func(o *Options) { o.Purge = true },
			least: []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetBucketAcl", "s3:GetObject", "s3:ListBucket", "s3:ListBucketVersions"},
		},
		{
			name: "no picture", change: func(o *Options) {
				o.publish, o.waits.active, o.waits.stopped, o.waits.log = blank, 100*time.Millisecond, time.Second, 0
			},
			want:  []string{"show destination FAIL: it did not get beyond this: wait for the destination to become ACTIVE"},
			least: []string{"ivs:StartComposition", "ivs:GetComposition", "ivs:StopComposition"},
		},
		{
			name: "canary", prepare: func(a *account) { a.fault(`event="*" event-lost`) }, change: logOnly,
			want: []string{"log events FAIL: Participant Published did not arrive within 0s, and neither did a canary"},
			least: []string{
				"events:DeleteRule", "events:PutEvents", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource",
				"ivs:CreateStage", "ivs:DeleteStage", "ivs:ListCompositions", "ivs:TagResource", "logs:FilterLogEvents",
			},
		},
		{
			name: "left by another run", prepare: (*account).abandon, change: logOnly,
			want:  []string{"log events NOT_PROVEN: canary there"},
			least: []string{"events:ListRules", "events:ListTagsForResource", "ivs:ListStages"},
		},
	}
}

// abandon has a run that was killed elsewhere leave what it makes.
func (a *account) abandon() {
	a.t.Helper()
	run := manifest.NewProofRun(time.Now().Add(-24*time.Hour), "00000000")
	tags := a.env.Tags(runPrefix + run)
	tags[manifest.TagRun] = run
	c, ctx := a.clients(), a.t.Context()
	if _, err := c.IVS.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: aws.String(runPrefix + run), Tags: tags}); err != nil {
		a.t.Fatal(err)
	}
	var list []ebtypes.Tag
	for key, value := range tags {
		list = append(list, ebtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	if _, err := c.Events.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String(runPrefix + run), EventPattern: aws.String(`{"source":["yolo.verify"]}`), Tags: list,
	}); err != nil {
		a.t.Fatal(err)
	}
}

// play runs the case by somebody who has the policy without one action, and
// returns what is not proven and the calls of the show. The configuration was read before, as root.
func (c permissionCase) play(t *testing.T, without string) (lines, calls []string) {
	t.Helper()
	a := start(t)
	if c.prepare != nil {
		c.prepare(a)
	}
	policy := permissions.For(a.env, permissions.Verify, permissions.Purge)
	policy.Remove(without)
	text, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	steps := a.verify(func(o *Options) {
		c.change(o)
		o.Tell = func(_, text string) {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(text, "not authorized") {
				lines = append(lines, "told: "+text)
			}
		}
		a.server.ResetCalls()
		if err := a.server.AttachIAMPolicies(string(text)); err != nil {
			t.Fatal(err)
		}
	})
	for _, call := range a.server.Calls().Calls {
		if call.Service != "whip" {
			calls = append(calls, call.Service+":"+call.Operation)
		}
	}
	slices.Sort(calls)
	return slices.Concat(lines, unproven(steps), warned(steps)), slices.Compact(calls)
}

func warned(steps []proof.Step) []string {
	var lines []string
	for _, s := range steps {
		for _, w := range s.Warnings {
			lines = append(lines, "warning: "+w.Text+": "+w.Fix)
		}
	}
	return lines
}

// TestPermissions: a show takes what the policy for it allows, and nothing else:
// without any action something fails, or is warned of, and names it.
func TestPermissions(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	t.Run("all", func(t *testing.T) {
		for _, c := range permissionCases() {
			for _, action := range emulatortest.Sample(c.least) {
				t.Run(c.name+" without "+action, func(t *testing.T) {
					t.Parallel()
					if lines, _ := c.play(t, action); !strings.Contains(strings.Join(lines, "\n"), action) {
						t.Errorf("it is not named: %q", lines)
					}
				})
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				lines, calls := c.play(t, "")
				for _, want := range c.want {
					lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) })
				}
				if len(lines) > 0 {
					t.Errorf("not proven: %q", lines)
				}
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, calls...)
			})
		}
	})
	beyond := append(permissions.Purge.Calls(), permissions.Verify.Calls()...)
	for _, call := range seen {
		if !slices.Contains(beyond, call) {
			t.Errorf("the table does not have %s", call)
		}
	}
	for _, call := range beyond {
		if !slices.Contains(permissions.Plan.Calls(), call) && !slices.Contains(seen, call) {
			t.Errorf("the table has %s, which nothing calls", call)
		}
	}
}

// Each action is taken away somewhere, but for those of reading what is there,
// which have a test with those of the other commands.
func TestPermissionsAreAllTried(t *testing.T) {
	t.Parallel()
	env := start(t).env
	var tried []string
	for _, c := range permissionCases() {
		tried = append(tried, c.least...)
	}
	reads := permissions.For(env, permissions.Plan).Actions()
	for _, action := range permissions.For(env, permissions.Verify, permissions.Purge).Actions() {
		if !slices.Contains(reads, action) && !slices.Contains(tried, action) {
			t.Errorf("nothing is tried without %s", action)
		}
	}
}
