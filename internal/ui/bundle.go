package ui

import (
	"cmp"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// saying is something that is said of a resource. Sayings that differ only in
// their region are told once.
type saying struct {
	key  reconcile.Key
	code string
	text string
	fix  string // or the hint
	id   string // the request's
	// alike is the text in words that hold for all that failed for the same
	// reason, whatever they did; "" when there are none.
	alike string
}

// bundle is one thing that is said of several resources.
type bundle struct {
	saying // the first, in words that hold for all
	keys   []reconcile.Key
	ids    []string
	// masked is the first as others are compared with it; texts and fixes tell
	// whether those of the others differ.
	masked       saying
	texts, fixes bool
}

// The masks are nothing that a text could have, and are never printed.
const (
	anyRegion  = "\x00region"
	anyRequest = "\x00request"
)

// general is the saying with its own region and request id masked, to compare
// it with others; it is not fit to print.
func (s saying) general() saying {
	mask := func(text string) string {
		if s.key.Region != "" {
			text = strings.ReplaceAll(text, s.key.Region, anyRegion)
		}
		if s.id != "" {
			text = strings.ReplaceAll(text, s.id, anyRequest)
		}
		return text
	}
	return saying{code: s.code, text: mask(s.text), fix: mask(s.fix)}
}

// withoutRegion is a text without the region that it begins with, for places
// where the region is told apart.
func withoutRegion(text, region string) string {
	rest, ok := strings.CutPrefix(text, region)
	if !ok || region == "" || !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, ": ") {
		return text
	}
	return strings.TrimLeft(rest, ": ")
}

// bundled puts equal sayings together, in the order of the first of each.
func bundled(all []saying) []*bundle {
	var bundles []*bundle
	seen := map[saying]*bundle{}
	for _, s := range all {
		general, same := s.general(), saying{code: s.code, text: s.text, fix: s.fix}
		b := cmp.Or(seen[general], seen[same])
		if b == nil {
			b = &bundle{saying: s, masked: general}
			bundles = append(bundles, b)
		}
		seen[general], seen[same] = b, b
		b.texts = b.texts || b.text != s.text
		b.fixes = b.fixes || b.fix != s.fix
		if !slices.Contains(b.keys, s.key) {
			b.keys = append(b.keys, s.key)
		}
		if s.id != "" && !slices.Contains(b.ids, s.id) {
			b.ids = append(b.ids, s.id)
		}
	}
	bundles = merged(bundles, all)
	for _, b := range bundles {
		b.widen()
	}
	return bundles
}

// merged puts bundles together that failed alike, with their keys in the order
// of all sayings.
func merged(bundles []*bundle, all []saying) []*bundle {
	first := map[saying]*bundle{}
	order := func(k reconcile.Key) int {
		return slices.IndexFunc(all, func(s saying) bool { return s.key == k })
	}
	return slices.DeleteFunc(bundles, func(b *bundle) bool {
		if b.alike == "" {
			return false
		}
		common := saying{key: b.key, text: b.alike, fix: b.fix}.general()
		a := first[common]
		if a == nil {
			first[common] = b
			return false
		}
		a.text, a.masked.text = a.alike, common.text
		a.texts = a.texts || b.texts || a.alike != b.alike
		a.fixes = a.fixes || b.fixes || a.fix != b.fix
		a.keys, a.ids = append(a.keys, b.keys...), append(a.ids, b.ids...)
		sort.SliceStable(a.keys, func(i, j int) bool { return order(a.keys[i]) < order(a.keys[j]) })
		return true
	})
}

// widen puts what differs between the sayings into words that hold for all.
// What to do is kept as it is for the first, so that it can be copied.
func (b *bundle) widen() {
	if b.texts {
		text, ok := unmasked(b.masked.text)
		if !ok {
			text = b.text + b.likewise()
		}
		b.text = text
	}
	if b.fixes {
		b.fix += b.likewise()
	}
}

// likewise tells of the regions but the first.
func (b *bundle) likewise() string {
	all := regions(b.keys)
	switch {
	case len(all) < 2:
		return ""
	case len(all) > fewRegions+1:
		return "; likewise in the " + count(len(all)-1, "other region")
	default:
		return "; likewise in " + strings.Join(all[1:], ", ")
	}
}

// maskedWord matches a masked region that stands on its own, and not within an
// ARN or a name.
var maskedWord = lazyregexp.New(`(^|[ (])` + regexp.QuoteMeta(anyRegion) + `($|[ ,;:)]|\.$|\. )`)

// unmasked is a masked text as a sentence on each region; not ok when it has
// masks that no words can stand for.
func unmasked(text string) (sentence string, ok bool) {
	text = maskedWord.ReplaceAllString(text, "${1}each region${2}")
	text = strings.ReplaceAll(text, " in each region", "")
	return text, !strings.Contains(text, anyRegion) && !strings.Contains(text, anyRequest)
}

// regions are the regions of the keys, each once, in order and fit to print.
func regions(keys []reconcile.Key) []string {
	var all []string
	for _, k := range keys {
		if region := clean(k.Region); region != "" && !slices.Contains(all, region) {
			all = append(all, region)
		}
	}
	return all
}

// fewRegions is how many regions a sentence lists before it counts them.
const fewRegions = 3

// listed names a few regions and counts many.
func listed(regions []string) string {
	if len(regions) > fewRegions {
		return count(len(regions), "region")
	}
	return strings.Join(regions, ", ")
}

// subject says what a bundle is about, as an error's first words.
func (b *bundle) subject() string {
	all := regions(b.keys)
	switch {
	case len(b.keys) == 1:
		return where(b.key)
	case len(all) == 0:
		return strings.Join(byKind(b.keys), ", ")
	case len(kinds(b.keys)) == 1:
		return kindIn(b.key.Kind, listed(all))
	default:
		return count(len(b.keys), "resource") + " in " + listed(all)
	}
}

// details name what the subject only counts, a line for each kind.
func (b *bundle) details() []string {
	if len(kinds(b.keys)) == 1 && len(regions(b.keys)) <= fewRegions {
		return nil
	}
	return byKind(b.keys)
}

// notice is a warning with the regions that it is about; the texts are fit to
// print.
type notice struct{ text, fix string }

// noticesOf tell equal warnings once.
func noticesOf(all []reconcile.Warning) []notice {
	var said []saying
	for _, w := range all {
		said = append(said, saying{
			key: reconcile.Key{Region: w.Region}, code: w.Code, text: withoutRegion(w.Text, w.Region), fix: w.Fix,
		})
	}
	var notices []notice
	for _, b := range bundled(said) {
		text := clean(b.text)
		if in := regions(b.keys); len(in) > 1 || len(in) == 1 && !strings.Contains(b.text, in[0]) {
			text = strings.Join(in, ", ") + ": " + text
		}
		notices = append(notices, notice{text, clean(b.fix)})
	}
	return notices
}

// warnings adds the section of warnings, if there are any.
func (p *page) warnings(all []reconcile.Warning) {
	if len(all) == 0 {
		return
	}
	p.blank()
	p.line(0, 0, p.style.paint(bold, "Warnings"))
	for _, n := range noticesOf(all) {
		p.line(2, 2, p.style.paint(warn, "!")+" "+n.text)
		if n.fix != "" {
			p.line(4, 2, p.style.paint(bold, "fix:")+" "+n.fix)
		}
	}
}
