// Package sendbody has the bodies of the AWS SDK's requests sent in a way that
// never breaks off their answers.
//
// It is what the clients of yolo and those of its tests have in common. Start at
// Client.
package sendbody

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Client sends what next does. The SDK closes a request's body as soon as the
// answer has begun, and the body is then an error to whoever wants to write it
// all at once (smithy-go, safeWriteToReadCloser). net/http does so, to see that
// no more is left, at times after a near server has answered: it takes the
// connection for broken, and the rest of the answer is lost. A body that can
// only be read has just ended.
func Client(next aws.HTTPClient) aws.HTTPClient { return client{next} }

type client struct{ next aws.HTTPClient }

// Do implements aws.HTTPClient.
func (c client) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		readOnly := *request
		readOnly.Body = struct{ io.ReadCloser }{request.Body}
		request = &readOnly
	}
	return c.next.Do(request)
}
