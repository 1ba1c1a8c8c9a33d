package emulator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/yolo-live/yolo/internal/emulator"
)

func TestHangLastsUntilTheClientGoes(t *testing.T) {
	for name, test := range map[string]struct {
		fault string
		made  int
	}{"before": {"hang", 0}, "after": {"hang after", 1}} {
		t.Run(name, func(t *testing.T) {
			f := start(t, emulator.Options{})
			f.Fault("op=CreateEncoderConfiguration " + test.fault)
			if err := f.createAndGo(t, test.made); !errors.Is(err, context.Canceled) {
				t.Errorf("create: %v, want it to wait until the client goes", err)
			}
			if made := f.encoders(t); made != test.made {
				t.Errorf("%d configurations were made, want %d", made, test.made)
			}
		})
	}
}

// createAndGo creates, and goes away without an answer once the first fault has
// struck and that many configurations are there.
func (f *fixture) createAndGo(t *testing.T, made int) error {
	t.Helper()
	ctx, leave := context.WithTimeout(t.Context(), time.Minute)
	defer leave()
	go func() {
		defer leave()
		for ctx.Err() == nil {
			out, err := f.ivs.ListEncoderConfigurations(ctx, nil)
			if err == nil && len(out.EncoderConfigurations) >= made && f.Server.Faults()[0].Struck > 0 {
				return
			}
		}
	}()
	_, err := f.ivs.CreateEncoderConfiguration(ctx, nil)
	return err
}

// A test can hold a request up and let it go on.
func TestHangEndsWithItsFault(t *testing.T) {
	for _, fault := range []string{"hang", "hang after"} {
		t.Run(fault, func(t *testing.T) {
			f := start(t, emulator.Options{})
			f.Fault("op=CreateEncoderConfiguration " + fault)
			created := make(chan error, 1)
			go func() { created <- f.create(t) }()
			for f.Server.Faults()[0].Struck == 0 {
				time.Sleep(time.Millisecond)
			}
			f.ClearFaults()
			if err := <-created; err != nil {
				t.Errorf("create: %v", err)
			}
			if made := f.encoders(t); made != 1 {
				t.Errorf("%d configurations were made, want 1", made)
			}
		})
	}
}

func TestFailedEntry(t *testing.T) {
	f := start(t, emulator.Options{})
	f.Fault("failed-entry=ConcurrentModificationException times=1")
	client := eventbridge.NewFromConfig(f.Config("us-east-1", ""))
	if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name: aws.String("r"), EventPattern: aws.String(`{"source":["aws.ivs"]}`),
	}); err != nil {
		t.Fatalf("the fault struck what has no entries: %v", err)
	}
	group := "arn:aws:logs:us-east-1:" + emulator.DefaultAccount + ":log-group:/aws/events/g"
	for _, want := range []string{"ConcurrentModificationException", ""} {
		out, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
			Rule: aws.String("r"), Targets: []ebtypes.Target{{Id: aws.String("t"), Arn: aws.String(group)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, entry := range out.FailedEntries {
			got += *entry.ErrorCode
		}
		if got != want {
			t.Errorf("failed entries %q, want %q", got, want)
		}
	}
}
