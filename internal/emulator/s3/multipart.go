package s3

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// tableUploads holds multipart uploads by bucket, key and id; tableParts their
// parts by the same and the part's number.
const (
	tableUploads = "s3.upload"
	tableParts   = "s3.part"
)

// Limits of multipart uploads (user guide, Multipart upload limits).
const (
	maxPartNumber = 10_000
	minPart       = 5 << 20 // of all parts but the last
)

// multipart is an upload in parts that is neither completed nor aborted.
type multipart struct {
	ID        string
	Started   time.Time
	Version   version // what the object is to be
	Algorithm string
	Composite bool
}

type part struct {
	Number   int
	Body     string
	Size     int64
	ETag     string
	Checksum checksum
	Modified time.Time
}

func noSuchUpload(id string) error {
	e := fail(http.StatusNotFound, "NoSuchUpload",
		"The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
	e.Details = map[string]string{"UploadId": id}
	return e
}

// upload finds the upload that the call names.
func (c *call) upload(tx *store.Tx) (multipart, error) {
	id := c.query.Get("uploadId")
	m, ok := store.Get[multipart](tx, tableUploads, store.Key(c.bucket, c.key, id))
	if !ok || strings.ContainsRune(id, 0) {
		return m, noSuchUpload(id)
	}
	return m, nil
}

func (c *call) partKey(parts ...string) string {
	return store.Key(append([]string{c.bucket, c.key, c.query.Get("uploadId")}, parts...)...)
}

type initiateResult struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
	Bucket   string
	Key      string
	UploadID string `xml:"UploadId"`
}

func (s *Service) createMultipartUpload(c *call) (*wire.Response, error) {
	v, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	m := multipart{ID: rand.Text() + rand.Text(), Started: c.Now, Version: *v}
	if err := m.chooseChecksum(c.HTTP.Header); err != nil {
		return nil, err
	}
	err = s.store.Update(func(tx *store.Tx) error {
		b, err := admit(tx, c)
		if err != nil {
			return err
		}
		if err := c.checkACLChange(b, objectACLs); err != nil {
			return err
		}
		m.Version.encryptFor(b)
		store.Put(tx, tableUploads, store.Key(b.Name, c.key, m.ID), m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	response, err := answer(http.StatusOK, initiateResult{Bucket: c.bucket, Key: c.key, UploadID: m.ID})
	if err != nil {
		return nil, err
	}
	response.Header.Set("X-Amz-Server-Side-Encryption", m.Version.Cipher)
	if c.HTTP.Header.Get("X-Amz-Checksum-Algorithm") != "" {
		response.Header.Set("X-Amz-Checksum-Algorithm", strings.ToUpper(m.Algorithm))
		response.Header.Set("X-Amz-Checksum-Type", (&version{Composite: m.Composite}).checksumType())
	}
	return response, nil
}

// chooseChecksum reads how the whole object is to be guarded: by a checksum of
// its bytes, or of its parts' checksums. SHA has only the latter, CRC64NVME
// only the former (user guide, Checking object integrity).
func (m *multipart) chooseChecksum(header http.Header) error {
	m.Algorithm = strings.ToLower(firstOf(header.Get("X-Amz-Checksum-Algorithm"), defaultChecksum))
	if checksums[m.Algorithm] == nil {
		return invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	m.Composite = m.Algorithm != "crc64nvme"
	switch kind := header.Get("X-Amz-Checksum-Type"); {
	case kind == "":
	case kind == "FULL_OBJECT" && !strings.HasPrefix(m.Algorithm, "sha"):
		m.Composite = false
	case kind == "COMPOSITE" && m.Algorithm != "crc64nvme":
		m.Composite = true
	default:
		return invalidRequest("The " + kind + " checksum type cannot be used with the " + strings.ToUpper(m.Algorithm) + " checksum algorithm.")
	}
	return nil
}

func (s *Service) uploadPart(c *call) (*wire.Response, error) {
	number, err := strconv.Atoi(c.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxPartNumber {
		return nil, invalidArgument("partNumber", c.query.Get("partNumber"), "Part number must be an integer between 1 and 10000, inclusive")
	}
	var m multipart
	err = s.view(c, func(tx *store.Tx, _ Bucket) (err error) {
		m, err = c.upload(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	u, err := newUpload(c, maxObject)
	if err != nil {
		return nil, err
	}
	if u.given && u.wantSum.Algorithm != m.Algorithm {
		return nil, invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + m.Algorithm + ", actual checksum Type: " + u.wantSum.Algorithm)
	}
	u.use(m.Algorithm)
	p := part{Number: number, Modified: c.Now}
	if p.Body, err = s.bodies.write(u); err != nil {
		return nil, err
	}
	p.Size, p.ETag, p.Checksum = u.read, u.etag(), u.checksum()
	return s.keepPart(c, p)
}

// keepPart keeps a part in the place of an earlier one of the same number.
func (s *Service) keepPart(c *call, p part) (*wire.Response, error) {
	key := c.partKey(fmt.Sprintf("%05d", p.Number))
	var before part
	err := s.store.Update(func(tx *store.Tx) error {
		if _, err := admit(tx, c); err != nil {
			return err
		}
		if _, err := c.upload(tx); err != nil {
			return err
		}
		before, _ = store.Get[part](tx, tableParts, key)
		store.Put(tx, tableParts, key, p)
		return nil
	})
	if err != nil {
		s.bodies.remove(p.Body)
		return nil, err
	}
	s.discard([]leftover{{tableParts, key, before.Body}})
	response, err := answer(http.StatusOK, nil)
	response.Header.Set("ETag", `"`+p.ETag+`"`)
	response.Header.Set(p.Checksum.header(), p.Checksum.Value)
	return response, err
}

func (s *Service) abortMultipartUpload(c *call) (*wire.Response, error) {
	var unneeded []leftover
	err := s.store.Update(func(tx *store.Tx) error {
		if _, err := admit(tx, c); err != nil {
			return err
		}
		if _, err := c.upload(tx); err != nil {
			return err
		}
		unneeded = c.dropUpload(tx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.discard(unneeded)
	return answer(http.StatusNoContent, nil)
}

// dropUpload removes the upload and its parts from the state.
func (c *call) dropUpload(tx *store.Tx) (unneeded []leftover) {
	parts := c.parts(tx)
	for _, p := range parts {
		row := c.partKey(fmt.Sprintf("%05d", p.Number))
		unneeded = append(unneeded, leftover{tableParts, row, p.Body})
		tx.Delete(tableParts, row)
	}
	tx.Delete(tableUploads, c.partKey())
	return unneeded
}

// parts returns the upload's parts by number.
func (c *call) parts(tx *store.Tx) (parts []part) {
	for _, p := range store.Scan[part](tx, tableParts, c.partKey(""), "") {
		parts = append(parts, p)
	}
	return parts
}

// multipartETag is the MD5 of the parts' MD5s, and their number.
func multipartETag(parts []part) string {
	digest := newMD5()
	for _, p := range parts {
		raw, _ := hex.DecodeString(p.ETag)
		digest.Write(raw)
	}
	return fmt.Sprintf("%x-%d", digest.Sum(nil), len(parts))
}
