package s3

import (
	"encoding/xml"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxPage is the most entries of one answer (API reference, ListObjectsV2).
const maxPage = 1000

// entry is one line of a listing: a version of an object, or a prefix that
// several keys have in common.
type entry struct {
	key     string
	version version
	latest  bool
	common  bool // key is a common prefix
}

// listing is what a request for a list asks for.
type listing struct {
	prefix, delimiter string
	limit             int
	url               bool // keys are to be URL-encoded
}

// page is a part of a list.
type page struct {
	entries   []entry
	truncated bool
}

func (c *call) listing() (l listing, err error) {
	l.prefix, l.delimiter = c.query.Get("prefix"), c.query.Get("delimiter")
	if l.limit, err = c.number("max-keys", maxPage, 0, maxPage); err != nil {
		return l, err
	}
	switch encoding := c.query.Get("encoding-type"); encoding {
	case "url":
		l.url = true
	case "":
	default:
		return l, invalidArgument("encoding-type", encoding, "Invalid Encoding Method specified in Request")
	}
	return l, nil
}

// text writes a key or prefix as the request wants it.
func (l listing) text(key string) string {
	if !l.url {
		return key
	}
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}

func (l listing) encoding() string {
	if l.url {
		return "url"
	}
	return ""
}

// common is the prefix that a key is rolled up to, "" when it is listed itself.
func (l listing) common(key string) string {
	rest, ok := strings.CutPrefix(key, l.prefix)
	if !ok || l.delimiter == "" {
		return ""
	}
	before, _, found := strings.Cut(rest, l.delimiter)
	if !found {
		return ""
	}
	return l.prefix + before + l.delimiter
}

// collect takes a page of the entries that scan yields behind the row after,
// rolling up keys that share a prefix up to the delimiter: of those the first is
// looked at, and no other. What belongs to the common prefix passed was listed on
// a page before.
func (l listing) collect(scan func(after string) iter.Seq[entry], bucket, after, passed string) (p page) {
	prefix := ""
	if passed != "" && l.common(passed) == passed {
		prefix = passed
	}
	for {
		if prefix != "" {
			after = behind(bucket, prefix)
		}
		prefix = ""
		for e := range scan(after) {
			if len(p.entries) == l.limit {
				p.truncated = l.limit > 0
				return p
			}
			if prefix = l.common(e.key); prefix != "" {
				p.entries = append(p.entries, entry{key: prefix, common: true})
				break
			}
			p.entries = append(p.entries, e)
		}
		if prefix == "" {
			return p
		}
	}
}

// behind is past the rows of all keys that begin with a prefix: keys are UTF-8,
// in which there is no such byte.
func behind(bucket, prefix string) string { return store.Key(bucket, prefix+"\xff") }

// versions yields the versions in the bucket whose keys begin with prefix, by
// key and then newest first.
func versions(tx *store.Tx, bucket, prefix, after string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		previous := ""
		for at, v := range store.Scan[version](tx, tableVersions, store.Key(bucket, prefix), after) {
			key := store.Split(at)[1]
			if !yield(entry{key: key, version: v, latest: key != previous}) {
				return
			}
			previous = key
		}
	}
}

// objects yields the current versions that are not delete markers.
func objects(tx *store.Tx, bucket, prefix, after string) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for e := range versions(tx, bucket, prefix, after) {
			if e.latest && !e.version.Marker && !yield(e) {
				return
			}
		}
	}
}

type commonPrefix struct{ Prefix string }

type listedObject struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string
	ChecksumType      string
	Size              int64
	Owner             *owner `xml:",omitempty"`
	StorageClass      string
}

func (l listing) object(e entry) listedObject {
	v := e.version
	return listedObject{
		Key: l.text(e.key), LastModified: timestamp(v.Modified), ETag: `"` + v.ETag + `"`,
		ChecksumAlgorithm: strings.ToUpper(v.Checksum.Algorithm), ChecksumType: v.checksumType(),
		Size: v.Size, StorageClass: v.Class,
	}
}

type objectList struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name                  string
	Prefix                string
	Marker                *string `xml:",omitempty"` // ListObjects only
	StartAfter            string  `xml:",omitempty"`
	ContinuationToken     string  `xml:",omitempty"`
	NextMarker            string  `xml:",omitempty"`
	NextContinuationToken string  `xml:",omitempty"`
	KeyCount              *int    `xml:",omitempty"` // ListObjectsV2 only
	MaxKeys               int
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

// list makes the part of the answer that both versions of the operation share,
// and returns with it the last key of the page.
func (s *Service) list(c *call, l listing, after string, withOwner bool) (list objectList, last string, err error) {
	list = objectList{
		Name: c.bucket, Prefix: l.text(l.prefix), MaxKeys: l.limit, Delimiter: l.text(l.delimiter), EncodingType: l.encoding(),
	}
	err = s.view(c, func(tx *store.Tx, b Bucket) error {
		from := ""
		if after != "" {
			from = store.Key(b.Name, after, "~") // after all its versions, whose numbers are hexadecimal
		}
		p := l.collect(func(row string) iter.Seq[entry] { return objects(tx, b.Name, l.prefix, row) }, b.Name, from, after)
		list.IsTruncated = p.truncated
		for _, e := range p.entries {
			last = e.key
			if e.common {
				list.CommonPrefixes = append(list.CommonPrefixes, commonPrefix{l.text(e.key)})
				continue
			}
			object := l.object(e)
			if withOwner {
				object.Owner = &owner{canonicalID(b.Account)}
			}
			list.Contents = append(list.Contents, object)
		}
		return nil
	})
	return list, last, err
}

func (s *Service) listObjectsV2(c *call) (*wire.Response, error) {
	l, err := c.listing()
	if err != nil {
		return nil, err
	}
	after, err := c.token("continuation-token")
	if err != nil {
		return nil, err
	}
	startAfter := c.query.Get("start-after")
	list, last, err := s.list(c, l, firstOf(after, startAfter), c.query.Get("fetch-owner") == "true")
	if err != nil {
		return nil, err
	}
	count := len(list.Contents) + len(list.CommonPrefixes)
	list.KeyCount = &count
	list.StartAfter, list.ContinuationToken = l.text(startAfter), c.query.Get("continuation-token")
	if list.IsTruncated {
		list.NextContinuationToken = encodeToken(last)
	}
	return answer(http.StatusOK, list)
}

// listObjects is the first version of the operation. It names the next marker
// only with a delimiter; else that is the last key (API reference,
// ListObjects).
func (s *Service) listObjects(c *call) (*wire.Response, error) {
	l, err := c.listing()
	if err != nil {
		return nil, err
	}
	list, last, err := s.list(c, l, c.query.Get("marker"), true)
	if err != nil {
		return nil, err
	}
	marker := l.text(c.query.Get("marker"))
	list.Marker = &marker
	if list.IsTruncated && list.Delimiter != "" {
		list.NextMarker = l.text(last)
	}
	return answer(http.StatusOK, list)
}
