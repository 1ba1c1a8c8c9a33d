package s3

import "github.com/yolo-live/yolo/internal/emulator/policydoc"

// recordActions are what a service that records does to an object, and asks
// for in the policy that it writes (IVS Real-Time user guide, Composite
// Recording).
var recordActions = []string{"s3:PutObject", "s3:PutObjectAcl"}

// MayRecord tells whether the bucket's policy lets a service principal write an
// object under key with the ACL bucket-owner-full-control, over TLS. Of
// conditions that depend on anything else, such as the source's ARN, it takes
// for true that their keys are absent: IVS does not document that it sends any.
func MayRecord(b Bucket, principal, key string) bool {
	document, err := policydoc.Parse(b.Policy)
	if err != nil {
		return false
	}
	context := map[string]string{
		"s3:x-amz-acl":              "bucket-owner-full-control",
		"aws:securetransport":       "true",
		"aws:principalisawsservice": "true",
		"aws:principalservicename":  principal,
		"aws:viaawsservice":         "false",
	}
	for _, action := range recordActions {
		ask := policydoc.Ask{Principal: principal, Action: action, Resource: "arn:aws:s3:::" + b.Name + "/" + key, Context: context}
		if !ask.Allowed(document) {
			return false
		}
	}
	return true
}
