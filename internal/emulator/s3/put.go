package s3

import (
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxMetadata is in bytes over all names and values (user guide, Working with
// object metadata).
const maxMetadata = 2 << 10

const (
	metaPrefix      = "X-Amz-Meta-"
	classStandard   = "STANDARD"
	defaultMIMEType = "binary/octet-stream"
)

// lackingHeaders are those of PutObject and CreateMultipartUpload that ask for
// what the emulator does not do.
var lackingHeaders = []string{
	"X-Amz-Tagging", "X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Object-Lock-Legal-Hold",
	"X-Amz-Server-Side-Encryption-Customer-Algorithm", "X-Amz-Server-Side-Encryption-Context",
	"X-Amz-Website-Redirect-Location", "X-Amz-Write-Offset-Bytes",
}

var keptHeaders = []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"}

var storageClasses = []string{classStandard, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}

// newVersion reads what the request's headers say about a new object.
func (c *call) newVersion() (*version, error) {
	header := c.HTTP.Header
	for _, name := range lackingHeaders {
		if header.Get(name) != "" {
			return nil, notImplemented(strings.ToLower(name))
		}
	}
	v := &version{
		Modified: c.Now, Headers: map[string]string{"Content-Type": defaultMIMEType},
		Class: firstOf(header.Get("X-Amz-Storage-Class"), classStandard), Cipher: header.Get("X-Amz-Server-Side-Encryption"),
		KMSKey: header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"),
	}
	size := 0
	for name := range header {
		value := strings.Join(header.Values(name), ",")
		switch {
		case name == "Content-Encoding":
			value = withoutChunked(value)
		case strings.HasPrefix(name, metaPrefix):
			size += len(name) - len(metaPrefix) + len(value)
		case !slices.Contains(keptHeaders, name):
			continue
		}
		if value != "" {
			v.Headers[name] = value
		}
	}
	if size > maxMetadata {
		return nil, fail(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
	}
	return v, v.checkClassAndCipher()
}

// withoutChunked takes aws-chunked off a content encoding, which is of the
// request, not of the object.
func withoutChunked(encoding string) string {
	var kept []string
	for part := range strings.SplitSeq(encoding, ",") {
		if part = strings.TrimSpace(part); part != "aws-chunked" && part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ",")
}

func (v *version) checkClassAndCipher() error {
	switch {
	case slices.Contains([]string{"GLACIER", "DEEP_ARCHIVE"}, v.Class):
		return notImplemented("x-amz-storage-class")
	case !slices.Contains(storageClasses, v.Class):
		return fail(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid")
	case !slices.Contains([]string{"", EncryptionS3, EncryptionKMS, "aws:kms:dsse"}, v.Cipher):
		return invalidArgument("x-amz-server-side-encryption", v.Cipher, "The encryption method specified is not supported")
	case v.KMSKey != "" && !strings.HasPrefix(v.Cipher, EncryptionKMS):
		return invalidArgument("x-amz-server-side-encryption-aws-kms-key-id", v.KMSKey, "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")
	default:
		return nil
	}
}

// encryptFor takes the bucket's default encryption when the request names none.
func (v *version) encryptFor(b Bucket) {
	if v.Cipher == "" {
		v.Cipher, v.KMSKey = b.DefaultEncryption, b.KMSKey
	}
}

func (s *Service) putObject(c *call) (*wire.Response, error) {
	v, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	if err := s.view(c, c.mayWrite); err != nil {
		return nil, err
	}
	u, err := newUpload(c, maxObject)
	if err != nil {
		return nil, err
	}
	if v.Body, err = s.bodies.write(u); err != nil {
		return nil, err
	}
	v.Size, v.ETag, v.Checksum = u.read, u.etag(), u.checksum()
	return s.keep(c, v, nil)
}

// keep makes v the current version of the call's key, and answers with it.
// before, when not nil, runs in the same transaction and returns further
// leftovers.
func (s *Service) keep(c *call, v *version, before func(tx *store.Tx) ([]leftover, error)) (*wire.Response, error) {
	var unneeded []leftover
	var bucket Bucket
	err := s.store.Update(func(tx *store.Tx) (err error) {
		if bucket, err = admit(tx, c); err != nil {
			return err
		}
		if err := c.mayWrite(tx, bucket); err != nil {
			return err
		}
		if before != nil {
			if unneeded, err = before(tx); err != nil {
				return err
			}
		}
		v.encryptFor(bucket)
		unneeded = append(unneeded, add(tx, bucket, c.key, v)...)
		return nil
	})
	if err != nil {
		s.bodies.remove(v.Body)
		return nil, err
	}
	s.discard(unneeded)
	response, err := answer(http.StatusOK, nil)
	v.describe(response.Header, bucket)
	return response, err
}

// describe sets the headers that both the answer to a write and that to a read
// carry, but for the checksum of a read.
func (v *version) describe(header http.Header, b Bucket) {
	header.Set("ETag", `"`+v.ETag+`"`)
	header.Set("X-Amz-Server-Side-Encryption", v.Cipher)
	if v.KMSKey != "" {
		header.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", v.KMSKey)
	}
	if b.Versioning != "" {
		header.Set("X-Amz-Version-Id", v.ID)
	}
	header.Set(v.Checksum.header(), v.Checksum.Value)
	header.Set("X-Amz-Checksum-Type", v.checksumType())
}

func (v *version) checksumType() string {
	if v.Composite {
		return "COMPOSITE"
	}
	return "FULL_OBJECT"
}

// mayWrite checks what a write depends on: the bucket's ACL rules and the
// preconditions (user guide, Conditional writes).
func (c *call) mayWrite(tx *store.Tx, b Bucket) error {
	if err := c.checkACLChange(b, objectACLs); err != nil {
		return err
	}
	now, exists := current(tx, b.Name, c.key)
	exists = exists && !now.Marker
	switch none := c.HTTP.Header.Get("If-None-Match"); {
	case none != "" && none != "*":
		return notImplemented("If-None-Match")
	case none == "*" && exists:
		return precondition("If-None-Match")
	}
	switch match := strings.Trim(c.HTTP.Header.Get("If-Match"), `"`); {
	case match != "" && !exists:
		return noSuchKey(c.key)
	case match != "" && match != now.ETag:
		return precondition("If-Match")
	}
	return nil
}

func precondition(condition string) error {
	e := *errPrecondition
	e.Details = map[string]string{"Condition": condition}
	return &e
}
