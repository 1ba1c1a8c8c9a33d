package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// earlier is how far before a time the log is read, so that who published when
// the first show began is known.
const earlier = time.Hour

// The titles of the steps.
const (
	titleComposition = "Composition"
	titleLog         = "Log"
	titleRecordings  = "Recordings"
	titleRecording   = "Recording"
)

// Since judges all shows since a time, by the log and by what is in the buckets.
func Since(ctx context.Context, o Options, from time.Time) Result {
	d, begun := newDoctor(o), time.Now()
	var shelves library
	var wg sync.WaitGroup
	wg.Go(func() { shelves = d.searched(ctx, "") })
	d.everywhere(func(r *region) {
		if r.logs() {
			r.events, r.logErr = r.log.Read(ctx, from.Add(-earlier))
			r.logErr = unread(ctx, r.logErr)
		}
		if r.records() {
			d.look(ctx, r)
		}
	})
	d.logsSince(from, begun)
	wg.Wait()
	begun = time.Now()
	d.add(proof.StepRecording, titleRecordings, begun, d.recordings(ctx, shelves, from)...)
	return d.concluded()
}

// concluded is what was found. A step of a feature that is off says so.
func (d *doctor) concluded() Result {
	for i := range d.result.Steps {
		s := &d.result.Steps[i]
		if len(s.Findings) > 0 {
			continue
		}
		for _, r := range d.regions {
			switch {
			case s.ID == proof.StepLog && r.logging.Skipped != "":
				s.Skipped = r.logging.Skipped
			case s.ID == proof.StepRecording && r.recording.Skipped != "":
				s.Skipped = r.recording.Skipped
			}
		}
	}
	return d.told()
}

// logsSince tells how each log could be read, and whether anything happened.
func (d *doctor) logsSince(from, begun time.Time) {
	var findings []proof.Finding
	for _, r := range d.regions {
		if !r.logs() {
			continue
		}
		f := d.logFinding(r)
		events := slices.DeleteFunc(slices.Clone(r.events), func(e eventlog.Event) bool { return e.Time.Before(from) })
		began := slices.DeleteFunc(showsIn(events), func(s *show) bool { return !s.told() })
		if r.logErr == nil {
			f.Evidence = "no event since " + spell(from)
			if len(events) > 0 {
				f.Evidence = fmt.Sprintf("%s since %s, and none of a show that began", count(len(events), "event"), spell(from))
			}
			if len(began) > 0 {
				f.Verdict = proof.Pass
				f.Evidence = fmt.Sprintf("%s and %s since %s", count(len(began), "show"), count(len(events), "event"), spell(from))
			}
		}
		findings = append(findings, f)
		if kept := r.retention(); kept > 0 && d.Now.Add(-kept).After(from.Add(time.Minute)) {
			findings = append(findings, proof.Finding{
				Region: r.name, Feature: resource.FeatureLogging, ID: "retention", Title: "The log reaches back far enough",
				Evidence: fmt.Sprintf("events are kept for %d days, so what happened before %s is not known", int(kept.Hours()/24), spell(d.Now.Add(-kept))),
			})
		}
	}
	d.add(proof.StepLog, titleLog, begun, findings...)
}

// logFinding is what there is to say of a log that could not be read.
func (d *doctor) logFinding(r *region) proof.Finding {
	f := proof.Finding{Region: r.name, Feature: resource.FeatureLogging, ID: "log", Title: "The log tells of shows"}
	switch {
	case errors.Is(r.logErr, eventlog.ErrNoGroup):
		f.Evidence = "there is no log group " + d.Env.LogGroupName() + ", so what happened is not known"
		f.Fix = d.Command("sync:logging") + " makes it"
	case r.logErr != nil:
		f.Evidence, f.Err = "the log could not be read, so what happened is not known", r.logErr
		f.Fix = hintOf(r.logErr)
	}
	return f
}

// recordings are the findings on all shows since a time.
func (d *doctor) recordings(ctx context.Context, shelves library, from time.Time) []proof.Finding {
	now := d.now(shelves)
	var all []*facts
	places := map[*facts]*place{}
	known := map[*place]bool{}
	for _, r := range d.regions {
		if !r.records() {
			continue
		}
		for _, s := range showsIn(r.events) {
			p := shelves.find(idOf(s.composition), s.destination)
			if !s.told() || p == nil && shelves.find(idOf(s.composition), "") != nil {
				continue // the other destination, which is a channel
			}
			known[p] = true
			if s.at().Before(from) {
				continue
			}
			f := &facts{show: s, air: airOf(s.stage, r.events), state: r.stateOf(s), searched: shelves.String(), unsearched: shelves.err(ctx, r), now: now}
			if p == nil && s.failure == nil && f.live() && d.isChannel(ctx, s) {
				continue
			}
			all, places[f] = append(all, f), p
		}
	}
	for _, p := range shelves.since(from) {
		if !known[p] {
			f := &facts{show: d.unlogged(p), now: now}
			all, places[f] = append(all, f), p
		}
	}
	outcomes(ctx, all, places)
	return d.findings(ctx, d.placed(all), shelves)
}

// since are the recordings that were begun since a time, in the order of their
// places.
func (l library) since(from time.Time) []*place {
	var all []*place
	for _, s := range l {
		for _, p := range s.places {
			if !p.begun.Before(from) {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b *place) int { return strings.Compare(a.prefix, b.prefix) })
	return all
}

// unlogged is a show that the bucket alone tells of.
func (d *doctor) unlogged(p *place) *show {
	return &show{region: p.region, destination: p.destination, composition: d.compositionARN(p.region, p.composition)}
}

func (d *doctor) compositionARN(region, id string) string {
	return fmt.Sprintf("arn:aws:ivs:%s:%s:composition/%s", region, d.Account, id)
}

// placed puts those that only a bucket tells of into the regions of their
// stages, as their metadata tell, and leaves out those of other regions.
func (d *doctor) placed(all []*facts) []*facts {
	return slices.DeleteFunc(all, func(f *facts) bool {
		if f.told() {
			return false
		}
		f.stage = stageIn(&f.outcome)
		if in := partOf(f.stage, regionPart); in != "" {
			f.region = in
		}
		if f.composition != "" {
			f.composition = d.compositionARN(f.region, idOf(f.composition))
		}
		r := d.region(f.region)
		if r == nil {
			return true
		}
		f.complete(r)
		return false
	})
}

// complete takes over what the region's log has of a show after all, such as
// its end.
func (f *facts) complete(r *region) {
	f.air, f.state = airOf(f.stage, r.events), r.stateOf(f.show)
	for _, s := range showsIn(r.events) {
		if s.composition == f.composition && s.destination == f.destination {
			s.stage = f.stage
			f.show = s
		}
	}
}

// The parts of an ARN, which are between colons.
const (
	regionPart  = 3
	accountPart = 4
	namePart    = 5
)

func partOf(arn string, n int) string {
	parts := strings.SplitN(arn, ":", namePart+1)
	if n >= len(parts) {
		return ""
	}
	return parts[n]
}

// findings judges shows, in the order of regions and times, and warns of events
// that are missing.
func (d *doctor) findings(ctx context.Context, all []*facts, shelves library) []proof.Finding {
	var findings []proof.Finding
	for _, r := range d.regions {
		var mine []*facts
		for _, f := range all {
			if f.region == r.name {
				mine = append(mine, f)
			}
		}
		slices.SortStableFunc(mine, func(a, b *facts) int { return a.beginning().Compare(b.beginning()) })
		var judged []proof.Finding
		var deleted []string
		for _, f := range mine {
			finding := f.judge()
			finding.Fix = d.remedy(f, finding)
			if finding.ID == idTestShow {
				deleted = append(deleted, f.subject())
				continue
			}
			judged = append(judged, finding)
		}
		if len(judged) == 0 && r.records() {
			judged = append(judged, d.noTraffic(ctx, r, shelves))
		}
		findings = append(findings, judged...)
		if len(deleted) > 0 {
			d.warn(WarnTestShow, r.name, proof.StepRecording,
				fmt.Sprintf("%s of yolo verify without a recording, as after --purge, not judged: %s", count(len(deleted), "test show"), some(deleted)), "")
		}
		d.warnOfEvents(r, mine)
	}
	return findings
}

// noTraffic is the finding on a region in which there was no show.
func (d *doctor) noTraffic(ctx context.Context, r *region, shelves library) proof.Finding {
	f := proof.Finding{Region: r.name, Feature: resource.FeatureRecording, ID: "no-traffic", Title: titleShow}
	switch err := shelves.err(ctx, r); {
	case r.recording.Bucket == "":
		f.Evidence = "there is no bucket to look in"
	case err != nil:
		f.Evidence, f.Err, f.Fix = "not all recordings could be looked at", err, hintOf(err)
	default:
		f.Evidence = "no show to judge; " + d.Command("verify", "--region", r.name) + " puts one on"
	}
	return f
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
