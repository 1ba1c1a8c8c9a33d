package ui

import (
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
		"us-east-1 storage-configuration: still creating, 10s",
		"us-east-1 storage-configuration: still creating, 20s",
		"us-east-1: create it: done, 25.0s",
	}, "\n") + "\n"
	if diff := cmp.Diff(want, observed(t, slow(), Options{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
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

func TestQuietAndNothingToDo(t *testing.T) {
	if got := observed(t, slow(), Options{NoProgress: true}); got != "" {
		t.Errorf("quiet printed %q", got)
	}
	if got := observed(t, inSync(twoRegions), Options{}); got != "" {
		t.Errorf("nothing to do printed %q", got)
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
