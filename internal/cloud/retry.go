package cloud

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

const (
	// attempts is how often a request is tried unless AWS_MAX_ATTEMPTS or the
	// profile say otherwise. The SDK's three would give up one request in
	// forty when a third of them is throttled; a run sends a hundred.
	attempts = 8
	// A connection that breaks five times in three seconds will not come back
	// during a run; an answer that takes answerTimeout three times neither.
	brokenAttempts  = 5
	timeoutAttempts = 3
	// firstDelay doubles from one attempt to the next, up to longestDelay.
	firstDelay   = 200 * time.Millisecond
	longestDelay = 5 * time.Second
)

// retryer makes the retryers of all clients. The SDK gives each client its
// own, so that one region's trouble does not use up another one's tries.
func retryer(mode aws.RetryMode, maxAttempts int, delay retry.BackoffDelayerFunc) func() aws.Retryer {
	if maxAttempts == 0 {
		maxAttempts = attempts
	}
	standard := func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = delay
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(worthIt)}, o.Retryables...)
	}
	return func() aws.Retryer {
		if mode == aws.RetryModeAdaptive {
			return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
				o.StandardOptions = append(o.StandardOptions, standard)
			})
		}
		return retry.NewStandard(standard)
	}
}

// backoff is exponential with full jitter, so that the resources that were
// throttled together do not come back together. Attempts count from 1.
func backoff(attempt int, _ error) (time.Duration, error) {
	return rand.N(longestPause(attempt)), nil
}

// longestPause bounds the pause after an attempt.
func longestPause(attempt int) time.Duration {
	const doublings = 5 // then it is over longestDelay
	return min(longestDelay, firstDelay<<min(attempt-1, doublings))
}

// judged is the error of an attempt together with what only the call knows:
// whether another attempt is worth it.
type judged struct {
	error
	again bool
}

func (j *judged) Unwrap() error { return j.error }

// judge adds to an attempt's error what the error alone does not tell.
func (s *call) judge(operation string, err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case s.answer == nil || s.answer.broken || s.answer.status < http.StatusMultipleChoices:
		if neverSigned := s.answer == nil && !s.sent && !neverSent(err); neverSigned {
			return err
		}
		if errors.Is(err, errTooLarge) {
			return &judged{err, false}
		}
		// No answer, or one that broke off.
		s.broken++
		if s.broken >= brokenAttempts || timedOut(err) && s.broken >= timeoutAttempts {
			return &judged{err, false}
		}
		if s.answer != nil {
			return &judged{err, true}
		}
	case whole[operation] && aborted(err):
		// Somebody else changed what this was made from.
		return &judged{err, false}
	case code(err) == "ConflictException" && !strings.HasPrefix(operation, "Delete"):
		// IVS edits the bucket policy on a create and refuses edits that meet.
		// On a delete it means that a composition uses the thing, which lasts.
		return &judged{err, true}
	}
	return err
}

// whole are the operations that replace, or take away, what several writers share.
var whole = map[string]bool{
	"PutBucketPolicy": true, "DeleteBucketPolicy": true, "PutResourcePolicy": true, "DeleteResourcePolicy": true,
}

// aborted tells whether somebody else changes the same thing just now.
func aborted(err error) bool { return isAborted(code(err)) }

func isAborted(code string) bool {
	switch code {
	case "OperationAborted", "OperationAbortedException", "ConcurrentModificationException":
		return true
	}
	return false
}

// neverSent tells whether there was not even a connection.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// worthIt corrects the SDK's opinion on which errors another try may cure.
func worthIt(err error) aws.Ternary {
	if j, ok := errors.AsType[*judged](err); ok {
		return aws.BoolTernary(j.again)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		// A region without the service, not a network at fault.
		return aws.FalseTernary
	}
	switch code(err) {
	case "LimitExceededException":
		// A quota of Logs and EventBridge; the SDK takes it for throttling.
		return aws.FalseTernary
	}
	if aborted(err) {
		return aws.TrueTernary
	}
	if status(err) == http.StatusTooManyRequests {
		// The SDK retries it only with a code.
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// throttles tells whether a code turns a request away before anything is done
// with it, because there were too many. S3 sends its own with 503.
func throttles(code string) bool {
	_, listed := retry.DefaultThrottleErrorCodes[code]
	return listed && code != "LimitExceededException"
}

func status(err error) int {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}

// Unrepeated is for creates without an idempotency token (IVS Real-Time has
// none): they are sent again only when the one before certainly had no effect.
// After any other error the caller has to look before it repeats.
func Unrepeated(o *ivsrealtime.Options) { o.Retryer = unrepeated{o.Retryer} }

// UnrepeatedBucket is Unrepeated for CreateBucket: repeated blindly, it cannot
// tell a bucket that a lost answer was about from one that was there before.
func UnrepeatedBucket(o *s3.Options) { o.Retryer = unrepeated{o.Retryer} }

type unrepeated struct{ aws.Retryer }

// IsErrorRetryable tells whether another try is worth it, and safe.
func (u unrepeated) IsErrorRetryable(err error) bool {
	refused := status(err) >= http.StatusBadRequest && status(err) < http.StatusInternalServerError
	return (refused || throttles(code(err)) || neverSent(err)) && u.Retryer.IsErrorRetryable(err)
}

// GetAttemptToken keeps adaptive mode's sending rate.
func (u unrepeated) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return attemptToken(ctx, u.Retryer)
}

// Ambiguous tells whether a call that ended with err may have had its effect
// all the same: there was no answer or half of one, or AWS failed inside.
func Ambiguous(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.sent && !throttles(e.code) && (e.Status < http.StatusMultipleChoices || e.Status >= http.StatusInternalServerError)
}
