// Package manifest reads yolo.yml and turns it into typed wishes.
//
// It checks the whole file, every environment of it, and reports all that is
// wrong at once: each [Finding] carries file, line and column, the source line
// and the fix. It also knows the names that the wishes have in AWS, and AWS's
// limits for them. It makes no request and reads nothing of the process's
// surroundings: the file alone decides. It writes manifests as well ([Draft],
// [Base.Add]), and describes them to editors ([Schema]).
//
// Start at [Load] for what a program needs, at document.go for how a file is
// walked, at names.go for the names, and at draft.go for how one is written.
package manifest

import (
	"maps"
	"slices"
	"strings"
)

// Manifest is a file in which no error was found.
type Manifest struct {
	Path string
	// App is the manifest's name.
	App string
	// Environments are the names of the environments in the file's order.
	Environments []string

	environments map[string]*Environment
	warnings     []Finding
}

// Environment is what one environment of the manifest asks for, resolved and valid.
type Environment struct {
	App, Name string
	// AccountID has 12 digits, or is empty when the manifest has none.
	AccountID string
	// Regions are resolved, the primary one first. They are empty only when
	// neither feature is on and the manifest names none.
	Regions   []string
	Logging   Logging
	Recording Recording

	path  string              // in the manifest, as in environments.production
	where map[string]Position // by path in the manifest
	named map[string]Position // by region
}

// Logging is the wish for IVS event logs.
type Logging struct {
	Enabled bool
	// SkipReason says which key of the manifest leaves logging off; empty when it is on.
	SkipReason string
	// RetentionDays is one of the values CloudWatch Logs allows.
	RetentionDays int
	// RetentionExplicit tells a retention that the manifest names from the default.
	RetentionExplicit bool
}

// Recording is the wish for composite recordings.
type Recording struct {
	Enabled bool
	// SkipReason says which key of the manifest leaves recording off; empty when it is on.
	SkipReason string
	Layout     Layout
	// BucketName is bucket-name as written, which may hold {region}; empty when there is none.
	BucketName string
	Encoder    Encoder
}

// Layout says how many recordings buckets there are.
type Layout string

const (
	// Shared is one bucket in the primary region for all regions.
	Shared Layout = "shared"
	// Regional is one bucket for each region.
	Regional Layout = "regional"
)

// Encoder holds the video settings of an encoder configuration: pixels, frames
// a second and bits a second.
type Encoder struct {
	Width, Height int32
	Framerate     float32
	Bitrate       int32
}

// DefaultRetentionDays is how long events are kept when the manifest does not say.
const DefaultRetentionDays = 14

// defaultEncoder holds the values IVS uses itself (CreateEncoderConfiguration, Video).
var defaultEncoder = Encoder{Width: 1280, Height: 720, Framerate: 30, Bitrate: 2_500_000}

// Load reads the file at path and returns one environment of it with the
// warnings that concern this environment. The error is an [*InvalidError] that
// holds every finding of the file, an [*EnvironmentError] when the file is
// valid and has no such environment, or a [*FileError] when it cannot be read.
func Load(path, environment string) (*Environment, []Finding, error) {
	m, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	return m.Environment(environment)
}

// Open reads and checks the file at path. Its errors are [*InvalidError] and [*FileError].
func Open(path string) (*Manifest, error) {
	src, err := readSource(path)
	if err != nil {
		return nil, err
	}
	return openSource(src)
}

func openSource(src *source) (*Manifest, error) {
	r := newReader(src)
	if root, ok := r.parse(); ok {
		r.document(root)
	}
	findings := r.settle()
	if r.failed {
		return nil, &InvalidError{Path: src.path, Findings: findings, Omitted: r.omitted}
	}
	m := r.manifest
	m.warnings = findings
	return m, nil
}

// Environment returns the environment called name and the warnings that
// concern it, or an [*EnvironmentError].
func (m *Manifest) Environment(name string) (*Environment, []Finding, error) {
	e, ok := m.environments[name]
	if !ok {
		return nil, nil, newEnvironmentError(m, name)
	}
	warnings := slices.DeleteFunc(slices.Clone(m.warnings), func(f Finding) bool {
		return !slices.Contains(f.Environments, name)
	})
	return e.clone(), warnings, nil
}

// Names returns the names of the environments in the file at path, whatever
// else is wrong with it; it serves completion. The error tells a file that
// cannot be read or is not YAML.
func Names(path string) ([]string, error) {
	src, err := readSource(path)
	if err != nil {
		return nil, err
	}
	r := newReader(src)
	root, ok := r.parse()
	if !ok {
		return nil, &InvalidError{Path: src.path, Findings: r.settle()}
	}
	var names []string
	top := lookup(r.entries(root, nothing), "environments")
	for _, environment := range r.entries(top, nothing) {
		if environment.name != "" {
			names = append(names, environment.name)
		}
	}
	return names, nil
}

// Where returns the line of a key such as "aws.ivs.recording.bucket", or, when
// the manifest has no such key, of the nearest key above it.
func (e *Environment) Where(key string) Position {
	path := e.path + "." + key
	for {
		if p, ok := e.where[path]; ok {
			return p
		}
		cut := strings.LastIndexByte(path, '.')
		if cut < len(e.path) {
			return e.where[e.path]
		}
		path = path[:cut]
	}
}

// BucketLine returns the line of aws.ivs.recording.bucket, or of
// aws.ivs.recording when the layout is the default.
func (e *Environment) BucketLine() Position { return e.Where("aws.ivs.recording.bucket") }

// RegionLine returns the line that names region, or the place where regions
// are named when this one is not among them.
func (e *Environment) RegionLine(region string) Position {
	if p, ok := e.named[region]; ok {
		return p
	}
	return e.Where("aws.ivs.regions")
}

func (e *Environment) clone() *Environment {
	c := *e
	c.Regions = slices.Clone(e.Regions)
	c.where = maps.Clone(e.where)
	c.named = maps.Clone(e.named)
	return &c
}
