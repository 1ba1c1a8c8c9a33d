package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Base is a file that a [Draft] can be added to: a valid manifest, or one that
// lacks only what a draft brings.
type Base struct {
	Path string
	// Text is the file as it was read.
	Text string
	// App is empty when the file has no name yet.
	App string
	// Environments are the names of the environments in the file's order.
	Environments []string

	src  *source
	root *yaml.Node // nil for a file of nothing but comments
	read *reader
	// unfinished is what adding a draft has to mend; nil for a valid manifest.
	unfinished *InvalidError
}

// Form is how an environment has aws.ivs.
type Form int

const (
	// Absent is no aws.ivs, or one without a value.
	Absent Form = iota
	// Off is ivs: false.
	Off
	// Short is ivs: true.
	Short
	// Full is a map.
	Full
)

// ReadBase reads the file at path. Its errors are [*FileError], and
// [*InvalidError] for a file with mistakes that a draft does not mend.
func ReadBase(path string) (*Base, error) {
	src, err := readSource(path)
	if err != nil {
		return nil, err
	}
	return newBase(src)
}

func newBase(src *source) (*Base, error) {
	r := newReader(src)
	b := &Base{Path: src.path, Text: src.mark + src.text, src: src, read: r}
	if root, ok := r.parse(); ok {
		b.root = root.node
		r.document(root)
	}
	b.App, b.Environments = r.manifest.App, r.manifest.Environments
	invalid := &InvalidError{Path: src.path, Findings: r.settle(), Omitted: r.omitted}
	if !r.failed {
		return b, nil
	}
	for _, f := range invalid.Findings {
		if f.isError() && !b.mends(f) {
			return nil, invalid
		}
	}
	b.unfinished = invalid
	return b, nil
}

// mends tells the errors that adding a draft mends.
func (b *Base) mends(f Finding) bool {
	switch f.Code {
	case CodeEmptyFile:
		return true
	case CodeMissingKey:
		return f.Path == "environments" || f.Path == "name" && own(b.root, "environments") < 0
	case CodeWrongType:
		for _, name := range b.Environments {
			if v := b.ivs(name); f.Path == v.path && isNull(v.node) {
				return true
			}
		}
	}
	return false
}

// ivs returns an environment's aws.ivs, the zero value when there is none.
func (b *Base) ivs(environment string) value {
	return b.within("environments", environment, "aws", "ivs")
}

// within returns the value at the end of a path, merge keys included.
func (b *Base) within(path ...string) value {
	if b.root == nil {
		return value{}
	}
	v := newValue(b.root)
	for _, name := range path {
		if v = lookup(b.read.entries(v, nothing), name); !v.exists() {
			return value{}
		}
	}
	return v
}

// IVS tells how an environment has aws.ivs, and where.
func (b *Base) IVS(environment string) (Form, Position) {
	v := b.ivs(environment)
	switch {
	case !v.exists(), isNull(v.node):
		return Absent, Position{}
	case !isBool(v.node):
		return Full, b.src.at(v.key)
	case b.read.manifest.environments[environment].Logging.Enabled:
		return Short, b.src.at(v.key)
	}
	return Off, b.src.at(v.key)
}

// Region returns the region that an environment's aws has for everything,
// empty when it has none.
func (b *Base) Region(environment string) string {
	if v := b.within("environments", environment, "aws", "region"); v.exists() {
		return v.node.Value
	}
	return ""
}

// Environment returns what an environment asks for, nil when the file has none
// of that name.
func (b *Base) Environment(name string) *Environment {
	if e, ok := b.read.manifest.environments[name]; ok {
		return e.clone()
	}
	return nil
}

// AccountID returns the account id of an environment, empty when it has none.
func (b *Base) AccountID(environment string) string {
	if e, ok := b.read.manifest.environments[environment]; ok {
		return e.AccountID
	}
	return ""
}

// UnsafeError is a file to which a draft cannot be added without touching what
// is there.
type UnsafeError struct {
	Position Position
	Reason   string
}

func (e *UnsafeError) Error() string { return fmt.Sprintf("%s: %s", e.Position, e.Reason) }
