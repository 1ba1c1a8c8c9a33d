package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	// longestComment is GitHub's limit for a comment, in characters. It is kept
	// in bytes, of which there are never less.
	longestComment = 65536
	// commentRoom leaves some for the line that says what was left out.
	commentRoom = longestComment - 4096
)

// Markdown writes a plan as a comment for a pull request on GitHub: the summary,
// failures, warnings and deletions, and folded below them every change. It is
// always shorter than GitHub takes, and says what was left out; whatever comes
// of AWS or the manifest is shown as it is and means nothing to GitHub. The
// error is the writer's.
func Markdown(w io.Writer, r *reconcile.Report, m Meta) error {
	_, err := io.WriteString(w, markdown(r, m))
	return err
}

func markdown(r *reconcile.Report, m Meta) string {
	out := omitted{}
	head, folded := markdownHead(r, m), &block{parts: markdownSteps(r)}
	if nothing(r, failuresOf(r)) {
		head, folded = markdownNothing(r, m), &block{}
	}
	visible := &block{parts: markdownVisible(r, m)}
	share := shares([]*block{visible, folded}, commentRoom-len(head))
	text := head + visible.fit(share[0], out) + folded.fit(share[1], out)
	if left := out.String(); left != "" {
		text += fmt.Sprintf("**Left out**, since a comment has no room for it: %s. All of it is shown by %s\n", left, span(commandOf(m)+" --dry-run"))
	}
	if len(m.Account) == accountDigits {
		// It is in ARNs and policies too, and a pull request may be public.
		text = strings.ReplaceAll(text, m.Account, masked(m.Account))
	}
	return strings.TrimRight(text, "\n") + "\n"
}

// accountDigits is the length of an account's id.
const accountDigits = 12

func commandOf(m Meta) string { return "yolo " + m.Command + " " + m.Environment }

// markdownNothing is the comment on a plan that would change nothing.
func markdownNothing(r *reconcile.Report, m Meta) string {
	text := "Nothing to do for " + span(commandOf(m)) + " (" + strings.Join(markdownFacts(m), ", ") + ")"
	if why := whyNothing(r, m); why != "" {
		text += ": " + prose(why)
	}
	return text + ".\n\n"
}

// markdownHead tells what the plan is of, and counts what it would do.
func markdownHead(r *reconcile.Report, m Meta) string {
	text := "### Plan of " + span(commandOf(m)) + "\n\n"
	if !r.DryRun {
		text = "### Result of " + span(commandOf(m)) + "\n\n"
	}
	facts := markdownFacts(m)
	if in := regions(keysOf(r)); len(in) > 0 {
		facts = append(facts, prose(count(len(in), "region")+": "+strings.Join(in, ", ")))
	}
	text += strings.Join(facts, " · ") + "\n\n" + markdownCounts(r, m) + "\n\n"
	for _, s := range skippedByReason(r) {
		text += "Skipped: " + prose(strings.Join(s.titles, ", ")+": "+s.reason) + "\n\n"
	}
	return text
}

func markdownFacts(m Meta) []string {
	facts := []string{"environment " + span(m.Environment), "app " + span(m.App)}
	if m.Account != "" {
		facts = append(facts, "account "+span(masked(m.Account)))
	}
	return facts
}

// markdownCounts is the verdict of a plan; what somebody must look at is bold.
func markdownCounts(r *reconcile.Report, m Meta) string {
	t := r.Tally()
	words := []string{"to create", "to delete"}
	if !r.DryRun {
		words = []string{"created", "deleted"}
	}
	var parts []string
	add := func(n int, text string) {
		if n > 0 {
			parts = append(parts, text)
		}
	}
	changed := Changes(r) - t.Created - t.Deleted
	add(t.Created, fmt.Sprintf("**%d %s**", t.Created, words[0]))
	add(changed, "**"+count(changed, "change")+"**")
	add(t.Deleted, fmt.Sprintf("**%d %s**", t.Deleted, words[1]))
	add(t.Synced, fmt.Sprintf("%d in sync", t.Synced))
	add(t.Failed, "**"+count(t.Failed, nounFailure)+"**")
	add(t.Untried, fmt.Sprintf("%d not tried", t.Untried))
	add(t.Undone, fmt.Sprintf("%d not done", t.Undone))
	warnings := len(m.warnings(r))
	add(warnings, "**"+count(warnings, nounWarning)+"**")
	return strings.Join(parts, " · ")
}

// markdownVisible are the parts that nobody has to unfold.
func markdownVisible(r *reconcile.Report, m Meta) []*block {
	var parts []*block
	section := func(title, noun string, lines []string) {
		if len(lines) > 0 {
			parts = append(parts, &block{open: "#### " + title + "\n\n", lines: lines, noun: noun, mark: "- ", end: "\n"})
		}
	}
	f := failuresOf(r)
	section("Failures", nounFailure, markdownFailures(f))
	section("Not done", nounResource, markdownUndone(f))
	section("Warnings", nounWarning, markdownWarnings(m.warnings(r)))
	title := "Will delete"
	if !r.DryRun {
		title = "Deleted"
	}
	section(title, nounResource, markdownDeletions(r))
	return parts
}

func markdownFailures(f failures) []string {
	var lines []string
	for _, b := range bundled(f.causes) {
		line := "- **" + prose(b.subject()) + "**: " + prose(b.text)
		sub := func(what, text string) {
			if text != "" {
				line += "\n  - " + what + " " + text
			}
		}
		for _, detail := range b.details() {
			sub("in", prose(detail))
		}
		sub("hint:", prose(b.fix))
		if len(b.ids) > 0 {
			sub("request id:", span(strings.Join(b.ids, ", ")))
		}
		var held []reconcile.Key
		for _, key := range b.keys {
			held = append(held, f.blocked[key]...)
		}
		sub("not tried because of it:", prose(strings.Join(byKind(held), "; ")))
		lines = append(lines, line)
	}
	return lines
}

func markdownUndone(f failures) []string {
	var lines []string
	for _, b := range bundled(f.halves) {
		lines = append(lines, "- "+prose(strings.Join(byKind(b.keys), "; ")+": "+b.text))
	}
	for _, line := range byKind(f.undone) {
		lines = append(lines, "- "+prose(line))
	}
	return lines
}

func markdownWarnings(all []reconcile.Warning) []string {
	var lines []string
	for _, n := range noticesOf(all) {
		line := "- " + prose(n.text)
		if n.fix != "" {
			line += "\n  - fix: " + prose(n.fix)
		}
		lines = append(lines, line)
	}
	return lines
}

// markdownDeletions are a line for each resource that goes.
func markdownDeletions(r *reconcile.Report) []string {
	var lines []string
	for n := range r.All {
		if !goes(n) {
			continue
		}
		line := "- " + prose(where(n.Key)) + " " + span(n.Name)
		if arn := arnApart(n); arn != "" {
			line += " " + span(arn)
		}
		lines = append(lines, line)
	}
	return lines
}
