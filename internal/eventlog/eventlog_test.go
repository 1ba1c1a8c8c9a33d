package eventlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

const (
	account  = emulator.DefaultAccount
	region   = "us-east-1"
	group    = "/aws/ivs/g"
	groupARN = "arn:aws:logs:" + region + ":" + account + ":log-group:" + group
)

// fixture is a log that IVS's events come to.
type fixture struct {
	*emulatortest.Instance
	t       *testing.T
	clients *cloud.Clients
	log     *Log
	now     time.Time // by the emulator's clock
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	begun := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	f := &fixture{t: t, now: begun, Instance: emulatortest.Start(t, emulator.Options{Clock: func() time.Time { return begun }})}
	c, err := cloud.Load(t.Context(), cloud.Options{Region: region, Endpoint: f.URL, AccessKey: account})
	if err != nil {
		t.Fatal(err)
	}
	f.clients = c.In(region)
	f.log = NewLog(f.clients, group)
	ctx := t.Context()
	_, err = f.clients.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)})
	_, err2 := f.clients.Logs.PutResourcePolicy(ctx, &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":` +
			`"events.amazonaws.com"},"Action":"logs:*","Resource":"*"}}`),
	})
	_, err3 := f.clients.Events.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"source":["aws.ivs"]}`)})
	_, err4 := f.clients.Events.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String("r"), Targets: []ebtypes.Target{{Id: aws.String("t"), Arn: aws.String(groupARN)}},
	})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return f
}

// happens has IVS tell something now.
func (f *fixture) happens(name string) {
	f.t.Helper()
	err := f.Server.Send(emulator.Event{
		Account: account, Region: region, Source: "aws.ivs", DetailType: "IVS Stage Update", Time: f.now,
		Resources: []string{"arn:aws:ivs:" + region + ":" + account + ":stage/s"}, Detail: map[string]string{"event_name": name},
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// passes sets the clock forward.
func (f *fixture) passes(d time.Duration) {
	f.Advance(d)
	f.now = f.now.Add(d)
}

func names(events []Event) []string {
	list := []string{}
	for _, e := range events {
		list = append(list, e.Name)
	}
	return list
}

func (f *fixture) expect(what string, got []Event, err error, want ...string) {
	f.t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, names(got)); diff != "" || err != nil {
		f.t.Errorf("%s: %v (-want +got)\n%s", what, err, diff)
	}
}

// What EventBridge brought twice is told once, and what came in another order in
// that of its times, however the log cuts its pages.
func TestRead(t *testing.T) {
	f := newFixture(t)
	f.happens("before")
	f.passes(time.Hour)
	from := f.now
	f.Fault("event-late=10m event=one")
	f.Fault("event-twice event=t*")
	for _, name := range []string{"one", "two", "three"} {
		f.happens(name)
		f.passes(time.Second)
	}
	f.passes(time.Hour)
	f.Fault("empty-page times=3")
	got, err := f.log.Read(t.Context(), from)
	f.expect("all", got, err, "one", "two", "three")
	if late := got[0].Logged.Sub(got[0].Time); late != 10*time.Minute {
		t.Errorf("it came %v late", late)
	}
	got, err = f.log.Read(t.Context(), from.Add(2*time.Second))
	f.expect("the last", got, err, "three")
}

func TestReadFails(t *testing.T) {
	f := newFixture(t)
	if _, err := NewLog(f.clients, "/aws/ivs/other").Read(t.Context(), f.now); !errors.Is(err, ErrNoGroup) {
		t.Errorf("%v, want ErrNoGroup", err)
	}
	f.Fault("op=FilterLogEvents code=AccessDeniedException")
	_, err := f.log.Read(t.Context(), f.now)
	if e, ok := errors.AsType[*cloud.Error](err); !ok || !e.Denied() {
		t.Errorf("%v, want a denial", err)
	}
}

// A follower hears of each event once: in order or not, late, doubled, or after
// polls that failed.
func TestTail(t *testing.T) {
	f := newFixture(t)
	wall := time.Now()
	tail := newTail(f.log, f.now.Add(-time.Hour))
	poll := func(what string, want ...string) {
		t.Helper()
		got, err := tail.poll(t.Context(), wall)
		f.expect(what, got, err, want...)
	}
	f.happens("first")
	poll("the first poll", "first")
	poll("nothing new")

	f.Fault("event-late=1h times=1")
	f.Fault("event-twice")
	f.happens("late")
	f.happens("second")
	f.passes(time.Second)
	f.happens("third")
	poll("a later one", "second", "third")
	poll("nothing new again")

	f.ClearFaults()
	f.Fault("op=FilterLogEvents code=AccessDeniedException times=1")
	f.happens("fourth")
	if _, err := tail.poll(t.Context(), wall); err == nil {
		t.Error("a poll that failed has no error")
	}
	poll("the one after", "fourth")

	// What came an hour late is out of reach for polls that look back a little,
	// and found by the next that looks back far.
	f.passes(30 * time.Minute)
	f.happens("fifth")
	poll("half an hour later", "fifth")
	f.passes(30 * time.Minute)
	f.happens("sixth")
	poll("when it has come", "sixth")
	wall = wall.Add(sweepEvery)
	poll("half a minute later", "late")
	wall = wall.Add(sweepEvery)
	poll("and never again")
}

// An event that claims to be of a time to come must not hide those of now.
func TestTailOfTimesToCome(t *testing.T) {
	f := newFixture(t)
	wall := time.Now()
	tail := newTail(f.log, f.now.Add(-time.Hour))
	f.now = f.now.Add(100 * time.Minute)
	err := f.Server.Send(emulator.Event{
		Account: account, Region: region, Source: "aws.ivs", DetailType: "IVS Stage Update", Time: f.now, Detail: map[string]string{"event_name": "ahead"},
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Advance(100 * time.Minute)
	f.now = f.now.Add(-90 * time.Minute)
	if _, err := tail.poll(t.Context(), wall); err != nil {
		t.Fatal(err)
	}
	// The log took it in when it came, so that is where to go on from.
	if tail.newest.After(f.now.Add(90 * time.Minute)) {
		t.Errorf("the newest is of %v", tail.newest)
	}
}

// Ids that no poll can find again are forgotten, others are not.
func TestTailForgets(t *testing.T) {
	f := newFixture(t)
	wall := time.Now()
	tail := newTail(f.log, f.now)
	f.happens("first")
	for _, passes := range []time.Duration{0, lookBack - time.Minute, 2 * time.Minute, time.Minute} {
		f.passes(passes)
		f.happens("next")
		wall = wall.Add(sweepEvery)
		if _, err := tail.poll(t.Context(), wall); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(tail.seen); n != 3 {
		t.Errorf("%d ids are kept, want 3", n)
	}
}

// Each region goes on by itself, and the channel ends with the context.
func TestFollow(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	missing := NewLog(f.clients, "/aws/ivs/other")
	f.happens("one")
	updates := Follow(ctx, []*Log{f.log, missing}, f.now.Add(-time.Hour), time.Millisecond)
	heard, failed := []string{}, 0
	for u := range updates {
		heard = append(heard, names(u.Events)...)
		if errors.Is(u.Err, ErrNoGroup) {
			failed++
		}
		switch {
		case slices.Equal(heard, []string{"one"}):
			f.happens("two")
			heard = append(heard, "sent")
		case slices.Contains(heard, "two") && failed > 1:
			cancel()
		}
	}
	if diff := cmp.Diff([]string{"one", "sent", "two"}, heard); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Few stages are asked for by themselves and many by a list, each once; what
// cannot be had keeps nothing back.
func TestStageNames(t *testing.T) {
	f := newFixture(t)
	var events []Event
	for i := range 6 {
		made, err := f.clients.IVS.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: aws.String(fmt.Sprint("show-", i))})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, Event{Stage: *made.Stage.Arn})
	}
	gone := Event{Stage: "arn:aws:ivs:us-east-1:123456789012:stage/goneGoneGone"}
	for name, test := range map[string]struct {
		fault  string
		events []Event
		want   []string
		calls  []string
	}{
		"two":     {events: []Event{events[0], gone, {}, events[0]}, want: []string{"show-0", "", "", "show-0"}, calls: []string{"GetStage", "GetStage"}},
		"many":    {events: append(slices.Clone(events), gone), want: []string{"show-0", "show-1", "show-2", "show-3", "show-4", "show-5", ""}, calls: []string{"ListStages"}},
		"none":    {events: []Event{{}}, want: []string{""}},
		"refused": {fault: "op=*Stage* code=Whatever status=400", events: events[:1], want: []string{""}, calls: []string{"GetStage"}},
	} {
		t.Run(name, func(t *testing.T) {
			f.ResetCalls()
			f.ClearFaults()
			if test.fault != "" {
				f.Fault(test.fault)
			}
			s := newStages(f.clients, &denied{})
			for range 2 {
				of := slices.Clone(test.events)
				s.name(t.Context(), of)
				var got []string
				for _, e := range of {
					got = append(got, e.StageName)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			}
			if diff := cmp.Diff(test.calls, f.Operations()); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
		})
	}
}

const compositionEvent = `{"version":"0","id":"e1","detail-type":"IVS Composition State Change","source":"aws.ivs","account":"123456789012",` +
	`"time":"2026-11-22T20:00:00Z","region":"us-east-1","resources":["arn:aws:ivs:us-east-1:123456789012:composition/c"],` +
	`"detail":{"event_name":%q,"stage_arn":"arn:aws:ivs:us-east-1:123456789012:stage/s","id":"d"%s}}`

func TestEventOfAnEntry(t *testing.T) {
	line := logstypes.FilteredLogEvent{EventId: aws.String("log-id"), Timestamp: aws.Int64(1_800_000_000_000), IngestionTime: aws.Int64(1_800_000_001_500)}
	at := time.UnixMilli(1_800_000_000_000).UTC()
	logged := time.UnixMilli(1_800_000_001_500).UTC()
	happened := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	const stage, composition = "arn:aws:ivs:us-east-1:123456789012:stage/s", "arn:aws:ivs:us-east-1:123456789012:composition/c"
	for name, test := range map[string]struct {
		message string
		want    Event
	}{
		"a composition's failure": {
			fmt.Sprintf(compositionEvent, "Destination Failure", `,"error_code":"AccessDeniedException","reason":"No"`),
			Event{
				ID: "e1", Time: happened, Type: "IVS Composition State Change", Name: "Destination Failure", Stage: stage, Composition: composition,
				Destination: "d", Code: "AccessDeniedException", Reason: "No",
			},
		},
		"a participant's": {
			`{"id":"e2","detail-type":"IVS Stage Update","time":"2026-11-22T20:00:00Z","resources":["` + stage + `"],"detail":{"event_name":"Participant Published","participant_id":"p"}}`,
			Event{ID: "e2", Time: happened, Type: "IVS Stage Update", Name: "Participant Published", Stage: stage, Participant: "p"},
		},
		"a limit": {
			`{"id":"e3","detail-type":"IVS Limit Breach","time":"2026-11-22T20:00:00Z","resources":["arn:aws:ivs:us-east-1:1:channel/c"],"detail":{"limit_name":"Concurrent Viewers"}}`,
			Event{ID: "e3", Time: happened, Type: "IVS Limit Breach", Name: "Concurrent Viewers"},
		},
		"without a time":     {`{"id":"e4","detail-type":"x","detail":{}}`, Event{ID: "e4", Time: at, Type: "x"}},
		"a text":             {"hello", Event{ID: "log-id", Time: at}},
		"JSON of others":     {`{"level":"info"}`, Event{ID: "log-id", Time: at}},
		"of another shape":   {`{"id":"x","detail-type":"y","detail":[1]}`, Event{ID: "log-id", Time: at}},
		"a list":             {`[]`, Event{ID: "log-id", Time: at}},
		"nothing whatsoever": {"", Event{ID: "log-id", Time: at}},
	} {
		t.Run(name, func(t *testing.T) {
			line.Message = aws.String(test.message)
			test.want.Region, test.want.Message, test.want.Logged = region, test.message, logged
			if diff := cmp.Diff(test.want, read(region, line)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWhatFailed(t *testing.T) {
	for name, want := range map[string][2]bool{ // failed, troubled
		"Session Start": {}, "Session End": {}, "Destination End": {}, "Participant Unpublished": {}, "Recording End": {},
		"Session Failure": {true, false}, "Destination Failure": {true, false}, "Recording Start Failure": {true, false},
		"Recording End Failure": {true, false}, "Participant Publish Error": {true, false}, "Stream Takeover Failure": {true, false},
		"Destination Reconnecting": {false, true}, "Starvation Start": {false, true}, "Starvation End": {},
	} {
		e := Event{Name: name}
		if got := [2]bool{e.Failed(), e.Troubled()}; got != want {
			t.Errorf("%s: failed and troubled %v, want %v", name, got, want)
		}
	}
	if e := (Event{Name: "Something New", Code: "X"}); !e.Failed() {
		t.Error("an event with an error code did not fail")
	}
	if e := (Event{Name: "Ingest Bitrate", Type: "IVS Limit Breach"}); !e.Troubled() {
		t.Error("a limit that is broken is no trouble")
	}
}
