package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"ivs", "ivs", 0},
		{"ivs", "vis", 1},
		{"ivs", "iv", 1},
		{"ivs", "ivss", 1},
		{"ivs", "ivr", 1},
		{"ivs", "svi", 2},
		{"region", "regoin", 1},
		{"region", "regions", 1},
		{"region", "regioon", 1},
		{"account-id", "account_id", 1},
		{"account-id", "accountid", 1},
		{"account-id", "acount_id", 2},
		{"", "abc", 3},
		{"é", "e", 1},
		{"name", "nmae", 1},
		{strings.Repeat("a", 65), "a", maxCompared},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("%q to %q: want %d, got %d", test.a, test.b, test.want, got)
		}
		if got := distance(test.b, test.a); got != test.want {
			t.Errorf("%q to %q: want %d, got %d", test.b, test.a, test.want, got)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"us-east-1", "us-west-2", "eu-west-1"}
	for word, want := range map[string][]string{
		"us-east-2": {"us-east-1"},
		"us-west-1": {"us-west-2"},
		"ss-west-1": {"us-west-2", "eu-west-1"},
		"US_EAST_1": {"us-east-1"},
		"mars":      nil,
	} {
		got := nearest(word, words, 3)
		if !slices.Equal(got, want) {
			t.Errorf("%s: want %q, got %q", word, want, got)
		}
	}
}

func TestSplitLines(t *testing.T) {
	got := splitLines("a\nb\r\nc\rd\u0085e\u2028f\u2029g\n")
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e", "f", "g", ""}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The parser's lines are ours, whatever breaks them.
func TestLinesAreTheParsers(t *testing.T) {
	for _, brk := range []string{"\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029"} {
		src := newSource("yolo.yml", "a: 1"+brk+"é: [x, *nothing]"+brk)
		r := newReader(src)
		if _, ok := r.parse(); ok {
			t.Fatalf("%q: want a finding", brk)
		}
		f := r.settle()[0]
		if f.Position.Line != 2 || f.Position.Column != 8 || f.Excerpt != "é: [x, *nothing]" || f.Caret != 7 {
			t.Errorf("%q: got %v in %q", brk, f.Position, f.Excerpt)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, test := range map[string]struct {
		line          string
		column, width int
		want          string
	}{
		"plain":        {"a: b", 4, 1, "a: b\n   ^"},
		"tab":          {"\ta: b", 5, 1, "→a: b\n    ^"},
		"width cut":    {"a: b", 4, 9, "a: b\n   ^"},
		"past the end": {"a:", 9, 1, "a:\n  ^"},
		"control":      {"a: \u202eb", 5, 1, "a: \ufffdb\n    ^"},
		"long begin":   {long, 1, 2, strings.Repeat("x", 100) + "…\n^^"},
		"long middle":  {long, 150, 2, "…" + strings.Repeat("x", 100) + "…\n" + strings.Repeat(" ", 51) + "^^"},
		"long end":     {long, 300, 2, "…" + strings.Repeat("x", 100) + "\n" + strings.Repeat(" ", 100) + "^"},
	} {
		src := newSource("yolo.yml", test.line)
		text, caret, width := src.excerpt(src.position(1, test.column), test.width)
		got := text + "\n" + strings.Repeat(" ", caret) + strings.Repeat("^", width)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestPositionString(t *testing.T) {
	for want, p := range map[string]Position{
		"yolo.yml:3:4": {File: "yolo.yml", Line: 3, Column: 4},
		"yolo.yml":     {File: "yolo.yml"},
		"":             {},
	} {
		if got := p.String(); got != want {
			t.Errorf("want %q, got %q", want, got)
		}
	}
}
