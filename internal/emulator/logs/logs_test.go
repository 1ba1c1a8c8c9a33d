package logs

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// caller calls operations at a time of its own choice.
type caller struct {
	*testing.T
	service *Service
	now     time.Time
}

func newCaller(t *testing.T) *caller {
	st, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return &caller{T: t, service: New(st), now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
}

func (c *caller) call(operation string, in map[string]any) map[string]any {
	c.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.Fatal(err)
	}
	response, err := c.service.Serve(&wire.Request{
		Account: "123456789012", Region: "us-east-1", Operation: operation, ID: operation, HTTP: &http.Request{}, Body: body, Now: c.now,
	})
	if err != nil {
		c.Fatalf("%s: %v", operation, err)
	}
	var out map[string]any
	if err := json.Unmarshal(response.Body, &out); err != nil {
		c.Fatal(err)
	}
	return out
}

func TestOlderTagOperationsSeeTheSameTags(t *testing.T) {
	c := newCaller(t)
	group := map[string]any{"logGroupName": "g"}
	c.call("CreateLogGroup", group)
	c.call("TagLogGroup", map[string]any{"logGroupName": "g", "tags": map[string]any{"a": "1", "b": "2"}})
	c.call("UntagLogGroup", map[string]any{"logGroupName": "g", "tags": []string{"b"}})
	want := map[string]any{"tags": map[string]any{"a": "1"}}
	arn := map[string]any{"resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:g"}
	for operation, in := range map[string]map[string]any{"ListTagsLogGroup": group, "ListTagsForResource": arn} {
		if diff := cmp.Diff(want, c.call(operation, in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", operation, diff)
		}
	}
}

func TestOperation(t *testing.T) {
	s := newCaller(t).service
	for target, want := range map[string]string{
		"Logs_20140328.PutResourcePolicy": "PutResourcePolicy",
		"Logs_20140328.StartQuery":        "",
		"AWSEvents.PutRule":               "",
		"":                                "",
	} {
		r := &wire.Request{HTTP: &http.Request{Header: http.Header{"X-Amz-Target": {target}}}}
		if got := s.Operation(r); got != want {
			t.Errorf("Operation of %q = %q, want %q", target, got, want)
		}
	}
}

// FuzzServe sends any body to any operation: the answer is one of AWS's.
func FuzzServe(f *testing.F) {
	operations := slices.Sorted(maps.Keys(New(nil).Handlers))
	for i := range operations {
		f.Add(i, `{"logGroupName":"g","logGroupIdentifier":"g","logStreamName":"s","tags":{"a":"b"},"retentionInDays":7}`)
		f.Add(i, `{"resourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:g","tags":["a"],"logEvents":[{"timestamp":1,"message":"m"}]}`)
		f.Add(i, `{"policyName":"p","policyType":"RETENTION_POLICY","policyDocument":"{\"Statement\":[{}]}"}`)
	}
	f.Fuzz(func(t *testing.T, operation int, body string) {
		c := newCaller(t)
		c.call("CreateLogGroup", map[string]any{"logGroupName": "g"})
		c.call("CreateLogStream", map[string]any{"logGroupName": "g", "logStreamName": "s"})
		name := operations[max(operation, -operation-1)%len(operations)]
		_, err := c.service.Serve(&wire.Request{
			Account: "123456789012", Region: "us-east-1", Operation: name, ID: "id", HTTP: &http.Request{}, Body: []byte(body), Now: c.now,
		})
		if _, ok := errors.AsType[*wire.Error](err); err != nil && !ok {
			t.Errorf("%s: %v", name, err)
		}
	})
}
