// Package actions knows which IAM actions an API call takes (Service
// Authorization Reference). It knows neither resources nor who makes the call.
//
// Start at Of.
package actions

import "strings"

// others are the actions of calls that take another one than the one of their
// own name. Those beside the first are for what yolo sends along, tags and the
// object ownership, and for what IVS does in the caller's name when it edits
// the policy of a storage configuration's bucket.
var others = map[string]string{
	"s3:HeadBucket":                      "s3:ListBucket",
	"s3:CreateBucket":                    "s3:CreateBucket s3:PutBucketOwnershipControls s3:TagResource",
	"s3:GetPublicAccessBlock":            "s3:GetBucketPublicAccessBlock",
	"s3:PutPublicAccessBlock":            "s3:PutBucketPublicAccessBlock",
	"s3:GetBucketEncryption":             "s3:GetEncryptionConfiguration",
	"s3:PutBucketEncryption":             "s3:PutEncryptionConfiguration",
	"s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
	"s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
	"s3:GetObject":                       "s3:GetObject s3:ListBucket", // without the second, what is not there is denied
	"s3:ListObjectsV2":                   "s3:ListBucket",
	"s3:ListObjectVersions":              "s3:ListBucketVersions",
	"s3:ListMultipartUploads":            "s3:ListBucketMultipartUploads",
	"s3:DeleteObjects":                   "s3:DeleteObject s3:DeleteObjectVersion",
	"ivs:CreateStorageConfiguration":     "ivs:CreateStorageConfiguration ivs:TagResource s3:GetBucketLocation s3:GetBucketPolicy s3:PutBucketPolicy",
	"ivs:DeleteStorageConfiguration":     "ivs:DeleteStorageConfiguration s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy",
	"ivs:CreateEncoderConfiguration":     "ivs:CreateEncoderConfiguration ivs:TagResource",
	"ivs:CreateStage":                    "ivs:CreateStage ivs:TagResource",
	"ivs:StartComposition":               "ivs:StartComposition ivs:TagResource",
	"logs:CreateLogGroup":                "logs:CreateLogGroup logs:TagResource",
	"events:PutRule":                     "events:PutRule events:TagResource",
}

// Of are the actions that a call takes, the service's IAM prefix before it, as
// in s3:HeadBucket. STS answers GetCallerIdentity to everybody.
func Of(call string) []string {
	switch needed := others[call]; {
	case call == "sts:GetCallerIdentity":
		return nil
	case needed != "":
		return strings.Fields(needed)
	}
	return []string{call}
}
