package cloud

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// telling is a retryer that tells of each pause before a request is sent again.
type telling struct {
	aws.Retryer
	wait func(ctx context.Context, what string) (over func())
}

// told makes retryers that tell wait of their pauses.
func told(wait func(context.Context, string) func(), retryer func() aws.Retryer) func() aws.Retryer {
	if wait == nil {
		return retryer
	}
	return func() aws.Retryer { return telling{retryer(), wait} }
}

// GetRetryToken is what the SDK asks for once it is sure to try again.
func (t telling) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	release, refused := t.Retryer.GetRetryToken(ctx, err)
	if refused == nil {
		state := stateOf(ctx)
		if e, ok := errors.AsType[*Error](newError(ctx, state, err)); ok {
			what := "another try of " + e.call() + " after " + e.code
			state.waits(what, t.wait(ctx, what))
		}
	}
	return release, refused
}

// GetAttemptToken keeps adaptive mode's sending rate.
func (t telling) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return attemptToken(ctx, t.Retryer)
}

func attemptToken(ctx context.Context, r aws.Retryer) (func(error) error, error) {
	if v2, ok := r.(aws.RetryerV2); ok {
		return v2.GetAttemptToken(ctx)
	}
	return r.GetInitialToken(), nil
}

// waits keeps what the next attempt is put off for, and what ends that.
func (s *call) waits(what string, over func()) { s.waitsFor, s.waited = what, over }

// goesOn ends the wait, if there is one.
func (s *call) goesOn() {
	if s.waited != nil {
		s.waited()
		s.waitsFor, s.waited = "", nil
	}
}
