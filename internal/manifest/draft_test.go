package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyDraft draws drafts of which every part may be wrong.
func anyDraft() *rapid.Generator[Draft] {
	name := rapid.OneOf(
		rapid.StringMatching(`[a-z][a-z0-9-]{0,16}`), rapid.String(),
		rapid.SampledFrom([]string{"true", "No", "2024", "1e3", "~", "", " ", "a: b", "a #b", "- a", "{a}", "*a", "&a", "\u0085", "\ufeff", "é\u202e", "0x1f", ".inf", "<<", "null", "<<: 1", "a.b", "a_b"}),
	)
	return rapid.Custom(func(t *rapid.T) Draft {
		return Draft{
			App: name.Draw(t, "app"), Environment: name.Draw(t, "environment"),
			AccountID:     rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[0-9]{12}`), name).Draw(t, "account"),
			Regions:       rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(ivsRegions), name), 1, 3).Draw(t, "regions"),
			Logging:       rapid.Bool().Draw(t, "logging"),
			RetentionDays: rapid.Ptr(rapid.OneOf(rapid.SampledFrom(retentions), rapid.Int()), true).Draw(t, "days"),
			Recording:     rapid.Bool().Draw(t, "recording"),
			Layout:        rapid.SampledFrom([]Layout{"", Shared, Regional}).Draw(t, "layout"),
		}
	})
}

// What the validator takes of a draft is just what was asked for, and nothing
// that it refuses is taken by other means.
func TestDraftSaysWhatItAsksFor(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		d := anyDraft().Draw(t, "draft")
		m, err := openSource(newSource(FileName, d.Text()))
		if refused := slices.ContainsFunc(d.Check(), Finding.isError); refused != (err != nil) {
			t.Fatalf("Check and Open do not agree: %v and %v", d.Check(), err)
		}
		if err != nil {
			return
		}
		taken++
		if !slices.Equal(m.Environments, []string{d.Environment}) || m.App != d.App {
			t.Fatalf("app %q with %q in\n%s", m.App, m.Environments, d.Text())
		}
		e, _, err := m.Environment(d.Environment)
		if err != nil || !d.met(e, m.App) {
			t.Fatalf("%+v asks for something else: %+v in\n%s", d, e, d.Text())
		}
		if again, whole := e.Draft(); !whole || !again.met(e, m.App) {
			t.Fatalf("a draft of it asks for something else: %+v and %+v", again, e)
		}
	})
	if !testing.Short() && taken == 0 { // of a few drafts none may be
		t.Error("no draft was taken")
	}
}

// The names that the rules allow are taken.
func TestDraftTakesOrdinaryNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Draft{
			App:         rapid.StringMatching(`[a-z]([a-z0-9-]{0,10}[a-z0-9])?`).Draw(t, "app"),
			Environment: rapid.StringMatching(`[a-z]([a-z0-9-]{0,10}[a-z0-9])?`).Draw(t, "environment"),
			Regions:     rapid.SliceOfNDistinct(rapid.SampledFrom(ivsRegions), 1, -1, rapid.ID).Draw(t, "regions"),
			Logging:     true, Recording: true,
		}
		if findings := d.Check(); len(findings) > 0 {
			t.Errorf("%+v: %v", d, findings)
		}
	})
}

// Every line that shows a default may be used as it is, and then asks for
// nothing else, but for the bucket's name.
func TestDraftShowsWhatIsPossible(t *testing.T) {
	commented := regexp.MustCompile(`(?m)^( *)# ([a-z-]+: \S.*)$`)
	for name, d := range map[string]Draft{
		"one region":      {Regions: []string{"us-east-1"}, Logging: true, Recording: true},
		"several regions": {Regions: []string{"us-east-1", "eu-west-1"}, Logging: true, Recording: true},
		"nothing":         {Regions: []string{"us-east-1", "eu-west-1"}},
		"shared":          {Regions: []string{"us-east-1", "eu-west-1"}, Recording: true, Layout: Shared},
	} {
		d.App, d.Environment = "shop", "production"
		text := d.Text()
		lines := commented.FindAllString(text, -1)
		if len(lines) < 3 {
			t.Errorf("%s: want some defaults to be shown, got %q", name, lines)
		}
		for _, line := range lines {
			used := strings.Replace(text, line, commented.ReplaceAllString(line, "$1$2"), 1)
			m, err := openSource(newSource(FileName, used))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			e, _, _ := m.Environment(d.Environment)
			switch {
			case strings.Contains(line, "bucket-name:"):
				e.Recording.BucketName = ""
			case strings.Contains(line, "account-id:"):
				e.AccountID = ""
			case strings.Contains(line, "bucket:"):
				e.Recording.Layout = map[bool]Layout{true: d.layout(), false: Shared}[d.Recording]
			}
			e.Logging.RetentionExplicit = false
			if !d.met(e, m.App) {
				t.Errorf("%s: with %q: %+v", name, line, e)
			}
		}
	}
}

func TestDraftIsNarrow(t *testing.T) {
	const screen = 81 // the encoder's defaults on one line
	for _, d := range []Draft{
		{App: "shop", Environment: "production", Regions: []string{"us-east-1"}},
		{App: "shop", Environment: "production", Regions: []string{"us-east-1", "eu-west-1"}, Recording: true},
		{App: "shop", Environment: "production", Regions: []string{"us-east-1", "eu-west-1"}, Recording: true, Layout: Shared},
		{App: "shop", Environment: "production", Regions: []string{"us-east-1"}, Recording: true, Layout: Regional},
	} {
		for line := range strings.Lines(d.Text()) {
			if n := utf8.RuneCountInString(line) - 1; n > screen {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

func TestProveRefuses(t *testing.T) {
	const before = "name: shop\nx: &x {a: 1}\nlist: [1]\nenvironments:\n  staging: {aws: {region: us-east-1}}\n  production:\n    aws:\n      region: us-east-1\n"
	b, err := newBase(newSource("yolo.yml", before))
	if err != nil {
		t.Fatal(err)
	}
	d := testDraft(b)
	after, err := b.Add(d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.slot(d.Environment)
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"nothing":           {"", ""},
		"another value":     {"a: 1", "a: 2"},
		"another style":     {"list: [1]", "list: ['1']"},
		"a longer list":     {"list: [1]", "list: [1, 2]"},
		"another key":       {"list:", "lists:"},
		"a key more":        {"list: [1]", "list: [1]\nmore: 1"},
		"another region":    {"staging: {aws: {region: us-east-1}}", "staging: {aws: {region: eu-west-1}}"},
		"a region beside":   {"      region: us-east-1\n", "      region: us-west-2\n"},
		"no recording":      {"real_time: true", "real_time: false"},
		"another retention": {"days: 30", "days: 60"},
		"no YAML":           {"list: [1]", "list: [1"},
		"nothing at all":    {after, "# nothing"},
	} {
		err := b.prove(d, s, strings.Replace(after, change[0], change[1], 1))
		if refused := err != nil; refused != (what != "nothing") {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestBaseTells(t *testing.T) {
	const text = `name: shop
environments:
  a: {}
  b: {aws: {account-id: "123456789012", region: us-east-1}}
  c: {aws: {region: us-west-2, ivs: false}}
  d: {aws: {region: us-west-2, ivs: TRUE}}
  e: {aws: {region: us-west-2, ivs: {logging: true}}}
  f:
    aws:
      ivs:
`
	b, err := ReadBase(write(t, "yolo.yml", text))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a  , 0 at 0", "b 123456789012 us-east-1, 0 at 0", "c  us-west-2, 1 at 5",
		"d  us-west-2, 2 at 6", "e  us-west-2, 3 at 7", "f  , 0 at 0", "g  , 0 at 0",
	}
	var got []string
	for _, name := range append(b.Environments, "g") {
		form, at := b.IVS(name)
		got = append(got, fmt.Sprintf("%s %s %s, %d at %d", name, b.AccountID(name), b.Region(name), form, at.Line))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if b.App != "shop" || b.Text != text {
		t.Errorf("app %q and text %q", b.App, b.Text)
	}
	if _, err := ReadBase(t.TempDir()); err == nil {
		t.Error("a folder: want an error")
	}
}
