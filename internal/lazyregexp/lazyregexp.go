// Package lazyregexp is the standard library's regexp for patterns that are a
// package's variables: each is compiled when something is first held against
// it.
//
// There are some eighty of them. To compile all at every start took a quarter
// of the time of yolo version, and a run needs a few. Start at New.
package lazyregexp

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// Regexp is a regular expression. It is safe for concurrent use. Its methods
// are those of regexp.Regexp.
type Regexp struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

// New takes a pattern, which must be valid: else it is the first use that
// panics, and in tests this call does.
func New(text string) *Regexp {
	r := &Regexp{text: text}
	if inTest {
		r.regexp()
	}
	return r
}

// inTest tells go test's programs, whose names end so.
var inTest = len(os.Args) > 0 && strings.HasSuffix(strings.TrimSuffix(os.Args[0], ".exe"), ".test")

func (r *Regexp) regexp() *regexp.Regexp {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.text) })
	return r.compiled
}

func (r *Regexp) String() string { return r.text }

// MatchString is regexp's.
func (r *Regexp) MatchString(s string) bool { return r.regexp().MatchString(s) }

// FindString is regexp's.
func (r *Regexp) FindString(s string) string { return r.regexp().FindString(s) }

// FindStringSubmatch is regexp's.
func (r *Regexp) FindStringSubmatch(s string) []string { return r.regexp().FindStringSubmatch(s) }

// FindStringSubmatchIndex is regexp's.
func (r *Regexp) FindStringSubmatchIndex(s string) []int {
	return r.regexp().FindStringSubmatchIndex(s)
}

// FindAllStringSubmatch is regexp's.
func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	return r.regexp().FindAllStringSubmatch(s, n)
}

// ReplaceAllString is regexp's.
func (r *Regexp) ReplaceAllString(s, by string) string { return r.regexp().ReplaceAllString(s, by) }
