package resource

import (
	"strings"
	"testing"
)

// Where a bucket is, is known though reading all else of it fails.
func TestCannotRecordCommentNamesTheRegion(t *testing.T) {
	for name, fault := range map[string]string{
		"all went well":           "",
		"the bucket is blocked":   "service=ivs region=us-east-1 code=AccessDeniedException status=403",
		"its policy is unread":    "op=GetBucketPolicy code=AccessDenied status=403",
		"the create was refused":  "op=CreateStorageConfiguration region=eu-west-1 code=AccessDeniedException status=403",
		"the settling was denied": "op=UntagResource region=eu-west-1 code=AccessDeniedException status=403",
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, shared)
			a.wish.Logging = false
			if strings.Contains(fault, "GetBucketPolicy") {
				a.createBucket(*a.bucketName(), "us-east-1")
			}
			if fault != "" {
				a.fault(fault)
			}
			const want = "eu-west-1: cannot record, its bucket is in us-east-1; set aws.ivs.recording.bucket: regional"
			var comments []string
			for _, line := range Env(a.wish, a.run()) {
				if line.Comment == want {
					return
				}
				comments = append(comments, line.Comment)
			}
			t.Errorf("comments %q, want %q among them", comments, want)
		})
	}
}
