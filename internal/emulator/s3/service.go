package s3

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// defaultMaxBuckets is the quota of general purpose buckets per account (user
// guide, General purpose bucket quotas).
const defaultMaxBuckets = 10_000

// Service is S3 in all regions.
type Service struct {
	// MaxBuckets is the quota of buckets per account. It is set before the
	// first request or never.
	MaxBuckets int

	store  *store.Store
	bodies bodies
}

// New makes the service over the state. Objects' bodies are files in the
// folder objects below dir; with an empty dir they are rows of the state.
func New(st *store.Store, dir string) *Service {
	return &Service{MaxBuckets: defaultMaxBuckets, store: st, bodies: withZeros{newBodies(st, dir)}}
}

// StreamsBodies says that the service reads requests' bodies itself.
func (s *Service) StreamsBodies() {}

// call is one request, taken apart.
type call struct {
	*wire.Request
	bucket, key string
	query       url.Values
	hostRegion  string // "" when the host names none
}

// Operation names the operation; "" for one that the emulator does not have.
func (s *Service) Operation(r *wire.Request) string {
	c, _ := newCall(r)
	if o := c.operation(); o != nil {
		return o.name
	}
	return ""
}

// Serve carries out one request.
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) {
	c, err := newCall(r)
	if err != nil {
		return nil, err
	}
	if c.hostRegion != "" && c.hostRegion != c.Region {
		return nil, wrongSignatureRegion(c.Region, c.hostRegion)
	}
	response, err := c.operation().serve(s, c)
	if err != nil {
		return nil, err
	}
	response.Header.Set("X-Amz-Request-Id", r.ID)
	response.Header.Set("X-Amz-Id-2", hostID(r))
	return response, nil
}

// newCall takes a request apart. The call can be used even when the key is not
// valid, which is the error.
func newCall(r *wire.Request) (*call, error) {
	c := &call{Request: r, query: r.HTTP.URL.Query()}
	path := strings.TrimPrefix(r.HTTP.URL.EscapedPath(), "/")
	if bucket, region, ok := virtualHost(r.HTTP.Host); ok {
		c.bucket, c.hostRegion = bucket, region
	} else {
		c.hostRegion = region
		c.bucket, path, _ = strings.Cut(path, "/")
	}
	var err error
	if c.bucket, err = url.PathUnescape(c.bucket); err != nil {
		return c, errInvalidURI
	}
	if c.key, err = url.PathUnescape(path); err != nil || !utf8.ValidString(c.key) || strings.ContainsRune(c.key, 0) {
		return c, errInvalidURI
	}
	if len(c.key) > maxKey {
		return c, fail(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	return c, nil
}

// maxKey is in bytes of UTF-8 (user guide, Naming Amazon S3 objects).
const maxKey = 1024

const regionInHost = `(?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-[0-9]+)`

// hostForms are AWS's own host names, and the same under localhost, which
// leads to the emulator without a change to any resolver.
var hostForms = []*lazyregexp.Regexp{
	lazyregexp.New(`^(?:(.+)\.)?s3(?:[.-]` + regionInHost + `)?\.amazonaws\.com$`),
	lazyregexp.New(`^(?:(.+)\.)?s3[.-]` + regionInHost + `\.localhost$`),
}

// virtualHost reads bucket and region off a host name. It is not ok for a
// host without a bucket, as in path-style requests.
func virtualHost(host string) (bucket, region string, ok bool) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, form := range hostForms {
		if m := form.FindStringSubmatch(host); m != nil {
			return m[1], m[2], m[1] != ""
		}
	}
	if bucket, ok := strings.CutSuffix(host, ".localhost"); ok {
		return bucket, "", true
	}
	return "", "", false
}

// admit finds the call's bucket for its owner, and tells others what AWS tells
// them, in AWS's order: existence, region, expected owner, access.
func admit(tx *store.Tx, c *call) (Bucket, error) {
	b, ok := Lookup(tx, c.bucket)
	if !ok {
		return b, noSuchBucket(c.bucket)
	}
	if b.Region != c.Region && !(c.Operation == "GetBucketLocation" && c.Region == usEast1) {
		return b, permanentRedirect(b)
	}
	if owner := c.HTTP.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != b.Account {
		return b, accessDenied(b)
	}
	if b.Account != c.Account {
		if strings.HasSuffix(c.Operation, "BucketPolicy") {
			return b, errMethodNotAllowed
		}
		return b, accessDenied(b)
	}
	return b, nil
}

// view runs fn over the call's bucket.
func (s *Service) view(c *call, fn func(tx *store.Tx, b Bucket) error) error {
	return s.store.View(func(tx *store.Tx) error {
		b, err := admit(tx, c)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// update runs fn over the call's bucket and keeps what it made of it.
func (s *Service) update(c *call, fn func(tx *store.Tx, b *Bucket) error) error {
	return s.store.Update(func(tx *store.Tx) error {
		b, err := admit(tx, c)
		if err != nil {
			return err
		}
		if err := fn(tx, &b); err != nil {
			return err
		}
		put(tx, b)
		return nil
	})
}
