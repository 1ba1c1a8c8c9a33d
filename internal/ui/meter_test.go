package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// metered is a meter that was told done objects of total after each second.
func metered(total int64, done ...int64) (*meter, time.Time) {
	m, at := &meter{}, epoch
	for i, n := range done {
		at = epoch.Add(time.Duration(i) * time.Second)
		m.take(reconcile.Event{At: at, Progress: reconcile.Progress{Done: n, Total: total, Bytes: n * 1000, Unit: "objects"}})
	}
	return m, at
}

func TestMeter(t *testing.T) {
	tests := map[string]struct {
		total int64
		done  []int64
		later time.Duration
		want  string
	}{
		"begun":           {1000, []int64{0}, 0, "0 of 1,000 objects"},
		"too early":       {1000, []int64{0}, 900 * time.Millisecond, "0 of 1,000 objects"},
		"steady":          {1000, []int64{0, 100, 200}, 0, "200 of 1,000 objects, 200.0 kB, 100/s, 8s left"},
		"slow":            {1000, []int64{0, 2, 3}, 0, "3 of 1,000 objects, 3.0 kB, 1.5/s, 11m04s left"},
		"hours":           {36_000_000, []int64{0, 1000}, 0, "1,000 of 36,000,000 objects, 1.0 MB, 1,000/s, 9h59m left"},
		"of unknown size": {0, []int64{0, 100, 200}, 0, "200 objects, 200.0 kB, 100/s"},
		"at the end":      {200, []int64{0, 100, 200}, 0, "200 of 200 objects, 200.0 kB, 100/s"},
		"more than that":  {150, []int64{0, 100, 200}, 0, "200 of 150 objects, 200.0 kB, 100/s"},
		"no news":         {1000, []int64{0, 100, 200}, 8 * time.Second, "200 of 1,000 objects, 200.0 kB, 20/s, 40s left"},
		"backwards":       {1000, []int64{200, 100}, 0, "100 of 1,000 objects, 100.0 kB"},
		"forgets": {
			1000, append(make([]int64, 20), 100, 200, 300, 400, 500, 600, 700, 800, 900, 910, 920, 930, 940, 950, 960, 970, 980),
			0, "980 of 1,000 objects, 980.0 kB, 55/s, 1s left",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, at := metered(tt.total, tt.done...)
			if got := m.sentence(at.Add(tt.later)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if m := (&meter{}); m.rate(epoch) != 0 || m.left(epoch) != 0 {
		t.Error("a meter without news has a rate")
	}
}

// News that come seldom have a rate too.
func TestMeterOfSeldomNews(t *testing.T) {
	m := &meter{}
	for i := range int64(4) {
		m.take(reconcile.Event{At: epoch.Add(time.Duration(i) * time.Minute), Progress: reconcile.Progress{Done: 600 * i}})
	}
	if got := m.rate(epoch.Add(3 * time.Minute)); got != 10 {
		t.Errorf("the rate is %v, want 10", got)
	}
}

func TestBars(t *testing.T) {
	whole, now := metered(1_000_000, 400_000, 408_300, 416_600)
	open, _ := metered(0, 0, 12, 24)
	for width, want := range map[int][]string{
		100: {
			"eu-west-1 █████████░░░░░░░░░░░░░░░ 416,600/1,000,000 objects · 416.6 MB · 8,300/s · 1m10s left",
			"us-east-1                                         24 objects · 24.0 kB · 12/s",
		},
		70: {
			"eu-west-1 ████░░░░░░░ 416,600/1,000,000 objects · 8,300/s · 1m10s left",
			"us-east-1                            24 objects · 12/s",
		},
		58: {
			"eu-west-1 ███░░░░░░ 416,600/1,000,000 objects · 1m10s left",
			"us-east-1                          24 objects",
		},
		40: {"eu-west-1 ████░░░░░░░░ 416,600/1,000,000", "us-east-1                             24"},
		30: {"eu-west-1 ████░░░░░░ 417k/1.0M", "us-east-1                   24"},
		26: {"eu-west-1 41% 417k/1.0M", "us-east-1            24"},
	} {
		got := bars([]measuredLine{{"eu-west-1", whole}, {"us-east-1", open}}, 0, width, now)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d columns (-want +got)\n%s", width, diff)
		}
		for _, line := range got {
			if ansi.StringWidth(line) > width {
				t.Errorf("%d columns: %q is too wide", width, line)
			}
		}
	}
	if got := bars([]measuredLine{{"eu-west-1", open}}, 2, 20, now); got[0] != "  eu-west-1 24" {
		t.Errorf("got %q", got)
	}
}

func TestABarIsFullAtTheEndOnly(t *testing.T) {
	for share, want := range map[float64]string{-1: "    ", 0: "░░░░", 0.5: "██░░", 0.999: "███░", 1: "████"} {
		if got := bar(share, 4); got != want {
			t.Errorf("%v: %q, want %q", share, got, want)
		}
	}
}

func TestTogether(t *testing.T) {
	whole, _ := metered(1000, 100)
	open, _ := metered(0, 50)
	bytes := &meter{Progress: reconcile.Progress{Done: 1, Unit: "bytes"}}
	tests := map[string]struct {
		all  []measuredLine
		want string
		ok   bool
	}{
		"none":                {nil, "0", false},
		"two":                 {[]measuredLine{{"a", whole}, {"b", whole}}, "200 of 2,000 objects", true},
		"one without a whole": {[]measuredLine{{"a", open}, {"b", whole}}, "150 objects", true},
		"things apart":        {[]measuredLine{{"a", whole}, {"b", bytes}}, "0", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if sum, ok := together(tt.all); ok != tt.ok || sum.counted() != tt.want {
				t.Errorf("got %q, %v; want %q, %v", sum.counted(), ok, tt.want, tt.ok)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64][3]string{
		0: {"0", "0", "0 bytes"}, 1: {"1", "1", "1 byte"}, 999: {"999", "999", "999 bytes"}, 1000: {"1,000", "1000", "1.0 kB"},
		9999: {"9,999", "9999", "10.0 kB"}, 10_000: {"10,000", "10k", "10.0 kB"}, 412_345: {"412,345", "412k", "412.3 kB"},
		999_500: {"999,500", "1.0M", "999.5 kB"}, 999_999: {"999,999", "1.0M", "1.0 MB"}, 12_345_678: {"12,345,678", "12M", "12.3 MB"},
		-1234: {"-1,234", "-1234", "-1234 bytes"}, 1 << 62: {"4,611,686,018,427,387,904", "4.6E", "4.6 EB"},
	} {
		if got := [3]string{grouped(n), shortened(n), bytesText(n)}; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// Without a terminal a long step is told of every ten seconds, with how far it
// is, and at its end.
func TestLinesOfALongStep(t *testing.T) {
	w := inSync([]string{"us-east-1"})
	b := w.at("us-east-1", "recording-bucket")
	b.reads = 350 * time.Millisecond
	b.unwanted()
	b.found.Steps[0].Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
		for done := range int64(251) {
			reconcile.Advance(ctx, reconcile.Progress{Done: 1000 * done, Total: 250_000, Unit: "objects"})
			time.Sleep(100 * time.Millisecond)
		}
		release := reconcile.Hold(ctx, "S3 to be empty")
		time.Sleep(11 * time.Second)
		release()
		return reconcile.Outcome{}, nil
	}
	r := w.at("us-east-1", "rule")
	r.unwanted()
	r.found.Steps[0].Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
		reconcile.Advance(ctx, reconcile.Progress{Done: 3, Total: 5, Unit: "targets"})
		return reconcile.Outcome{}, reconcile.Pause(ctx, 15*time.Second, "the targets to go")
	}
	target := w.at("us-east-1", "target")
	target.needs = nil
	target.unwanted()
	target.found.Steps[0].Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
		reconcile.Advance(ctx, reconcile.Progress{Done: 1, Total: 5, Unit: "targets"})
		time.Sleep(2 * time.Second)
		reconcile.Advance(ctx, reconcile.Progress{Done: 2, Total: 5, Unit: "targets"})
		return reconcile.Outcome{}, &apiError{text: "events:RemoveTargets: denied", code: "AccessDenied"}
	}
	want := strings.Join([]string{
		"us-east-1 target: failed, 2 of 5 targets, 2.7s: events:RemoveTargets: denied",
		"us-east-1: delete the recording bucket: 105,000 of 250,000 objects, 10,000/s, 14s left",
		"us-east-1: delete the rule: 3 of 5 targets; waiting for the targets to go",
		"us-east-1: delete the rule: done, 3 of 5 targets, 15.0s",
		"us-east-1: delete the recording bucket: 204,000 of 250,000 objects, 10,000/s, 4s left",
		"us-east-1: delete the recording bucket: 250,000 of 250,000 objects, 7,277/s; waiting for S3 to be empty",
		"us-east-1: delete the recording bucket: done, 250,000 of 250,000 objects, 36.1s",
	}, "\n") + "\n"
	if diff := cmp.Diff(want, observed(t, w, Options{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A read that takes long has a bar too; a short one does not flicker with it.
func TestALongReadIsMeasured(t *testing.T) {
	b := newBoard(false, "status", twoRegions, epoch)
	g := &progressGroup{title: "Use"}
	b.groups = append(b.groups, g)
	tell := func(after time.Duration, e reconcile.Event) {
		e.At, e.Key = epoch.Add(after), key("us-east-1", "use")
		b.take(g, e)
	}
	tell(0, reconcile.Event{Kind: reconcile.Reading})
	tell(time.Second, reconcile.Event{Kind: reconcile.Advanced, Progress: reconcile.Progress{Done: 10, Total: 40, Unit: "stages"}})
	tell(2*time.Second, reconcile.Event{Kind: reconcile.Advanced, Progress: reconcile.Progress{Done: 20, Total: 40, Unit: "stages"}})
	for after, want := range map[time.Duration][]string{
		2 * time.Second: {"status: 0/1 done  2.0s", "⠋ Use  2.0s  reading in us-east-1"},
		3 * time.Second: {"status: 0/1 done  3.0s", "⠋ Use  3.0s  0/1 reading", "    us-east-1 ████████████░░░░░░░░░░░░ 20/40 stages · 10/s · 2s left"},
	} {
		if diff := cmp.Diff(want, b.frame(80, 24, epoch.Add(after))); diff != "" {
			t.Errorf("after %v (-want +got)\n%s", after, diff)
		}
	}
}
