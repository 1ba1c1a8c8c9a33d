package s3

import (
	"bytes"
	"encoding/hex"
	"errors"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Batch writes objects in transactions of other services, which decide by
// MayRecord and by what else they know whether they may. End ends it.
type Batch struct {
	service  *Service
	written  []string // bodies
	unneeded []leftover
}

// Batch begins a batch.
func (s *Service) Batch() *Batch { return &Batch{service: s} }

// Object is an object that a service writes. Its owner is the bucket's, as the
// ACL bucket-owner-full-control and an Object Ownership of BucketOwnerEnforced
// or BucketOwnerPreferred make it.
type Object struct {
	Bucket Bucket
	Key    string
	Type   string // its Content-Type
	Body   []byte
	Now    time.Time
}

// Put makes an object the current version of its key.
func (b *Batch) Put(tx *store.Tx, o Object) error {
	digest, sum := newMD5(), checksums[defaultChecksum]()
	_, errDigest := digest.Write(o.Body)
	_, errSum := sum.Write(o.Body)
	body, err := b.service.bodies.writeIn(tx, o.Body)
	if err := errors.Join(errDigest, errSum, err); err != nil {
		return err
	}
	b.written = append(b.written, body)
	v := &version{
		Modified: o.Now, Body: body, Size: int64(len(o.Body)), ETag: hex.EncodeToString(digest.Sum(nil)),
		Checksum: checksum{defaultChecksum, encode(sum)}, Headers: map[string]string{"Content-Type": o.Type}, Class: classStandard,
	}
	v.encryptFor(o.Bucket)
	b.unneeded = append(b.unneeded, add(tx, o.Bucket, o.Key, v)...)
	return nil
}

// End is for after the transaction, with what came of it: of a batch without
// effect nothing is left, and of one with effect nothing that it replaced.
func (b *Batch) End(err error) {
	if err != nil {
		b.service.bodies.remove(b.written...)
		return
	}
	if len(b.unneeded) > 0 {
		b.service.discard(b.unneeded)
	}
}

func (f folder) writeIn(_ *store.Tx, content []byte) (string, error) {
	return f.write(bytes.NewReader(content))
}

func (r rows) writeIn(tx *store.Tx, content []byte) (string, error) {
	name := newBodyName()
	store.Put(tx, tableBodies, name, content)
	return name, nil
}
