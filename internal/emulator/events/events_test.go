package events

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func newService(t *testing.T) *Service {
	t.Helper()
	st, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return New(st, Options{})
}

func request(operation, body string) *wire.Request {
	return &wire.Request{
		Account: "123456789012", Region: "us-east-1", Operation: operation, HTTP: &http.Request{}, Body: []byte(body),
	}
}

const (
	putRule    = `{"Name":"r","EventPattern":"{\"source\":[\"aws.ivs\"]}"}`
	putTargets = `{"Rule":"r","Targets":[{"Id":"t","Arn":"arn:aws:sqs:us-east-1:123456789012:q"}]}`
	ruleArn1   = "arn:aws:events:us-east-1:123456789012:rule/r"
)

func TestManagedRulesCannotBeChanged(t *testing.T) {
	s := newService(t)
	call := func(operation, body string) error {
		_, err := s.Serve(request(operation, body))
		return err
	}
	for _, made := range []struct{ operation, body string }{{"PutRule", putRule}, {"PutTargets", putTargets}} {
		if err := call(made.operation, made.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetManagedBy("123456789012", "us-east-1", "r", "backup.amazonaws.com"); err != nil {
		t.Fatal(err)
	}
	const want = "ManagedRuleException: r is a managed rule. Set 'force' parameter to true to override."
	for operation, body := range map[string]string{
		"PutRule": putRule, "PutTargets": putTargets, "EnableRule": `{"Name":"r"}`, "DisableRule": `{"Name":"r"}`,
		"DeleteRule": `{"Name":"r"}`, "RemoveTargets": `{"Rule":"r","Ids":["t"]}`,
		"TagResource":   `{"ResourceARN":"` + ruleArn1 + `","Tags":[{"Key":"a","Value":"b"}]}`,
		"UntagResource": `{"ResourceARN":"` + ruleArn1 + `","TagKeys":["a"]}`,
	} {
		if err := call(operation, body); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", operation, err, want)
		}
	}
	for _, forced := range []struct{ operation, body string }{
		{"RemoveTargets", `{"Rule":"r","Ids":["t"],"Force":true}`}, {"DeleteRule", `{"Name":"r","Force":true}`},
	} {
		if err := call(forced.operation, forced.body); err != nil {
			t.Errorf("%s by force: %v", forced.operation, err)
		}
	}
}

func TestFailEntries(t *testing.T) {
	s := newService(t)
	tests := map[string]struct {
		operation, body string
		ids             []string
	}{
		"put":    {"PutTargets", putTargets, []string{"t"}},
		"remove": {"RemoveTargets", `{"Rule":"r","Ids":["a","b"]}`, []string{"a", "b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response := s.FailEntries(request(test.operation, test.body), "ConcurrentModificationException")
			if response == nil || response.Status != http.StatusOK {
				t.Fatalf("response = %+v", response)
			}
			var out entriesOutput
			if err := json.Unmarshal(response.Body, &out); err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, entry := range out.FailedEntries {
				ids = append(ids, entry.TargetID)
				if entry.ErrorCode != "ConcurrentModificationException" {
					t.Errorf("code %s", entry.ErrorCode)
				}
			}
			if diff := cmp.Diff(test.ids, ids); diff != "" || out.FailedEntryCount != len(ids) {
				t.Errorf("count %d (-want +got):\n%s", out.FailedEntryCount, diff)
			}
		})
	}
	if response := s.FailEntries(request("PutRule", putRule), "x"); response != nil {
		t.Errorf("PutRule has entries: %s", response.Body)
	}
}

func TestIsSchedule(t *testing.T) {
	tests := map[string]bool{
		"rate(1 minute)": true, "rate(5 minutes)": true, "rate(12 hours)": true, "rate(1 day)": true,
		"rate(1 minutes)": false, "rate(5 minute)": false, "rate(0 minutes)": false, "rate(5 weeks)": false, "rate(5 minutes": false,
		"cron(0 20 * * ? *)": true, "cron(0/15 8-17 ? * MON-FRI 2026)": true, "cron(0 0 L * ? *)": true, "cron(0 0 3W * ? *)": true,
		"cron(0 0 ? JAN,jul 6#3 *)": true, "cron(0 0 LW * ? *)": true, "cron(0 0 ? * 6L *)": true,
		"cron(0 20 * * * *)": false, "cron(0 20 ? * ? *)": false, "cron(60 20 * * ? *)": false, "cron(0 20 * * ?)": false,
		"cron(0 20 * 13 ? *)": false, "cron(0 0 ? * 6#6 *)": false, "cron(0 5-3 * * ? *)": false, "cron(0/0 0 * * ? *)": false,
		"cron(? 0 * * ? *)": false, "cron(0 0 * * ? 1969)": false, "at(2026-01-01T00:00:00)": false, "": false,
	}
	for text, want := range tests {
		if got := isSchedule(text); got != want {
			t.Errorf("isSchedule(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestOperation(t *testing.T) {
	s := newService(t)
	for target, want := range map[string]string{
		"AWSEvents.PutRule":               "PutRule",
		"AWSEvents.CreateArchive":         "",
		"Logs_20140328.PutResourcePolicy": "",
	} {
		r := &wire.Request{HTTP: &http.Request{Header: http.Header{"X-Amz-Target": {target}}}}
		if got := s.Operation(r); got != want {
			t.Errorf("Operation of %q = %q, want %q", target, got, want)
		}
	}
}

// FuzzServe sends any body to any operation: the answer is one of AWS's.
func FuzzServe(f *testing.F) {
	operations := slices.Sorted(maps.Keys(New(nil, Options{}).Handlers))
	for i := range operations {
		f.Add(i, putRule)
		f.Add(i, putTargets)
		f.Add(i, `{"Rule":"r","Ids":["t"],"Targets":[{"Id":"t","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:g",`+
			`"InputTransformer":{"InputPathsMap":{"a":"$.b"},"InputTemplate":"{\"timestamp\":<a>,\"message\":<a>}"}}]}`)
		f.Add(i, `{"ResourceARN":"`+ruleArn1+`","Tags":[{"Key":"a","Value":"b"}],"TagKeys":["a"]}`)
		f.Add(i, `{"Name":"r","ScheduleExpression":"cron(0 0 ? * 6#3 *)","EventBusName":"default"}`)
	}
	f.Fuzz(func(t *testing.T, operation int, body string) {
		s := newService(t)
		if _, err := s.Serve(request("PutRule", putRule)); err != nil {
			t.Fatal(err)
		}
		name := operations[max(operation, -operation-1)%len(operations)]
		_, err := s.Serve(request(name, body))
		if _, ok := errors.AsType[*wire.Error](err); err != nil && !ok {
			t.Errorf("%s: %v", name, err)
		}
		s.FailEntries(request(name, body), "ConcurrentModificationException")
	})
}
