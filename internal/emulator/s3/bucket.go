package s3

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// tableBuckets holds the buckets by name: names are global over all accounts
// and regions of a partition (user guide, General purpose bucket naming rules).
const tableBuckets = "s3.bucket"

// Values of object ownership, default encryption and versioning, as the API
// spells them.
const (
	OwnerEnforced  = "BucketOwnerEnforced"
	OwnerPreferred = "BucketOwnerPreferred"
	ObjectWriter   = "ObjectWriter"

	EncryptionS3  = "AES256"
	EncryptionKMS = "aws:kms"

	versioningEnabled   = "Enabled"
	versioningSuspended = "Suspended"
)

// Bucket is a bucket with its whole configuration.
type Bucket struct {
	Name    string
	Account string // the owner, twelve digits
	Region  string
	Created time.Time
	// Ownership is the object ownership; "" when its controls were deleted,
	// which behaves as ObjectWriter.
	Ownership string
	// DefaultEncryption is the algorithm of objects that ask for none. It is
	// never "": deleting the configuration brings EncryptionS3 back.
	DefaultEncryption string
	KMSKey            string        `json:",omitempty"` // with EncryptionKMS, or "" for the key AWS manages
	BucketKey         bool          `json:",omitempty"`
	ACL               string        // the canned ACL
	PublicAccess      *publicAccess `json:",omitempty"` // nil: no configuration
	Tags              []tag         `json:",omitempty"`
	Versioning        string        `json:",omitempty"` // "" until it is first set
	Lifecycle         string        `json:",omitempty"` // the document, "" for none
	Policy            string        `json:",omitempty"` // as storedPolicy writes it, "" for none
}

type publicAccess struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

type tag struct{ Key, Value string }

// Lookup finds a bucket by its global name, whoever owns it.
func Lookup(tx *store.Tx, name string) (bucket Bucket, ok bool) {
	return store.Get[Bucket](tx, tableBuckets, name)
}

func put(tx *store.Tx, b Bucket) { store.Put(tx, tableBuckets, b.Name, b) }
