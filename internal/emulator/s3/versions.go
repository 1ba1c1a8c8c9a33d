package s3

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// tableVersions holds all versions of all objects by bucket, key and age, the
// newest first; the newest is the current one.
const tableVersions = "s3.version"

// nullVersion is the id of versions that were made while versioning was not
// enabled; a key has at most one (user guide, How S3 Versioning works).
const nullVersion = "null"

// version is one version of an object, or a delete marker.
type version struct {
	ID        string
	Marker    bool `json:",omitempty"`
	Modified  time.Time
	Body      string // its name among the bodies
	Size      int64
	ETag      string // without quotes
	Checksum  checksum
	Composite bool              `json:",omitempty"` // the checksum is one of parts' checksums
	Headers   map[string]string `json:",omitempty"` // those given with the object, metadata included
	Class     string
	Cipher    string // the algorithm of its encryption
	KMSKey    string `json:",omitempty"`
}

func versionKey(bucket, key string, number uint64) string {
	return store.Key(bucket, key, age(number))
}

// age is how a version's number is written in its row's key, the newest first.
func age(number uint64) string { return fmt.Sprintf("%016x", math.MaxUint64-number) }

// current returns the newest version of a key, marker or not.
func current(tx *store.Tx, bucket, key string) (version, bool) {
	for _, v := range store.Scan[version](tx, tableVersions, store.Key(bucket, key, ""), "") {
		return v, true
	}
	return version{}, false
}

// versionByID returns one version of a key and where it is.
func versionByID(tx *store.Tx, bucket, key, id string) (at string, v version, ok bool) {
	for at, v := range store.Scan[version](tx, tableVersions, store.Key(bucket, key, ""), "") {
		if v.ID == id {
			return at, v, true
		}
	}
	return "", version{}, false
}

// add makes v the current version of a key. Unless versioning is enabled v
// takes the place of the key's null version.
func add(tx *store.Tx, b Bucket, key string, v *version) (unneeded []leftover) {
	if b.Versioning != versioningEnabled {
		unneeded = removeVersion(tx, b.Name, key, nullVersion)
	}
	number := uint64(1)
	for at := range store.Scan[version](tx, tableVersions, store.Key(b.Name, key, ""), "") {
		number = numberAt(at) + 1
		break
	}
	v.ID = nullVersion
	if b.Versioning == versioningEnabled {
		v.ID = newVersionID(number)
	}
	store.Put(tx, tableVersions, versionKey(b.Name, key, number), *v)
	return unneeded
}

// numberAt reads a version's number off the key of its row.
func numberAt(at string) uint64 {
	parts := store.Split(at)
	age, _ := strconv.ParseUint(parts[len(parts)-1], 16, 64)
	return math.MaxUint64 - age
}

func removeVersion(tx *store.Tx, bucket, key, id string) (unneeded []leftover) {
	_, unneeded = takeVersion(tx, bucket, key, id)
	return unneeded
}

// takeVersion is removeVersion that returns the version, too; the zero one when
// there is none.
func takeVersion(tx *store.Tx, bucket, key, id string) (v version, unneeded []leftover) {
	at, v, ok := versionByID(tx, bucket, key, id)
	if !ok {
		return v, nil
	}
	tx.Delete(tableVersions, at)
	if v.Marker {
		return v, nil
	}
	return v, []leftover{{tableVersions, at, v.Body}}
}

var versionForm = lazyregexp.New(`^(null|[A-Z2-7]{26})$`)

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// newVersionID makes an id that tells the version's number, so that a listing
// can go on after a version that was deleted meanwhile.
func newVersionID(number uint64) string {
	return idEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, number)) + rand.Text()[:13]
}

// placeAfter is the row that a listing goes on after when the version of this
// id was its last. After a null version that is gone it begins anew with the
// key, rather than leave versions out.
func placeAfter(tx *store.Tx, bucket, key, id string) string {
	if id == nullVersion {
		at, _, ok := versionByID(tx, bucket, key, id)
		if !ok {
			return store.Key(bucket, key, "")
		}
		return at
	}
	number, err := idEncoding.DecodeString(id[:13])
	if err != nil {
		return store.Key(bucket, key, "")
	}
	return versionKey(bucket, key, binary.BigEndian.Uint64(number))
}

// deletion is what became of one object that was to be deleted.
type deletion struct {
	version string // the version that was removed, or the marker that was made
	marker  bool   // it is a delete marker
}

// remove deletes an object as DeleteObject does: with an id the version, which
// succeeds when there is none; without, the current one goes behind a delete
// marker, or away for good in a bucket that was never versioned.
func remove(tx *store.Tx, b Bucket, key, id string, now time.Time) (deletion, []leftover) {
	if id != "" {
		v, unneeded := takeVersion(tx, b.Name, key, id)
		return deletion{version: id, marker: v.Marker}, unneeded
	}
	if b.Versioning == "" {
		return deletion{}, removeVersion(tx, b.Name, key, nullVersion)
	}
	v := &version{Marker: true, Modified: now}
	unneeded := add(tx, b, key, v)
	return deletion{version: v.ID, marker: true}, unneeded
}
