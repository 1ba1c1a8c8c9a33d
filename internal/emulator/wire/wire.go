// Package wire is what the emulator's services share of AWS's wire protocols:
// the request as the router hands it on, the answer, and the three ways AWS
// writes JSON and its errors.
//
// It holds no state and no behaviour of any one service. Start at Service.
package wire

import (
	"net/http"
	"time"
)

// Service is one emulated AWS service in all its regions.
type Service interface {
	// Operation names the operation that the request asks for, in the API's
	// own spelling; "" when the service has none such, which answers 501.
	Operation(r *Request) string
	// Serve carries out r.Operation. An error that is not an *Error is a
	// defect of the emulator and answers 500.
	Serve(r *Request) (*Response, error)
	// Fail writes an error in the service's protocol. It is used for errors
	// that Serve returns, for faults and for what the router refuses.
	Fail(r *Request, e *Error) *Response
}

// Streamer is a Service that reads bodies from Request.HTTP itself; for others
// Request.Body holds the whole body.
type Streamer interface{ StreamsBodies() }

// Request is one request, as the router understood it.
type Request struct {
	Account   string // twelve digits
	Region    string // from the signature's scope
	Operation string // set before Serve
	ID        string // the request id that the answer carries
	HTTP      *http.Request
	Body      []byte
	Now       time.Time // by the emulator's clock
	Twist     Twist     // "" but under a fault
	Caller    Caller    // nil: the account's root user
}

// Twist is a fault that only the service itself can play.
type Twist string

// What may go wrong with the bucket policy that IVS edits on behalf of its
// caller: PutBucketPolicy has no precondition, so of two writers that read the
// same document one loses.
const (
	// LosePolicyEdit: another writer overwrote the policy, and IVS's edit is gone.
	LosePolicyEdit Twist = "lose-policy-edit"
	// StalePolicyEdit: IVS wrote over the policy what it had read before
	// another writer's edit, which is gone.
	StalePolicyEdit Twist = "stale-policy-edit"
)

// DropMedia has the network lose what a client sends who publishes.
const DropMedia Twist = "no-media"

// EmptyPage is an answer of FilterLogEvents without events, but with the token
// that goes on: "Partially full or empty pages don't necessarily mean that
// pagination is finished" (FilterLogEvents).
const EmptyPage Twist = "empty-page"

// Response is an answer. Stream, when not nil, is sent instead of Body and
// closed afterwards.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Stream Stream
}

// Stream is a body that is too large to hold in memory.
type Stream interface {
	Read(p []byte) (int, error)
	Close() error
}

// Error is an AWS error: what the service answers, not what went wrong here.
type Error struct {
	Code    string
	Status  int // HTTP
	Message string
	// Header and Details are for services whose errors carry more, such as
	// S3's x-amz-bucket-region and its BucketName element.
	Header  http.Header
	Details map[string]string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// CodeNotImplemented is for what the emulator does not have.
const CodeNotImplemented = "NotImplemented"

// Errorf makes an Error without details.
// It is not inlined: the calls are hundreds, and each would be larger.
//
//go:noinline
func Errorf(status int, code, message string) *Error {
	return &Error{Code: code, Status: status, Message: message}
}
