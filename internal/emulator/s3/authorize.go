package s3

import (
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// ARN is that of a bucket.
func ARN(bucket string) string { return "arn:aws:s3:::" + bucket }

// otherActions are the actions of operations that are not called like them
// (user guide, Required permissions for Amazon S3 API operations).
var otherActions = map[string]string{
	"ListBuckets":                     "ListAllMyBuckets",
	"HeadBucket":                      "ListBucket",
	"ListObjects":                     "ListBucket",
	"ListObjectsV2":                   "ListBucket",
	"ListObjectVersions":              "ListBucketVersions",
	"ListMultipartUploads":            "ListBucketMultipartUploads",
	"DeleteBucketOwnershipControls":   "PutBucketOwnershipControls",
	"GetPublicAccessBlock":            "GetBucketPublicAccessBlock",
	"PutPublicAccessBlock":            "PutBucketPublicAccessBlock",
	"DeletePublicAccessBlock":         "PutBucketPublicAccessBlock",
	"DeleteBucketTagging":             "PutBucketTagging",
	"GetBucketEncryption":             "GetEncryptionConfiguration",
	"PutBucketEncryption":             "PutEncryptionConfiguration",
	"DeleteBucketEncryption":          "PutEncryptionConfiguration",
	"GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
	"PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
	"DeleteBucketLifecycle":           "PutLifecycleConfiguration",
	"HeadObject":                      "GetObject",
	"CopyObject":                      "PutObject",
	"CreateMultipartUpload":           "PutObject",
	"UploadPart":                      "PutObject",
	"CompleteMultipartUpload":         "PutObject",
	"ListParts":                       "ListMultipartUploadParts",
}

// ofVersions are the actions that a request for one version of an object takes
// instead. "You must always have the s3:DeleteObject permission" to delete one
// (API reference, DeleteObject and DeleteObjects).
var ofVersions = map[string]string{
	"GetObject": "GetObjectVersion", "HeadObject": "GetObjectVersion", "DeleteObject": deleteVersion,
}

const deleteVersion = "DeleteObject DeleteObjectVersion"

// Authorize implements wire.Guarded. DeleteObjects asks for each object as it
// comes to it, and CreateBucket for the tags once it has read them.
func (s *Service) Authorize(r *wire.Request) error {
	c, _ := newCall(r)
	if r.Operation == "DeleteObjects" {
		return nil
	}
	for _, action := range c.actions() {
		if err := c.allow(action, c.resource()); err != nil {
			return err
		}
	}
	return nil
}

// actions are what the call takes, as far as its head tells.
func (c *call) actions() []string {
	action := c.Operation
	if other := otherActions[action]; other != "" {
		action = other
	}
	actions := []string{action}
	if other := ofVersions[c.Operation]; other != "" && c.query.Has("versionId") {
		actions = strings.Fields(other)
	}
	has := func(header string) bool { return c.HTTP.Header.Get(header) != "" }
	switch {
	case c.Operation == "CreateBucket":
		if has("X-Amz-Object-Ownership") {
			actions = append(actions, "PutBucketOwnershipControls")
		}
		if has("X-Amz-Acl") {
			actions = append(actions, "PutBucketAcl")
		}
	case action == "PutObject" && c.Operation != "UploadPart" && has("X-Amz-Acl"):
		actions = append(actions, "PutObjectAcl")
	}
	return actions
}

// resource is what the call is about.
func (c *call) resource() string {
	switch {
	case c.bucket == "":
		return "*"
	case c.key == "":
		return ARN(c.bucket)
	}
	return ARN(c.bucket) + "/" + c.key
}

// allow refuses an action that the caller may not take, in S3's words: it
// quotes the resource (user guide, Troubleshoot access denied errors). The
// refusal comes first: neither it nor HeadBucket's 403 tells whether there is
// such a bucket.
func (c *call) allow(action, resource string) error {
	refusal := c.Refused(wire.Ask{Action: "s3:" + action, Resource: resource})
	if refusal == nil {
		return nil
	}
	return fail(http.StatusForbidden, "AccessDenied", refusal.Message(`"`+refusal.Resource+`"`))
}
