package events

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func entry(source, detailType, detail string) string {
	return fmt.Sprintf(`{"Source":%q,"DetailType":%q,"Detail":%q}`, source, detailType, detail)
}

// One entry that is not sent keeps none of the others back.
func TestPutEventsTellsOfEachEntry(t *testing.T) {
	s := newService(t)
	response, err := s.Serve(request("PutEvents", `{"Entries":[`+strings.Join([]string{
		entry("yolo.verify", "canary", `{"n":1}`),
		entry("aws.ivs", "IVS Stage Update", `{}`),
		entry("", "canary", `{}`),
		`{"Source":"yolo.verify","Detail":"{}"}`,
		entry("yolo.verify", "canary", ``),
		entry("yolo.verify", "canary", `[1]`),
		entry("yolo.verify", "canary", `{`),
		entry("yolo.verify", "canary", `null`),
		entry("awsome", "canary", `{}`),
	}, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	var out putEventsOutput
	if err := json.Unmarshal(response.Body, &out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range out.Entries {
		if (one.EventID != "") == (one.ErrorCode != "") {
			t.Errorf("%+v", one)
		}
		got = append(got, one.ErrorCode+one.ErrorMessage)
	}
	required := func(name string) string {
		return fmt.Sprintf("InvalidArgumentParameter %[1]s is not valid. Reason: %[1]s is a required argument.", name)
	}
	want := []string{
		"", "NotAuthorizedForSourceExceptionNot authorized for the source.", required("Source"), required("DetailType"), required("Detail"),
		"MalformedDetailDetail is malformed.", "MalformedDetailDetail is malformed.", "MalformedDetailDetail is malformed.", "",
	}
	if diff := cmp.Diff(want, got); diff != "" || out.FailedEntryCount != 7 {
		t.Errorf("%d failed (-want +got)\n%s", out.FailedEntryCount, diff)
	}
	history, err := s.History()
	if err != nil || len(history.Events) != 2 {
		t.Errorf("%d events were sent, %v", len(history.Events), err)
	}
}

func TestPutEventsRefuses(t *testing.T) {
	one := entry("s", "t", `{}`)
	for name, test := range map[string]struct{ body, want string }{
		"none":        {`{}`, "ValidationException: 1 validation error detected: Value null at 'entries'"},
		"empty":       {`{"Entries":[]}`, "greater than or equal to 1"},
		"eleven":      {`{"Entries":[` + strings.Repeat(one+",", 10) + one + `]}`, "less than or equal to 10"},
		"too large":   {`{"Entries":[` + entry("s", "t", `{"x":"`+strings.Repeat("x", maxSentBytes)+`"}`) + `]}`, "Total size of the entries in the request is over the limit."},
		"another bus": {`{"Entries":[{"EventBusName":"other"}]}`, "NotImplemented: the emulator has the default event bus only"},
		"an endpoint": {`{"EndpointId":"a.b","Entries":[` + one + `]}`, "NotImplemented: the emulator has no global endpoints"},
	} {
		if _, err := newService(t).Serve(request("PutEvents", test.body)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	for _, bus := range []string{`"default"`, `"arn:aws:events:us-east-1:123456789012:event-bus/default"`, `null`} {
		body := `{"Entries":[{"EventBusName":` + bus + `,` + one[1:] + `]}`
		if _, err := newService(t).Serve(request("PutEvents", body)); err != nil {
			t.Errorf("bus %s: %v", bus, err)
		}
	}
}

// What was sent is what targets get, but for its id.
func TestPutEventsMakesAnEvent(t *testing.T) {
	r := newReceiver(t)
	r.call("PutRule", `{"Name":"r","EventPattern":"{\"source\":[\"s\"]}"}`)
	r.call("PutTargets", `{"Rule":"r","Targets":[{"Id":"a","Arn":"`+groupARN+`"}]}`)
	r.call("PutEvents", `{"Entries":[{"Source":"s","DetailType":"<t>","Detail":"{ \"b\": 1.50, \"a\": \"&\" }","Resources":["r"],"Time":1750000000.9}]}`)
	if err := r.Settle(sentAt); err != nil {
		t.Fatal(err)
	}
	var head envelope
	if err := json.Unmarshal([]byte(r.messages[0].Message), &head); err != nil {
		t.Fatal(err)
	}
	want := `{"version":"0","id":"` + head.ID + `","detail-type":"<t>","source":"s","account":"123456789012","time":"2025-06-15T15:06:40Z",` +
		`"region":"us-east-1","resources":["r"],"detail":{"b":1.50,"a":"&"}}`
	if got := r.messages[0].Message; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPutEventsThatFails(t *testing.T) {
	s := newService(t)
	r := request("PutEvents", `{"Entries":[`+entry("s", "t", `{}`)+`,`+entry("s", "t", `{}`)+`]}`)
	response := s.FailEntries(r, "InternalFailure")
	var out putEventsOutput
	if response == nil || response.Status != http.StatusOK || json.Unmarshal(response.Body, &out) != nil {
		t.Fatalf("response %+v", response)
	}
	if out.FailedEntryCount != 2 || len(out.Entries) != 2 || out.Entries[0].ErrorCode != "InternalFailure" || out.Entries[0].EventID != "" {
		t.Errorf("%s", response.Body)
	}
	if s.FailEntries(&wire.Request{Operation: "PutEvents", Body: []byte("{")}, "x") != nil {
		t.Error("a request that is none has entries")
	}
}
