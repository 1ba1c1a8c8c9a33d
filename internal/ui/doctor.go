package ui

import (
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/proof"
)

// manyGood is how many shows that are as they should be are named in one region;
// more are counted.
const manyGood = 3

// DoctorSummary tells people what became of shows: a row for each step, below it
// what is not as it should be, and what the verdict rests on, many good shows in
// one line; and the verdict, which names the first broken link.
func DoctorSummary(s *Streams, r proof.Report, m Meta) {
	p := s.layout().page()
	p.doctor(r, m)
	s.print(p)
}

func (p *page) doctor(r proof.Report, m Meta) {
	p.proofSteps(r, func(s *proof.Step) {
		folded := foldGood(*s)
		p.proofDetails(&folded, false)
	})
	p.warnings(m.Warnings)
	p.blank()
	p.doctorVerdict(r, m)
}

// foldGood makes one finding of many that say the same of a region's shows and
// are PASS.
func foldGood(s proof.Step) proof.Step {
	good := map[string]int{}
	key := func(f *proof.Finding) string { return f.Region + " " + f.ID }
	for i := range s.Findings {
		if s.Findings[i].Verdict == proof.Pass {
			good[key(&s.Findings[i])]++
		}
	}
	var findings []proof.Finding
	for i := range s.Findings {
		f := s.Findings[i]
		if n := good[key(&f)]; f.Verdict == proof.Pass && n != 0 && (n < 0 || n > manyGood) {
			if n < 0 {
				continue // in the line of the first
			}
			good[key(&f)] = -1
			f.Evidence = count(n, "show") + "; --json has each"
		}
		findings = append(findings, f)
	}
	s.Findings = findings
	return s
}

func (p *page) doctorVerdict(r proof.Report, m Meta) {
	v, asked := r.Verdict()
	_, of := proofMark(v)
	lead, text := r.Word(), doctorText(r)
	switch {
	case r.Interrupted:
		lead, of = "Interrupted", warn
	case !asked:
		of = ok
	}
	parts := []string{clean(text), count(m.Requests.Total, "request"), seconds(m.Elapsed)}
	p.line(0, 2, p.style.paint(of, lead+":")+" "+strings.Join(parts, ", "))
}

// doctorText says what the verdict means.
func doctorText(r proof.Report) string {
	v, asked := r.Verdict()
	switch {
	case r.Interrupted, !asked:
		return proofText(r)
	case v == proof.Fail:
		return firstBroken(r)
	case v == proof.NotProven:
		return "nothing is known to be broken, but not all of it could be shown"
	}
	if s := r.Step(proof.StepRecording); s != nil {
		r.Steps = []proof.Step{*s} // with --prefix, not all whose configuration was looked at
	}
	return "what was put on is recorded in " + listed(proofRegions(r))
}

// firstBroken names the first failure in the order of the steps, and counts the
// others.
func firstBroken(r proof.Report) string {
	first, others := "", 0
	for _, s := range r.Steps {
		for i := range s.Findings {
			f := &s.Findings[i]
			switch {
			case f.Verdict != proof.Fail || f.Behind:
			case first == "":
				first = strings.TrimSuffix(fmt.Sprintf("the first broken link: %s (%s) in %s", f.ID, s.Title, f.Region), " in ")
			default:
				others++
			}
		}
	}
	if others > 0 {
		return fmt.Sprintf("%s, and %d more", first, others)
	}
	return first
}
