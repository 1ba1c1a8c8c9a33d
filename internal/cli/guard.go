package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// accountError tells that the credentials are another account's than the one
// that the manifest names.
type accountError struct{ want, have, environment, path string }

func (e *accountError) Error() string {
	return fmt.Sprintf("the credentials are for account %s, but %s names account %s for %s; nothing was changed",
		e.have, e.path, e.want, e.environment)
}

// Code is documented in docs/json.md.
func (e *accountError) Code() string { return codeAccount }

const codeAccount = "AccountMismatch"

// Hint says how to get to the right account.
func (e *accountError) Hint() string {
	return fmt.Sprintf("log in to account %s (AWS_PROFILE or %s), or correct aws.account-id", e.want, profileVariable(e.environment))
}

// RequestID is "": AWS did nothing wrong.
func (e *accountError) RequestID() string { return "" }

// guard lets only the manifest's account pass.
func (s *session) guard(ctx context.Context) error {
	account, err := s.cloud.Account(ctx)
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) && errors.Is(err, context.DeadlineExceeded) {
		return &reconcile.Problem{
			ProblemCode: reconcile.CodeTimeout,
			Text:        "sts:GetCallerIdentity: no answer before the run's time was over, so it is not known whose account this is; nothing was changed",
			Fix:         "check the network, then run the same command again; give it more time with --timeout",
		}
	}
	if err != nil {
		return reconcile.Plain(err)
	}
	if s.env.AccountID != "" && account != s.env.AccountID {
		return &accountError{want: s.env.AccountID, have: account, environment: s.env.Name, path: s.manifestPath}
	}
	return nil
}

// guardUntilStop is guard that neither an interruption waits for nor the end
// of the time that is left.
func (s *session) guardUntilStop(ctx context.Context, left time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	defer context.AfterFunc(s.stop, cancel)()
	return s.guard(ctx)
}

// guardBeside finds out whose account it is beside reads, which it gives up
// unless it is the right one.
func (s *session) guardBeside(ctx context.Context, giveUp func()) <-chan error {
	guarded := make(chan error, 1)
	go func() {
		err := s.guardUntilStop(ctx, s.left)
		if err != nil {
			giveUp()
		}
		guarded <- err
	}()
	return guarded
}
