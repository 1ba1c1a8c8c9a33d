package s3

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// Limits of bodies (user guide, Uploading objects; Multipart upload limits).
const (
	maxObject   = 5 << 30
	maxDocument = 8 << 20 // of a request that is not an object's: a thousand of the longest keys
)

var hexDigest = lazyregexp.New(`^[0-9a-f]{64}$`)

// upload reads a request's body and checks it against all that the request
// says about it: length, Content-MD5, x-amz-content-sha256, checksum.
type upload struct {
	source  io.Reader
	chunked *chunkedReader // nil when the body is not aws-chunked
	length  int64          // as declared
	read    int64

	md5, sha256 hash.Hash
	wantMD5     []byte // nil for none
	wantSHA256  string // "" for none

	sum     hash.Hash
	wantSum checksum // Value is "" while the trailer is to bring it
	given   bool     // the request has a checksum of its own
}

func newUpload(c *call, limit int64) (*upload, error) {
	header := c.HTTP.Header
	u := &upload{source: c.HTTP.Body, length: c.HTTP.ContentLength, md5: newMD5()}
	content := header.Get("X-Amz-Content-Sha256")
	if content == "" && !c.query.Has("X-Amz-Signature") {
		return nil, invalidRequest("Missing required header for this request: x-amz-content-sha256")
	}
	if strings.HasPrefix(content, "STREAMING-") {
		u.chunked = newChunkedReader(c.HTTP.Body)
		u.source = u.chunked
		length, err := strconv.ParseInt(header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil || length < 0 {
			return nil, errMissingLength
		}
		u.length = length
	}
	if u.length < 0 {
		return nil, errMissingLength
	}
	if u.length > limit {
		return nil, fail(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	}
	return u, errors.Join(u.expectDigests(header, content), u.expectChecksum(header))
}

var errMissingLength = fail(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")

func (u *upload) expectDigests(header http.Header, content string) error {
	if text := header.Get("Content-MD5"); text != "" {
		want, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(want) != u.md5.Size() {
			return fail(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.")
		}
		u.wantMD5 = want
	}
	if hexDigest.MatchString(content) {
		u.sha256, u.wantSHA256 = sha256.New(), content
		return nil
	}
	if content != "" && content != "UNSIGNED-PAYLOAD" && u.chunked == nil {
		return invalidArgument("x-amz-content-sha256", content, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.")
	}
	return nil
}

func (u *upload) expectChecksum(header http.Header) (err error) {
	if u.wantSum, err = readChecksum(header); err != nil {
		return err
	}
	trailer, err := trailerAlgorithm(header)
	if err != nil {
		return err
	}
	if trailer != "" && (u.wantSum.Algorithm != "" || u.chunked == nil) {
		return invalidRequest("The value specified in the x-amz-trailer header is not supported")
	}
	if trailer != "" {
		u.wantSum.Algorithm = trailer
	}
	named := strings.ToLower(header.Get("X-Amz-Sdk-Checksum-Algorithm"))
	if named != "" && named != u.wantSum.Algorithm {
		return invalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
	}
	u.given = u.wantSum.Algorithm != ""
	u.use(firstOf(u.wantSum.Algorithm, defaultChecksum))
	return nil
}

// use sets the algorithm of the checksum that is computed.
func (u *upload) use(algorithm string) {
	u.wantSum.Algorithm = algorithm
	u.sum = checksums[algorithm]()
}

// Read reads of the body. At its end everything has been checked.
func (u *upload) Read(p []byte) (int, error) {
	n, err := u.source.Read(p)
	u.read += int64(n)
	u.md5.Write(p[:n])
	u.sum.Write(p[:n])
	if u.sha256 != nil {
		u.sha256.Write(p[:n])
	}
	if u.read > u.length {
		return n, errIncompleteBody
	}
	if errors.Is(err, io.EOF) {
		if failed := u.check(); failed != nil {
			return n, failed
		}
		return n, io.EOF
	}
	if err != nil {
		if _, known := errors.AsType[*wire.Error](err); !known {
			err = errIncompleteBody // the client went away
		}
	}
	return n, err
}

func (u *upload) check() error {
	if u.read != u.length {
		return errIncompleteBody
	}
	if u.wantMD5 != nil && !bytes.Equal(u.wantMD5, u.md5.Sum(nil)) {
		return errBadDigest
	}
	if u.sha256 != nil && u.wantSHA256 != hex.EncodeToString(u.sha256.Sum(nil)) {
		return fail(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	if !u.given {
		return nil
	}
	if u.wantSum.Value == "" {
		var err error
		if u.wantSum, err = u.fromTrailer(); err != nil {
			return err
		}
	}
	if u.wantSum.Value != encode(u.sum) {
		return fail(http.StatusBadRequest, "BadDigest",
			"The "+strings.ToUpper(u.wantSum.Algorithm)+" you specified did not match the calculated checksum.")
	}
	return nil
}

func (u *upload) fromTrailer() (checksum, error) {
	found, err := readChecksum(u.chunked.trailer)
	if err == nil && found.Algorithm != u.wantSum.Algorithm {
		err = fail(http.StatusBadRequest, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
	}
	return found, err
}

// etag is the hexadecimal MD5 of what was read.
func (u *upload) etag() string { return hex.EncodeToString(u.md5.Sum(nil)) }

// checksum is that of what was read.
func (u *upload) checksum() checksum { return checksum{u.wantSum.Algorithm, encode(u.sum)} }

// readBody reads the whole body of a request that is a document.
func (c *call) readBody() ([]byte, error) {
	if c.HTTP.ContentLength == 0 {
		return nil, nil
	}
	u, err := newUpload(c, maxDocument)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(u)
}
