package s3

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// usEast1 is the region with rules of its own.
const usEast1 = "us-east-1"

// The errors below have the codes, statuses and texts of the API reference's
// page Error responses.
var (
	errInvalidURI       = fail(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
	errMalformedXML     = fail(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	errMethodNotAllowed = fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	errAccessDenied     = fail(http.StatusForbidden, "AccessDenied", "Access Denied")
	errBadDigest        = fail(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	errIncompleteBody   = fail(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
	errPrecondition     = fail(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	errACLsDisabled     = fail(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
)

func fail(status int, code, message string) *wire.Error { return wire.Errorf(status, code, message) }

func invalidArgument(name, value, message string) error {
	e := fail(http.StatusBadRequest, "InvalidArgument", message)
	e.Details = map[string]string{"ArgumentName": name, "ArgumentValue": value}
	return e
}

func invalidRequest(message string) error {
	return fail(http.StatusBadRequest, "InvalidRequest", message)
}

// notImplemented is AWS's own answer to a header that asks for what it lacks;
// here it is for what the emulator lacks.
func notImplemented(what string) error {
	e := fail(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
	e.Details = map[string]string{"Header": what}
	return e
}

func noSuchBucket(name string) error {
	e := fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	e.Details = map[string]string{"BucketName": name}
	return e
}

func noSuchKey(key string) *wire.Error {
	e := fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	e.Details = map[string]string{"Key": key}
	return e
}

func notFound(code, message, bucket string) error {
	e := fail(http.StatusNotFound, code, message)
	e.Details = map[string]string{"BucketName": bucket}
	return e
}

// accessDenied names the bucket's region, which S3 does even for those who may
// not use the bucket (API reference, HeadBucket).
func accessDenied(b Bucket) error {
	e := *errAccessDenied
	e.Header = http.Header{"X-Amz-Bucket-Region": {b.Region}}
	return &e
}

func permanentRedirect(b Bucket) error {
	endpoint := b.Name + ".s3." + b.Region + ".amazonaws.com"
	if b.Region == usEast1 {
		endpoint = b.Name + ".s3.amazonaws.com"
	}
	e := fail(http.StatusMovedPermanently, "PermanentRedirect",
		"The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
	e.Header = http.Header{"X-Amz-Bucket-Region": {b.Region}}
	e.Details = map[string]string{"Endpoint": endpoint, "Bucket": b.Name}
	return e
}

func wrongSignatureRegion(got, want string) error {
	e := fail(http.StatusBadRequest, "AuthorizationHeaderMalformed",
		"The authorization header is malformed; the region '"+got+"' is wrong; expecting '"+want+"'")
	e.Details = map[string]string{"Region": want}
	e.Header = http.Header{"X-Amz-Bucket-Region": {want}}
	return e
}

// detail is one element of an error that only some errors have.
type detail struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

// Fail writes an error. Answers to HEAD, and those that say that nothing
// changed, have no body.
func (s *Service) Fail(r *wire.Request, e *wire.Error) *wire.Response {
	response := &wire.Response{Status: e.Status, Header: http.Header{}}
	maps.Copy(response.Header, e.Header)
	response.Header.Set("X-Amz-Request-Id", r.ID)
	response.Header.Set("X-Amz-Id-2", hostID(r))
	if r.HTTP.Method == http.MethodHead || e.Status == http.StatusNotModified {
		return response
	}
	body := struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		Details   []detail
		RequestID string `xml:"RequestId"`
		HostID    string `xml:"HostId"`
	}{Code: e.Code, Message: e.Message, RequestID: r.ID, HostID: hostID(r)}
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		body.Details = append(body.Details, detail{xml.Name{Local: name}, e.Details[name]})
	}
	response.Header.Set("Content-Type", "application/xml")
	encoded, err := xml.Marshal(body)
	if err != nil {
		return &wire.Response{Status: http.StatusInternalServerError, Header: http.Header{}}
	}
	response.Body = append([]byte(xml.Header), encoded...)
	return response
}

// hostID makes the second id that S3's answers carry, the same for each
// request id.
func hostID(r *wire.Request) string {
	sum := sha256.Sum256([]byte(r.ID))
	return base64.StdEncoding.EncodeToString(sum[:])
}
