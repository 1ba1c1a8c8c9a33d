package ui

import (
	"strings"
	"testing"
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
	tests := map[string]struct {
		place         place
		width, height int
		want          string
		lost          int
	}{
		"nothing drawn":    {place{}, 80, 24, "\r", 0},
		"two lines":        {place{[]string{"a", "b"}, 80, 24, 0}, 80, 24, "\r\x1b[2A", 0},
		"a narrower one":   {place{[]string{strings.Repeat("a", 80), "b"}, 80, 24, 0}, 40, 24, "\r\x1b[3A", 0},
		"of unknown size":  {place{[]string{strings.Repeat("a", 80)}, 0, 0, 0}, 0, 0, "\r\x1b[1A", 0},
		"styled":           {place{[]string{"\x1b[1m" + strings.Repeat("a", 40) + "\x1b[0m"}, 40, 24, 0}, 40, 24, "\r\x1b[1A", 0},
		"a lower one":      {place{[]string{"a", "b", "c", "d"}, 80, 24, 0}, 80, 3, "\r\x1b[4A", 2},
		"a higher one":     {place{[]string{"a"}, 80, 3, 2}, 80, 24, "\r\x1b[3A", 0},
		"a bit higher one": {place{[]string{"a"}, 80, 3, 5}, 80, 5, "\r\x1b[3A", 3},
		"a wider one too":  {place{[]string{"a"}, 40, 3, 5}, 80, 24, "\r\x1b[3A", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.place.rewind(tt.width, tt.height); got != tt.want || tt.place.lost != tt.lost {
				t.Errorf("got %q, %d lost; want %q, %d", got, tt.place.lost, tt.want, tt.lost)
			}
		})
	}
}
