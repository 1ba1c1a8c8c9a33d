package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

var update = flag.Bool("update", false, "rewrite the golden texts in testdata")

// golden compares a text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", path, diff)
	}
}

// fits checks what holds for every text: no line is wider than the screen, or
// ends in a space, and nothing but colours could move a terminal.
func fits(t *testing.T, text string, width int) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if w := ansi.StringWidth(line); width > 0 && w > width {
			t.Errorf("line %d is %d columns wide, of %d: %q", i+1, w, width, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("line %d ends in a space: %q", i+1, line)
		}
	}
	if strings.ContainsAny(text, "\x1b\r\t") {
		t.Error("the text has control characters")
	}
}

// at draws the same at all widths and compares; 0 is a file.
func at(t *testing.T, name string, draw func(*page)) {
	t.Helper()
	for _, width := range []int{40, 80, 120, 0} {
		p := layout{width: width}.page()
		draw(p)
		fits(t, p.String(), width)
		golden(t, fmt.Sprintf("%s-%d.txt", name, width), p.String())
	}
}

func TestPlan(t *testing.T) {
	logging := []string{"ivs-cloudwatch-log-group", "ivs-eventbridge-rule", "ivs-eventbridge-target"}
	recording := []string{"ivs-realtime-recording-bucket", "ivs-storage-configuration", "ivs-encoder-configuration"}
	off := func() *world {
		return skipped("logging is not switched on in the manifest", inSync(twoRegions), logging...)
	}
	unread := drift()
	unread.at("eu-west-1", "rule").readErr = denied("eu-west-1")
	noted := empty(twoRegions)
	for _, region := range twoRegions {
		noted.at(region, "log-group").found.Notes = []string{"the account keeps events for 7 days"}
	}
	noted.at("eu-west-1", "rule").found.Notes = []string{"only here"}
	worlds := map[string]*world{
		"empty-noted":    noted,
		"empty":          empty(twoRegions).cannotRecord("us-east-1"),
		"drift":          drift(),
		"nothing":        inSync(twoRegions),
		"nothing-warned": inSync(sevenRegions).cannotRecord("us-east-1"),
		"some-skipped":   off(),
		"drift-skipped":  skipped("logging is not switched on in the manifest", drift(), logging...),
		"all-skipped":    skipped("recording is not switched on in the manifest", off(), recording...),
		"seven":          empty(sevenRegions).cannotRecord("us-east-1"),
		"unread":         unread,
		"deleted":        deleted(sevenRegions),
		"destroyed":      destroyed(twoRegions),
		"refused":        refused(),
		"purged":         purging(twoRegions),
	}
	for name, w := range worlds {
		t.Run(name, func(t *testing.T) {
			report := w.plan(t)
			at(t, "plan-"+name, func(p *page) { p.plan(report, meta()) })
		})
	}
}

func TestSummary(t *testing.T) {
	all := []string{
		"ivs-realtime-recording-bucket", "ivs-storage-configuration", "ivs-encoder-configuration",
		"ivs-cloudwatch-log-group", "ivs-eventbridge-rule", "ivs-eventbridge-target",
	}
	noted := inSync(sevenRegions)
	for _, region := range sevenRegions {
		noted.at(region, "logs-policy").found.Notes = []string{`the policy "central" in ` + region + " lets EventBridge write already"}
	}
	expired := inSync(twoRegions)
	for _, thing := range expired.things {
		thing.readErr = &apiError{text: "read: the login is over", code: "ExpiredToken", hint: "log in again"}
	}
	regional := empty(sevenRegions)
	for _, region := range sevenRegions {
		regional.at(region, "log-group").found.Notes = []string{"the account keeps events for 7 days"}
	}
	regional.at("eu-west-1", "rule").found.Notes = []string{"only here"}
	known := drift().cannotRecord("us-east-1")
	known.at("us-east-1", "recording-bucket").found.Notes = []string{"told in the plan, since it changes"}
	for _, region := range twoRegions {
		known.at(region, "target").found.Notes = []string{"the rule has a target of somebody else in " + region}
	}
	known.at("eu-west-1", "storage-configuration").found.Notes = []string{"of the one that cannot record"}
	known.at("eu-west-1", "rule").found.Notes = []string{"only here"}
	reports := map[string]func() *reconcile.Report{
		"created":       func() *reconcile.Report { return empty(twoRegions).cannotRecord("us-east-1").run(t) },
		"mended":        func() *reconcile.Report { return drift().run(t) },
		"second":        func() *reconcile.Report { return inSync(twoRegions).run(t) },
		"warned":        func() *reconcile.Report { return inSync(sevenRegions).cannotRecord("us-east-1").run(t) },
		"noted":         func() *reconcile.Report { return noted.run(t) },
		"dry-run":       func() *reconcile.Report { return drift().plan(t) },
		"dry-run-known": func() *reconcile.Report { return known.plan(t) },
		"all-skipped":   func() *reconcile.Report { return skipped("ivs is false", inSync(twoRegions), all...).run(t) },
		"failing":       func() *reconcile.Report { return failing().run(t) },
		"created-noted": func() *reconcile.Report { return regional.run(t) },
		"expired":       func() *reconcile.Report { return expired.run(t) },
		"interrupted":   func() *reconcile.Report { return empty(sevenRegions).stopped(t, 1200*time.Millisecond) },
		"deleted":       func() *reconcile.Report { return deleted(sevenRegions).run(t) },
		"destroyed":     func() *reconcile.Report { return destroyed(twoRegions).run(t) },
		"refused":       func() *reconcile.Report { return refused().run(t) },
		"would-destroy": func() *reconcile.Report { return destroyed(twoRegions).plan(t) },
		"purge-stopped": func() *reconcile.Report { return purging(twoRegions).stopped(t, 10*time.Second) },
	}
	for name, report := range reports {
		t.Run(name, func(t *testing.T) {
			r := report()
			at(t, "summary-"+name, func(p *page) { p.summary(r, meta()) })
		})
	}
}

// A run that found all in order is six rows and a verdict.
func TestASecondRunIsShort(t *testing.T) {
	p := layout{width: 80}.page()
	p.summary(inSync(sevenRegions).run(t), meta())
	if got := strings.Count(p.String(), "\n"); got != 7 {
		t.Errorf("%d lines, want 7:\n%s", got, p)
	}
}

// What the question counted, the verdict counts again.
func TestVerdictCountsAsTheQuestionDoes(t *testing.T) {
	tests := map[string]struct {
		world           *world
		asks, dry, done string
	}{
		"drift": {
			drift(), "Apply 9 changes in", "Dry run: 9 changes (1 to create, 4 to change), 8 in sync",
			"Done: 9 changes (1 created, 4 changed), 8 in sync",
		},
		"created": {empty(twoRegions), "Apply 13 changes in", "Dry run: 13 to create", "Done: 13 created"},
		"nothing": {inSync(twoRegions), "Apply 0 changes", "Dry run: 13 in sync", "Done: 13 in sync"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := tt.world.plan(t)
			if got := Question(plan, meta()); !strings.HasPrefix(got, tt.asks) {
				t.Errorf("the question is %q, want %q", got, tt.asks)
			}
			for want, r := range map[string]*reconcile.Report{tt.dry: plan, tt.done: tt.world.run(t)} {
				p := layout{}.page()
				p.verdict(r, meta())
				if got := p.String(); !strings.HasPrefix(got, want+", 41 requests") {
					t.Errorf("the verdict is %q, want %q", got, want)
				}
			}
		})
	}
	half := drift()
	half.at("us-east-1", "rule").doErr = denied("us-east-1")
	p := layout{}.page()
	p.verdict(half.run(t), meta())
	if got, want := p.String(), "Partly done: 1 failed, 7 changes (1 created, 3 changed), 8 in sync"; !strings.HasPrefix(got, want) {
		t.Errorf("the verdict is %q, want %q", got, want)
	}
}

func TestQuestion(t *testing.T) {
	tests := map[string]struct {
		world *world
		want  string
	}{
		"drift":   {drift(), "Apply 9 changes in 2 regions to account …9012 (production)?"},
		"created": {empty(twoRegions), "Apply 13 changes in 2 regions to account …9012 (production)?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Question(tt.world.plan(t), meta()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	one := inSync(twoRegions)
	one.at("us-east-1", "rule").drifted("put the rule", reconcile.Change{Attribute: "state", From: "DISABLED", To: "ENABLED"})
	m := meta()
	m.Account = ""
	if got, want := Question(one.plan(t), m), "Apply 1 change in 1 region (production)?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
