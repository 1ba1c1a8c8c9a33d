package ui

import (
	"slices"
	"strings"
)

// proofs adds what came of proofs. What is the same in many regions is told
// once.
func (p *page) proofs(all []ProofStatus) {
	var every []string
	for _, one := range all {
		if !slices.Contains(every, one.Region) {
			every = append(every, one.Region)
		}
	}
	told := map[string]bool{}
	for i, one := range all {
		if i == 0 {
			p.blank()
		}
		text := one.Text
		if in := provenAlike(all, &one); len(in) > fewRegions {
			where := strings.Join(in, ", ")
			if len(in) == len(every) {
				where = "all " + count(len(in), "region")
			}
			text = strings.Replace(text, " in "+one.Region, " in "+where, 1)
		}
		if told[text] {
			continue
		}
		told[text] = true
		symbol, of := one.mark()
		p.line(2, 2, p.style.paint(of, symbol)+" "+clean(text))
	}
}

func (s *ProofStatus) mark() (string, role) {
	switch {
	case s.FailedAt != nil:
		return "✗", fail
	case !s.Holds:
		return "!", warn
	}
	return "✓", ok
}

// provenAlike are the regions of which the same is said as of one.
func provenAlike(all []ProofStatus, one *ProofStatus) []string {
	general := func(s *ProofStatus) string { return strings.Replace(s.Text, " in "+s.Region, " in ", 1) }
	var in []string
	for i := range all {
		if general(&all[i]) == general(one) {
			in = append(in, all[i].Region)
		}
	}
	return in
}
