package ivsrealtime

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// How long things take (RealTimeUserGuide: Server-Side Composition, Composition
// Lifecycle; Service Quotas). Of starting and stopping it says "a few seconds".
const (
	timeToStart = 3 * time.Second
	timeToStop  = 2 * time.Second
	quietLimit  = time.Minute // without publishers, then a composition stops itself
	longestLife = 24 * time.Hour
	remembered  = 5 * time.Minute // after its end, by Get and List
)

// States of compositions and of their destinations.
const (
	stateStarting = "STARTING"
	stateActive   = "ACTIVE"
	stateStopping = "STOPPING"
	stateStopped  = "STOPPED"
	stateFailed   = "FAILED"
)

// Codes of failures (RealTimeUserGuide, Using EventBridge).
const (
	codeStageDeleted      = "StageDeleted"
	codeDestinationFailed = "DestinationFailure"
	codeNoBucket          = "ResourceNotFoundException"
	codeNoAccess          = "AccessDeniedException"
	codeBusyChannel       = "ConflictException"
)

// active is when the composition is up, unless it ends before.
func (c *composition) active() time.Time { return c.Started.Add(timeToStart) }

// ends tells whether the end has come by now.
func (c *composition) ends(now time.Time) bool { return c.End != nil && !c.End.At.After(now) }

// finish is when the composition is STOPPED or FAILED. It has an end.
func (c *composition) finish() time.Time {
	if c.End.Code != "" {
		return c.End.At
	}
	return c.End.At.Add(timeToStop)
}

// over tells whether the composition is STOPPED or FAILED by now.
func (c *composition) over(now time.Time) bool { return c.End != nil && !c.finish().After(now) }

// ended is the end time that is shown by now; zero before.
func (c *composition) ended(now time.Time) time.Time {
	if !c.over(now) {
		return time.Time{}
	}
	return c.finish()
}

func (c *composition) state(now time.Time) string {
	switch {
	case c.over(now) && c.End.Code != "":
		return stateFailed
	case c.over(now):
		return stateStopped
	case c.ends(now):
		return stateStopping
	case now.Before(c.active()):
		return stateStarting
	default:
		return stateActive
	}
}

// failed tells whether a destination had failed by a time.
func (d *destination) failed(by time.Time) bool { return d.Failure != nil && !d.Failure.At.After(by) }

// summaryOf is the state of one destination: the composition's, unless it
// failed by itself.
func (c *composition) summaryOf(d *destination, now time.Time) destinationSummary {
	s := destinationSummary{ID: d.ID, State: c.state(now), Ended: c.ended(now)}
	last := now // until when anything may have happened to it
	if c.ends(now) {
		last = c.End.At
	}
	if !last.Before(c.active()) && !d.failed(c.active()) {
		s.Started = c.active()
	}
	switch {
	case d.failed(last):
		s.State, s.Ended = stateFailed, d.Failure.At
	case s.State == stateFailed:
		s.State = stateStopped
	}
	return s
}

// advance notes what has happened to the compositions of the request's account
// and region since the last request: nothing runs here between requests.
func (s *Service) advance(r *wire.Request) error {
	due := false
	err := s.store.View(func(tx *store.Tx) error {
		due = len(moved(tx, r)) > 0
		return nil
	})
	if err != nil || !due {
		return err
	}
	return s.store.Update(func(tx *store.Tx) error {
		for _, c := range moved(tx, r) {
			if c.over(r.Now) && !c.finish().Add(remembered).After(r.Now) {
				tx.Delete(table(kindComposition), c.id().key())
				continue
			}
			c.put(tx)
		}
		return nil
	})
}

// moved are the compositions to which something has happened that is not in
// their rows, or that are to be forgotten.
func moved(tx *store.Tx, r *wire.Request) []composition {
	var all []composition
	for _, c := range store.Scan[composition](tx, table(kindComposition), store.Key(r.Account, r.Region, ""), "") {
		changed := c.End == nil && c.move(tx, r)
		if changed || c.over(r.Now) && !c.finish().Add(remembered).After(r.Now) {
			all = append(all, c)
		}
	}
	return all
}

// move brings a composition without an end up to now, and tells whether
// anything happened.
func (c *composition) move(tx *store.Tx, r *wire.Request) (changed bool) {
	end := c.Started.Add(longestLife)
	stage, _ := parseARN(c.StageARN)
	if quiet := quietFrom(tx, stage, c.Started, quietLimit); !quiet.IsZero() && quiet.Before(end) {
		end = quiet
	}
	if failed, all := c.allFailed(); all && failed.Before(end) && !failed.After(r.Now) {
		c.End = &ending{At: failed, Code: codeDestinationFailed}
		return true
	}
	if !end.After(r.Now) {
		c.End = &ending{At: end}
		return true
	}
	for i := range c.Destinations {
		d := &c.Destinations[i]
		if d.Failure == nil && !r.Now.Before(c.active()) {
			d.Failure = c.check(tx, d, r.Now)
			changed = changed || d.Failure != nil
		}
	}
	if failed, all := c.allFailed(); all && changed {
		c.End = &ending{At: failed, Code: codeDestinationFailed}
	}
	return changed
}

// allFailed tells whether and when the last of the destinations fails. IVS
// keeps a composition as long as one is left.
func (c *composition) allFailed() (last time.Time, all bool) {
	for _, d := range c.Destinations {
		if d.Failure == nil {
			return time.Time{}, false
		}
		if d.Failure.At.After(last) {
			last = d.Failure.At
		}
	}
	return last, true
}

// check looks whether a destination can be written to at a time; nil if so.
// The bucket must be in the composition's region, and IVS must be let in
// (RealTimeUserGuide, Composite Recording; Using EventBridge).
func (c *composition) check(tx *store.Tx, d *destination, at time.Time) *failure {
	if d.Configuration.S3 == nil {
		return nil
	}
	i := c.id()
	configuration, _ := parseARN(d.Configuration.S3.StorageARN)
	found, ok := store.Get[storage](tx, table(kindStorage), configuration.key())
	if !ok {
		return &failure{at, codeNoBucket}
	}
	bucket, ok := s3.Lookup(tx, found.S3.BucketName)
	if !ok || bucket.Region != i.region {
		return &failure{at, codeNoBucket}
	}
	if bucket.Account != i.account || !recordable(bucket, "ivs-composite."+i.region+".amazonaws.com", d.Prefix) {
		return &failure{at, codeNoAccess}
	}
	return nil
}

// recordable tells whether IVS, as a service principal, can write a recording
// below a prefix of the bucket. What IVS demands of a bucket that was there
// before is in Getting Started with Server-Side Composition.
func recordable(b s3.Bucket, principal, prefix string) bool {
	return (b.Ownership == s3.OwnerEnforced || b.Ownership == s3.OwnerPreferred) &&
		b.DefaultEncryption == s3.EncryptionS3 &&
		s3.MayRecord(b, principal, prefix+"/events/recording-started.json")
}
