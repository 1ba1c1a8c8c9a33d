package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
)

// The codes of what went wrong without an answer from AWS that says so.
const (
	CodeCredentials   = "Credentials"   // none found, or not to be had
	CodeNoSuchHost    = "NoSuchHost"    // the endpoint's name does not resolve
	CodeUnreachable   = "Unreachable"   // no connection, or it broke off
	CodeNoAnswer      = "NoAnswer"      // a connection, but no answer in time
	CodeInvalidAnswer = "InvalidAnswer" // an answer that is not AWS's
	CodeNotSent       = "NotSent"       // the request could not even be made
)

// CodeConcurrentChange is the code of a change that AWS refuses, however often
// it is sent, because of another one of the same thing.
const CodeConcurrentChange = "ConcurrentChange"

// Error is a call that failed: which one, where, what AWS answered and what to
// do next. It unwraps to the SDK's error.
type Error struct {
	Service, Operation, Region string
	code, message, requestID   string
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// BucketRegion is where S3 says that the bucket is, "" if it did not.
	BucketRegion string
	sent         bool // the last attempt may have reached AWS
	waitsFor     string
	cause        error
}

// newError reads the error of one call.
func newError(ctx context.Context, state *call, err error) error {
	e := &Error{
		Service: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx),
		Region: awsmiddleware.GetRegion(ctx), sent: state.sent, waitsFor: state.waitsFor, cause: err,
	}
	if a := state.answer; a != nil {
		a.body = []byte(state.withoutSecrets(string(a.body)))
		e.Status, e.requestID, e.BucketRegion = a.status, a.requestID, a.bucketRegion
	}
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case state.answer.page():
		e.code, e.message = unreadable(state.answer, err)
	case ok:
		e.code, e.message = api.ErrorCode(), api.ErrorMessage()
		if e.message == "UnknownError" {
			e.message = ""
		}
		if e.message == "" && state.answer != nil {
			e.message = messageIn(state.answer.body)
		}
		if e.code == "" || e.code == "UnknownError" {
			e.code, e.message = codeless(state.answer, e.message)
		}
	case errors.Is(err, context.Canceled):
		e.code, e.message = "Canceled", "given up before the answer came"
	case state.answer != nil:
		e.code, e.message = unreadable(state.answer, err)
	default:
		e.code, e.message = unanswered(state.sent, err)
	}
	e.code, e.message = shortened(state.withoutSecrets(e.code), maxCode), shortened(state.withoutSecrets(e.message), maxMessage)
	return e
}

// What AWS says is longer than neither of these; what somebody else says in its
// place is cut.
const (
	maxCode    = 100
	maxMessage = 2000
)

// shortened is a text of at most so many bytes.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// messageIn finds an error's text in a JSON body. The SDK reads only the
// member that the model names, and IVS errors use several.
func messageIn(body []byte) string {
	var members struct {
		ExceptionMessage string `json:"exceptionMessage"`
		// Also read as Message: the decoder does not mind the case.
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &members) != nil {
		return ""
	}
	return firstOf(members.ExceptionMessage, members.Message)
}

// codeless describes an error answer without a code: a gateway's, which has a
// text at least, or a proxy's.
func codeless(a *answer, message string) (code, text string) {
	switch {
	case a == nil:
		return CodeInvalidAnswer, message
	case a.status == http.StatusTooManyRequests:
		return "TooManyRequests", message
	case message != "" && messageIn(a.body) == message:
		return strings.ReplaceAll(http.StatusText(a.status), " ", ""), message
	}
	return unreadable(a, nil)
}

// unreadable describes an answer that the SDK could not make sense of.
func unreadable(a *answer, err error) (code, text string) {
	switch {
	case timedOut(err):
		return CodeNoAnswer, lateError{}.Error()
	case errors.Is(err, errTooLarge):
		return CodeInvalidAnswer, fmt.Sprintf("an answer that is not AWS's: HTTP %d, %s: %s",
			a.status, firstOf(a.contentType, "no content type"), errTooLarge)
	case a.broken || a.status < http.StatusMultipleChoices && !a.page():
		return CodeInvalidAnswer, fmt.Sprintf("the answer broke off, or is not AWS's (HTTP %d, %s): %s",
			a.status, firstOf(a.contentType, "no content type"), innermost(err))
	}
	return CodeInvalidAnswer, fmt.Sprintf("an answer that is not AWS's: HTTP %d, %s: %s",
		a.status, firstOf(a.contentType, "no content type"), excerpt(a.body))
}

// unanswered describes a call that got no answer, if it was sent at all.
func unanswered(sent bool, err error) (code, text string) {
	dns, unresolved := errors.AsType[*net.DNSError](err)
	switch {
	case unresolved:
		return CodeNoSuchHost, fmt.Sprintf("the host %s does not resolve", dns.Name)
	case timedOut(err):
		return CodeNoAnswer, "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return CodeUnreachable, "the connection was closed without an answer"
	case sent || neverSent(err):
		return CodeUnreachable, innermost(err)
	}
	if text := err.Error(); strings.Contains(text, "credentials") || strings.Contains(text, processOutput) {
		return CodeCredentials, credentialsError("AWS credentials", "", err).reason
	}
	return CodeNotSent, withoutLogin(innermost(err))
}

// withoutLogin leaves out the name and password of an address that is no URL.
func withoutLogin(text string) string {
	before, rest, found := strings.Cut(text, "//")
	login := strings.LastIndex(rest, "@")
	if !found || login < 0 {
		return text
	}
	return before + "//(not shown)" + rest[login:]
}

func innermost(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// excerpt is the beginning of a body, in one line.
func excerpt(body []byte) string {
	const longest = 80
	text := strings.Join(strings.Fields(string(body)), " ")
	if text == "" {
		return "empty"
	}
	return shortened(text, longest)
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s in %s: %s", e.call(), e.Region, e.code)
	if e.met() {
		text = "someone else is changing this: " + text
	}
	said := strings.ReplaceAll(e.message, " ", "")
	if (said == "" || strings.EqualFold(said, e.code)) && e.Status != 0 {
		return fmt.Sprintf("%s (HTTP %d, without a text)", text, e.Status)
	}
	return text + ": " + strings.TrimSuffix(e.message, ".")
}

// Alike is what calls have in common that failed for the same reason, whatever
// they asked for: a region that does not answer, or credentials that have
// expired. Elsewhere it is "".
func (e *Error) Alike() string {
	switch e.code {
	case CodeNoSuchHost, CodeUnreachable, CodeNoAnswer:
		return fmt.Sprintf("%s in %s: %s", e.code, e.Region, e.message)
	case "ExpiredToken", "ExpiredTokenException":
		return "ExpiredToken: the credentials have expired"
	}
	return ""
}

// Waiting is what the call waited for when it was given up, as in "another try
// of s3:PutBucketPolicy after SlowDown"; "" when it did not.
func (e *Error) Waiting() string { return e.waitsFor }

// Unwrap returns the SDK's error.
func (e *Error) Unwrap() error { return e.cause }

// met tells whether the call met another change of the same thing.
func (e *Error) met() bool {
	// IVS edits the bucket policy on a create and refuses edits that meet.
	return isAborted(e.code) || e.code == "ConflictException" && strings.HasPrefix(e.Operation, "Create")
}

// Code is AWS's error code, or one of this package's. Is asks for AWS's own.
func (e *Error) Code() string {
	if e.met() {
		return CodeConcurrentChange
	}
	return e.code
}

// Message is AWS's own text, "" if it gave none.
func (e *Error) Message() string { return e.message }

// RequestID is what AWS support asks for, "" if there was no answer.
func (e *Error) RequestID() string { return e.requestID }

// Is reports whether err is a failed call with one of the codes.
func Is(err error, codes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	for _, code := range codes {
		if e.code == code {
			return true
		}
	}
	return false
}

// Brief is an error in a few words, for a trace.
func Brief(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() != "" {
		return api.ErrorCode()
	}
	if strings.Contains(err.Error(), processOutput) {
		return CodeCredentials
	}
	return innermost(err)
}
