package s3

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

func (s *Service) headObject(c *call) (*wire.Response, error) {
	response, _, err := s.describeObject(c)
	return response, err
}

func (s *Service) getObject(c *call) (*wire.Response, error) {
	const attempts = 5
	for attempt := 0; ; attempt++ {
		response, part, err := s.describeObject(c)
		if err != nil {
			return nil, err
		}
		body, err := s.bodies.open(part.body)
		if errors.Is(err, fs.ErrNotExist) && attempt < attempts {
			continue // it was replaced between the look at the state and now
		}
		if err != nil {
			return nil, err
		}
		if _, err := body.Seek(part.from, io.SeekStart); err != nil {
			return nil, errors.Join(err, body.Close())
		}
		response.Stream = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(body, part.length), body}
		return response, nil
	}
}

// span is the part of a body that is asked for.
type span struct {
	body         string
	from, length int64
}

// describeObject makes the head of the answer to GetObject and HeadObject.
func (s *Service) describeObject(c *call) (*wire.Response, span, error) {
	response := &wire.Response{Status: http.StatusOK, Header: http.Header{}}
	part := span{}
	if c.query.Has("partNumber") {
		return nil, part, notImplemented("partNumber")
	}
	err := s.view(c, func(tx *store.Tx, b Bucket) error {
		v, err := c.findVersion(tx, b)
		if err != nil {
			return err
		}
		if err := c.checkReadConditions(v); err != nil {
			return err
		}
		part = span{body: v.Body, length: v.Size}
		v.describe(response.Header, b)
		return c.cut(response, v, &part)
	})
	return response, part, err
}

// cut applies the request's Range and sets the headers of a read.
func (c *call) cut(response *wire.Response, v version, part *span) error {
	header := response.Header
	from, to, ranged, err := parseRange(c.HTTP.Header.Get("Range"), v.Size)
	if err != nil {
		return err
	}
	if ranged {
		part.from, part.length = from, to-from+1
		response.Status = http.StatusPartialContent
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, v.Size))
	}
	for name, value := range v.Headers {
		header.Set(name, value)
	}
	for name := range c.query {
		if wanted, ok := strings.CutPrefix(name, "response-"); ok && c.query.Get(name) != "" {
			header.Set(wanted, c.query.Get(name))
		}
	}
	header.Set("Accept-Ranges", "bytes")
	header.Set("Content-Length", strconv.FormatInt(part.length, 10))
	header.Set("Last-Modified", v.Modified.UTC().Format(http.TimeFormat))
	if v.Class != classStandard {
		header.Set("X-Amz-Storage-Class", v.Class)
	}
	if !strings.EqualFold(c.HTTP.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") || ranged {
		header.Del(v.Checksum.header())
		header.Del("X-Amz-Checksum-Type")
	}
	return nil
}

// missing is the error for an object that is not there: who may not list the
// bucket is not told so (API reference, GetObject, Permissions).
func (c *call) missing() error {
	if err := c.allow("ListBucket", ARN(c.bucket)); err != nil {
		return err
	}
	return noSuchKey(c.key)
}

// findVersion finds what the call asks for: the version it names, or the
// current one, which must not be a delete marker.
func (c *call) findVersion(tx *store.Tx, b Bucket) (version, error) {
	id, err := c.versionID()
	if err != nil {
		return version{}, err
	}
	if id == "" {
		v, ok := current(tx, b.Name, c.key)
		if !ok {
			return v, c.missing()
		}
		if v.Marker {
			e := noSuchKey(c.key)
			e.Header = http.Header{"X-Amz-Delete-Marker": {"true"}, "X-Amz-Version-Id": {v.ID}}
			return v, e
		}
		return v, nil
	}
	_, v, ok := versionByID(tx, b.Name, c.key, id)
	if !ok {
		e := fail(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
		e.Details = map[string]string{"Key": c.key, "VersionId": id}
		return v, e
	}
	if v.Marker {
		e := *errMethodNotAllowed
		e.Header = http.Header{"X-Amz-Delete-Marker": {"true"}, "X-Amz-Version-Id": {v.ID}, "Allow": {"DELETE"}}
		return v, &e
	}
	return v, nil
}

// versionID reads the parameter versionId; "" when there is none.
func (c *call) versionID() (string, error) {
	if !c.query.Has("versionId") {
		return "", nil
	}
	id := c.query.Get("versionId")
	if !versionForm.MatchString(id) {
		return "", invalidArgument("versionId", id, "Invalid version id specified")
	}
	return id, nil
}

var rangeForm = lazyregexp.New(`^bytes=([0-9]*)-([0-9]*)$`)

// parseRange reads a Range header of one range. One that is not valid, or has
// several ranges, is as good as none (RFC 9110, section 14.2).
func parseRange(header string, size int64) (from, to int64, ok bool, err error) {
	m := rangeForm.FindStringSubmatch(header)
	if m == nil || m[1] == "" && m[2] == "" {
		return 0, 0, false, nil
	}
	first, firstErr := strconv.ParseInt(m[1], 10, 64)
	last, lastErr := strconv.ParseInt(m[2], 10, 64)
	switch {
	case m[1] == "": // the last so many bytes
		from, to = max(size-last, 0), size-1
		if lastErr != nil || last == 0 {
			from = size
		}
	case firstErr != nil:
		from = size
	case m[2] == "" || lastErr != nil:
		from, to = first, size-1
	case last < first:
		return 0, 0, false, nil
	default:
		from, to = first, min(last, size-1)
	}
	if from >= size {
		e := fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
		e.Details = map[string]string{"RangeRequested": header, "ActualObjectSize": strconv.FormatInt(size, 10)}
		e.Header = http.Header{"Content-Range": {fmt.Sprintf("bytes */%d", size)}}
		return 0, 0, false, e
	}
	return from, to, true, nil
}

// checkReadConditions applies the request's conditions in the order of RFC
// 9110, section 13.2.2.
func (c *call) checkReadConditions(v version) error {
	header := c.HTTP.Header
	modified := v.Modified.Truncate(time.Second)
	if match := header.Get("If-Match"); match != "" {
		if !sameETag(match, v.ETag) {
			return precondition("If-Match")
		}
	} else if at, err := http.ParseTime(header.Get("If-Unmodified-Since")); err == nil && modified.After(at) {
		return precondition("If-Unmodified-Since")
	}
	notModified := fail(http.StatusNotModified, "NotModified", "Not Modified")
	notModified.Header = http.Header{"Etag": {`"` + v.ETag + `"`}}
	if none := header.Get("If-None-Match"); none != "" {
		if sameETag(none, v.ETag) {
			return notModified
		}
	} else if at, err := http.ParseTime(header.Get("If-Modified-Since")); err == nil && !modified.After(at) {
		return notModified
	}
	return nil
}

func sameETag(condition, etag string) bool {
	for one := range strings.SplitSeq(condition, ",") {
		if one = strings.Trim(strings.TrimSpace(one), `"`); one == "*" || one == etag {
			return true
		}
	}
	return false
}
