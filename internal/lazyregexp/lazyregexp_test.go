package lazyregexp

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMethods(t *testing.T) {
	const text = `([a-z])([0-9]?)`
	const s = "-a1-b"
	ours, theirs := New(text), regexp.MustCompile(text)
	for name, c := range map[string]struct{ got, want any }{
		"String":                  {ours.String(), theirs.String()},
		"MatchString":             {ours.MatchString(s), theirs.MatchString(s)},
		"FindString":              {ours.FindString(s), theirs.FindString(s)},
		"FindStringSubmatch":      {ours.FindStringSubmatch(s), theirs.FindStringSubmatch(s)},
		"FindStringSubmatchIndex": {ours.FindStringSubmatchIndex(s), theirs.FindStringSubmatchIndex(s)},
		"FindAllStringSubmatch":   {ours.FindAllStringSubmatch(s, 1), theirs.FindAllStringSubmatch(s, 1)},
		"ReplaceAllString":        {ours.ReplaceAllString(s, "$2"), theirs.ReplaceAllString(s, "$2")},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A pattern that is wrong must not wait for the day on which it is needed.
func TestWrongPatternInATest(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New took an invalid pattern")
		}
	}()
	New(`(`)
}
