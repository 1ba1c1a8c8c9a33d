package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// VerifyPlan tells people, before the question, what will run, for how long and
// what AWS bills. Shows that differ only in their region are told once.
func VerifyPlan(s *Streams, shows []proof.Show, notes []string) {
	p := s.layout().page()
	p.verifyPlan(shows, notes)
	s.print(p)
}

func (p *page) verifyPlan(shows []proof.Show, notes []string) {
	for _, group := range sameShows(shows) {
		p.blank()
		p.line(0, 2, p.style.paint(bold, "Will put on a show in "+strings.Join(group.regions, ", ")))
		p.line(2, 2, clean(group.show.Does()))
		p.line(2, 2, "AWS bills in each region:")
		for _, line := range group.show.Bill() {
			p.line(4, 2, "- "+clean(line))
		}
	}
	if len(notes) > 0 {
		p.blank()
	}
	for _, note := range notes {
		p.line(0, 2, clean(note))
	}
	p.blank()
}

// showGroup are the regions in which the same show is put on.
type showGroup struct {
	show    proof.Show
	regions []string
}

func sameShows(shows []proof.Show) []*showGroup {
	var groups []*showGroup
	for _, one := range shows {
		region := one.Region
		one.Region = ""
		i := slices.IndexFunc(groups, func(g *showGroup) bool { return g.show == one })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &showGroup{show: one})
		}
		groups[i].regions = append(groups[i].regions, clean(region))
	}
	return groups
}

// VerifyQuestion asks for the shows of a plan.
func VerifyQuestion(shows []proof.Show, m Meta) string {
	account := ""
	if m.Account != "" {
		account = " of account " + masked(m.Account)
	}
	return fmt.Sprintf("Put on %s%s (%s)?", count(len(shows), "show"), account, m.Environment)
}

// VerifySummary tells people how a proof ended: a row for each step, below it
// what is not as it should be or what the verdict rests on, and the verdict.
func VerifySummary(s *Streams, r proof.Report, m Meta) {
	p := s.layout().page()
	p.proof(r, m)
	s.print(p)
}

func (p *page) proof(r proof.Report, m Meta) {
	p.proofSteps(r, func(s *proof.Step) { p.proofDetails(s, r.DryRun) })
	p.warnings(m.Warnings)
	p.blank()
	p.proofVerdict(r, m)
}

// proofSteps adds a row for each step, and below it what details adds.
func (p *page) proofSteps(r proof.Report, details func(*proof.Step)) {
	rows := make([]row, len(r.Steps))
	for i := range r.Steps {
		rows[i] = proofRow(&r.Steps[i])
	}
	t := p.fit(rows)
	for i := range r.Steps {
		p.row(t, rows[i])
		details(&r.Steps[i])
	}
}

func proofRow(s *proof.Step) row {
	symbol, of := proofMark(s.Verdict())
	if s.Skipped != "" {
		symbol, of = "·", dim
	}
	one := row{symbol: symbol, role: of, title: clean(s.Title), word: s.Word(), reason: clean(s.Skipped)}
	if s.Skipped == "" {
		one.regions, one.elapsed = regions(proofKeys(s.Findings)), seconds(s.Elapsed)
	}
	return one
}

func proofKeys(findings []proof.Finding) []reconcile.Key {
	var keys []reconcile.Key
	for _, f := range findings {
		keys = append(keys, reconcile.Key{Region: f.Region})
	}
	return keys
}

// proofMark is the symbol of a verdict and its colour.
func proofMark(v proof.Verdict) (string, role) {
	switch v {
	case proof.Pass:
		return "✓", ok
	case proof.Fail:
		return "✗", fail
	case proof.NotProven:
	}
	return "?", warn
}

// proofDetails adds what is told of a step: what does not hold with all its
// evidence, and what does in few words, those of the configuration by name.
func (p *page) proofDetails(s *proof.Step, names bool) {
	for _, v := range []proof.Verdict{proof.Fail, proof.NotProven} {
		p.proofSayings(s, v, proofSaid(s, v))
	}
	switch {
	case s.ID != proof.StepConfiguration:
		p.proofSayings(s, proof.Pass, proofSaid(s, proof.Pass))
		p.proofShorts(s)
		p.proofOwn(s)
	case names:
		p.proofNames(s)
	}
	p.behind(s)
}

// proofSaid are the findings of a verdict that are told one by one.
func proofSaid(s *proof.Step, v proof.Verdict) []saying {
	var said []saying
	for _, f := range s.Findings {
		if f.Verdict == v && !f.Behind && !inShort(&f) {
			said = append(said, saying{key: reconcile.Key{Region: f.Region}, text: proofClaim(f), fix: f.Fix})
		}
	}
	return said
}

func inShort(f *proof.Finding) bool { return f.Verdict == proof.Pass && f.Short != "" }

// proofClaim is what is shown of a finding. The title says what would be so, so
// it is said of what is so.
func proofClaim(f proof.Finding) string {
	if f.Verdict == proof.Pass {
		return f.Title + ": " + f.Evidence
	}
	return proofEvidence(f)
}

// proofEvidence is what a finding rests on, with why it could not be looked at.
func proofEvidence(f proof.Finding) string {
	if f.Err == nil {
		return f.Evidence
	}
	return f.Evidence + ": " + reconcile.Plain(f.Err).Error()
}

func (p *page) proofSayings(s *proof.Step, v proof.Verdict, said []saying) {
	symbol, of := proofMark(v)
	every := len(regions(proofKeys(s.Findings)))
	all := bundled(said)
	for i, b := range all {
		text := clean(b.text)
		switch in := regions(b.keys); {
		case len(in) > fewRegions && len(in) == every:
			text = "all " + count(every, "region") + ": " + text
		case len(in) > 0:
			text = strings.Join(in, ", ") + ": " + text
		}
		p.line(4, 2, p.style.paint(of, symbol)+" "+text)
		if b.fix != "" && (i == len(all)-1 || all[i+1].fix != b.fix) {
			p.line(6, 2, p.style.paint(bold, "fix:")+" "+clean(b.fix))
		}
	}
}

// behind adds in one line a region what does not count because of a failure
// before it.
func (p *page) behind(s *proof.Step) {
	var said []saying
	for _, region := range regions(proofKeys(s.Findings)) {
		var titles []string
		for _, f := range s.Findings {
			if f.Region == region && f.Behind && !slices.Contains(titles, f.ID) {
				titles = append(titles, f.ID)
			}
		}
		if len(titles) > 0 {
			said = append(said, saying{key: reconcile.Key{Region: region}, text: "behind that, not proven: " + strings.Join(titles, ", ")})
		}
	}
	for _, b := range bundled(said) {
		p.line(4, 2, p.style.paint(dim, "· "+strings.Join(regions(b.keys), ", ")+": "+clean(b.text)))
	}
}

// proofVerdict adds the last line.
func (p *page) proofVerdict(r proof.Report, m Meta) {
	v, asked := r.Verdict()
	_, of := proofMark(v)
	lead, text := r.Word(), proofText(r)
	switch {
	case r.Interrupted:
		lead, of = "Interrupted", warn
	case !asked:
		of = ok
	case r.DryRun:
		lead = "Dry run: " + lead
	}
	parts := []string{clean(text), count(m.Requests.Total, "request"), seconds(m.Elapsed)}
	p.line(0, 2, p.style.paint(of, lead+":")+" "+strings.Join(parts, ", "))
}

// proofText says what a verdict means.
func proofText(r proof.Report) string {
	v, asked := r.Verdict()
	switch {
	case !asked:
		return "nothing was asked for"
	case r.Interrupted:
		return "what is not proven by now stays so"
	case v == proof.Fail:
		return firstFailure(r)
	case v == proof.NotProven:
		return "not all of it could be shown"
	case r.DryRun:
		return "the configuration is right; only a show proves that it works"
	}
	return outcomes(r) + " in " + listed(proofRegions(r))
}

// firstFailure names what fails, in which regions. Those behind it are told with
// their steps.
func firstFailure(r proof.Report) string {
	var ids []string
	in := map[string][]string{}
	for _, s := range r.Steps {
		for _, f := range s.Findings {
			if f.Verdict != proof.Fail || f.Behind {
				continue
			}
			if in[f.ID] == nil {
				ids = append(ids, f.ID)
			}
			if !slices.Contains(in[f.ID], clean(f.Region)) {
				in[f.ID] = append(in[f.ID], clean(f.Region))
			}
		}
	}
	var parts []string
	for _, id := range ids {
		parts = append(parts, strings.TrimSuffix(id+" in "+listed(in[id]), " in "))
	}
	return strings.Join(parts, "; ")
}

func proofRegions(r proof.Report) []string {
	var keys []reconcile.Key
	for _, s := range r.Steps {
		keys = append(keys, proofKeys(s.Findings)...)
	}
	return regions(keys)
}

// outcomes are what a whole proof has shown.
func outcomes(r proof.Report) string {
	shown := func(id string) bool {
		s := r.Step(id)
		return s != nil && s.Skipped == ""
	}
	switch recorded, logged := shown(proof.StepRecording), shown(proof.StepLog); {
	case recorded && logged:
		return "a show is recorded, and its events are logged"
	case recorded:
		return "a show is recorded"
	}
	return "a show's events are logged"
}
