package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// checksums are the algorithms by which a body can be guarded, by the name
// that ends their header x-amz-checksum-… (user guide, Checking object
// integrity).
var checksums = map[string]func() hash.Hash{
	"crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"crc64nvme": func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) },
	"sha1":      sha1.New,
	"sha256":    sha256.New,
}

// defaultChecksum is what S3 computes of an object that came with none.
const defaultChecksum = "crc64nvme"

const checksumHeader = "X-Amz-Checksum-"

// checksum is one value, in base64.
type checksum struct{ Algorithm, Value string }

func (s checksum) header() string { return checksumHeader + s.Algorithm }

// readChecksum finds the only checksum among header's fields; the zero one when
// there is none.
func readChecksum(header http.Header) (checksum, error) {
	var found checksum
	for name := range header {
		algorithm, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(checksumHeader))
		if !ok || slices.Contains([]string{"algorithm", "type", "mode"}, algorithm) {
			continue
		}
		make, known := checksums[algorithm]
		if !known {
			return found, notImplemented(strings.ToLower(name))
		}
		if found.Algorithm != "" {
			return found, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		found = checksum{algorithm, header.Get(name)}
		if raw, err := base64.StdEncoding.DecodeString(found.Value); err != nil || len(raw) != make().Size() {
			return found, invalidRequest("Value for x-amz-checksum-" + algorithm + " header is invalid.")
		}
	}
	return found, nil
}

// trailerAlgorithm is the algorithm of the checksum that the trailer is to
// bring; "" for none.
func trailerAlgorithm(header http.Header) (string, error) {
	trailer := strings.ToLower(strings.TrimSpace(header.Get("X-Amz-Trailer")))
	if trailer == "" {
		return "", nil
	}
	algorithm, ok := strings.CutPrefix(trailer, strings.ToLower(checksumHeader))
	if !ok || checksums[algorithm] == nil {
		return "", invalidRequest("The value specified in the x-amz-trailer header is not supported")
	}
	return algorithm, nil
}

// requireDigest refuses a request that does not guard its body, for the
// operations that need it (API reference, PutBucketTagging, DeleteObjects and
// PutBucketLifecycleConfiguration: Content-MD5).
func (c *call) requireDigest() error {
	header := c.HTTP.Header
	guarded := header.Get("Content-MD5") != "" || header.Get("X-Amz-Trailer") != "" ||
		slices.ContainsFunc(slices.Collect(maps.Keys(checksums)), func(name string) bool { return header.Get(checksumHeader+name) != "" })
	if !guarded {
		return invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	return nil
}

func newMD5() hash.Hash { return md5.New() }

func encode(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }
