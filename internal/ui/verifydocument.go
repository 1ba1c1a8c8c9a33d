package ui

import (
	"io"
	"strings"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// ProofDocument is what --json prints of a proof: a Document whose steps have
// findings instead of resources.
type ProofDocument struct {
	Document
	Steps []ProofStep `json:"steps"`
}

// ProofStep is one step of a proof in all regions.
type ProofStep struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Result    string          `json:"result"`
	Verdict   string          `json:"verdict"`
	Changed   bool            `json:"changed"`
	Reason    string          `json:"reason,omitempty"`
	ElapsedMS int64           `json:"elapsed_ms"`
	Resources []ProofResource `json:"resources"`
}

// ProofResource is the verdict on one thing in one region.
type ProofResource struct {
	Region   string  `json:"region"`
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	Feature  string  `json:"feature"`
	ARN      *string `json:"arn"`
	Result   string  `json:"result"`
	Verdict  string  `json:"verdict"`
	Changed  bool    `json:"changed"`
	Evidence string  `json:"evidence"`
	Fix      string  `json:"fix"`
	// Behind tells that something before it fails, so that it does not count.
	Behind bool           `json:"behind"`
	Error  *ErrorDocument `json:"error,omitempty"`
}

// NewProofDocument puts a proof and its Meta together. Changed tells that a
// show was put on.
func NewProofDocument(r proof.Report, m Meta, changed bool) ProofDocument {
	d := ProofDocument{Document: NewDocument(&reconcile.Report{DryRun: r.DryRun, Interrupted: r.Interrupted}, m, nil), Steps: []ProofStep{}}
	d.Result, d.Changed = r.Word(), changed
	for i := range r.Steps {
		d.Steps = append(d.Steps, proofStep(&r.Steps[i]))
	}
	return d
}

func proofStep(s *proof.Step) ProofStep {
	d := ProofStep{
		ID: s.ID, Title: s.Title, Result: s.Word(), Verdict: s.Word(), Reason: s.Skipped,
		Changed: s.Skipped == "" && s.ID == proof.StepShow, ElapsedMS: s.Elapsed.Milliseconds(), Resources: []ProofResource{},
	}
	for _, f := range s.Findings {
		one := ProofResource{
			Region: f.Region, Name: f.ID, Title: f.Title, Feature: f.Feature, ARN: known(f.ARN), Result: f.Verdict.String(), Verdict: f.Verdict.String(),
			Changed: d.Changed, Evidence: f.Evidence, Fix: f.Fix, Behind: f.Behind,
		}
		if f.Err != nil {
			one.Error = errorDocument(f.Err)
		}
		d.Resources = append(d.Resources, one)
	}
	return d
}

// ProofMarkdown writes a proof as a comment for a pull request: the verdict, a
// table of the steps, and folded below it every finding. The error is the
// writer's.
func ProofMarkdown(w io.Writer, r proof.Report, m Meta) error {
	_, err := io.WriteString(w, proofMarkdown(r, m, proofText(r)))
	return err
}

// DoctorMarkdown writes in the same form what became of shows.
func DoctorMarkdown(w io.Writer, r proof.Report, m Meta) error {
	_, err := io.WriteString(w, proofMarkdown(r, m, doctorText(r)))
	return err
}

// proofMarkdown is the comment, in which meaning says what the verdict means.
func proofMarkdown(r proof.Report, m Meta, meaning string) string {
	text := "### " + r.Word() + ": " + span(commandOf(m)) + "\n\n" + strings.Join(markdownFacts(m), " · ") + "\n\n"
	text += prose(meaning) + "\n\n"
	rows := &block{open: "| step | verdict | regions |\n|---|---|---|\n", noun: nounStep, end: "\n"}
	for i := range r.Steps {
		s := &r.Steps[i]
		in := strings.Join(regions(proofKeys(s.Findings)), ", ")
		if s.Skipped != "" {
			in = s.Skipped
		}
		rows.lines = append(rows.lines, "| "+prose(s.Title)+" | **"+s.Word()+"** | "+prose(in)+" |")
	}
	visible := &block{parts: []*block{rows, proofWrong(r)}}
	folded := &block{
		open: "<details><summary>Evidence</summary>\n\n", noun: nounFinding, end: "\n</details>\n", lines: proofLines(r, func(proof.Finding) bool { return true }),
	}
	out := omitted{}
	share := shares([]*block{visible, folded}, commentRoom-len(text))
	text += visible.fit(share[0], out) + folded.fit(share[1], out)
	if left := out.String(); left != "" {
		text += "**Left out**, since a comment has no room for it: " + left + "\n"
	}
	if len(m.Account) == accountDigits {
		text = strings.ReplaceAll(text, m.Account, masked(m.Account))
	}
	return strings.TrimRight(text, "\n") + "\n"
}

func proofWrong(r proof.Report) *block {
	lines := proofLines(r, func(f proof.Finding) bool { return f.Verdict != proof.Pass && !f.Behind })
	if len(lines) == 0 {
		return &block{}
	}
	return &block{open: "#### Not proven\n\n", noun: nounFinding, lines: lines, end: "\n"}
}

func proofLines(r proof.Report, of func(proof.Finding) bool) []string {
	var lines []string
	for _, s := range r.Steps {
		for _, f := range s.Findings {
			if !of(f) {
				continue
			}
			line := "- **" + f.Verdict.String() + "** " + prose(f.Region+": "+proofClaim(f))
			if f.Fix != "" {
				line += "\n  - fix: " + prose(f.Fix)
			}
			lines = append(lines, line)
		}
	}
	return lines
}
