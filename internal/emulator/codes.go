package emulator

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/whip"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// signingNames are the services as signatures name them, and WHIP, whose
// requests have none.
var signingNames = []string{"events", "iam", "ivs", "logs", "s3", "sts", whip.Name}

// answer is how AWS sends an error code: its HTTP status and its usual text.
type answer struct {
	status  int
	message string
}

// codes are the errors that a fault can name without their status, from the
// services' error tables (S3: API reference, Error responses; the others: their
// API references' Common Errors). A text with {Op} names the operation.
var codes = map[string]answer{
	"AccessDenied":                         {403, "Access Denied"},
	"AccessDeniedException":                {403, "User is not authorized to perform: {Op}"},
	"AuthorizationHeaderMalformed":         {400, "The authorization header is malformed; the region is wrong"},
	"BadRequest":                           {400, "Bad Request"},
	"BucketAlreadyExists":                  {409, "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."},
	"BucketAlreadyOwnedByYou":              {409, "Your previous request to create the named bucket succeeded and you already own it."},
	"BucketNotEmpty":                       {409, "The bucket you tried to delete is not empty"},
	"ConcurrentModificationException":      {400, "Rule is currently being modified"},
	"ConflictException":                    {409, "The resource is in use or being changed"},
	"ExpiredToken":                         {403, "The security token included in the request is expired"},
	"ExpiredTokenException":                {403, "The security token included in the request is expired"},
	"Forbidden":                            {403, "Forbidden"},
	"IllegalLocationConstraintException":   {400, "The location constraint is incompatible for the region specific endpoint this request was sent to."},
	"InternalError":                        {500, "We encountered an internal error. Please try again."},
	"InternalException":                    {500, "Internal failure"},
	"InternalFailure":                      {500, "The request processing has failed because of an unknown error, exception or failure."},
	"InternalServerException":              {500, "Service internal error"},
	"InvalidAccessKeyId":                   {403, "The AWS Access Key Id you provided does not exist in our records."},
	"InvalidClientTokenId":                 {403, "The security token included in the request is invalid."},
	"InvalidEventPatternException":         {400, "Event pattern is not valid."},
	"InvalidLocationConstraint":            {400, "The specified location-constraint is not valid"},
	"InvalidParameterException":            {400, "A parameter is specified incorrectly."},
	"InvalidSignatureException":            {403, "Signature not yet current or expired"},
	"LimitExceededException":               {400, "Resource limit exceeded."},
	"MalformedPolicy":                      {400, "Invalid principal in policy"},
	"ManagedRuleException":                 {400, "The rule is managed by an AWS service."},
	"MethodNotAllowed":                     {405, "The specified method is not allowed against this resource."},
	"MovedPermanently":                     {301, "Moved Permanently"},
	"NoSuchBucket":                         {404, "The specified bucket does not exist"},
	"NoSuchBucketPolicy":                   {404, "The bucket policy does not exist"},
	"NoSuchEntity":                         {404, "The entity cannot be found."},
	"NoSuchPublicAccessBlockConfiguration": {404, "The public access block configuration was not found"},
	"NoSuchTagSet":                         {404, "The TagSet does not exist"},
	"NotFound":                             {404, "Not Found"},
	"OperationAborted":                     {409, "A conflicting conditional operation is currently in progress against this resource. Please try again."},
	"OperationAbortedException":            {400, "A conflicting operation is currently in progress against this resource. Please try again."},
	"OwnershipControlsNotFoundError":       {404, "The bucket ownership controls were not found"},
	"PendingVerification":                  {403, "Your account is pending verification. Until the verification process is complete, you may not be able to carry out requests with this account."},
	"PermanentRedirect":                    {301, "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."},
	"RequestLimitExceeded":                 {503, "Request limit exceeded."},
	"RequestTimeout":                       {400, "Your socket connection to the server was not read from or written to within the timeout period."},
	"RequestTimeTooSkewed":                 {403, "The difference between the request time and the current time is too large."},
	"ResourceAlreadyExistsException":       {400, "The specified log group already exists"},
	"ResourceNotFoundException":            {404, "Resource not found"},
	"ServiceFailure":                       {500, "Service failure"},
	"ServiceQuotaExceededException":        {402, "Quota exceeded"},
	"ServiceUnavailable":                   {503, "Service is unable to handle request."},
	"ServiceUnavailableException":          {503, "The service cannot complete the request."},
	"SignatureDoesNotMatch":                {403, "The request signature we calculated does not match the signature you provided."},
	"SlowDown":                             {503, "Please reduce your request rate."},
	"Throttling":                           {400, "Rate exceeded"},
	"ThrottlingException":                  {429, "Rate exceeded"},
	"TooManyBuckets":                       {400, "You have attempted to create more buckets than allowed"},
	"TooManyRequestsException":             {429, "Rate exceeded"},
	"UnrecognizedClientException":          {403, "The security token included in the request is invalid."},
	"ValidationException":                  {400, "The request is not valid"},
}

// codeAt is the code of a fault that each service has a code of its own for: S3
// calls throttling SlowDown, and the query protocol's services have codes
// without "Exception" (S3: Error responses; STS and IAM: Common Errors).
func (f *Fault) codeAt(service string) string {
	query := service == "iam" || service == "sts"
	switch {
	case f.Kind == KindThrottled && service == "s3":
		return "SlowDown"
	case f.Kind == KindThrottled && query:
		return "Throttling"
	case f.Kind == KindThrottled:
		return "ThrottlingException"
	case f.Kind == KindExpired && (query || service == "s3"):
		return "ExpiredToken"
	case f.Kind == KindExpired:
		return "ExpiredTokenException"
	}
	return f.Code
}

// errorOf is the error that a fault answers. The services that speak awsJson
// send 400 with every error that is the client's (AWS JSON 1.1 protocol), and
// S3 calls an expired token a bad request.
func (f *Fault) errorOf(service string, r *wire.Request) *wire.Error {
	code := f.codeAt(service)
	known := codes[code]
	status := known.status
	awsJSON := service == "logs" || service == "events"
	if awsJSON && status < http.StatusInternalServerError || service == "s3" && code == "ExpiredToken" {
		status = http.StatusBadRequest
	}
	message := strings.ReplaceAll(known.message, "{Op}", service+":"+r.Operation)
	return wire.Errorf(cmp.Or(f.Status, status), code, cmp.Or(f.Message, message))
}
