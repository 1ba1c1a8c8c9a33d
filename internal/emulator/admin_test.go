package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
)

func TestAdmin(t *testing.T) {
	f := start(t, emulator.Options{})
	send := func(method, path, body string) (int, map[string]any) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, f.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer := map[string]any{}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && response.StatusCode != http.StatusNoContent {
			t.Fatal(err)
		}
		return response.StatusCode, answer
	}
	steps := []struct {
		method, path, body string
		status             int
		has                string // in the answer
	}{
		{"POST", "/_yolo/faults", "op=Create* code=ConflictException times=1", 201, "id:1"},
		{"POST", "/_yolo/faults", `{"operation": "List*", "kind": "invisible", "duration": "1m"}`, 201, "duration:1m0s"},
		{"POST", "/_yolo/faults", `{"kind": "refuse", "tmies": 1}`, 400, `unknown field "tmies"`},
		{"POST", "/_yolo/faults", `{"region": "xx-*", "code": "SlowDown", "after": true}`, 201, "kind:code"},
		{"POST", "/_yolo/faults", "nothing", 400, "is no word of a fault"},
		{"GET", "/_yolo/faults", "", 200, "code:ConflictException id:1 kind:code matched:0"},
		{"DELETE", "/_yolo/faults?id=2", "", 204, ""},
		{"DELETE", "/_yolo/faults?id=2", "", 404, "there is no fault 2"},
		{"DELETE", "/_yolo/faults?id=x", "", 400, `"x" is not the number`},
		{"POST", "/_yolo/faults", `{"kind": "event-late", "duration": "1m", "event": "Session*", "region": "xx-*"}`, 201, "event:Session*"},
		{"GET", "/_yolo/events", "", 200, "events:[] rules:[]"},
		{"POST", "/_yolo/latency", "eu-west-1=1ms", 201, "delay:1ms region:eu-west-1"},
		{"POST", "/_yolo/latency", `{"service": "s3", "delay": "2ms"}`, 201, "service:s3"},
		{"GET", "/_yolo/latency", "", 200, "delay:1ms region:eu-west-1"},
		{"DELETE", "/_yolo/latency", "", 204, ""},
		{"GET", "/_yolo/latency", "", 200, "latency:[]"},
		{"POST", "/_yolo/clock", "10m", 200, "now:"},
		{"POST", "/_yolo/clock", `{"advance": "-1s"}`, 400, "only goes forward"},
		{"GET", "/_yolo/calls", "", 200, "calls:[] dropped:0 total:0"},
	}
	for _, s := range steps {
		got, answer := send(s.method, s.path, s.body)
		if text := fmt.Sprint(answer); got != s.status || !strings.Contains(text, s.has) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", s.method, s.path, s.body, got, text, s.status, s.has)
		}
	}
	if err := f.create(t); code(err) != "ConflictException" {
		t.Errorf("the fault that was posted does not strike: %v", err)
	}
	if _, answer := send("GET", "/_yolo/calls", ""); answer["total"] != 1.0 {
		t.Errorf("calls: %v, want one", answer)
	}
	f.logged(t)
	f.send(t, "Session Start")
	_, answer := send("GET", "/_yolo/events", "")
	if text := fmt.Sprint(answer); !strings.Contains(text, "event_name:Session Start") || !strings.Contains(text, "failedInvocations:0 invocations:1") {
		t.Errorf("events: %s", text)
	}
	send("DELETE", "/_yolo/events", "")
	if _, answer := send("GET", "/_yolo/events", ""); fmt.Sprint(answer) != "map[events:[] rules:[]]" {
		t.Errorf("events after they were forgotten: %v", answer)
	}
	send("DELETE", "/_yolo/calls", "")
	if calls := f.Calls(); len(calls) != 0 {
		t.Errorf("calls after they were forgotten: %v", calls)
	}
}
