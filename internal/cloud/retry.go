package cloud

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/smithy-go"
)

const (
	// attempts is how often a request is tried unless AWS_MAX_ATTEMPTS or the
	// profile say otherwise. The SDK's three would give up one request in
	// forty when a third of them is throttled; a run sends a hundred.
	attempts = 8
	// firstDelay doubles from one attempt to the next, up to longestDelay.
	firstDelay   = 200 * time.Millisecond
	longestDelay = 5 * time.Second
)

// retryer makes the retryers of all clients. The SDK gives each client its
// own, so that one region's trouble does not use up another one's tries.
func retryer(mode aws.RetryMode, maxAttempts int) func() aws.Retryer {
	if maxAttempts == 0 {
		maxAttempts = attempts
	}
	standard := func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = retry.BackoffDelayerFunc(backoff)
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
// throttled together do not come back together.
func backoff(attempt int, _ error) (time.Duration, error) {
	limit := longestDelay
	if attempt < 5 {
		limit = min(limit, firstDelay<<attempt)
	}
	return rand.N(limit), nil
}

// worthIt corrects the SDK's opinion on which errors another try may cure.
func worthIt(err error) aws.Ternary {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		// A region without the service, not a network at fault.
		return aws.FalseTernary
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return bareThrottle(err)
	}
	switch api.ErrorCode() {
	case "LimitExceededException":
		// A quota of Logs and EventBridge; the SDK takes it for throttling.
		return aws.FalseTernary
	case "OperationAborted", "OperationAbortedException", "ConcurrentModificationException":
		// Somebody else changes the same thing just now.
		return aws.TrueTernary
	}
	return bareThrottle(err)
}

// bareThrottle finds a 429 without a code, which the SDK does not retry.
func bareThrottle(err error) aws.Ternary {
	if status(err) == http.StatusTooManyRequests {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

func status(err error) int {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}

// Unrepeated is for creates without an idempotency token (IVS Real-Time has
// none): they are sent again only when the first one certainly had no effect.
// After any other error the caller has to look before it repeats.
func Unrepeated(o *ivsrealtime.Options) { o.Retryer = unrepeated{o.Retryer} }

type unrepeated struct{ aws.Retryer }

// IsErrorRetryable tells whether the request was refused or never sent.
func (u unrepeated) IsErrorRetryable(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op == "dial" && u.Retryer.IsErrorRetryable(err)
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
		return throttled && u.Retryer.IsErrorRetryable(err)
	}
	return bareThrottle(err) == aws.TrueTernary
}

// Ambiguous tells whether a request that ended with err may have had its
// effect all the same: there was no answer, or AWS failed inside.
func Ambiguous(err error) bool {
	code := status(err)
	if code == 0 {
		op, ok := errors.AsType[*net.OpError](err)
		return !ok || op.Op != "dial"
	}
	return code >= http.StatusInternalServerError
}
