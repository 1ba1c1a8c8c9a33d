package cloud

import (
	"fmt"
	"net/http"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// codeSkewed is S3's code for a request that was signed too long ago or ahead.
const codeSkewed = "RequestTimeTooSkewed"

// allowedSkew is how far S3 lets a clock be off (S3 error responses,
// RequestTimeTooSkewed).
const allowedSkew = 15 * time.Minute

// skewed is a refused HEAD that the answer's own date explains. S3 answers a
// HEAD without a body, so there is no code in it; with this one the SDK
// corrects its clock and tries again, as it does for all other requests.
type skewed struct {
	error
	off time.Duration
}

// asSkewed makes a refusal without a code one for the clock where the clock is
// off. Only the first attempt can be: the next one is signed with the right
// time.
func asSkewed(operation string, attempt int, metadata middleware.Metadata, err error) error {
	off, known := awsmiddleware.GetAttemptSkew(metadata)
	if operation != "HeadBucket" || attempt > 1 || !known || off.Abs() < allowedSkew || status(err) != http.StatusForbidden {
		return err
	}
	return &skewed{err, off}
}

// Unwrap returns the refusal.
func (s *skewed) Unwrap() error { return s.error }

// ErrorCode is what S3 would say, had HEAD a body.
func (s *skewed) ErrorCode() string { return codeSkewed }

// ErrorMessage says how far the clock is off.
func (s *skewed) ErrorMessage() string {
	return fmt.Sprintf("this machine's clock is off by %s", s.off.Abs().Round(time.Second))
}

// ErrorFault is the client's.
func (s *skewed) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }
