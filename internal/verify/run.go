package verify

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/resource"
)

// TagRun is the key of the tag on all that a run makes for its show; the value
// is the run.
const TagRun = manifest.TagRun

// Region is what a run has to do in one region.
type Region struct {
	Show proof.Show
	// Recording and Logging are the region's chains, those of Show.Records and
	// Show.Logs.
	Recording, Logging resource.Chain
}

// Options are a run's.
type Options struct {
	Env     *manifest.Environment
	Cloud   *cloud.Cloud
	Account string
	Regions []Region
	// Purge has the recording of this run deleted at the end.
	Purge bool
	// State is the folder that holds journals and receipts.
	State string
	// Place tells the AWS that Cloud is from others that may have the same
	// account, such as an emulator; "" is Amazon's own.
	Place string
	// Mend is the command that mends a link of a feature; nil when none is known.
	Mend func(feature, link string) string
	// Stop, when done, ends the show; what was made is taken away all the same.
	Stop context.Context
	// Tell, when not nil, is told what happens, from many goroutines.
	Tell func(region, text string)
	// At, when not nil, is told what goes on, from many goroutines.
	At func(Now)

	// publish puts the picture on; nil is a real one.
	publish publisher
	// viewer looks at the recording's pictures; nil is the ffmpeg on the PATH.
	viewer recording.Viewer
	waits  *waits
}

// waits are the times that a run gives AWS.
type waits struct {
	active, stopped, ended, log, canary, reason time.Duration
	// cleanup bounds the taking away of all that was made in a region. It is
	// longer than stopped, so that a composition that does not stop keeps no
	// stage from being deleted.
	cleanup time.Duration
	// look is the pause between two looks.
	look time.Duration
	// dead is how old a run is at least whose journal is not here, before it is
	// taken for one that was killed.
	dead time.Duration
}

var patience = waits{
	active: time.Minute, stopped: time.Minute, ended: time.Minute, log: 2 * time.Minute, canary: time.Minute, reason: 20 * time.Second,
	cleanup: 2 * time.Minute, look: 2 * time.Second, dead: resource.ProofLife,
}

// run is one run in all regions.
type run struct {
	Options
	id      string
	begun   time.Time
	journal *journal
	waits   waits

	mu       sync.Mutex
	steps    map[string][]proof.Finding
	took     map[string]time.Duration
	warnings []proof.Warning
}

// Run puts the shows on, in all regions at once, finds them again, and takes
// away what it made. It returns its steps; err is why nothing was begun.
func Run(ctx context.Context, o Options) ([]proof.Step, error) {
	r := newRun(o)
	var err error
	r.journal, err = openJournal(o.State, record{
		Run: r.id, Begun: r.begun.UTC(), Account: o.Account, Place: o.Place, Environment: o.Env.Name, App: o.Env.App,
	})
	if err != nil {
		return nil, err
	}
	r.sweep(ctx)
	var wg sync.WaitGroup
	for _, region := range o.Regions {
		wg.Go(func() { (&regionRun{run: r, Region: region, region: region.Show.Region}).prove(ctx) })
	}
	wg.Wait()
	if err := r.journal.close(); err != nil {
		r.find(proof.StepCleanup, proof.Finding{ID: "journal", Title: "The journal is gone", Verdict: proof.Fail, Evidence: err.Error()})
	}
	return r.report(), nil
}

// newRun is a run of which nothing was begun.
func newRun(o Options) *run {
	r := &run{Options: o, begun: time.Now(), waits: patience, steps: map[string][]proof.Finding{}, took: map[string]time.Duration{}}
	r.id = nameOf(r.begun)
	if o.waits != nil {
		r.waits = *o.waits
	}
	if r.publish == nil {
		r.publish = putOn
	}
	return r
}

// nameOf is a run's name: when it began, and what tells it from others of the
// same second.
func nameOf(begun time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return manifest.NewProofRun(begun, hex.EncodeToString(b[:]))
}

func (r *run) tell(region, format string, args ...any) {
	if r.Tell != nil {
		r.Tell(region, fmt.Sprintf(format, args...))
	}
}

// find adds a finding to a step.
func (r *run) find(step string, f proof.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps[step] = append(r.steps[step], f)
}

// warn adds a warning, which is told with the cleanup.
func (r *run) warn(w proof.Warning) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warnings = append(r.warnings, w)
}

// lasted adds to a step's time: it is that of its slowest region.
func (r *run) lasted(step string, since time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took[step] = max(r.took[step], time.Since(since))
}

// report are the steps in their order, findings in that of the regions.
func (r *run) report() []proof.Step {
	records := slices.ContainsFunc(r.Regions, func(one Region) bool { return one.Show.Records })
	logs := slices.ContainsFunc(r.Regions, func(one Region) bool { return one.Show.Logs })
	all := []proof.Step{r.step(proof.StepShow, "Show")}
	if records {
		all = append(all, r.step(proof.StepRecording, titleRecording))
	}
	if logs {
		all = append(all, r.step(proof.StepLog, titleLog))
	}
	return append(all, r.cleanup())
}

func (r *run) step(id, title string) proof.Step {
	return proof.Step{ID: id, Title: title, Findings: r.ordered(id), Elapsed: r.took[id]}
}

// cleanup is the last step, with the warnings of all.
func (r *run) cleanup() proof.Step {
	s := r.step(proof.StepCleanup, "Cleanup")
	s.Warnings = r.warnings
	return s
}

func (r *run) ordered(step string) []proof.Finding {
	place := func(f proof.Finding) int {
		return slices.IndexFunc(r.Regions, func(one Region) bool { return one.Show.Region == f.Region })
	}
	findings := r.steps[step]
	sort.SliceStable(findings, func(i, j int) bool { return place(findings[i]) < place(findings[j]) })
	return findings
}

// tags are those of all that the run makes.
func (r *run) tags(name string) map[string]string {
	tags := r.Env.Tags(name)
	tags[TagRun] = r.id
	return tags
}

// name is what the run's own things are called.
func (r *run) name() string { return runPrefix + r.id }

// runPrefix begins the names of what runs make.
const runPrefix = manifest.ProofPrefix

// stopped tells whether the run is to end.
func (r *run) stopped() bool { return r.Stop != nil && r.Stop.Err() != nil }
