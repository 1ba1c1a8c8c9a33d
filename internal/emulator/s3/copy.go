package s3

import (
	"encoding/hex"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// copySource stands for the header by which a PUT becomes a copy where other
// operations have a query parameter.
const copySource = "x-amz-copy-source"

// lackingCopyHeaders ask for what the emulator's CopyObject does not do.
var lackingCopyHeaders = []string{
	"X-Amz-Copy-Source-If-Match", "X-Amz-Copy-Source-If-None-Match", "X-Amz-Copy-Source-If-Modified-Since",
	"X-Amz-Copy-Source-If-Unmodified-Since", "X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm",
	"X-Amz-Checksum-Algorithm", "X-Amz-Tagging-Directive",
}

type copyResult struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyObjectResult"`
	LastModified string
	ETag         string
	Checksum     detail
	ChecksumType string
}

func (s *Service) copyObject(c *call) (*wire.Response, error) {
	for _, name := range lackingCopyHeaders {
		if c.HTTP.Header.Get(name) != "" {
			return nil, notImplemented(strings.ToLower(name))
		}
	}
	v, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	if err := s.view(c, c.mayWrite); err != nil {
		return nil, err
	}
	source, err := s.source(c)
	if err != nil {
		return nil, err
	}
	if err := v.takeMetadata(c, source); err != nil {
		return nil, err
	}
	if err := s.copyBody(v, source); err != nil {
		return nil, err
	}
	kept, err := s.keep(c, v, nil)
	if err != nil {
		return nil, err
	}
	response, err := answer(http.StatusOK, copyResult{
		LastModified: timestamp(v.Modified), ETag: `"` + v.ETag + `"`,
		Checksum:     v.checksumElement(),
		ChecksumType: v.checksumType(),
	})
	if err != nil {
		return nil, err
	}
	carry(response.Header, kept.Header)
	return response, nil
}

// source finds the version that the copy is made of. Its bucket may be in
// another region, and must be of the same account.
func (s *Service) source(c *call) (v version, err error) {
	text, query, _ := strings.Cut(strings.TrimPrefix(c.HTTP.Header.Get(copySource), "/"), "?")
	text, err = url.PathUnescape(text)
	parameters, queryErr := url.ParseQuery(query)
	bucket, key, ok := strings.Cut(text, "/")
	if err != nil || queryErr != nil || !ok || key == "" {
		return v, invalidArgument(copySource, text, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	from := &call{Request: c.Request, bucket: bucket, key: key, query: parameters}
	return v, s.store.View(func(tx *store.Tx) error {
		b, ok := Lookup(tx, bucket)
		owner := c.HTTP.Header.Get("X-Amz-Source-Expected-Bucket-Owner")
		switch {
		case !ok:
			return noSuchBucket(bucket)
		case b.Account != c.Account, owner != "" && owner != b.Account:
			return accessDenied(b)
		}
		v, err = from.findVersion(tx, b)
		return err
	})
}

// takeMetadata gives the copy the source's headers unless the request replaces
// them. A copy onto itself must change something (API reference, CopyObject).
func (v *version) takeMetadata(c *call, source version) error {
	switch directive := c.HTTP.Header.Get("X-Amz-Metadata-Directive"); directive {
	case "", "COPY":
		v.Headers = maps.Clone(source.Headers)
	case "REPLACE":
		return nil
	default:
		return invalidArgument("x-amz-metadata-directive", directive, "Unknown metadata directive.")
	}
	text, _ := url.PathUnescape(strings.TrimPrefix(c.HTTP.Header.Get(copySource), "/"))
	if text == c.bucket+"/"+c.key && v.Cipher == "" && v.Class == source.Class {
		return invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return nil
}

func (s *Service) copyBody(v *version, source version) error {
	body, err := s.bodies.open(source.Body)
	if err != nil {
		return err
	}
	defer body.Close()
	digest, sum := newMD5(), checksums[source.Checksum.Algorithm]()
	if v.Body, err = s.bodies.write(io.TeeReader(body, io.MultiWriter(digest, sum))); err != nil {
		return err
	}
	v.Size, v.ETag = source.Size, hex.EncodeToString(digest.Sum(nil))
	v.Checksum = checksum{source.Checksum.Algorithm, encode(sum)}
	return nil
}
