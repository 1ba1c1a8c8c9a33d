package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// The states of a wanted resource.
const (
	stateInSync  = "in-sync"
	stateDrifted = "drifted"
	stateMissing = "missing"
	stateForeign = "foreign"
	stateUnknown = "unknown"
)

// stateWord is a state for people, with its symbol and colour.
func stateWord(state string) (symbol, word string, of role) {
	switch state {
	case stateInSync:
		return "✓", "in sync", ok
	case stateDrifted:
		return "~", "drifted", change
	case stateMissing:
		return "+", "missing", add
	case stateForeign:
		return "✗", "someone else's", fail
	}
	return "?", "not looked at", warn
}

// common is a text that is the same for several regions.
type common struct {
	regions []string
	text    string
}

// regionMark stands for a region's name in a text that is told of several.
const regionMark = "{region}"

// alike puts together texts that differ only in the region's name.
func alike(all []saying) []*common {
	var together []*common
	seen := map[string]*common{}
	for _, one := range all {
		general := one.text
		if one.key.Region != "" {
			general = strings.ReplaceAll(one.text, one.key.Region, anyRegion)
		}
		s := seen[general]
		if s == nil {
			s = &common{text: one.text}
			seen[general] = s
			together = append(together, s)
		} else {
			s.text = strings.ReplaceAll(general, anyRegion, regionMark)
		}
		if region := clean(one.key.Region); !slices.Contains(s.regions, region) {
			s.regions = append(s.regions, region)
		}
	}
	return together
}

// states adds the wanted resources, once for regions in which the same is not
// in sync.
func (p *page) states(r *reconcile.Report, st *StatusReport) {
	byRegion := map[string][]*reconcile.NodeReport{}
	var order []string
	for n := range r.All {
		if st.States[n.Key] == "" || n.FollowUp {
			continue
		}
		if byRegion[n.Key.Region] == nil {
			order = append(order, n.Key.Region)
		}
		byRegion[n.Key.Region] = append(byRegion[n.Key.Region], n)
	}
	if len(order) == 0 {
		return
	}
	var wrong []saying
	for _, region := range order {
		sub := p.layout.page()
		var unseen []string
		for _, n := range byRegion[region] {
			switch st.States[n.Key] {
			case stateInSync:
			case stateUnknown:
				unseen = append(unseen, words(n.Key.Kind))
			default:
				sub.state(n, st.States[n.Key])
			}
		}
		if symbol, word, of := stateWord(stateUnknown); len(unseen) > 0 {
			sub.line(4, 4, p.style.paint(of, symbol+" "+word)+gap+clean(strings.Join(unseen, ", ")))
		}
		wrong = append(wrong, saying{key: reconcile.Key{Region: region}, text: sub.String()})
	}
	p.blank()
	p.line(0, 0, p.style.paint(bold, "Resources"))
	for _, s := range alike(wrong) {
		var fine []saying
		all := 0
		for _, region := range s.regions {
			for _, n := range byRegion[region] {
				all++
				if st.States[n.Key] == stateInSync {
					fine = append(fine, saying{key: n.Key, text: identity(n)})
				}
			}
		}
		p.line(2, 2, clean(strings.Join(s.regions, ", "))+": "+tally(len(fine), all))
		p.b.WriteString(s.text)
		p.identities(fine, len(s.regions))
	}
}

func tally(fine, all int) string {
	switch fine {
	case all:
		return "all " + count(all, "resource") + " in sync"
	case 0:
		return "none of " + count(all, "resource") + " in sync"
	}
	return fmt.Sprintf("%d of %s in sync", fine, count(all, "resource"))
}

// state adds a resource that is not in sync, and how.
func (p *page) state(n *reconcile.NodeReport, state string) {
	symbol, word, of := stateWord(state)
	p.line(4, 4, p.style.paint(of, symbol+" "+word)+gap+clean(words(n.Key.Kind))+gap+clean(n.Name))
	if arn := arnApart(n); arn != "" {
		p.line(6, 2, arn)
	}
	if n.Changed {
		p.differences(6, n, nil)
	}
}

// identity is what somebody needs to find a resource: its ARN, or its name.
func identity(n *reconcile.NodeReport) string {
	if n.ARN != "" {
		return clean(n.ARN)
	}
	return clean(words(n.Key.Kind) + " " + n.Name)
}

// identities lists resources, those first that are alike in several regions.
func (p *page) identities(all []saying, regions int) {
	together := alike(all)
	slices.SortStableFunc(together, func(a, b *common) int { return min(len(b.regions), 2) - min(len(a.regions), 2) })
	for _, s := range together {
		text := s.text
		if len(s.regions) > 1 && len(s.regions) < regions {
			text += " (" + strings.Join(s.regions, ", ") + ")"
		}
		p.line(4, 2, p.style.paint(ok, "✓")+fixedSpace+text)
	}
}

// leftovers adds what is no longer wanted, by the reason.
func (p *page) leftovers(st *StatusReport) {
	left := st.apart()
	if len(left) == 0 {
		return
	}
	p.blank()
	p.line(0, 0, p.style.paint(bold, "No longer wanted"))
	var whys []saying
	items := map[string][]saying{} // by region and why
	for i := range left {
		l := &left[i]
		sub := p.layout.page()
		sub.leftover(l, left)
		why := saying{key: reconcile.Key{Region: l.Region}, text: withoutRegion(l.Why, l.Region)}
		whys = append(whys, why)
		items[l.Region+" "+why.text] = append(items[l.Region+" "+why.text], saying{key: reconcile.Key{Region: l.Region}, text: sub.String()})
	}
	for _, s := range alike(whys) {
		p.line(2, 2, clean(strings.Join(s.regions, ", ")+": "+strings.TrimPrefix(s.text, "is ")))
		var all []saying
		for _, region := range s.regions {
			all = append(all, items[region+" "+strings.ReplaceAll(s.text, regionMark, region)]...)
		}
		for _, item := range alike(all) {
			p.b.WriteString(item.text)
		}
	}
	p.line(2, 2, p.style.paint(bold, "next:")+" "+clean(st.Prune+" removes what nobody uses; a bucket that holds objects stays"))
	if slices.ContainsFunc(left, func(l Leftover) bool { return l.Standing == StandingReplaced }) {
		p.line(2, 2, clean("replaced configurations go only with --replaced: an app that still has the ARN of one does not record then"))
	}
}

// apart are the leftovers without the principals in the policies of buckets that
// can go as a whole.
func (s *StatusReport) apart() []Leftover {
	return slices.DeleteFunc(slices.Clone(s.Leftovers), func(l Leftover) bool {
		return l.In != nil && slices.ContainsFunc(s.Leftovers, func(b Leftover) bool {
			return b.Name == *l.In && b.Holds == nil && b.Unknown == nil && b.Tagged && b.Created
		})
	})
}

// leftover adds one thing with what keeps it.
func (p *page) leftover(l *Leftover, all []Leftover) {
	what := l.Name
	if l.ARN != nil && !strings.Contains(*l.ARN, l.Name) {
		what = *l.ARN
	}
	if l.In != nil {
		what += " in the policy of " + *l.In
	}
	p.line(4, 4, p.style.paint(remove, "-")+" "+clean(words(l.Kind)+" "+what))
	for _, use := range l.Uses {
		if !slices.ContainsFunc(all, func(other Leftover) bool { return other.ARN != nil && *other.ARN == use.Name }) {
			p.line(6, 2, p.style.paint(warn, "in use:")+" "+clean(use.Kind+" "+use.Name))
		}
	}
	if l.Holds != nil {
		p.line(6, 2, "holds "+clean(*l.Holds))
	}
	if l.Unknown != nil {
		p.line(6, 2, p.style.paint(warn, "not known whether it is in use:")+" "+clean(*l.Unknown))
	}
	if !l.Tagged {
		p.line(6, 2, "does not carry yolo's tags, so yolo never deletes it")
	}
}

// nearlyUsed is the part of a quota, in percent, from which on it is pointed
// out.
const nearlyUsed = 80

// quotas adds how much of each quota is used, those that are nearly used up by
// themselves.
func (p *page) quotas(all []Quota) {
	if len(all) == 0 {
		return
	}
	p.blank()
	p.line(0, 0, p.style.paint(bold, "Quotas"))
	var near, rest []saying
	ranges := map[string]*usage{} // of rest
	for _, q := range all {
		what := saying{key: reconcile.Key{Region: q.Region}, text: q.What}
		switch {
		case q.Used >= q.Limit:
			what.text += fmt.Sprintf(": %d of %d, used up", q.Used, q.Limit)
			near = append(near, what)
		case q.Used*100 >= q.Limit*nearlyUsed:
			what.text += fmt.Sprintf(": %d of %d, nearly used up", q.Used, q.Limit)
			near = append(near, what)
		default:
			what.text += fmt.Sprintf("\n%d", q.Limit) // which may be another one elsewhere
			rest = append(rest, what)
			general := strings.ReplaceAll(what.text, q.Region, anyRegion)
			ranges[general] = ranges[general].with(q)
		}
	}
	for _, s := range alike(near) {
		p.line(2, 2, p.style.paint(warn, "! "+clean(s.text))+" ("+strings.Join(s.regions, ", ")+")")
	}
	for _, s := range alike(rest) {
		general := strings.ReplaceAll(strings.ReplaceAll(s.text, regionMark, anyRegion), s.regions[0], anyRegion)
		what, _, _ := strings.Cut(s.text, "\n")
		p.line(4, 2, clean(what)+": "+ranges[general].String()+p.style.paint(dim, " ("+listed(s.regions)+")"))
	}
}

// usage is what is used of one limit in several regions.
type usage struct{ least, most, limit int }

func (u *usage) with(q Quota) *usage {
	if u == nil {
		return &usage{q.Used, q.Used, q.Limit}
	}
	return &usage{min(u.least, q.Used), max(u.most, q.Used), u.limit}
}

func (u *usage) String() string {
	if u.least == u.most {
		return fmt.Sprintf("%d of %d", u.most, u.limit)
	}
	return fmt.Sprintf("%d to %d of %d", u.least, u.most, u.limit)
}
