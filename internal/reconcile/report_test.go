package reconcile

import (
	"errors"
	"testing"
)

func TestWord(t *testing.T) {
	tests := []struct {
		result          Result
		dryRun, changed bool
		want            string
	}{
		{Skipped, false, false, "SKIPPED"},
		{Skipped, true, false, "SKIPPED"},
		{Synced, false, true, "SYNCED"},
		{Synced, true, false, "SYNCED"},
		{Synced, true, true, "WOULD_SYNC"},
		{Created, false, true, "CREATED"},
		{Created, true, true, "WOULD_CREATE"},
		{Deleted, false, true, "DELETED"},
		{Deleted, true, true, "WOULD_DELETE"},
		{Failed, true, true, "FAILED"},
	}
	for _, tt := range tests {
		if got := tt.result.Word(tt.dryRun, tt.changed); got != tt.want {
			t.Errorf("%d.Word(%v, %v) = %s, want %s", tt.result, tt.dryRun, tt.changed, got, tt.want)
		}
	}
}

func TestReportTakesTheHighestResult(t *testing.T) {
	r := &Report{Groups: []GroupReport{
		{Result: Synced, Changed: true, Nodes: []NodeReport{{Warnings: []Warning{{Code: "A"}}}}},
		{Result: Created, Nodes: []NodeReport{{Warnings: []Warning{{Code: "B"}}}}},
		{Result: Skipped},
	}}
	if result, changed := r.Result(); result != Created || !changed {
		t.Errorf("Result() = %v, %v", result, changed)
	}
	if w := r.Warnings(); len(w) != 2 || w[0].Code != "A" || w[1].Code != "B" {
		t.Errorf("Warnings() = %v", w)
	}
	if r.Node(Key{Kind: "none"}) != nil {
		t.Error("Node found what is not there")
	}
}

type coded struct{ error }

func (coded) Code() string      { return "AccessDenied" }
func (coded) Hint() string      { return "ask" }
func (coded) RequestID() string { return "r-1" }

func TestBlockedTellsItsCauseAndTheRequestID(t *testing.T) {
	p := Blocked(Key{Region: "eu-west-1", Kind: "bucket"}, coded{errors.New("denied")})
	if p.RequestID() != "r-1" || p.Error() != "not tried, because of eu-west-1 bucket: denied" {
		t.Errorf("request id %q, text %q", p.RequestID(), p.Error())
	}
	if alone := (&Problem{Text: "alone"}); alone.RequestID() != "" || alone.Error() != "alone" {
		t.Errorf("without a cause: %q, %q", alone.RequestID(), alone.Error())
	}
}
