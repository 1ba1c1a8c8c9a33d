package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/permissions"
	"github.com/yolo-live/yolo/internal/permissions/actions"
	"github.com/yolo-live/yolo/internal/proof"
)

// permissionCase is a run that makes calls which others do not make.
type permissionCase struct {
	name    string
	prepare func(a *account)
	purge   bool
	want    []string // beginnings of what is not proven all the same
}

func permissionCases() []permissionCase {
	return []permissionCase{
		{name: "whole", purge: true},
		{name: "canary", prepare: func(a *account) { a.fault(`event="Session End" event-lost`) }, want: []string{"log events NOT_PROVEN: canary there"}},
		{name: "left by another run", prepare: (*account).abandon},
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

// play runs the case by somebody who has the policy, and returns what is not
// proven and the calls of the show. The configuration was read before, as root.
func (c permissionCase) play(t *testing.T, change func(policy *permissions.Policy)) (lines, calls []string) {
	t.Helper()
	a := start(t)
	if c.prepare != nil {
		c.prepare(a)
	}
	policy := permissions.For(a.env, permissions.Verify, permissions.Purge)
	if change != nil {
		change(policy)
	}
	text, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	steps := a.verify(func(o *Options) {
		o.Purge = c.purge
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
	users := map[string][]permissionCase{} // by action
	var seen []string
	t.Run("enough", func(t *testing.T) {
		for _, c := range permissionCases() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				lines, calls := c.play(t, nil)
				for _, want := range c.want {
					lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) })
				}
				if diff := cmp.Diff([]string{}, lines, cmp.Transformer("", func(l []string) []string { return append([]string{}, l...) })); diff != "" {
					t.Errorf("not proven (-want +got):\n%s", diff)
				}
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, calls...)
				for _, call := range calls {
					for _, action := range actions.Of(call) {
						users[action] = append(users[action], c)
					}
				}
			})
		}
	})
	slices.Sort(seen)
	beyond := append(permissions.Purge.Calls(), permissions.Verify.Calls()...)
	for _, call := range slices.Compact(seen) {
		if !slices.Contains(beyond, call) {
			t.Errorf("the table does not have %s", call)
		}
	}
	for _, call := range beyond {
		if !slices.Contains(permissions.Plan.Calls(), call) && !slices.Contains(seen, call) {
			t.Errorf("the table has %s, which nothing calls", call)
		}
	}
	t.Run("least", func(t *testing.T) {
		for action, cases := range users {
			t.Run(action, func(t *testing.T) {
				t.Parallel()
				var said []string
				for _, c := range cases {
					lines, _ := c.play(t, func(policy *permissions.Policy) { policy.Remove(action) })
					if strings.Contains(strings.Join(lines, "\n"), action) {
						return
					}
					said = append(said, fmt.Sprintf("%s: %q", c.name, lines))
				}
				t.Errorf("nothing misses the action:\n%s", strings.Join(said, "\n"))
			})
		}
	})
}
