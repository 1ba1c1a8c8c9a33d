// Package doctor finds out what became of shows that were put on: it holds what
// IVS logged of each recording against what is in the bucket, and says what of
// it is not as it should be.
//
// It only reads. What it says of a show it judges from what was read alone
// (judge.go); the configuration is verify's to judge, and a recording's bytes
// are recording's. Start at Since, Composition or Prefix.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/bucket"
	"github.com/yolo-live/yolo/internal/resource"
)

// Options are what is looked at, and how.
type Options struct {
	Cloud   *cloud.Cloud
	Account string
	Env     *manifest.Environment
	// Chains are those of the regions in which is looked, as resource.Chains
	// gives them.
	Chains []resource.Chain
	// Now is the time; the log's counts if it is later.
	Now time.Time
	// Command spells a command of yolo for the environment.
	Command func(name string, flags ...string) string
}

// Result is what was found.
type Result struct {
	Steps    []proof.Step
	Warnings []reconcile.Warning
}

// The codes of warnings, documented in docs/json.md.
const (
	WarnEventMissing = "EventMissing"
	WarnOtherEncoder = "OtherEncoder"
	WarnTestShow     = "TestShowDeleted"
)

// doctor is one run.
type doctor struct {
	Options
	regions []*region
	result  Result
}

// region is what is known of one.
type region struct {
	name               string
	recording, logging resource.Chain
	log                *eventlog.Log
	events             []eventlog.Event
	logErr             error // why there are none
	live               map[string]*composition
	liveErr            error // why it is not known
}

func newDoctor(o Options) *doctor {
	d := &doctor{Options: o}
	for _, c := range o.Chains {
		r := d.region(c.Region)
		if r == nil {
			r = &region{name: c.Region, log: eventlog.NewLog(o.Cloud.In(c.Region), o.Env.LogGroupName())}
			d.regions = append(d.regions, r)
		}
		if c.Feature == resource.FeatureRecording {
			r.recording = c
		} else {
			r.logging = c
		}
	}
	return d
}

func (d *doctor) region(name string) *region {
	i := slices.IndexFunc(d.regions, func(r *region) bool { return r.name == name })
	if i < 0 {
		return nil
	}
	return d.regions[i]
}

// logs and records tell whether the manifest wants it there.
func (r *region) logs() bool    { return r.logging.Feature != "" && r.logging.Skipped == "" }
func (r *region) records() bool { return r.recording.Feature != "" && r.recording.Skipped == "" }

// readable tells whether the log tells what happened.
func (r *region) readable() bool { return r.logs() && r.logErr == nil }

// retention is for how long the log keeps events, 0 for ever or if it is not
// known.
func (r *region) retention() time.Duration {
	for i := range r.logging.Links {
		if l := &r.logging.Links[i]; l.ID == resource.LinkRetention {
			days, _ := strconv.Atoi(l.Fact)
			return time.Duration(days) * 24 * time.Hour
		}
	}
	return 0
}

// everywhere does something in all regions at once.
func (d *doctor) everywhere(do func(*region)) {
	var wg sync.WaitGroup
	for _, r := range d.regions {
		wg.Go(func() { do(r) })
	}
	wg.Wait()
}

// now is the time, AWS's if that is known to be ahead.
func (d *doctor) now(shelves library) time.Time {
	now := d.Now
	for _, s := range shelves {
		now = later(now, s.newest)
	}
	for _, r := range d.regions {
		for i := range r.events {
			now = later(now, r.events[i].Logged)
		}
	}
	return now
}

// shelves are the buckets of all regions, each once.
func (d *doctor) shelves() []*shelf {
	var all []*shelf
	for _, r := range d.regions {
		c := r.recording
		if c.Bucket == "" || slices.ContainsFunc(all, func(s *shelf) bool { return s.bucket.Name == c.Bucket }) {
			continue
		}
		all = append(all, d.shelf(c.Bucket, cmp.Or(c.BucketRegion, r.name)))
	}
	return all
}

func (d *doctor) shelf(name, in string) *shelf {
	return &shelf{bucket: bucket.Bucket{Client: d.Cloud.In(in).S3, Name: name, Account: d.Account}, region: in, most: mostFolders}
}

// searched searches all buckets, for one composition or, if that is "", for all.
func (d *doctor) searched(ctx context.Context, only string) []*shelf {
	all := d.shelves()
	each(all, len(all)+1, func(s *shelf) {
		s.only = only
		s.search(ctx)
	})
	return all
}

// library is what is in several buckets.
type library []*shelf

// find is the recording of a destination, nil if none was found. With a
// destination of "" it is that of the composition.
func (l library) find(composition, destination string) *place {
	for _, s := range l {
		if p := s.places[composition]; p != nil && (destination == "" || p.destination == destination) {
			return p
		}
	}
	return nil
}

// err is why not all of a region's bucket could be searched, nil if it was. IVS
// records to no bucket elsewhere (RealTimeUserGuide, Composite Recording).
func (l library) err(ctx context.Context, r *region) error {
	if broken := r.recording.Broken(); r.recording.Bucket == "" && r.records() && (broken == nil || broken.Err != nil) {
		return errNoBucket
	}
	for _, s := range l {
		if s.err != nil && s.bucket.Name == r.recording.Bucket {
			return unread(ctx, s.err)
		}
	}
	return nil
}

// errNoBucket is why a bucket was not searched that may be there; one that is
// known to be missing holds nothing.
var errNoBucket = errors.New("the configuration tells what is wrong with the bucket")

// errTime is what to say when the run's time is over.
var errTime = errors.New("the run's time was over; more time: --timeout")

// unread is why something could not be read, in words that fit a line.
func unread(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errTime
	}
	return err
}

// hintOf is what to do about an error, "" for nothing.
func hintOf(err error) string {
	if hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return hinted.Hint()
	}
	return ""
}

func (l library) String() string {
	var names []string
	for _, s := range l {
		names = append(names, "s3://"+s.bucket.Name)
	}
	if names == nil {
		return "any bucket, since there is none"
	}
	return strings.Join(names, ", ")
}

// outcomes reads the metadata of recordings, many at once.
func outcomes(ctx context.Context, all []*facts, places map[*facts]*place) {
	each(all, atOnce, func(f *facts) {
		if p := places[f]; p != nil {
			f.read(ctx, p)
		}
	})
}

// read reads the metadata of the recording at a place.
func (f *facts) read(ctx context.Context, p *place) {
	f.place, f.outcome = p.String(), recording.ReadOutcome(ctx, p.bucket, p.prefix)
	f.outcome.Problem = unread(ctx, f.outcome.Problem)
}

// told is the result, with warnings of the reads that were refused and that
// the findings do without.
func (d *doctor) told() Result {
	const fix = "allow %s, or do without"
	for _, r := range d.regions {
		if failed, ok := errors.AsType[*cloud.Error](r.liveErr); ok && failed.Denied() {
			d.warn(resource.WarnOptionalRead, r.name, proof.StepRecording,
				"what IVS records at this moment could not be looked at: "+failed.Error(), fmt.Sprintf(fix, strings.Join(failed.Actions(), ", ")))
		}
		for _, failed := range r.log.Denied() {
			d.warn(resource.WarnOptionalRead, r.name, proof.StepLog,
				"stages are told without their names: "+failed.Error(), fmt.Sprintf(fix, strings.Join(failed.Actions(), ", ")))
		}
	}
	return d.result
}

// warn adds a warning.
func (d *doctor) warn(code, region, step, text, fix string) {
	d.result.Warnings = append(d.result.Warnings, reconcile.Warning{Code: code, Region: region, Step: step, Text: text, Fix: fix})
}

// add adds a step.
func (d *doctor) add(id, title string, begun time.Time, findings ...proof.Finding) {
	d.result.Steps = append(d.result.Steps, proof.Step{ID: id, Title: title, Findings: findings, Elapsed: time.Since(begun)})
}

// some lists a few of many.
func some(all []string) string {
	const told = 3
	if len(all) <= told {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:told], ", "), len(all)-told)
}
