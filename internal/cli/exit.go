package cli

import (
	"errors"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The exit codes. Where several apply, the first in this order counts:
// interrupted, usage, credentials, partial, error, unproven, pending, strict's
// error.
const (
	exitDone        = 0
	exitError       = 1 // nothing that was to be done ended well
	exitPending     = 2 // a dry run found changes, and was asked to tell
	exitUnproven    = 3 // a proof found something that is not PASS
	exitCredentials = 4 // credentials, or the account guard
	exitPartial     = 5 // something ended well, and something failed
	exitUsage       = 64
	exitInterrupted = 130
)

// exitHelp is the part of a command's help that tells its exit codes.
const exitHelp = `
Exit codes: 0 done, or nothing to do; 1 error; 2 changes pending (only with
--dry-run --detailed-exitcode); 4 credentials or account; 5 partly done;
64 usage or manifest; 130 interrupted.`

// exitCode tells how a run ended.
func exitCode(r *reconcile.Report, o options, warnings int) int {
	tally := r.Tally()
	_, changed := r.Result()
	switch {
	case r.Interrupted:
		return exitInterrupted
	case tally.Wrong() > 0 && badCredentials(r):
		return exitCredentials
	case tally.Wrong() > 0 && tally.Well() > 0:
		return exitPartial
	case tally.Wrong() > 0:
		return exitError
	case o.detailedExitCode && changed:
		return exitPending
	case o.strict && warnings > 0:
		return exitError
	}
	return exitDone
}

// badCredentials tells whether a resource failed for want of credentials, as
// when they expire in the middle of a run.
func badCredentials(r *reconcile.Report) bool {
	for n := range r.All {
		if e, ok := errors.AsType[*cloud.Error](n.Err); ok && e.Expired() {
			return true
		}
	}
	return false
}
