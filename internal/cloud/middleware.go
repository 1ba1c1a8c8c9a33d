package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const ivsServiceID = ivsrealtime.ServiceID

// maxErrorBody bounds what is read of an error's body.
const maxErrorBody = 64 << 10

// call is what the middlewares of one API call tell each other.
type call struct {
	attempt int
	broken  int      // attempts that got no answer, or half of one
	sent    bool     // whether the last attempt may have reached AWS
	answer  *answer  // of the last attempt, nil when there was none
	failure error    // of the last attempt, nil when it went well
	secrets []string // that went with the last attempt, and may come back in its answer
	begun   time.Time
	took    time.Duration // of the last attempt, from begun
	waited  func()        // ends the wait for the next attempt; nil without one
	// waitsFor is that wait in words, "" without one.
	waitsFor string
}

// answer is the part of an HTTP answer that the SDK may drop.
type answer struct {
	status      int
	contentType string
	requestID   string
	// bucketRegion is S3's word on where a bucket is, sent with errors too
	// (HeadBucket).
	bucketRegion string
	body         []byte // of an error
	broken       bool   // an error's body broke off
}

// page tells whether somebody in between answered with a page for people, as
// a proxy or a hotel's network does. To the SDK a 200 is a success.
func (a *answer) page() bool {
	return a != nil && strings.HasPrefix(strings.ToLower(a.contentType), "text/html")
}

var errPage = errors.New("a page for people instead of an answer")

type callKey struct{}

// instrument puts our own middlewares into the stack of every operation.
func (c *Cloud) instrument(stack *middleware.Stack) error {
	if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("yolo:Explain", explain), middleware.After); err != nil {
		return err
	}
	if err := stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("yolo:Attempt", c.attempt), "Retry", middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Insert(middleware.DeserializeMiddlewareFunc("yolo:Send", c.send), boundID, middleware.Before)
}

// explain runs once a call and makes its error an Error.
func explain(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	state := &call{}
	ctx = context.WithValue(ctx, callKey{}, state)
	defer state.goesOn()
	out, metadata, err := next.HandleInitialize(ctx, in)
	if err != nil {
		err = newError(ctx, state, err)
	}
	return out, metadata, err
}

// attempt runs once an attempt, before it is signed.
func (c *Cloud) attempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	state := stateOf(ctx)
	state.goesOn()
	if state.attempt > 0 && c.stopped() {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &judged{state.failure, false}
	}
	state.attempt++
	state.sent, state.answer, state.begun = false, nil, time.Time{}
	operation := awsmiddleware.GetOperationName(ctx)
	end, err := c.limits.begin(ctx, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetRegion(ctx), operation)
	if err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &aws.RequestCanceledError{Err: err}
	}
	defer end()
	if TooLate(ctx) {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &judged{ErrTooLate, false}
	}
	out, metadata, err := next.HandleFinalize(ctx, in)
	c.clock.read(ctx, state.begun, metadata)
	err = asSkewed(operation, state.attempt, metadata, err)
	c.tell(ctx, state, err)
	if state.failure = state.judge(operation, err); err != nil && c.stopped() {
		state.failure = &judged{err, false}
	}
	return out, metadata, state.failure
}

func (c *Cloud) stopped() bool { return c.stop != nil && c.stop.Err() != nil }

// tell traces an attempt, if it came as far as the wire.
func (c *Cloud) tell(ctx context.Context, state *call, err error) {
	if c.trace == nil || state.begun.IsZero() {
		return
	}
	request := Request{
		Service: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx), Region: awsmiddleware.GetRegion(ctx),
		Attempt: state.attempt, Begun: state.begun, Took: state.took, Err: err,
	}
	if state.answer != nil {
		request.Status, request.RequestID = state.answer.status, state.answer.requestID
	}
	c.trace(request)
}

func stateOf(ctx context.Context) *call {
	if state, ok := ctx.Value(callKey{}).(*call); ok {
		return state
	}
	return &call{}
}

// send is the last one before the wire: it counts, times and keeps what an
// error's answer says.
func (c *Cloud) send(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	operation := awsmiddleware.GetOperationName(ctx)
	c.total.Add(1)
	if !reads(operation) {
		c.mutating.Add(1)
	}
	state := stateOf(ctx)
	state.begun = time.Now()
	state.secrets = secretsOf(in.Request)
	out, metadata, err := next.HandleDeserialize(ctx, in)
	state.took = time.Since(state.begun)
	state.sent = !neverSent(err)
	state.answer = keep(out.RawResponse)
	if err == nil && state.answer.page() {
		err = errPage
	}
	return out, metadata, err
}

// secretsOf are the texts in a request that let others act in our place. AWS
// repeats them in answers: on a signature that it does not accept it tells all
// that should have been signed (IAM user guide, "Troubleshoot Signature Version 4
// signing").
func secretsOf(request any) (secrets []string) {
	r, ok := request.(*smithyhttp.Request)
	if !ok {
		return nil
	}
	authorization := r.Header.Get("Authorization")
	_, signature, _ := strings.Cut(authorization, "Signature=")
	for _, secret := range []string{authorization, signature, r.Header.Get("X-Amz-Security-Token")} {
		if secret != "" {
			secrets = append(secrets, secret, "(not shown)")
		}
	}
	return secrets
}

// withoutSecrets is a text of an answer as it may be shown.
func (s *call) withoutSecrets(text string) string {
	return strings.NewReplacer(s.secrets...).Replace(text)
}

// reads tells whether an operation leaves everything as it is.
func reads(operation string) bool {
	for _, prefix := range []string{"Get", "List", "Describe", "Head", "Filter", "Test"} {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return false
}

// answered is an HTTP answer, nil when there was none.
func answered(raw any) *smithyhttp.Response {
	response, ok := raw.(*smithyhttp.Response)
	if !ok || response == nil || response.Response == nil || response.StatusCode == 0 {
		return nil
	}
	return response
}

// keep takes from an answer what an Error needs, and leaves the body readable.
// It returns nil when there was no answer.
func keep(raw any) *answer {
	response := answered(raw)
	if response == nil {
		return nil
	}
	kept := &answer{
		status:       response.StatusCode,
		contentType:  response.Header.Get("Content-Type"),
		requestID:    firstOf(response.Header.Get("X-Amzn-Requestid"), response.Header.Get("X-Amz-Request-Id")),
		bucketRegion: response.Header.Get("X-Amz-Bucket-Region"),
	}
	if (response.StatusCode >= 300 || kept.page()) && response.Body != nil {
		var err error
		rest := response.Body
		some := io.LimitReader(rest, maxErrorBody)
		kept.body, err = io.ReadAll(some)
		kept.broken = err != nil
		response.Body = readCloser{io.MultiReader(bytes.NewReader(kept.body), some), rest}
	}
	return kept
}

type readCloser struct {
	io.Reader
	io.Closer
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
