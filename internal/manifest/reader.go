package manifest

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reader walks one manifest, and collects what it wishes and what is wrong with it.
type reader struct {
	src      *source
	manifest *Manifest
	// environment is the one that is being read; nil above the environments.
	environment *Environment
	// regionMeant tells that a misspelt key of the environment may be its region.
	regionMeant bool
	// bucketNames holds the bucket-name of each environment that has one.
	bucketNames map[string]value
	findings    []finding
	failed      bool // an error was reported, kept or not
	omitted     int  // findings over maxFindings
	steps       int  // map entries visited, aliases included
	active      []*yaml.Node
}

// finding is a [Finding] in the making.
type finding struct {
	warning      bool
	code         string
	position     Position
	width        int
	path         string
	message, fix string
	// weight decides between findings of one position and code: the heaviest
	// stays. It serves names, of which one cause breaks several at once.
	weight       int
	environments []string
}

func newReader(src *source) *reader {
	return &reader{
		src:         src,
		manifest:    &Manifest{Path: src.path, environments: map[string]*Environment{}},
		bucketNames: map[string]value{},
	}
}

// maxFindings bounds what is reported of a file that is no manifest at all.
const maxFindings = 1000

func (r *reader) report(f finding) {
	r.failed = r.failed || !f.warning
	if len(r.findings) >= maxFindings {
		r.omitted++
		return
	}
	if r.environment != nil && f.environments == nil {
		f.environments = []string{r.environment.Name}
	}
	r.findings = append(r.findings, f)
}

// reportAt reports an error at a node.
func (r *reader) reportAt(n *yaml.Node, f finding) {
	f.position, f.width = r.src.at(n), r.src.width(n)
	r.report(f)
}

// reportKey reports an error at the key of a value.
func (r *reader) reportKey(v value, f finding) {
	f.path = v.path
	r.reportAt(v.key, f)
}

// reportValue reports an error at a value.
func (r *reader) reportValue(v value, f finding) {
	f.path = v.path
	r.reportAt(v.at, f)
}

// settle returns the findings by position, each once: several environments
// share what is written once and used through anchors.
func (r *reader) settle() []Finding {
	sort.SliceStable(r.findings, func(i, j int) bool {
		a, b := &r.findings[i], &r.findings[j]
		return cmp.Or(
			cmp.Compare(a.position.Line, b.position.Line),
			cmp.Compare(a.position.Column, b.position.Column),
			strings.Compare(a.code, b.code),
			cmp.Compare(b.weight, a.weight),
		) < 0
	})
	var out []finding
	for _, f := range r.findings {
		if n := len(out); n > 0 && sameCause(out[n-1], f) {
			out[n-1].environments = union(out[n-1].environments, f.environments)
			continue
		}
		out = append(out, f)
	}
	settled := make([]Finding, len(out))
	for i, f := range out {
		settled[i] = r.finished(f)
	}
	return settled
}

func sameCause(a, b finding) bool {
	return a.position == b.position && a.code == b.code && (a.weight > 0 || a.message == b.message)
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}

func (r *reader) finished(f finding) Finding {
	out := Finding{
		Severity: SeverityError, Position: f.position, Path: f.path, Code: f.code,
		Message: f.message, Fix: f.fix, Environments: f.environments,
	}
	if f.warning {
		out.Severity = SeverityWarning
	}
	out.Excerpt, out.Caret, out.Width = r.src.excerpt(f.position, max(1, f.width))
	return out
}
