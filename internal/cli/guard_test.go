package cli

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// silent is a network in which nothing is ever answered.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// What was read to its end is not the result of a run that is interrupted while it
// waits to know whose account that is.
func TestInterruptedBeforeTheAccountIsKnown(t *testing.T) {
	c, err := cloud.Load(t.Context(), cloud.Options{
		Region: "us-east-1", Endpoint: "http://127.0.0.1:1", AccessKey: "AKIDEXAMPLE",
		Transport: func(http.RoundTripper) http.RoundTripper { return silent{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	stop, interrupt := context.WithCancel(t.Context())
	s := &session{cloud: c, stop: stop, left: time.Hour, env: &manifest.Environment{AccountID: "123456789012"}}
	report, err := s.reconcile(t.Context(), job{plan: func(context.Context) *reconcile.Report {
		interrupt()
		return &reconcile.Report{DryRun: true}
	}})
	if report != nil || !errors.Is(err, errInterrupted) {
		t.Errorf("the result is %v, and the error %v", report, err)
	}
}
