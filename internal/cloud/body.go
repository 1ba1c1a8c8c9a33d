package cloud

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxAnswer bounds an answer that is not an object's content. The longest that
// AWS gives is a page of a thousand keys, of 1024 bytes each before escaping
// (Amazon S3 API reference, "ListObjectVersions").
const maxAnswer = 16 << 20

var errTooLarge = errors.New("it is longer than any answer of AWS's")

// lateError ends an answer whose rest does not come. It is a net.Error.
type lateError struct{}

func (lateError) Error() string   { return "the answer did not come to its end in time" }
func (lateError) Timeout() bool   { return true }
func (lateError) Temporary() bool { return true }

// body is an answer's body that can neither fill the memory nor be waited for
// without end, whoever sends it.
type body struct {
	io.ReadCloser
	left    int64         // bytes until it is too large; below 0 for no limit
	content bool          // an object's: may take its time as long as it goes on
	patient time.Duration // how long it may take
	timer   *time.Timer
	late    atomic.Bool
	giveUp  context.CancelFunc // ends the request
}

// boundID is the middleware's that puts bodies into answers.
const boundID = "yolo:Bound"

// bounded has every answer's body be one of these, those of the services that
// give credentials included.
func bounded(patient time.Duration, longest int64) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc(boundID,
			func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
				ctx, giveUp := context.WithCancel(ctx)
				out, metadata, err := next.HandleDeserialize(ctx, in)
				if response := answered(out.RawResponse); response != nil && response.Body != nil {
					guard(response, awsmiddleware.GetOperationName(ctx), patient, longest, giveUp)
				} else {
					giveUp()
				}
				return out, metadata, err
			}), middleware.After)
	}
}

// guard puts a body in the place of an answer's own. GiveUp is called when it
// ends.
func guard(response *smithyhttp.Response, operation string, patient time.Duration, longest int64, giveUp context.CancelFunc) {
	b := &body{ReadCloser: response.Body, left: longest, patient: patient, giveUp: giveUp}
	if operation == "GetObject" {
		b.left, b.content = -1, true
	}
	b.timer = time.AfterFunc(patient, func() {
		b.late.Store(true)
		giveUp()
	})
	response.Body = b
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err != nil && err != io.EOF && b.late.Load():
		return n, lateError{}
	case b.content && n > 0:
		b.timer.Reset(b.patient)
	case !b.content:
		if b.left -= int64(n); b.left < 0 {
			return n, errTooLarge
		}
	}
	return n, err
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.giveUp()
	return err
}
