package ivsrealtime

import (
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
)

// bucket finds where a destination records to. Unless code is "" nothing can be
// written there: the bucket must be in the composition's region
// (RealTimeUserGuide, Composite Recording).
func (c *composition) bucket(tx *store.Tx, d *destination) (b s3.Bucket, code string) {
	configuration, _ := parseARN(d.Configuration.S3.StorageARN)
	found, ok := store.Get[storage](tx, table(kindStorage), configuration.key())
	if !ok {
		return b, codeNoBucket
	}
	b, ok = s3.Lookup(tx, found.S3.BucketName)
	switch i := c.id(); {
	case !ok || b.Region != i.region:
		return b, codeNoBucket
	case b.Account != i.account:
		return b, codeNoAccess
	}
	return b, ""
}

// principal is as whom compositions of a region write.
func principal(region string) string { return "ivs-composite." + region + ".amazonaws.com" }

// recordable tells whether IVS, as a service principal, can write an object now.
// What it demands of a bucket that was there before is in Getting Started with
// Server-Side Composition.
func recordable(b s3.Bucket, principal, key string, now time.Time) bool {
	return (b.Ownership == s3.OwnerEnforced || b.Ownership == s3.OwnerPreferred) &&
		b.DefaultEncryption == s3.EncryptionS3 && s3.MayRecord(b, principal, key, now)
}

// barred is the failure of a recording whose bucket does not let in what is
// written next any more; nil as long as it does. IVS writes all the time, so that
// it notices at once.
func (c *composition) barred(tx *store.Tx, d *destination, now time.Time) *failure {
	b, code := c.bucket(tx, d)
	if code == "" && !recordable(b, principal(c.id().region), d.Prefix+"/"+d.playlistPath(), now) {
		code = codeNoAccess
	}
	if code == "" {
		return nil
	}
	return &failure{At: now.UTC(), Code: code}
}

// object is something that a composition writes into a bucket, at a path below
// the recording's prefix.
type object struct {
	path, kind string // kind is the Content-Type
	body       []byte
}

// put writes an object if the bucket lets it in as it is now. Otherwise code
// says why not, and nothing is written; codeUnavailable is worth another try.
func (s *Service) put(tx *store.Tx, batch *s3.Batch, c *composition, d *destination, o object, now time.Time) (code string, err error) {
	b, code := c.bucket(tx, d)
	key := d.Prefix + "/" + o.path
	if code == "" && !recordable(b, principal(c.id().region), key, now) {
		code = codeNoAccess
	}
	if code == "" && s.options.Struck != nil {
		code = codeOf(s.options.Struck(b.Account, b.Region, "PutObject"))
	}
	if code != "" {
		return code, nil
	}
	return "", batch.Put(tx, s3.Object{Bucket: b, Key: key, Type: o.kind, Body: o.body, Now: now})
}

// codeUnavailable says that S3 could not be had. It is told nobody.
const codeUnavailable = "unavailable"

// codeOf is what IVS makes of the HTTP status that S3 answers a write with; 0 is
// that it succeeds.
func codeOf(status int) string {
	switch {
	case status == 0:
		return ""
	case status == http.StatusForbidden:
		return codeNoAccess
	case status == http.StatusNotFound:
		return codeNoBucket
	case status >= http.StatusInternalServerError:
		return codeUnavailable
	}
	return codeInternal
}

// lapse notes that the bucket cannot be had for now.
func (d *destination) lapse(now time.Time) {
	if !d.Lapsed {
		d.Lapses, d.Lapsed = append(d.Lapses, now.UTC()), true
	}
}

// putAll writes objects until one is not let in.
func (s *Service) putAll(tx *store.Tx, batch *s3.Batch, c *composition, d *destination, all []object, now time.Time) (code string, err error) {
	for _, o := range all {
		if code, err = s.put(tx, batch, c, d, o, now); code != "" || err != nil {
			return code, err
		}
	}
	d.Lapsed = false
	return "", nil
}
