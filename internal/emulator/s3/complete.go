package s3

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

var (
	errInvalidPart = fail(http.StatusBadRequest, "InvalidPart",
		"One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
	errInvalidPartOrder = fail(http.StatusBadRequest, "InvalidPartOrder",
		"The list of parts was not in ascending order. Parts must be ordered by part number.")
	errEntityTooSmall = fail(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
)

// completeResult is the answer but for the checksum, whose element is named by
// its algorithm.
type completeResult struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
	Location     string
	Bucket       string
	Key          string
	ETag         string
	Checksum     detail
	ChecksumType string
}

func (s *Service) completeMultipartUpload(c *call) (*wire.Response, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	document, err := parseXML(body, "CompleteMultipartUpload")
	if err != nil {
		return nil, err
	}
	var m multipart
	var chosen []part
	err = s.view(c, func(tx *store.Tx, _ Bucket) (err error) {
		if m, err = c.upload(tx); err != nil {
			return err
		}
		chosen, err = choose(c.parts(tx), document)
		return err
	})
	if err != nil {
		return nil, err
	}
	v := m.Version
	if err := s.assemble(&v, m, chosen); err != nil {
		return nil, err
	}
	v.Modified = c.Now
	response, err := s.keep(c, &v, func(tx *store.Tx) ([]leftover, error) {
		if _, err := c.upload(tx); err != nil {
			return nil, err
		}
		return c.dropUpload(tx), nil
	})
	if err != nil {
		return nil, err
	}
	return v.completed(c, response.Header)
}

// completed is the answer for the object that the parts have become. described
// holds the headers that a write is answered with.
func (v *version) completed(c *call, described http.Header) (*wire.Response, error) {
	response, err := answer(http.StatusOK, completeResult{
		Location: "http://" + c.HTTP.Host + c.HTTP.URL.EscapedPath(), Bucket: c.bucket, Key: c.key, ETag: `"` + v.ETag + `"`,
		Checksum:     v.checksumElement(),
		ChecksumType: v.checksumType(),
	})
	if err != nil {
		return nil, err
	}
	carry(response.Header, described)
	return response, nil
}

// carry copies the headers of a write that are not in the document, too.
func carry(to, from http.Header) {
	for _, name := range []string{"X-Amz-Version-Id", "X-Amz-Server-Side-Encryption"} {
		if value := from.Get(name); value != "" {
			to.Set(name, value)
		}
	}
}

// checksumElement is the checksum as an element, which its algorithm names.
func (v *version) checksumElement() detail {
	return detail{xml.Name{Local: "Checksum" + strings.ToUpper(v.Checksum.Algorithm)}, v.Checksum.Value}
}

// choose finds the parts that the document lists, in its order, which must be
// that of their numbers.
func choose(uploaded []part, document *element) ([]part, error) {
	listed := document.all("Part")
	if document.only("Part") != nil || len(listed) == 0 {
		return nil, errMalformedXML
	}
	numbers, err := partNumbers(listed)
	if err != nil {
		return nil, err
	}
	var chosen []part
	for i, e := range listed {
		number := numbers[i]
		at := slices.IndexFunc(uploaded, func(p part) bool { return p.Number == number })
		if at < 0 || !uploaded[at].is(e) {
			return nil, errInvalidPart
		}
		if i < len(listed)-1 && uploaded[at].Size < minPart {
			return nil, errEntityTooSmall
		}
		chosen = append(chosen, uploaded[at])
	}
	return chosen, nil
}

func partNumbers(listed []*element) ([]int, error) {
	var numbers []int
	for _, e := range listed {
		number, err := strconv.Atoi(e.value("PartNumber"))
		if err != nil || e.one("ETag") == nil {
			return nil, errMalformedXML
		}
		if len(numbers) > 0 && number <= numbers[len(numbers)-1] {
			return nil, errInvalidPartOrder
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

// is tells whether the part is the one that the listed element means.
func (p part) is(e *element) bool {
	for _, child := range e.children {
		algorithm, ok := strings.CutPrefix(strings.ToLower(child.name), "checksum")
		if ok && (algorithm != p.Checksum.Algorithm || strings.TrimSpace(child.text) != p.Checksum.Value) {
			return false
		}
	}
	return strings.Trim(e.value("ETag"), `"`) == p.ETag
}

// assemble makes the object's body of its parts' and sets what depends on it.
func (s *Service) assemble(v *version, m multipart, parts []part) error {
	sum := checksums[m.Algorithm]()
	source, target := io.Pipe()
	go func() {
		var err error
		for _, p := range parts {
			if err = s.copyPart(target, p); err != nil {
				break
			}
		}
		_ = target.CloseWithError(err)
	}()
	name, err := s.bodies.write(io.TeeReader(source, sum))
	_ = source.Close()
	if err != nil {
		return err
	}
	v.Body, v.ETag, v.Composite = name, multipartETag(parts), m.Composite
	for _, p := range parts {
		v.Size += p.Size
	}
	v.Checksum = checksum{m.Algorithm, encode(sum)}
	if m.Composite {
		v.Checksum.Value = compositeChecksum(m.Algorithm, parts)
	}
	return nil
}

func (s *Service) copyPart(target io.Writer, p part) error {
	body, err := s.bodies.open(p.Body)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, body)
	return errors.Join(err, body.Close())
}

// compositeChecksum is the checksum of the parts' checksums, and their number.
func compositeChecksum(algorithm string, parts []part) string {
	sum := checksums[algorithm]()
	for _, p := range parts {
		raw, _ := base64.StdEncoding.DecodeString(p.Checksum.Value)
		sum.Write(raw)
	}
	return fmt.Sprintf("%s-%d", encode(sum), len(parts))
}
