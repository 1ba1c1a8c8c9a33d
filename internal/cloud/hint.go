package cloud

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/permissions/actions"
)

var prefixes = map[string]string{
	"S3":              "s3",
	"IVS RealTime":    "ivs",
	"CloudWatch Logs": "logs",
	"EventBridge":     "events",
	"IAM":             "iam",
	"STS":             "sts",
}

// call is the operation with its service, such as s3:PutBucketPolicy.
func (e *Error) call() string {
	return firstOf(prefixes[e.Service], strings.ToLower(e.Service)) + ":" + e.Operation
}

// Actions are the IAM actions that the call needs.
func (e *Error) Actions() []string { return actions.Of(e.call()) }

// Denied tells whether the identity is not allowed to make the call.
func (e *Error) Denied() bool {
	switch e.code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden":
		return true
	}
	return false
}

// Expired tells whether the credentials, not the call, were at fault.
func (e *Error) Expired() bool {
	switch e.code {
	case CodeCredentials, "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException",
		"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException",
		"MissingAuthenticationToken", "IncompleteSignature", "RequestExpired", "InvalidToken", codeSkewed:
		return true
	}
	return e.headless()
}

// headless tells whether S3 refused a HEAD as a bad request, and not because the
// bucket is in another region. The answer has no code. It is what S3 sends to
// credentials that have expired.
func (e *Error) headless() bool {
	return e.Operation == "HeadBucket" && e.code == "BadRequest" && e.BucketRegion == ""
}

// Hint says what to do next; "" where the text says it all.
func (e *Error) Hint() string {
	switch {
	case e.code == codeSkewed, strings.Contains(e.message, "Signature expired"), strings.Contains(e.message, "Signature not yet current"):
		return "set this machine's clock, then run the same command again"
	case e.headless():
		return "S3 gives no reason for this call; most often the login has expired: log in again, then run the same command again"
	case e.Expired():
		return "log in again, or check the profile and the AWS_… variables, then run the same command again"
	case e.Denied():
		return fmt.Sprintf("allow %s for the identity that runs yolo, or look for a policy that denies it", strings.Join(e.Actions(), ", "))
	case hints[e.code] == "" && throttles(e.code):
		return slowDown
	case hints[e.code] == "" && e.Status >= http.StatusInternalServerError:
		return hints["InternalError"]
	}
	return hints[e.code]
}

const slowDown = "AWS asks to slow down; run the same command again, with --parallelism 5 if it stays"

var hints = map[string]string{
	"PendingVerification":             "AWS has not verified the account yet; wait, or ask AWS Support",
	"ServiceQuotaExceededException":   "delete what is not used any more, or ask AWS to raise the quota (Service Quotas, Amazon IVS)",
	"LimitExceededException":          "delete what is not used any more; this quota holds per region",
	"TooManyBuckets":                  "delete a bucket that is not needed, or ask AWS for more (Service Quotas in us-east-1, Amazon S3); the quota holds for all regions together",
	"BucketAlreadyExists":             "somebody else has a bucket of this name; set aws.ivs.recording.bucket-name to another one",
	"OperationAborted":                "something else changes the same bucket, or a bucket of this name was deleted a moment ago; wait a little and run the same command again",
	"OperationAbortedException":       "something else changes the same resource; run the same command again",
	"ConcurrentModificationException": "something else changes the same rule; run the same command again",
	"ConflictException":               "it is in use, or being changed by somebody else; run the same command again later",
	"ManagedRuleException":            "the rule belongs to another AWS service, and yolo never touches it",
	"InternalServerException":         "AWS failed inside; run the same command again, and look at health.aws.amazon.com if it stays",
	"InternalError":                   "AWS failed inside; run the same command again, and look at health.aws.amazon.com if it stays",
	"InternalException":               "AWS failed inside; run the same command again, and look at health.aws.amazon.com if it stays",
	"InternalFailure":                 "AWS failed inside; run the same command again, and look at health.aws.amazon.com if it stays",
	"ServiceUnavailable":              "AWS is not available just now; run the same command again, and look at health.aws.amazon.com if it stays",
	"ServiceUnavailableException":     "AWS is not available just now; run the same command again, and look at health.aws.amazon.com if it stays",
	"TooManyRequests":                 slowDown,
	"NoSuchBucket":                    "it is gone, or not known everywhere yet; run the same command again",
	"ResourceNotFoundException":       "it is gone, or not known everywhere yet; run the same command again",
	"MethodNotAllowed":                "the bucket belongs to another account; log in to that one, or name another bucket",
	CodeNoSuchHost:                    "check the region's spelling, the network, and AWS_ENDPOINT_URL if it is set",
	CodeUnreachable:                   "check the network, a proxy or VPN, and AWS_ENDPOINT_URL if it is set",
	CodeNoAnswer:                      "check the network, then run the same command again; more time: --timeout",
	CodeNotSent:                       "check AWS_ENDPOINT_URL if it is set: it begins with http:// or https://",
	CodeInvalidAnswer:                 "check for a proxy in between, and AWS_ENDPOINT_URL if it is set",
}
