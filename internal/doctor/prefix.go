package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// SplitPrefix reads a prefix as it is given: with s3:// and a bucket or without,
// and of any object of a composite recording or its folder.
func SplitPrefix(text string) (bucket, prefix string) {
	prefix = text
	if rest, ok := strings.CutPrefix(text, "s3://"); ok {
		bucket, prefix, _ = strings.Cut(rest, "/")
	}
	if p, ok := placeOf(prefix); ok {
		return bucket, p.prefix
	}
	for _, below := range []string{"/events/", "/media/"} {
		if folder, _, ok := strings.Cut(prefix+"/", below); ok {
			return bucket, folder
		}
	}
	return bucket, strings.Trim(prefix, "/")
}

// Prefix judges the recording below a prefix, in one bucket of the environment
// or, when that is "", in any.
func Prefix(ctx context.Context, o Options, bucket, prefix string) Result {
	d, begun := newDoctor(o), time.Now()
	shelves := library(d.shelves())
	if bucket != "" {
		shelves = shelves.only(bucket)
	}
	p, err := shelves.holding(ctx, prefix)
	if p == nil {
		d.add(proof.StepRecording, titleRecording, begun, d.nothing(shelves, bucket, prefix, err))
		return d.told()
	}
	f := d.factsOf(ctx, p, shelves)
	looked := time.Since(begun)
	begun = time.Now()
	findings := d.deep(ctx, f, p, size{})
	if r := d.region(f.region); r != nil && r.logs() && f.composition != "" {
		c := &single{doctor: d, region: r, arn: f.composition}
		d.result.Steps = append(d.result.Steps, proof.Step{ID: proof.StepLog, Title: titleLog, Findings: c.logged(), Elapsed: looked})
		d.warnOfEvents(r, []*facts{f})
	}
	d.add(proof.StepRecording, titleRecording, begun, findings...)
	return d.told()
}

// only is the shelf of one bucket; none if there is no such one.
func (l library) only(bucket string) library {
	for _, s := range l {
		if s.bucket.Name == bucket {
			return library{s}
		}
	}
	return nil
}

// holding is where there is anything below a prefix, nil for nowhere. The error
// is why not all could be looked at.
func (l library) holding(ctx context.Context, prefix string) (*place, error) {
	var failed error
	for _, s := range l {
		there, err := s.holds(ctx, prefix+"/")
		if err != nil {
			failed = unread(ctx, err)
		}
		if there {
			p, _ := placeOf(prefix)
			p.prefix = prefix
			return s.at(p), nil
		}
	}
	return nil, failed
}

// nothing is the finding when there is nothing below a prefix.
func (d *doctor) nothing(shelves library, bucket, prefix string, err error) proof.Finding {
	f := proof.Finding{Feature: resource.FeatureRecording, ID: idMissing, Title: titleShow}
	switch all := library(d.shelves()); {
	case len(all) == 0:
		f.ID, f.Evidence = idUnread, "there is no bucket of this environment to look in"
	case len(shelves) == 0:
		f.ID, f.Evidence = idUnread, fmt.Sprintf("s3://%s is no bucket of this environment; it has %s", bucket, all)
	case err != nil:
		f.ID, f.Evidence, f.Err = idUnread, "not all buckets could be looked at", err
		f.Fix = hintOf(err)
	default:
		f.Verdict, f.Evidence = proof.Fail, fmt.Sprintf("there is nothing below %s/ in %s", prefix, shelves)
		f.Fix = "the prefix is the one that StartComposition returned (recordingPrefix)"
	}
	if len(shelves) == 1 {
		f.Region = shelves[0].region
	}
	return f
}

// factsOf are those of the recording at a place, with the events that the log of
// its region has of it.
func (d *doctor) factsOf(ctx context.Context, p *place, shelves library) *facts {
	f := &facts{show: &show{region: p.region}, now: d.now(shelves)}
	if p.composition != "" {
		f.show = d.unlogged(p)
	}
	f.read(ctx, p)
	d.placed([]*facts{f})
	r := d.region(f.region)
	if r == nil || !r.logs() || f.composition == "" {
		return f
	}
	var since time.Time
	if f.outcome.Started != nil {
		since = f.outcome.Started.StartedAt.Add(-time.Minute)
	}
	r.events, r.logErr = r.log.Find(ctx, since, ":composition/"+idOf(f.composition))
	r.logErr = unread(ctx, r.logErr)
	if len(r.events) > 0 {
		c := &single{doctor: d, region: r}
		c.readStage(ctx)
	}
	eventlog.Sort(r.events)
	f.complete(r)
	f.now = d.now(shelves)
	return f
}
