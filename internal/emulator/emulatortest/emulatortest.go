// Package emulatortest starts emulators for tests, and makes configurations
// with which the AWS SDK's clients talk to them.
//
// Only tests import it: it is the one place in which the emulator and the SDK
// meet. Start at Start.
package emulatortest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/yolo-live/yolo/internal/cloud/sendbody"
	"github.com/yolo-live/yolo/internal/emulator"
)

// Instance is an emulator that listens until its test ends.
type Instance struct {
	URL    string
	Server *emulator.Server
	t      testing.TB
}

// Start starts an emulator with the options; the zero value keeps the state in
// memory and has no faults.
func Start(t testing.TB, options emulator.Options) *Instance {
	t.Helper()
	server, err := emulator.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A connection on which a client sent nothing counts as busy for 5 s
		// (net/http, Server.Shutdown).
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := listener.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Instance{URL: listener.URL, Server: server, t: t}
}

// Config is for the SDK's clients: cfg := i.Config("us-east-1", ""), then
// s3.NewFromConfig(cfg). An account of "" is emulator.DefaultAccount. Retries
// are the SDK's own, but it does not wait long before them.
func (i *Instance) Config(region, account string) aws.Config {
	if account == "" {
		account = emulator.DefaultAccount
	}
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(i.URL),
		HTTPClient:   sendbody.Client(awshttp.NewBuildableClient()),
		// What config.LoadDefaultConfig sets.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials:                credentials.NewStaticCredentialsProvider(account, "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 5 * time.Millisecond })
		},
	}
}

// Calls returns the requests since the last ResetCalls, in the order in which
// they ended.
func (i *Instance) Calls() []emulator.Call { return i.Server.Calls().Calls }

// ResetCalls forgets the requests so far.
func (i *Instance) ResetCalls() { i.Server.ResetCalls() }

// Writes returns the calls whose operation is not a Get, List, Describe, Head, Filter or Test.
func (i *Instance) Writes() []emulator.Call {
	return slices.DeleteFunc(i.Calls(), func(c emulator.Call) bool { return !c.Mutating })
}

// Operations returns the names of the operations that were called, in order.
func (i *Instance) Operations() []string {
	var names []string
	for _, c := range i.Calls() {
		names = append(names, c.Operation)
	}
	return names
}

// Fault arms a fault, in emulator.ParseFault's words.
func (i *Instance) Fault(text string) {
	i.t.Helper()
	f, err := emulator.ParseFault(text)
	if err == nil {
		err = i.Server.AddFault(f)
	}
	if err != nil {
		i.t.Fatal(err)
	}
}

// ClearFaults disarms all faults.
func (i *Instance) ClearFaults() { i.Server.ClearFaults() }

// Latency adds a latency, in emulator.ParseLatency's words.
func (i *Instance) Latency(text string) {
	i.t.Helper()
	l, err := emulator.ParseLatency(text)
	if err == nil {
		err = i.Server.AddLatency(l)
	}
	if err != nil {
		i.t.Fatal(err)
	}
}

// Advance sets the emulator's clock forward.
func (i *Instance) Advance(d time.Duration) {
	i.t.Helper()
	if err := i.Server.Advance(d); err != nil {
		i.t.Fatal(err)
	}
}

// SeedObjects puts many objects into a bucket.
func (i *Instance) SeedObjects(o emulator.Objects) {
	i.t.Helper()
	if err := i.Server.SeedObjects(o); err != nil {
		i.t.Fatal(err)
	}
}

// Publish has somebody new publish to a stage, without media.
func (i *Instance) Publish(stageARN string) emulator.Publisher {
	i.t.Helper()
	p, err := i.Server.Publish(emulator.Publisher{Stage: stageARN})
	if err != nil {
		i.t.Fatal(err)
	}
	return p
}

// Unpublish has everybody leave a stage.
func (i *Instance) Unpublish(stageARN string) {
	i.t.Helper()
	if _, err := i.Server.Unpublish(emulator.Publisher{Stage: stageARN}); err != nil {
		i.t.Fatal(err)
	}
}
