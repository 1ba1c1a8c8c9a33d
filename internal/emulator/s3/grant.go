package s3

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
)

// recordActions are what a service that records does to an object, and asks
// for in the policy that it writes (IVS Real-Time user guide, Composite
// Recording).
var recordActions = []string{"s3:PutObject", "s3:PutObjectAcl"}

// MayRecord tells whether the bucket's policy lets a service principal write an
// object under key now, with the ACL bucket-owner-full-control, over TLS 1.2. Of
// conditions that depend on anything else, such as the source's ARN, it takes
// for true that their keys are absent: IVS does not document that it sends any.
func MayRecord(b Bucket, principal, key string, now time.Time) bool {
	document, err := policydoc.Parse(b.Policy)
	if err != nil {
		return false
	}
	context := policydoc.Sent(now, map[string]string{
		"s3:x-amz-acl":                  "bucket-owner-full-control",
		"s3:tlsversion":                 "1.2",
		"s3:resourceaccount":            b.Account,
		"aws:resourceaccount":           b.Account,
		"aws:principalservicename":      principal,
		"aws:principalservicenameslist": principal,
	})
	for _, action := range recordActions {
		ask := policydoc.Ask{Principal: principal, Action: action, Resource: ARN(b.Name) + "/" + key, Context: context}
		if !ask.Allowed(document) {
			return false
		}
	}
	return true
}
