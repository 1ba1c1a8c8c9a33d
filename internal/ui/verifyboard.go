package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/proof"
)

// proofBoard is what a frame of a proof is drawn from.
type proofBoard struct {
	style    style
	title    string
	regions  []string
	begun    time.Time
	stopping bool
	at       map[string][]*proofActivity // by region, in the order of the steps
}

// proofActivity is a step in a region.
type proofActivity struct {
	ProofNow
	since time.Time
}

func newProofBoard(st style, title string, regions []string, begun time.Time) *proofBoard {
	return &proofBoard{style: st, title: title, regions: regions, begun: begun, at: map[string][]*proofActivity{}}
}

// proofSteps are the steps that a board has, with what they are called there.
func proofSteps() (ids, titles []string) {
	return []string{proof.StepShow, proof.StepRecording, proof.StepLog, proof.StepCleanup}, []string{"Show", "Recording", "Log", "Cleanup"}
}

func stepTitle(id string) (place int, title string) {
	ids, titles := proofSteps()
	if place = slices.Index(ids, id); place < 0 {
		return len(ids), id
	}
	return place, titles[place]
}

// take brings the board up to what a step is at.
func (b *proofBoard) take(now ProofNow, when time.Time) {
	if !slices.Contains(b.regions, now.Region) {
		return
	}
	all := b.at[now.Region]
	i := slices.IndexFunc(all, func(a *proofActivity) bool { return a.Step == now.Step })
	if i >= 0 {
		all[i].ProofNow, all[i].since = now, when
		return
	}
	rank, _ := stepTitle(now.Step)
	for i = 0; i < len(all); i++ {
		if other, _ := stepTitle(all[i].Step); other > rank {
			break
		}
	}
	b.at[now.Region] = slices.Insert(all, i, &proofActivity{now, when})
}

// frame draws the board in at most as many rows as fit above the cursor's, each
// cut to the width. Where there is no room for what is over, there is for what
// goes on; then for one line a region; the rest is counted.
func (b *proofBoard) frame(width, height int, now time.Time) []string {
	if width <= 0 {
		width = defaultWidth
	}
	if height <= 0 {
		height = mostRows
	}
	rows := min(mostRows, height-1)
	if rows <= 0 {
		return nil
	}
	var body []string
	for _, enough := range []func(all []*proofActivity) []*proofActivity{everything, goingOn, mostTelling} {
		if body = b.body(enough, width, now); len(body) < rows {
			break
		}
	}
	if len(body) > rows-1 {
		fit := max(rows-2, 0)
		more := len(body) - fit
		body = append(body[:fit], b.style.paint(dim, "… and "+count(more, "more region")))
	}
	frame := append([]string{b.head(width, now)}, body...)
	frame = frame[:min(len(frame), rows)]
	for i := range frame {
		frame[i] = ansi.Truncate(frame[i], width, "…")
	}
	return frame
}

func everything(all []*proofActivity) []*proofActivity { return all }

// goingOn are the steps that are not over; if all are, the first one of those
// with the worst verdict.
func goingOn(all []*proofActivity) []*proofActivity {
	var on []*proofActivity
	for _, a := range all {
		if a.Doing != "" {
			on = append(on, a)
		}
	}
	if len(on) > 0 || len(all) == 0 {
		return on
	}
	worst := all[0]
	for _, a := range all {
		if worst.Verdict != a.Verdict && worst.Verdict.Worse(a.Verdict) == a.Verdict {
			worst = a
		}
	}
	return []*proofActivity{worst}
}

func mostTelling(all []*proofActivity) []*proofActivity {
	on := goingOn(all)
	return on[:min(len(on), 1)]
}

func (b *proofBoard) head(width int, now time.Time) string {
	elapsed := b.style.paint(dim, gap+seconds(now.Sub(b.begun)))
	texts := []string{clean(b.title)}
	if b.stopping {
		texts = []string{stoppingProof, "interrupted: taking all away", "stopping"}
	}
	return b.style.firstFit(width, elapsed, texts...)
}

// body has a line for each step of each region that is shown.
func (b *proofBoard) body(shown func([]*proofActivity) []*proofActivity, width int, now time.Time) (lines []string) {
	wide := 0
	for _, region := range b.regions {
		wide = max(wide, ansi.StringWidth(clean(region)))
	}
	titled := 0
	for _, region := range b.regions {
		for _, a := range shown(b.at[region]) {
			_, title := stepTitle(a.Step)
			titled = max(titled, len(title))
		}
	}
	for _, region := range b.regions {
		lead := pad(clean(region), wide) + gap
		all := shown(b.at[region])
		if len(all) == 0 {
			lines = append(lines, lead+b.style.paint(dim, "waiting"))
		}
		for _, a := range all {
			_, title := stepTitle(a.Step)
			line := lead + b.mark(a, now) + " " + pad(title, titled) + gap
			lines = append(lines, line+b.text(a, width-ansi.StringWidth(line), now))
			lead = spaces(wide) + gap
		}
	}
	return lines
}

func (b *proofBoard) mark(a *proofActivity, now time.Time) string {
	if a.Doing != "" {
		return spinner[int(now.Sub(b.begun)/spin)%len(spinner)]
	}
	symbol, of := proofMark(a.Verdict)
	return b.style.paint(of, symbol)
}

// text is what a step is at, with the time that is left, or that it has taken;
// that comes first where there is no room for both.
func (b *proofBoard) text(a *proofActivity, width int, now time.Time) string {
	if a.Doing == "" {
		return b.style.paint(dim, a.Verdict.String())
	}
	doing := clean(a.Doing)
	spent := ""
	switch {
	case !a.Until.IsZero():
		spent = roughly(max(a.Until.Sub(now), 0)) + " left"
	case now.Sub(a.since) >= slowAfter:
		spent = roughly(now.Sub(a.since))
	default:
		return doing
	}
	text := doing + ", " + spent
	if ansi.StringWidth(text) > width {
		return spent + ": " + doing
	}
	if rest := width - ansi.StringWidth(text) - len(gap); !a.Until.IsZero() && rest >= shortestBar {
		share := float64(now.Sub(a.since)) / float64(a.Until.Sub(a.since))
		text += gap + strings.TrimRight(bar(min(1, max(0, share)), min(rest, longestBar)), " ")
	}
	return text
}
