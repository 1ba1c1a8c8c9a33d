package ivsrealtime

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
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
	codeInternal          = "InternalServerException"
)

// active is when the composition is up, unless it ends before.
func (c *composition) active() time.Time { return c.Started.Add(timeToStart) }

// begins tells whether the composition has come up by now.
func (c *composition) begins(now time.Time) bool {
	return !c.active().After(now) && (c.End == nil || !c.End.At.Before(c.active()))
}

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

// forgotten tells whether Get and List do not know the composition any more.
func (c *composition) forgotten(now time.Time) bool {
	return c.over(now) && !c.finish().Add(remembered).After(now)
}

// move brings a composition without an end up to now, and tells whether
// anything happened.
func (c *composition) move(tx *store.Tx, now time.Time) (changed bool) {
	end := c.Started.Add(longestLife)
	stage, _ := parseARN(c.StageARN)
	if quiet := quietFrom(tx, stage, c.Started, quietLimit); !quiet.IsZero() && quiet.Before(end) {
		end = quiet
	}
	if failed, all := c.allFailed(); all && failed.Before(end) && !failed.After(now) {
		c.End = &ending{At: failed, Code: codeDestinationFailed}
		return true
	}
	if !end.After(now) {
		c.End = &ending{At: end}
		return true
	}
	for i := range c.Destinations {
		d := &c.Destinations[i]
		if d.Failure == nil && d.Begun {
			d.Failure = c.barred(tx, d, now)
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
