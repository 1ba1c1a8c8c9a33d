package ui

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// proofShorts adds one line a region, or for several of which the same is to be
// said, with the short forms of what holds.
func (p *page) proofShorts(s *proof.Step) {
	words := func(f *proof.Finding) (group, word string) {
		if !inShort(f) {
			return "", ""
		}
		return "", f.Short
	}
	p.proofSayings(s, proof.Pass, proofJoined(s, words))
}

// proofNames adds in the same way what was looked at, for each feature.
func (p *page) proofNames(s *proof.Step) {
	words := func(f *proof.Finding) (group, word string) {
		if f.Verdict != proof.Pass || f.Behind {
			return "", ""
		}
		return f.Feature, f.ID
	}
	p.proofSayings(s, proof.Pass, proofJoined(s, words))
}

// proofJoined puts the words on the findings of a region and a group together,
// in the order of the first of each. An empty word is left out.
func proofJoined(s *proof.Step, of func(*proof.Finding) (group, word string)) []saying {
	type heading struct{ region, group string }
	var order []heading
	words := map[heading][]string{}
	for i := range s.Findings {
		f := &s.Findings[i]
		group, word := of(f)
		if word == "" {
			continue
		}
		h := heading{f.Region, group}
		if !slices.Contains(order, h) {
			order = append(order, h)
		}
		words[h] = append(words[h], word)
	}
	var said []saying
	for _, h := range order {
		text := strings.Join(words[h], ", ")
		if h.group != "" {
			text = h.group + ": " + text
		}
		said = append(said, saying{key: reconcile.Key{Region: h.region}, text: text})
	}
	return said
}

// proofOwn adds what is another thing in each region, a line for each.
func (p *page) proofOwn(s *proof.Step) {
	for i := range s.Findings {
		if f := &s.Findings[i]; inShort(f) && f.Own != "" {
			p.line(6, 2, strings.TrimPrefix(clean(f.Region)+": ", ": ")+clean(f.Own))
		}
	}
}
