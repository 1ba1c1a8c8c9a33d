package verify

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
)

// TestBroken: each way in which a show goes wrong has a verdict of its own, and
// nothing is left of any.
func TestBroken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		aws    emulator.Options
		do     func(a *account)
		change func(*Options)
		want   []string // parts of the lines, of which there are no more
	}{
		"no stage": {
			do:   func(a *account) { a.fault("op=CreateStage code=ServiceQuotaExceededException") },
			want: []string{"show stage FAIL: it did not get beyond this: make a stage"},
		},
		"expired token": {change: func(o *Options) {
			o.publish = func(ctx context.Context, p publication) (airing, error) {
				p.Token = "not-a-token"
				return putOn(ctx, p)
			}
		}, want: []string{"show publish NOT_PROVEN: it did not get beyond this: publish to the stage"}},
		"no composition": {
			do:   func(a *account) { a.fault("op=StartComposition code=PendingVerification") },
			want: []string{"show composition FAIL: it did not get beyond this: start the composition"},
		},
		"policy gone before the show": {change: func(o *Options) {
			a := o.Cloud.In(testRegion).S3
			bucket := o.Regions[0].Recording.Bucket
			o.publish = func(ctx context.Context, p publication) (airing, error) {
				if _, err := a.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String(bucket)}); err != nil {
					return nil, err
				}
				return putOn(ctx, p)
			}
		}, want: []string{"Access denied to S3 bucket. Please verify your bucket policy"}},
		"event lost": {
			do:   func(a *account) { a.fault(`event="Destination End" event-lost`) },
			want: []string{"log events NOT_PROVEN: canary there, IVS event not: Destination End did not arrive within 2s, though the way into the log is open; IVS sends events as best it can, so they may be late or lost"},
		},
		"event late": {
			do:   func(a *account) { a.fault(`event="Session End" event-late=10m`) },
			want: []string{"log events NOT_PROVEN: canary there, IVS event not: Session End did not arrive"},
		},
		"logs policy gone": {
			do:     func(a *account) { a.removeLogsPolicy() },
			change: logOnly,
			want:   []string{"log events FAIL: Participant Published did not arrive within 0s, and neither did a canary: no logs resource policy lets EventBridge write"},
		},
		"this machine's clock ahead": {
			aws:    emulator.Options{Clock: func() time.Time { return time.Now().Add(-10 * time.Minute) }},
			change: func(o *Options) { o.Regions[0].Show.Records, o.Regions[0].Show.Picture = false, time.Second },
		},
		"destination never ACTIVE": {change: func(o *Options) {
			o.publish = blank
			o.waits.active = 500 * time.Millisecond
		}, want: []string{"show destination FAIL: it did not get beyond this: wait for the destination to become ACTIVE: not within 500ms, the destination is STARTING"}},
		"composition that cannot be asked about": {
			do:     func(a *account) { a.fault("op=GetComposition code=AccessDeniedException") },
			change: func(o *Options) { o.publish = blank },
			want:   []string{"show destination NOT_PROVEN: it did not get beyond this: wait for the destination to become ACTIVE"},
		},
		"no canary": {
			do:     func(a *account) { a.fault("op=PutRule code=LimitExceededException") },
			change: logOnly,
			want:   []string{"log events NOT_PROVEN: Participant Published did not arrive within 0s, and no canary could tell why: events:PutRule in us-east-1: LimitExceededException"},
		},
		"canary's rule denied": {
			do: func(a *account) {
				for _, op := range []string{"PutRule", "RemoveTargets", "DeleteRule"} {
					a.fault("op=" + op + " code=AccessDeniedException")
				}
			},
			change: logOnly,
			want:   []string{"log events NOT_PROVEN: Participant Published did not arrive within 0s, and no canary could tell why: events:PutRule in us-east-1: AccessDeniedException"},
		},
		"canary refused": {
			do:     func(a *account) { a.fault("op=PutEvents failed-entry=InternalFailure") },
			change: logOnly,
			want:   []string{"log events NOT_PROVEN: Participant Published did not arrive within 0s, and no canary could tell why: events:PutEvents did not take the canary"},
		},
		"canary's rule stays": {
			do:     func(a *account) { a.fault("op=DeleteRule code=InternalException status=400 times=1") },
			change: func(o *Options) { logOnly(o); o.waits.canary = 2 * time.Second },
			want:   []string{"log events NOT_PROVEN: canary there, IVS event not", "cleanup rule FAIL: the temporary rule yolo-verify-"},
		},
		"a log that does not answer": {
			do: func(a *account) {
				a.removeLogsPolicy()
				a.fault("op=FilterLogEvents code=InternalFailure status=503")
			},
			change: logOnly,
			want:   []string{"log events NOT_PROVEN: the log could not be looked at"},
		},
		"logs policy in order, and nothing arrives": {
			do:     func(a *account) { a.fault(`event="*" event-lost`) },
			change: logOnly,
			want: []string{"log events FAIL: Participant Published did not arrive within 0s, and neither did a canary: " +
				"the logs resource policy, the target or the log group /aws/ivs/yolo-production-app keeps them out, though all look right"},
		},
		"log not to be read": {
			do:   func(a *account) { a.fault("op=FilterLogEvents code=AccessDeniedException") },
			want: []string{"log events NOT_PROVEN: the log could not be looked at"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := startWith(t, c.aws)
			if c.do != nil {
				c.do(a)
			}
			steps := a.verify(c.change)
			lines := unproven(steps)
			for _, part := range c.want {
				if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, part) }) {
					t.Errorf("%q is not in\n%s", part, strings.Join(lines, "\n"))
				}
			}
			if len(lines) != len(c.want) {
				t.Errorf("not proven are\n%s\nwant %d lines", strings.Join(lines, "\n"), len(c.want))
			}
			a.server.ClearFaults()
			if strings.Contains(strings.Join(c.want, " "), "cleanup ") {
				a.verify(func(o *Options) {
					o.publish, o.waits.log, o.waits.canary, o.Regions[0].Show.Records = blank, 0, 0, false
				})
			}
			if left := a.left(); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

func (a *account) removeLogsPolicy() {
	a.t.Helper()
	if _, err := a.clients().Logs.DeleteResourcePolicy(a.t.Context(), &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: aws.String(a.env.LogsPolicyName())}); err != nil {
		a.t.Fatal(err)
	}
}

// dummy is a picture that nobody sees.
type dummy struct{}

func blank(context.Context, publication) (airing, error) { return dummy{}, nil }

func (dummy) Wait(context.Context, time.Duration) error { return nil }
func (dummy) Sent() time.Duration                       { return 0 }
func (dummy) End(context.Context)                       {}
