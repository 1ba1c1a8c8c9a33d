package paging

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTake(t *testing.T) {
	scan := func(yield func(string, int) bool) {
		for i, key := range []string{"a", "b", "c"} {
			if !yield(key, i) {
				return
			}
		}
	}
	type page struct {
		Items []int
		After string
	}
	tests := map[int]page{
		1: {[]int{0}, "a"},
		2: {[]int{0, 1}, "b"},
		3: {[]int{0, 1, 2}, ""},
		9: {[]int{0, 1, 2}, ""},
	}
	for _, limit := range slices.Sorted(maps.Keys(tests)) {
		items, after := Take(scan, limit)
		if diff := cmp.Diff(tests[limit], page{items, after}); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
}

func TestAfter(t *testing.T) {
	token := Token("rules of a", "last")
	tests := map[string]struct {
		query, token string
		after        string
		ok           bool
	}{
		"no token":      {"rules of a", "", "", true},
		"own token":     {"rules of a", token, "last", true},
		"other query":   {"rules of b", token, "last", false},
		"not a token":   {"rules of a", "*", "", false},
		"short token":   {"rules of a", "AAAA", "", false},
		"changed token": {"rules of a", token + "AA", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			after, ok := After(test.query, test.token)
			if ok != test.ok || (ok && after != test.after) {
				t.Errorf("After = %q, %v; want %q, %v", after, ok, test.after, test.ok)
			}
		})
	}
	if Token("q", "") != "" {
		t.Error("a finished list has a token")
	}
}
