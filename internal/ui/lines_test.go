package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// file is streams without a terminal.
func file(o Options) (*Streams, *strings.Builder) {
	var b strings.Builder
	s := &Streams{
		Err: &Stream{w: &b}, Out: &Stream{w: &b}, Size: func() (int, int) { return 0, 0 },
		getenv: func(string) string { return "" },
	}
	return s.With(o), &b
}

// observed runs a world before a progress.
func observed(t *testing.T, w *world, o Options) (text string) {
	synctest.Test(t, func(t *testing.T) {
		s, b := file(o)
		p := NewProgress(s, "sync production", w.groups, twoRegions)
		e := w.engine()
		e.Observe = p.Observe
		e.Run(t.Context())
		p.Close()
		p.Close()
		text = b.String()
	})
	return text
}

// slow is one region in which little is to be done, and that slowly.
func slow() *world {
	w := inSync([]string{"us-east-1"})
	storage := w.at("us-east-1", "storage-configuration")
	storage.missing("arn:aws:ivs:us-east-1:" + account + ":storage-configuration/a")
	storage.takes = 25 * time.Second
	rule := w.at("us-east-1", "rule")
	rule.reads = 10500 * time.Millisecond
	rule.readErr = &apiError{text: "read: a\x1b[31mb", code: "AccessDenied"}
	target := w.at("us-east-1", "target")
	target.missing("")
	return w
}

func TestLines(t *testing.T) {
	want := strings.Join([]string{
		"us-east-1 rule: still reading, 10s",
		`us-east-1 rule: failed, 10.5s: read: a\x1b[31mb`,
		"us-east-1 target: not tried, because of us-east-1 rule",
		"us-east-1: create it: still going on, 10s",
		"us-east-1: create it: still going on, 20s",
		"us-east-1: create it: done, 25.0s",
	}, "\n") + "\n"
	if diff := cmp.Diff(want, observed(t, slow(), Options{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Without a terminal, what is waited for between tries is told every ten seconds.
func TestLinesTellWhatIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := file(Options{})
		p := NewProgress(s, "sync production", nil, twoRegions)
		rule := key("us-east-1", "rule")
		event := func(kind reconcile.EventKind, hold string) {
			p.Observe(reconcile.Event{Kind: kind, At: time.Now(), Key: rule, Hold: hold, Report: reconcile.NodeReport{Key: rule}})
		}
		event(reconcile.Reading, "")
		for range 5 {
			event(reconcile.Held, "another try of events:DescribeRule after ThrottlingException")
			time.Sleep(4 * time.Second)
			event(reconcile.Released, "")
			time.Sleep(300 * time.Millisecond)
		}
		p.Close()
		want := "us-east-1 rule: waiting for another try of events:DescribeRule after ThrottlingException, 10s\n" +
			"us-east-1 rule: waiting for another try of events:DescribeRule after ThrottlingException, 20s\n"
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestStoppingSaysWhatIsWaitedFor(t *testing.T) {
	for quiet, want := range map[bool]string{false: stoppingText + "\n", true: ""} {
		s, b := file(Options{NoProgress: quiet})
		p := NewProgress(s, "sync production", nil, twoRegions)
		p.Stopping()
		p.Close()
		if got := b.String(); got != want {
			t.Errorf("quiet %v: got %q, want %q", quiet, got, want)
		}
	}
}

// A terminal that cannot redraw, or is not to, has its lines broken at words.
func TestLinesFitATerminal(t *testing.T) {
	tty, screen := terminal(t, 40, 24)
	r := readScreen(screen)
	p := NewProgress(NewStreams(nil, nil, tty, environment("TERM=dumb")), "sync production", nil, twoRegions)
	p.Observe(reconcile.Event{
		Kind: reconcile.Finished, Key: key("us-east-1", "storage-configuration"),
		Report: reconcile.NodeReport{Key: key("us-east-1", "storage-configuration"), Err: errors.New("create: the quota of 5 is used up")},
	})
	p.Stopping()
	p.Close()
	got := r.until(t, "ends at once\r\n")
	want := "us-east-1 storage configuration: failed,\r\n 0.0s: create: the quota of 5 is used up\r\n" +
		"interrupted: waiting for the calls in\r\n flight; Ctrl-C again ends at once\r\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What was held back may come when the summary has begun.
func TestNothingIsToldAfterTheEnd(t *testing.T) {
	s, b := file(Options{})
	p := NewProgress(s, "sync production", nil, twoRegions)
	p.Close()
	p.Observe(reconcile.Event{
		Kind: reconcile.Finished, Key: reconcile.Key{Kind: "rule"}, Report: reconcile.NodeReport{Err: errors.New("late")},
	})
	p.Stopping()
	if got := b.String(); got != "" {
		t.Errorf("after Close: %q", got)
	}
}

// What fails alike in two regions, in words that name a third place, is one
// thing to be told.
func TestEqualWordsAreBundled(t *testing.T) {
	in := func(region, text string) saying {
		return saying{key: reconcile.Key{Region: region, Kind: "bucket"}, text: text}
	}
	for text, want := range map[string]int{"GetRole in us-east-1: failed": 1, "failed": 1} {
		if got := bundled([]saying{in("us-east-1", text), in("eu-west-1", text)}); len(got) != want {
			t.Errorf("%q: %d bundles, want %d", text, len(got), want)
		}
	}
	if got := bundled([]saying{in("us-east-1", "a"), in("eu-west-1", "b")}); len(got) != 2 {
		t.Errorf("%d bundles of different words, want 2", len(got))
	}
}

// What failed for the same reason in many calls is told once, in words that hold
// for all, of one region or of several.
func TestWhatFailedAlikeIsToldOnce(t *testing.T) {
	down := func(kind, region, call string) saying {
		return saying{
			key: reconcile.Key{Region: region, Kind: kind}, code: "Unreachable", fix: "check the network", id: kind + "@" + region,
			text: call + " in " + region + ": Unreachable: refused", alike: "Unreachable in " + region + ": refused",
		}
	}
	other := saying{key: reconcile.Key{Region: "us-east-1", Kind: "rule"}, text: "denied"}
	tests := map[string]struct {
		said []saying
		want []string // subject and text of each bundle
		keys []string // of the first
	}{
		"one call": {[]saying{down("bucket", "us-east-1", "s3:HeadBucket")}, []string{"us-east-1 bucket: s3:HeadBucket in us-east-1: Unreachable: refused"}, []string{"bucket in us-east-1"}},
		"one call in two regions": {
			[]saying{down("bucket", "us-east-1", "s3:HeadBucket"), down("bucket", "eu-west-1", "s3:HeadBucket")},
			[]string{"bucket in us-east-1, eu-west-1: s3:HeadBucket: Unreachable: refused"},
			[]string{"bucket in us-east-1, eu-west-1"},
		},
		"two calls in a region": {
			[]saying{down("bucket", "us-east-1", "s3:HeadBucket"), other, down("storage", "us-east-1", "ivs:List")},
			[]string{"2 resources in us-east-1: Unreachable in us-east-1: refused", "us-east-1 rule: denied"},
			[]string{"bucket in us-east-1", "storage in us-east-1"},
		},
		"all calls in two regions": {
			[]saying{
				down("bucket", "us-east-1", "s3:HeadBucket"), down("storage", "us-east-1", "ivs:List"),
				down("storage", "eu-west-1", "ivs:List"), down("bucket", "eu-west-1", "s3:HeadBucket"),
			},
			[]string{"4 resources in us-east-1, eu-west-1: Unreachable: refused"},
			[]string{"bucket in us-east-1, eu-west-1", "storage in us-east-1, eu-west-1"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			bundles := bundled(tt.said)
			for _, b := range bundles {
				got = append(got, b.subject()+": "+b.text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.keys, byKind(bundles[0].keys)); diff != "" {
				t.Errorf("keys (-want +got)\n%s", diff)
			}
		})
	}
}

// What differs only in its region is told in words for all of them, with a
// command that can be copied.
func TestBundlesAreWordedForAllRegions(t *testing.T) {
	tests := map[string]struct{ text, fix, wantText, wantFix string }{
		"in the region": {
			"logs:CreateLogGroup in %: LimitExceeded", "wait",
			"logs:CreateLogGroup: LimitExceeded", "wait",
		},
		"the region itself": {
			"the quota of % is used up", "",
			"the quota of each region is used up", "",
		},
		"a placeholder of others": {"name-{region} is refused in %", "", "name-{region} is refused", ""},
		"at the end":              {"no answer in %", "", "no answer", ""},
		"a copyable command":      {"full", "aws logs delete --region %", "full", "aws logs delete --region us-east-1; likewise in eu-west-1"},
		"within an ARN":           {"no arn:aws:ivs:%:1:x", "", "no arn:aws:ivs:us-east-1:1:x; likewise in eu-west-1", ""},
		"within a host":           {"no ivs.%.amazonaws.com", "", "no ivs.us-east-1.amazonaws.com; likewise in eu-west-1", ""},
		"a request's own id":      {"denied: #", "", "denied: id-us-east-1; likewise in eu-west-1", ""},
		"within and for itself": {
			"% has no b-%", "", "us-east-1 has no b-us-east-1; likewise in eu-west-1", "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var said []saying
			for _, region := range twoRegions {
				in := strings.NewReplacer("%", region, "#", "id-"+region)
				said = append(said, saying{
					key: reconcile.Key{Region: region, Kind: "log-group"}, text: in.Replace(tt.text), fix: in.Replace(tt.fix),
					id: "id-" + region,
				})
			}
			got := bundled(said)
			if len(got) != 1 || got[0].text != tt.wantText || got[0].fix != tt.wantFix {
				t.Errorf("got %d: %q, %q; want %q, %q", len(got), got[0].text, got[0].fix, tt.wantText, tt.wantFix)
			}
		})
	}
	var all []saying
	for _, region := range sevenRegions {
		all = append(all, saying{key: reconcile.Key{Region: region}, text: "full", fix: "look at " + region})
	}
	if got, want := bundled(all)[0].fix, "look at us-east-1; likewise in the 6 other regions"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQuietAndNothingToDo(t *testing.T) {
	if got := observed(t, slow(), Options{NoProgress: true}); got != "" {
		t.Errorf("quiet printed %q", got)
	}
	if got := observed(t, inSync(twoRegions), Options{}); got != "" {
		t.Errorf("nothing to do printed %q", got)
	}
}

// watched is a world in which something follows the creates, and takes long or
// fails.
func watched(step reconcile.Step) *world {
	w := inSync([]string{"us-east-1"})
	storage := w.at("us-east-1", "storage-configuration")
	storage.missing("arn:aws:ivs:us-east-1:" + account + ":storage-configuration/a")
	w.followUps = append(w.followUps, reconcile.FollowUp(
		w.groups[0].ID, bucket, key("us-east-1", "policy-check"), []reconcile.Key{storage.key}, step))
	return w
}

// A follow-up's kind is a word for machines.
func TestFollowUpsAreToldInWords(t *testing.T) {
	step := reconcile.Step{
		Action: reconcile.Check, Doing: "check the policy",
		Do: func(context.Context, reconcile.Lookup) (reconcile.Outcome, error) {
			time.Sleep(11 * time.Second)
			return reconcile.Outcome{}, &apiError{text: "GetBucketPolicy: AccessDenied", code: "AccessDenied"}
		},
	}
	want := strings.Join([]string{
		"us-east-1: create it: done, 0.0s",
		"us-east-1: check the policy: still going on, 10s",
		"us-east-1: check the policy: failed, 11.3s: GetBucketPolicy: AccessDenied",
	}, "\n") + "\n"
	if diff := cmp.Diff(want, observed(t, watched(step), Options{})); diff != "" {
		t.Errorf("progress (-want +got)\n%s", diff)
	}
	p := layout{}.page()
	p.summary(watched(step).run(t), meta())
	if want := "FAILED, 1 follow-up  us-east-1  11.3s\n    ✗ failed: check the policy (us-east-1)\n"; !strings.Contains(p.String(), want) {
		t.Errorf("want %q in\n%s", want, p)
	}
	want = "\nerror: us-east-1: check the policy: GetBucketPolicy: AccessDenied\n"
	if !strings.Contains(p.String(), want) || strings.Contains(p.String(), "policy-check") {
		t.Errorf("want %q in\n%s", want, p)
	}
}

// What was begun and did not come to its end is not done, and has not failed.
func TestInterruptedFollowUpIsNotDone(t *testing.T) {
	step := reconcile.Step{
		Action: reconcile.Check, Doing: "check the policy",
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			return reconcile.Outcome{}, reconcile.Pause(ctx, time.Minute, "")
		},
	}
	p := layout{}.page()
	p.summary(watched(step).stopped(t, 2*time.Second), meta())
	for _, want := range []string{
		"    ✗ not done: check the policy (us-east-1)\n",
		"\nNot done\n  check the policy (us-east-1): interrupted while it waited\n",
	} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("want %q in\n%s", want, p)
		}
	}
}

func TestVerbs(t *testing.T) {
	want := map[reconcile.Action]string{
		reconcile.Create: "creating", reconcile.Update: "changing", reconcile.Delete: "deleting",
		reconcile.Check: "checking", 99: "action 99",
	}
	for action, text := range want {
		if got := verb(action); got != text {
			t.Errorf("verb(%d) = %q, want %q", action, got, text)
		}
	}
}
