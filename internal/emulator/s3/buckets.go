package s3

import (
	"encoding/base64"
	"encoding/xml"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func (s *Service) headBucket(c *call) (*wire.Response, error) {
	response, err := answer(http.StatusOK, nil)
	if err != nil {
		return nil, err
	}
	return response, s.view(c, func(_ *store.Tx, b Bucket) error {
		response.Header.Set("X-Amz-Bucket-Region", b.Region)
		response.Header.Set("X-Amz-Access-Point-Alias", "false")
		response.Header.Set("Content-Type", "application/xml")
		return nil
	})
}

// deleteBucket refuses while there is a version, a delete marker or an upload.
func (s *Service) deleteBucket(c *call) (*wire.Response, error) {
	err := s.store.Update(func(tx *store.Tx) error {
		b, err := admit(tx, c)
		if err != nil {
			return err
		}
		inside := store.Key(b.Name, "")
		if tx.Any(tableVersions, inside) || tx.Any(tableUploads, inside) {
			return bucketNotEmpty(b.Name)
		}
		tx.Delete(tableBuckets, b.Name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusNoContent, nil)
}

func bucketNotEmpty(name string) error {
	e := fail(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	e.Details = map[string]string{"BucketName": name}
	return e
}

type location struct {
	XMLName    xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	Constraint string   `xml:",chardata"`
}

// bucketLocation is empty for us-east-1 (API reference, GetBucketLocation).
func bucketLocation(b Bucket) (any, error) {
	if b.Region == usEast1 {
		return location{}, nil
	}
	return location{Constraint: b.Region}, nil
}

type owner struct {
	ID string
}

type listedBucket struct {
	Name         string
	CreationDate string
	BucketRegion string `xml:",omitempty"`
}

type bucketList struct {
	XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	Owner             owner
	Buckets           []listedBucket `xml:"Buckets>Bucket"`
	ContinuationToken string         `xml:",omitempty"`
	Prefix            string         `xml:",omitempty"`
}

// maxListedBuckets is the most that max-buckets may ask for (API reference,
// ListBuckets).
const maxListedBuckets = 10_000

// listBuckets lists the account's buckets of all regions. Their regions are in
// the answer when the request has a parameter of its own.
func (s *Service) listBuckets(c *call) (*wire.Response, error) {
	limit, err := c.number("max-buckets", maxListedBuckets, 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if limit > maxListedBuckets {
		return nil, invalidArgument("max-buckets", c.query.Get("max-buckets"), "Argument max-buckets must be an integer between 1 and 10000")
	}
	after, err := c.token("continuation-token")
	if err != nil {
		return nil, err
	}
	prefix, region := c.query.Get("prefix"), c.query.Get("bucket-region")
	detailed := c.query.Has("max-buckets") || c.query.Has("prefix") || region != "" || after != ""
	list := bucketList{Owner: owner{ID: canonicalID(c.Account)}, Prefix: prefix}
	err = s.store.View(func(tx *store.Tx) error {
		for name, b := range store.Scan[Bucket](tx, tableBuckets, prefix, after) {
			if b.Account != c.Account || region != "" && b.Region != region {
				continue
			}
			if len(list.Buckets) == limit {
				list.ContinuationToken = encodeToken(list.Buckets[limit-1].Name)
				return nil
			}
			entry := listedBucket{Name: name, CreationDate: timestamp(b.Created)}
			if detailed {
				entry.BucketRegion = b.Region
			}
			list.Buckets = append(list.Buckets, entry)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, list)
}

// Continuation tokens are opaque: the place to go on from, made unreadable.

func encodeToken(place string) string {
	return base64.URLEncoding.EncodeToString([]byte("1" + place))
}

// token reads a continuation token; "" when there is none.
func (c *call) token(name string) (string, error) {
	if !c.query.Has(name) {
		return "", nil
	}
	decoded, err := base64.URLEncoding.DecodeString(c.query.Get(name))
	place, ok := strings.CutPrefix(string(decoded), "1")
	if err != nil || !ok || place == "" {
		return "", invalidArgument(name, c.query.Get(name), "The continuation token provided is incorrect")
	}
	return place, nil
}

// timestamp writes a time as S3's documents do.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
