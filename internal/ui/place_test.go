package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWipe(t *testing.T) {
	p := place{drawn: []string{"a", "b"}, width: 80, height: 24}
	if got, want := p.wipe(80, 24), "\r\x1b[2A\x1b[K\x1b[1B\x1b[J\x1b[1A"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (&place{}).wipe(80, 24); got != "\r" {
		t.Errorf("nothing drawn: %q", got)
	}
}

func TestRewind(t *testing.T) {
	long := strings.Repeat("a", 80)
	at := func(width, height int, drawn ...string) place {
		return place{drawn: drawn, width: width, height: height}
	}
	after := func(p place, gone ...string) place {
		for _, text := range gone {
			p.gone = append(p.gone, goneLine{text, rowsOn([]string{text}, p.width)})
		}
		return p
	}
	tests := map[string]struct {
		place         place
		width, height int
		want          string
		gone          []string
	}{
		"nothing drawn":         {place{}, 80, 24, "\r", nil},
		"two lines":             {at(80, 24, "a", "b"), 80, 24, "\r\x1b[2A", nil},
		"a narrower one":        {at(80, 24, long, "b"), 40, 24, "\r\x1b[3A", nil},
		"of unknown size":       {at(0, 0, long), 0, 0, "\r\x1b[1A", nil},
		"styled":                {at(40, 24, "\x1b[1m"+long[:40]+"\x1b[0m"), 40, 24, "\r\x1b[1A", nil},
		"a lower one":           {at(80, 24, "a", "b", "c", "d"), 80, 3, "\r\x1b[4A", []string{"a", "b"}},
		"lower and narrower":    {at(80, 24, "a", long, "c"), 40, 3, "\r\x1b[4A", []string{"a"}},
		"lower twice":           {after(at(80, 4, "b", "c", "d"), "a"), 80, 3, "\r\x1b[3A", []string{"a", "b"}},
		"a higher one":          {after(at(80, 3, "c"), "a", "b"), 80, 24, "\r\x1b[3A", nil},
		"a bit higher one":      {after(at(80, 3, "c"), "a", "b"), 80, 4, "\r\x1b[2A", []string{"a"}},
		"higher and narrower":   {after(at(80, 3, "c"), "a", long), 40, 4, "\r\x1b[2A", []string{"a"}},
		"higher and wider":      {after(at(40, 3, "c"), "a", long), 80, 4, "\r\x1b[2A", []string{"a"}},
		"no room for one of it": {after(at(40, 3, "c"), "a", long), 40, 4, "\r\x1b[1A", []string{"a", long}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.place.rewind(tt.width, tt.height); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var gone []string
			for _, line := range tt.place.gone {
				gone = append(gone, line.text)
			}
			if diff := cmp.Diff(tt.gone, gone); diff != "" {
				t.Errorf("gone (-want +got)\n%s", diff)
			}
		})
	}
}
