package s3

import "github.com/yolo-live/yolo/internal/emulator/store"

// Policy returns the bucket's policy document as GetBucketPolicy shows it. It
// is not ok when there is no such bucket or no policy.
func Policy(tx *store.Tx, name string) (document string, ok bool) {
	b, ok := Lookup(tx, name)
	return b.Policy, ok && b.Policy != ""
}

// SetPolicy replaces the bucket's policy document for another service of AWS,
// without the checks of PutBucketPolicy; "" deletes it. It does nothing when
// there is no such bucket.
func SetPolicy(tx *store.Tx, name, document string) {
	b, ok := Lookup(tx, name)
	if !ok {
		return
	}
	b.Policy = document
	put(tx, b)
}
