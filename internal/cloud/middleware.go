package cloud

import (
	"bytes"
	"context"
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

// maxErrorBody bounds what is kept of an error's body.
const maxErrorBody = 64 << 10

// call is what the middlewares of one API call tell each other.
type call struct {
	attempt int
	answer  *answer // of the last attempt
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
}

type callKey struct{}

// instrument puts our own middlewares into the stack of every operation.
func (c *Cloud) instrument(stack *middleware.Stack) error {
	if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("yolo:Explain", explain), middleware.After); err != nil {
		return err
	}
	if err := stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("yolo:Limit", c.limit), "Retry", middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("yolo:Send", c.send), middleware.After)
}

// explain runs once a call and makes its error an Error.
func explain(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	state := &call{}
	ctx = context.WithValue(ctx, callKey{}, state)
	out, metadata, err := next.HandleInitialize(ctx, in)
	if err != nil {
		err = newError(ctx, state, err)
	}
	return out, metadata, err
}

// limit runs once an attempt, before it is signed.
func (c *Cloud) limit(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	end, err := c.limits.begin(ctx, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetRegion(ctx), awsmiddleware.GetOperationName(ctx))
	if err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &aws.RequestCanceledError{Err: err}
	}
	defer end()
	return next.HandleFinalize(ctx, in)
}

// send is the last one before the wire: it counts, times and keeps what an
// error's answer says.
func (c *Cloud) send(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	operation := awsmiddleware.GetOperationName(ctx)
	c.total.Add(1)
	if !reads(operation) {
		c.mutating.Add(1)
	}
	begun := time.Now()
	out, metadata, err := next.HandleDeserialize(ctx, in)
	took := time.Since(begun)

	state, _ := ctx.Value(callKey{}).(*call)
	if state == nil {
		state = &call{}
	}
	state.attempt++
	state.answer = keep(out.RawResponse)
	if c.trace != nil {
		c.trace(Request{
			Service: awsmiddleware.GetServiceID(ctx), Operation: operation, Region: awsmiddleware.GetRegion(ctx),
			Attempt: state.attempt, Begun: begun, Took: took,
			Status: state.answer.status, RequestID: state.answer.requestID, Err: err,
		})
	}
	return out, metadata, err
}

// reads tells whether an operation leaves everything as it is.
func reads(operation string) bool {
	for _, prefix := range []string{"Get", "List", "Describe", "Head"} {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return false
}

// keep takes from an answer what an Error needs, and leaves the body readable.
func keep(raw any) *answer {
	response, ok := raw.(*smithyhttp.Response)
	if !ok || response == nil || response.Response == nil {
		return &answer{}
	}
	kept := &answer{
		status:       response.StatusCode,
		contentType:  response.Header.Get("Content-Type"),
		requestID:    firstOf(response.Header.Get("X-Amzn-Requestid"), response.Header.Get("X-Amz-Request-Id")),
		bucketRegion: response.Header.Get("X-Amz-Bucket-Region"),
	}
	if response.StatusCode >= 300 && response.Body != nil {
		kept.body, _ = io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
		rest := response.Body
		response.Body = readCloser{io.MultiReader(bytes.NewReader(kept.body), rest), rest}
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
