package whip

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/yolo-live/yolo/internal/show/ice"
)

// The codes of what can go wrong.
const (
	CodeTokenRefused    = "TokenRefused"    // HTTP 401 or 403
	CodeOfferRefused    = "OfferRefused"    // the server takes no such media
	CodeRequestRefused  = "RequestRefused"  // another HTTP 4xx
	CodeServerError     = "ServerError"     // HTTP 5xx or 429
	CodeRedirectRefused = "RedirectRefused" // leads to where the token must not go
	CodeUnreachable     = "Unreachable"     // no HTTP connection
	CodeNoAnswer        = "NoAnswer"        // no HTTP answer in time
	CodeInvalidAnswer   = "InvalidAnswer"   // not what WHIP or WebRTC define
	CodeUDPBlocked      = "UDPBlocked"      // HTTP works, and no UDP comes back
	CodeNotSecured      = "NotSecured"      // the DTLS handshake did not succeed
	CodeBrokenOff       = "BrokenOff"       // ended in the middle, not by us
	CodeNotSent         = "NotSent"         // not even begun
	CodeCanceled        = "Canceled"        // given up from outside
)

// Error is why nothing can be published, or no more. It unwraps to its cause.
type Error struct {
	code, doing, message, requestID string
	// Status is the HTTP status that is the reason, 0 if none is.
	Status int
	cause  error
}

func problem(code, doing string, cause error) *Error {
	return &Error{code: code, doing: doing, message: cause.Error(), cause: cause}
}

func (e *Error) Error() string { return e.doing + ": " + e.message }

// Unwrap returns the cause, nil when the server gave the reason.
func (e *Error) Unwrap() error { return e.cause }

// Code is one of this package's codes.
func (e *Error) Code() string { return e.code }

// RequestID is what AWS support asks for, "" when the answer had none.
func (e *Error) RequestID() string { return e.requestID }

// Hint says what to do next, "" when there is nothing that would help.
func (e *Error) Hint() string {
	switch e.code {
	case CodeTokenRefused:
		return "a participant token counts for one stage, with the capability PUBLISH, until it expires; make a new one, and see that this machine's clock is right"
	case CodeUDPBlocked:
		return "let UDP out to ports 443 and 3478: IVS takes no media over TCP"
	case CodeNotSecured:
		return "something between this machine and the server changes or holds up UDP on port 443; try another network"
	case CodeUnreachable, CodeNoAnswer:
		return "let TCP out to port 443 of *.live-video.net, or set HTTPS_PROXY"
	case CodeServerError:
		return "try again in a minute"
	case CodeBrokenOff:
		return "see whether the stage, the token or the participant was deleted meanwhile, and whether the network held"
	}
	return ""
}

// connectProblem tells why no candidate answered.
func connectProblem(ctx context.Context, err error) *Error {
	const doing = "reach the media server"
	if ctx.Err() != nil {
		return ended(ctx, doing, err)
	}
	silent, ok := errors.AsType[*ice.NoAnswerError](err)
	switch {
	case ok && len(silent.Candidates) == 0:
		return problem(CodeInvalidAnswer, doing, err)
	case ok:
		e := problem(CodeUDPBlocked, doing, err)
		if silent.Refusal == "" {
			e.message += "; HTTP to the same service works, so UDP to these ports may be blocked on the way out"
		}
		return e
	}
	return problem(CodeBrokenOff, doing, err)
}

func securityProblem(ctx context.Context, err error) *Error {
	const doing = "secure the media (DTLS)"
	if ctx.Err() != nil {
		return ended(ctx, doing, err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("the handshake did not come to its end in time")
	}
	return problem(CodeNotSecured, doing, err)
}

// ended tells that the caller's own context was done.
func ended(ctx context.Context, doing string, err error) *Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{code: CodeCanceled, doing: doing, message: "given up before it was done", cause: ctx.Err()}
	}
	return &Error{code: CodeNoAnswer, doing: doing, message: fmt.Sprintf("not done in the time given: %v", err), cause: ctx.Err()}
}

// statusCode is the code of an HTTP status that is no success.
func statusCode(status int) string {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return CodeTokenRefused
	case status == http.StatusNotAcceptable, status == http.StatusUnsupportedMediaType, status == http.StatusUnprocessableEntity,
		status == http.StatusBadRequest:
		return CodeOfferRefused
	case status == http.StatusTooManyRequests, status >= 500:
		return CodeServerError
	case status >= 400:
		return CodeRequestRefused
	}
	return CodeInvalidAnswer
}
