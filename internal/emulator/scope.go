package emulator

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// scope is the credential scope of a signed request: whom it is from, and
// which service in which region it is for (AWS Signature Version 4).
type scope struct{ accessKey, region, service string }

var accountID = lazyregexp.New(`^[0-9]{12}$`)

var errUnsigned = errors.New("MissingAuthenticationToken: the request carries no AWS signature; " +
	"any AWS client with any credentials makes one")

// errOldSignature is what S3 answers for buckets made since June 2020.
var errOldSignature = errors.New("InvalidRequest: The authorization mechanism you have provided is not supported. " +
	"Please use AWS4-HMAC-SHA256; aws configure set default.s3.signature_version s3v4 has the aws client do so")

// readScope finds the scope in the Authorization header or, for a presigned
// URL, in the query. Signatures themselves are not checked: the emulator is
// told who the caller is.
func readScope(r *http.Request) (scope, error) {
	query, authorization := r.URL.Query(), r.Header.Get("Authorization")
	credential := query.Get("X-Amz-Credential")
	if query.Has("AWSAccessKeyId") || strings.HasPrefix(authorization, "AWS ") {
		return scope{}, errOldSignature
	}
	if credential == "" {
		_, after, ok := strings.Cut(authorization, "Credential=")
		if !ok {
			return scope{}, errUnsigned
		}
		credential, _, _ = strings.Cut(after, ",")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return scope{}, fmt.Errorf("IncompleteSignature: the credential scope %q is not key/date/region/service/aws4_request", credential)
	}
	return scope{accessKey: parts[0], region: parts[2], service: parts[3]}, nil
}

func (s scope) account(otherwise string) string {
	if accountID.MatchString(s.accessKey) {
		return s.accessKey
	}
	return otherwise
}

// newRequestID makes an id of the form that most AWS services send.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func asError(err error) *wire.Error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	text := err.Error()
	if hinter, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok && hinter.Hint() != "" {
		text += "; " + hinter.Hint()
	}
	return wire.Errorf(http.StatusInternalServerError, "InternalFailure", "emulator: "+text)
}

// signingTime is when a request says that it was signed.
func signingTime(r *http.Request) string {
	return cmp.Or(r.Header.Get("X-Amz-Date"), r.URL.Query().Get("X-Amz-Date"))
}
