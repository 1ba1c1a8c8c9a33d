package doctor

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
)

// noon is when the shows of these tests begin.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func after(minutes float64) time.Time {
	return noon.Add(time.Duration(minutes * float64(time.Minute)))
}

// The shows' composition, destination and stage.
const (
	testComposition = "arn:aws:ivs:us-east-1:123456789012:composition/c1"
	testStage       = "arn:aws:ivs:us-east-1:123456789012:stage/s1"
)

// event is one of the show, so many minutes after its beginning.
func event(name string, minutes float64) eventlog.Event {
	e := eventlog.Event{Region: "us-east-1", Name: name, Time: after(minutes), Stage: testStage, StageName: "friday"}
	switch {
	case strings.HasPrefix(name, "Participant "):
		e.Participant = "p1"
	case strings.HasPrefix(name, "Destination "):
		e.Destination = "d1"
		fallthrough
	default:
		e.Composition = testComposition
	}
	return e
}

func failing(e eventlog.Event, code, reason string) eventlog.Event {
	e.Code, e.Reason = code, reason
	return e
}

// testShow is the user id of those of yolo verify.
const testShow = "yolo-verify"

func by(user string, e eventlog.Event) eventlog.Event {
	e.User = user
	return e
}

// of makes an event another participant's.
func of(participant string, e eventlog.Event) eventlog.Event {
	e.Participant = participant
	return e
}

func metadata(status string, from, to float64, recorded time.Duration) *recording.Metadata {
	m := &recording.Metadata{Status: status, StageARN: testStage, StartedAt: after(from), EndedAt: after(to)}
	m.Media.HLS.DurationMS = recorded.Milliseconds()
	return m
}

func started() recording.Outcome {
	return recording.Outcome{Started: metadata(recording.StatusStarted, 0, 0, 0)}
}

func ended(to float64, recorded time.Duration) recording.Outcome {
	o := started()
	o.Ended = metadata(recording.StatusEnded, 0, to, recorded)
	return o
}

// timeless tells how long it is, and not when it was.
func timeless(recorded time.Duration) recording.Outcome {
	o := ended(30, recorded)
	o.Started, o.Ended.StartedAt, o.Ended.EndedAt = nil, time.Time{}, time.Time{}
	return o
}

func failedOutcome() recording.Outcome {
	o := started()
	o.Failed = metadata(recording.StatusEndedWithFailure, 0, 10, 0)
	o.Failed.Message = "Access denied"
	return o
}

// Each thing that can become of a show has its own name, and none but the whole
// one passes.
func TestJudge(t *testing.T) {
	start, end := event(eventDestinationStart, 0), event(eventDestinationEnd, 30)
	published, left := event(eventPublished, -1), func(at float64) eventlog.Event { return event(eventUnpublished, at) }
	const half = 30 * time.Minute
	type events = []eventlog.Event
	for name, test := range map[string]struct {
		events     events
		outcome    recording.Outcome
		state      string
		unsearched error
		now        float64 // minutes; 0 is an hour
		id         string
		verdict    proof.Verdict
		evidence   string
	}{
		"whole":                  {events: events{published, start, end}, outcome: ended(30, half), state: gone, id: idRecorded, verdict: proof.Pass, evidence: "30 min 0 s in s3://b/p"},
		"a little shorter":       {events: events{published, start, end}, outcome: ended(30, half-9*time.Second), id: idRecorded, verdict: proof.Pass},
		"without its end event":  {events: events{published, start}, outcome: ended(30, half), id: idRecorded, verdict: proof.Pass},
		"without any event":      {outcome: ended(30, half), id: idRecorded, verdict: proof.Pass},
		"without its beginning":  {outcome: recording.Outcome{Ended: ended(30, half).Ended}, id: idRecorded, verdict: proof.Pass},
		"cut, and no beginning":  {outcome: recording.Outcome{Ended: ended(30, half/2).Ended}, id: idTooShort, verdict: proof.NotProven},
		"without any time":       {outcome: timeless(half), id: idRecorded, verdict: proof.NotProven, evidence: "nothing tells when it began and ended"},
		"reconnected":            {events: events{published, start, event(eventDestinationReconnecting, 3), end}, outcome: ended(30, half), id: idRecorded, verdict: proof.Pass, evidence: "could not reach the bucket (1 event of Destination Reconnecting)"},
		"published late":         {events: events{start, event(eventPublished, 0.5), end}, outcome: ended(30, half-30*time.Second), id: idRecorded, verdict: proof.Pass},
		"two in turns":           {events: events{published, start, of("p2", event(eventPublished, 9)), left(10), end}, outcome: ended(30, half), id: idRecorded, verdict: proof.Pass},
		"too short":              {events: events{published, start, end}, outcome: ended(30, 10*time.Minute), id: idTooShort, verdict: proof.Fail, evidence: "published to for 30 min 0 s, but there is 10 min 0 s"},
		"too short, two in turn": {events: events{published, start, of("p2", event(eventPublished, 9)), left(10), end}, outcome: ended(30, 10*time.Minute), id: idTooShort, verdict: proof.Fail},
		"empty":                  {events: events{published, start, end}, outcome: ended(30, 0), id: idTooShort, verdict: proof.Fail},
		"empty without events":   {outcome: ended(0, 0), id: idTooShort, verdict: proof.Fail},
		"short, nobody knows":    {events: events{start, end}, outcome: ended(30, 10*time.Minute), id: idTooShort, verdict: proof.NotProven, evidence: "does not tell when somebody published"},
		"short as published":     {events: events{published, start, left(10), of("p2", event(eventPublished, 10.9)), end}, outcome: ended(30, 29*time.Minute), id: idRecorded, verdict: proof.Pass},

		"nobody ever":             {events: events{start, event(eventDestinationEnd, 1.03)}, outcome: ended(1.03, 0), id: idNoPublisher, verdict: proof.Fail, evidence: "nobody published, and IVS stopped it after 60 s; 0.0 s in"},
		"nobody, others before":   {events: events{event(eventPublished, -9), left(-5), start, event(eventDestinationEnd, 1)}, outcome: ended(1, 0), id: idNoPublisher, verdict: proof.Fail},
		"all left":                {events: events{published, start, left(29), event(eventDestinationEnd, 30.03)}, outcome: ended(30, 29*time.Minute), id: idNoPublisher, verdict: proof.NotProven, evidence: "whether the show was over, nothing tells"},
		"all left, and came back": {events: events{published, start, left(29), end, of("p2", event(eventPublished, 31))}, outcome: ended(30, 29*time.Minute), id: idNoPublisher, verdict: proof.Fail, evidence: "published again at 2026-11-22 12:31:00 UTC"},
		"all left, and too short": {events: events{published, start, left(29), end}, outcome: ended(30, time.Minute), id: idTooShort, verdict: proof.Fail},
		"left, stopped at once":   {events: events{published, start, left(29.9), end}, outcome: ended(30, half), id: idRecorded, verdict: proof.Pass},

		"failed": {
			events: events{start, failing(event(eventDestinationFailure, 5), "ResourceNotFoundException", "S3 bucket not found.")}, id: idFailed, verdict: proof.Fail,
			evidence: "IVS says ResourceNotFoundException: S3 bucket not found. (Destination Failure)",
		},
		"failed before it began":  {events: events{failing(event(eventDestinationFailure, 0), "AccessDeniedException", "")}, id: idFailed, verdict: proof.Fail, evidence: "IVS says AccessDeniedException"},
		"session failed":          {events: events{failing(event(eventSessionFailure, 0), "StageDeleted", "Stage has been deleted")}, id: idFailed, verdict: proof.Fail, evidence: "Stage has been deleted (Session Failure)"},
		"failed, and has its end": {events: events{published, start, failing(event(eventDestinationFailure, 5), "X", "y"), end}, outcome: ended(30, half), id: idFailed, verdict: proof.Fail},
		"failed by its metadata":  {events: events{start, end}, outcome: failedOutcome(), id: idFailed, verdict: proof.Fail, evidence: `"Access denied"`},
		"ended with a failure":    {events: events{start, end}, outcome: recording.Outcome{Ended: metadata(recording.StatusEndedWithFailure, 0, 30, half)}, id: idFailed, verdict: proof.Fail},
		"failed by IVS alone":     {events: events{start}, state: "FAILED", id: idFailed, verdict: proof.Fail},

		"missing":                  {events: events{start, end}, state: gone, id: idMissing, verdict: proof.Fail, evidence: "IVS began to record it, but nothing of it is in s3://b"},
		"missing, no end":          {events: events{start}, state: gone, id: idMissing, verdict: proof.Fail},
		"missing, no beginning":    {events: events{end}, id: idMissing, verdict: proof.Fail},
		"missing while it runs":    {events: events{start}, state: "ACTIVE", now: 10, id: idMissing, verdict: proof.Fail, evidence: "running since 2026-11-22 12:00:00 UTC"},
		"missing, ended just now":  {events: events{start, end}, now: 31, id: idRunning, verdict: proof.NotProven},
		"not found, not searched":  {events: events{start, end}, unsearched: errors.New("denied"), id: idUnread, verdict: proof.NotProven, evidence: "not all of its bucket could be looked at"},
		"metadata cannot be read":  {events: events{start, end}, outcome: recording.Outcome{Problem: errors.New("denied")}, id: idUnread, verdict: proof.NotProven},
		"no end in the bucket":     {events: events{start, end}, outcome: started(), now: 33, id: idNotEnded, verdict: proof.Fail, evidence: "it ended 3 min 0 s ago"},
		"no end in the bucket yet": {events: events{start, end}, outcome: started(), now: 31.5, id: idRunning, verdict: proof.NotProven},
		"no end at all":            {events: events{start}, outcome: started(), state: gone, id: idNotEnded, verdict: proof.Fail},
		"no end after a day":       {events: events{start}, outcome: started(), now: 25 * 60, id: idNotEnded, verdict: proof.Fail},

		"a test show, deleted":     {events: events{by(testShow, published), start, end}, state: gone, id: idTestShow, verdict: proof.NotProven, evidence: "as after yolo verify --purge"},
		"a test show, failed":      {events: events{by(testShow, published), start, failing(event(eventDestinationFailure, 5), "X", "y")}, id: idFailed, verdict: proof.Fail},
		"a test show, running":     {events: events{by(testShow, published), start}, state: "ACTIVE", now: 10, id: idMissing, verdict: proof.Fail},
		"began just now":           {events: events{start}, now: 0.5, id: idRunning, verdict: proof.NotProven},
		"began before IVS's list":  {events: events{start}, state: gone, now: 0.5, id: idRunning, verdict: proof.NotProven},
		"running":                  {events: events{published, start}, outcome: started(), state: "ACTIVE", id: idRunning, verdict: proof.NotProven, evidence: "still running"},
		"running as far as known":  {events: events{start}, outcome: started(), id: idRunning, verdict: proof.NotProven},
		"running without an event": {outcome: started(), state: "ACTIVE", id: idRunning, verdict: proof.NotProven},
	} {
		t.Run(name, func(t *testing.T) {
			f := facts{show: &show{region: "us-east-1"}, searched: "s3://b", outcome: test.outcome, state: test.state, unsearched: test.unsearched, now: after(60)}
			if test.now != 0 {
				f.now = after(test.now)
			}
			if shows := showsIn(test.events); len(shows) == 1 {
				f.show = shows[0]
			} else if len(test.events) > 0 {
				t.Fatalf("%d shows", len(shows))
			}
			f.air = airOf(f.stage, test.events)
			if f.outcome.State() != recording.Absent {
				f.place = "s3://b/p"
			}
			got := f.judge()
			if got.ID != test.id || got.Verdict != test.verdict || !strings.Contains(got.Evidence, test.evidence) {
				t.Errorf("%s %v: %s; want %s %v: …%s…", got.ID, got.Verdict, got.Evidence, test.id, test.verdict, test.evidence)
			}
		})
	}
}

// The failure of a session is that of each of its destinations, unless they have
// their own.
func TestShowsIn(t *testing.T) {
	other := event(eventDestinationStart, 0)
	other.Destination = "d2"
	shows := showsIn([]eventlog.Event{
		event("Session Start", 0), event(eventDestinationStart, 0), other, event(eventPublished, 0),
		failing(event(eventDestinationFailure, 1), "AccessDeniedException", ""), failing(event(eventSessionFailure, 1), "DestinationFailure", ""),
	})
	if len(shows) != 2 {
		t.Fatalf("%d shows", len(shows))
	}
	for i, want := range []string{"AccessDeniedException", "DestinationFailure"} {
		if s := shows[i]; s.failure == nil || s.failure.Code != want || s.begun.IsZero() {
			t.Errorf("%s: %+v, want %s", s.destination, s.failure, want)
		}
	}
	if got, want := shows[0].subject(), "friday, composition c1, 2026-11-22 12:00:00 UTC"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSplitPrefix(t *testing.T) {
	for given, want := range map[string][2]string{
		"a/c/d/composite":  {"", "a/c/d/composite"},
		"a/c/d/composite/": {"", "a/c/d/composite"},
		"s3://b/a/c/d/composite/media/hls/multivariant.m3u8":              {"b", "a/c/d/composite"},
		"s3://b/a/c/d/composite/events/recording-ended.json":              {"b", "a/c/d/composite"},
		"stage/session/participant/2026-11-22T12-00-00Z/media/hls/high/x": {"", "stage/session/participant/2026-11-22T12-00-00Z"},
		"/stage/session/participant/2026-11-22T12-00-00Z/":                {"", "stage/session/participant/2026-11-22T12-00-00Z"},
		"s3://b":  {"b", ""},
		"s3://b/": {"b", ""},
		"":        {"", ""},
		"/":       {"", ""},
		"s3://b/stage/session/participant/2026-11-22T12-00-00Z/events/a.js": {"b", "stage/session/participant/2026-11-22T12-00-00Z"},
	} {
		if bucket, prefix := SplitPrefix(given); bucket != want[0] || prefix != want[1] {
			t.Errorf("%q is %q, %q; want %q", given, bucket, prefix, want)
		}
	}
}
