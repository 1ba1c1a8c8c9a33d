package s3

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Objects are many objects of one size, for tests of what is done with a
// bucket full of recordings.
type Objects struct {
	Bucket string `json:"bucket"`
	// Prefix and Suffix are around the number that each key has, which has as
	// many digits as the largest of them needs.
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
	Count  int    `json:"count"`
	// Versions is how many each key has; 0 is 1. More need a bucket with
	// versioning, and so do Markers.
	Versions int `json:"versions"`
	// Markers puts a delete marker over the versions of each key.
	Markers bool `json:"markers"`
	// Size is in bytes, which are all zero.
	Size int64 `json:"size"`
}

func (o *Objects) check() error {
	switch {
	case o.Bucket == "":
		return errors.New("bucket: name one")
	case o.Count <= 0:
		return errors.New("count: must be above 0")
	case o.Versions < 0 || o.Versions > maxSeededVersions:
		return fmt.Errorf("versions: must be between 1 and %d", maxSeededVersions)
	case o.Size < 0 || o.Size > maxObject:
		return fmt.Errorf("size: must be between 0 and %d bytes", int64(maxObject))
	case len(o.Prefix)+len(o.Suffix)+len(strconv.Itoa(o.Count)) > maxKey:
		return fmt.Errorf("prefix and suffix: a key has at most %d bytes", maxKey)
	}
	return nil
}

// maxSeededVersions keeps a slip of the hand from filling the memory.
const maxSeededVersions = 1000

// Seed puts objects into a bucket, in far less time than PutObject takes for
// them. The keys must be new to the bucket. All of one number share their
// version id.
func (s *Service) Seed(o Objects, now time.Time) error {
	if err := o.check(); err != nil {
		return err
	}
	digest, sum := newMD5(), checksums[defaultChecksum]()
	if _, err := io.Copy(io.MultiWriter(digest, sum), &zeros{size: o.Size}); err != nil {
		return err
	}
	v := version{
		Modified: now, Body: zerosName(o.Size), Size: o.Size,
		ETag: hex.EncodeToString(digest.Sum(nil)), Checksum: checksum{defaultChecksum, encode(sum)},
		Headers: map[string]string{"Content-Type": defaultMIMEType}, Class: classStandard,
	}
	return s.store.Update(func(tx *store.Tx) error { return o.fill(tx, v) })
}

func (o *Objects) fill(tx *store.Tx, v version) error {
	b, ok := Lookup(tx, o.Bucket)
	versions := max(1, o.Versions)
	switch {
	case !ok:
		return fmt.Errorf("bucket: there is no %q", o.Bucket)
	case b.Versioning != versioningEnabled && (versions > 1 || o.Markers):
		return fmt.Errorf("bucket: %q keeps one version of an object; enable its versioning first", o.Bucket)
	case tx.Any(tableVersions, store.Key(o.Bucket, o.Prefix)):
		return fmt.Errorf("prefix: %q begins the keys of objects that are there already", o.Prefix)
	}
	v.encryptFor(b)
	for number := 1; number <= versions; number++ {
		o.fillVersion(tx, b, uint64(number), v)
	}
	if o.Markers {
		o.fillVersion(tx, b, uint64(versions)+1, version{Marker: true, Modified: v.Modified})
	}
	return nil
}

// fillVersion makes one version of all the objects.
func (o *Objects) fillVersion(tx *store.Tx, b Bucket, number uint64, v version) {
	v.ID = nullVersion
	if b.Versioning == versioningEnabled {
		v.ID = newVersionID(number)
	}
	store.FillWith(tx, tableVersions, store.Fill{
		Before: store.Key(b.Name, o.Prefix), After: store.Key(o.Suffix, age(number)),
		Digits: len(strconv.Itoa(o.Count - 1)), Count: o.Count,
	}, v)
}

// zerosPrefix begins the name of a body that is not kept, since it is so many
// zero bytes as the rest of its name says. Others have no minus in their names.
const zerosPrefix = "zeros-"

func zerosName(size int64) string { return zerosPrefix + strconv.FormatInt(size, 10) }

// withZeros has bodies of zero bytes besides those that are kept.
type withZeros struct{ bodies }

func (b withZeros) open(name string) (io.ReadSeekCloser, error) {
	text, ok := strings.CutPrefix(name, zerosPrefix)
	if !ok {
		return b.bodies.open(name)
	}
	size, err := strconv.ParseInt(text, 10, 64)
	return &zeros{size: size}, err
}

func (b withZeros) remove(names ...string) {
	kept := slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, zerosPrefix) })
	if len(kept) > 0 {
		b.bodies.remove(kept...)
	}
}

// zeros is a body of zero bytes.
type zeros struct{ size, at int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.at >= z.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.size-z.at)
	clear(p[:n])
	z.at += n
	return int(n), nil
}

func (z *zeros) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += z.at
	case io.SeekEnd:
		offset += z.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	z.at = offset
	return offset, nil
}

func (z *zeros) Close() error { return nil }
