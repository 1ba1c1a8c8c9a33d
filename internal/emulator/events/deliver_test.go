package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/logs"
	"github.com/yolo-live/yolo/internal/emulator/store"
)

const groupARN = "arn:aws:logs:us-east-1:123456789012:log-group:g"

var sentAt = time.Date(2026, 11, 22, 20, 0, 0, 500_000_000, time.UTC)

// receiver is a service that delivers here.
type receiver struct {
	*Service
	t        *testing.T
	messages []logs.Delivery
	err      error
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t}
	r.Service = newService(t)
	r.options.Deliver = func(_ *store.Tx, d logs.Delivery) (string, error) {
		if r.err == nil {
			r.messages = append(r.messages, d)
		}
		return "stream", r.err
	}
	return r
}

func (r *receiver) call(operation, body string) {
	r.t.Helper()
	if _, err := r.Serve(request(operation, body)); err != nil {
		r.t.Fatalf("%s: %v", operation, err)
	}
}

// send has an event happen and come.
func (r *receiver) send(name string) {
	r.t.Helper()
	err := r.store.Update(func(tx *store.Tx) error {
		r.Send(tx, Event{
			Account: "123456789012", Region: "us-east-1", Source: "aws.ivs", DetailType: "IVS Stage Update", Time: sentAt,
			Resources: []string{"arn:stage"}, Detail: map[string]any{"event_name": name, "n": 3, "list": []any{map[string]any{"x y": true}}},
		})
		return r.settle(tx, sentAt)
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// Each rule that matches brings the event to each of its targets.
func TestDeliverToTargets(t *testing.T) {
	r := newReceiver(t)
	for i, pattern := range []string{`{\"source\":[\"aws.ivs\"]}`, `{\"detail\":{\"n\":[{\"numeric\":[\">\",2]}]}}`, `{\"source\":[\"aws.s3\"]}`} {
		r.call("PutRule", fmt.Sprintf(`{"Name":"r%d","EventPattern":"%s"}`, i, pattern))
		r.call("PutTargets", fmt.Sprintf(`{"Rule":"r%d","Targets":[{"Id":"a","Arn":"%s"},{"Id":"b","Arn":"%s-2"}]}`, i, groupARN, groupARN))
	}
	r.call("PutRule", `{"Name":"scheduled","ScheduleExpression":"rate(1 minute)"}`)
	r.call("PutTargets", `{"Rule":"scheduled","Targets":[{"Id":"a","Arn":"`+groupARN+`"}]}`)
	r.send("One")
	var got []string
	for _, m := range r.messages {
		got = append(got, strings.TrimPrefix(m.Rule, "arn:aws:events:us-east-1:123456789012:")+" "+m.Target)
		if !strings.Contains(m.Message, `"detail":{"event_name":"One","list":[{"x y":true}],"n":3}`) || !m.Time.Equal(sentAt.Truncate(time.Second)) || !m.At.Equal(sentAt) {
			t.Errorf("%+v", m)
		}
	}
	want := []string{"rule/r0 " + groupARN, "rule/r0 " + groupARN + "-2", "rule/r1 " + groupARN, "rule/r1 " + groupARN + "-2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDeliverThroughATransformer(t *testing.T) {
	for name, test := range map[string]struct {
		paths, template string
		at, message     string // or the error
	}{
		"texts":        {`{"t":"$.time","n":"$.detail.event_name"}`, `{"timestamp":<t>,"message":"<n> <t>!"}`, "2026-11-22T20:00:00Z", `One "it" 2026-11-22T20:00:00Z!`},
		"whole text":   {`{"t":"$.time","n":"$.detail.event_name"}`, `{"timestamp":"<t>","message":<n>}`, "2026-11-22T20:00:00Z", `One "it"`},
		"an object":    {`{"t":"$.time","d":"$.detail.list[0]"}`, `{"timestamp":<t>,"message":<d>}`, "2026-11-22T20:00:00Z", `{"x y":true}`},
		"in brackets":  {`{"t":"$['time']","d":"$.detail['list'][0][\"x y\"]"}`, `{"timestamp":<t>,"message":"<d>"}`, "2026-11-22T20:00:00Z", "true"},
		"milliseconds": {`{"d":"$.detail-type"}`, `{"timestamp":"1750000000123","message":<d>}`, "2025-06-15T15:06:40Z", "IVS Stage Update"},
		"own names":    {`{}`, `{"timestamp":<aws.events.event.ingestion-time>,"message":"<aws.events.rule-name>"}`, "2026-11-22T20:00:00Z", "r"},
		"nothing":      {`{"t":"$.time","d":"$.detail.gone.far[2]"}`, `{"timestamp":<t>,"message":"<d>"}`, "2026-11-22T20:00:00Z", ""},
		"no time":      {`{"n":"$.detail.event_name"}`, `{"timestamp":<n>,"message":"m"}`, "", `the input transformer makes "One \"it\"" the timestamp, which is no time`},
		"no JSON":      {`{"t":"$.time","d":"$.detail.gone"}`, `{"timestamp":<t>,"message":<d>}`, "", "the input transformer makes no JSON of the event: "},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			r.call("PutRule", putRule)
			template, err := json.Marshal(test.template)
			if err != nil {
				t.Fatal(err)
			}
			r.call("PutTargets", `{"Rule":"r","Targets":[{"Id":"a","Arn":"`+groupARN+`","InputTransformer":{"InputPathsMap":`+test.paths+`,"InputTemplate":`+string(template)+`}}]}`)
			r.send(`One "it"`)
			if test.at == "" {
				history, err := r.History()
				if err != nil || len(r.messages) > 0 || !strings.HasPrefix(history.Events[0].Arrival.Deliveries[0].Error, test.message) {
					t.Errorf("%+v, %v", history, err)
				}
				return
			}
			if len(r.messages) != 1 || r.messages[0].Time.UTC().Format(time.RFC3339) != test.at || r.messages[0].Message != test.message {
				t.Errorf("%+v, want %s at %s", r.messages, test.message, test.at)
			}
		})
	}
}

func TestTransformerOfTheWholeEvent(t *testing.T) {
	r := newReceiver(t)
	r.call("PutRule", putRule)
	r.call("PutTargets", `{"Rule":"r","Targets":[{"Id":"a","Arn":"`+groupARN+`","InputTransformer":{"InputPathsMap":{"t":"$.time"},`+
		`"InputTemplate":"{\"timestamp\":<t>,\"message\":<aws.events.event.json>}"}}]}`)
	r.send("One")
	r.call("PutTargets", `{"Rule":"r","Targets":[{"Id":"a","Arn":"`+groupARN+`","InputTransformer":{"InputPathsMap":{"t":"$.time"},`+
		`"InputTemplate":"{\"timestamp\":<t>,\"message\":<aws.events.event>}"}}]}`)
	r.send("Two")
	history, err := r.History()
	if err != nil {
		t.Fatal(err)
	}
	if r.messages[0].Message != string(history.Events[0].Event) {
		t.Errorf("%s, want %s", r.messages[0].Message, history.Events[0].Event)
	}
	if m := r.messages[1].Message; strings.Contains(m, "detail\"") || !strings.HasSuffix(m, `"resources":["arn:stage"]}`) {
		t.Errorf("%s", m)
	}
}

// A path that would not be followed is refused before anything relies on it.
func TestTransformerRefusesPaths(t *testing.T) {
	r := newReceiver(t)
	r.call("PutRule", putRule)
	_, err := r.Serve(request("PutTargets", `{"Rule":"r","Targets":[{"Id":"a","Arn":"`+groupARN+`","InputTransformer":{"InputPathsMap":{"t":"$.time","d":"$.detail.*"},`+
		`"InputTemplate":"{\"timestamp\":<t>,\"message\":<d>}"}}]}`))
	if err == nil || err.Error() != "NotImplemented: the emulator has JSON paths of names and indexes only, and not $.detail.*" {
		t.Error(err)
	}
}

// The history holds the last thousand, and begins anew when it is told to.
func TestHistory(t *testing.T) {
	r := newReceiver(t)
	r.err = errors.New("no")
	r.call("PutRule", putRule)
	r.call("PutTargets", `{"Rule":"r","Targets":[{"Id":"a","Arn":"`+groupARN+`"}]}`)
	for i := range remembered + 1 {
		r.send(fmt.Sprint(i))
	}
	history, err := r.History()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(history.Events); n != remembered || history.Events[0].Name != "1" {
		t.Errorf("%d events, the first is %s", n, history.Events[0].Name)
	}
	want := []Counts{{Account: "123456789012", Region: "us-east-1", Rule: "r", Triggered: 1001, Invocations: 1001, FailedInvocations: 1001}}
	if diff := cmp.Diff(want, history.Rules); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := r.Forget(); err != nil {
		t.Fatal(err)
	}
	r.send("next")
	if history, err = r.History(); err != nil || len(history.Events) != 1 || history.Events[0].Number != remembered+2 || history.Rules[0].Triggered != 1 {
		t.Errorf("%+v, %v", history, err)
	}
}
