package policy

import (
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// The Sids of our statements in a bucket policy.
const (
	SidRecording        = "IVSRealtimeRecording"
	SidMediaConvertRead = "MediaConvertRead"
)

const (
	actionPutObject    = "s3:PutObject"
	actionPutObjectACL = "s3:PutObjectAcl"
	actionGetObject    = "s3:GetObject"

	keyACL             = "s3:x-amz-acl"
	keySecureTransport = "aws:SecureTransport"
	ownerFullControl   = "bucket-owner-full-control"

	recordingPrefix = "ivs-composite."
	recordingSuffix = ".amazonaws.com"
)

// RecordingPrincipal is the service principal that writes composite recordings
// of a region (IVS Real-Time user guide, "Composite Recording").
func RecordingPrincipal(region string) string {
	return recordingPrefix + region + recordingSuffix
}

// RecordingRegion is the region of a RecordingPrincipal; ok is false for any
// other principal.
func RecordingRegion(principal string) (region string, ok bool) {
	rest, prefixed := strings.CutPrefix(principal, recordingPrefix)
	region, suffixed := strings.CutSuffix(rest, recordingSuffix)
	if !prefixed || !suffixed || region == "" || strings.Contains(region, ".") {
		return "", false
	}
	return region, true
}

// recording lets exactly those principals write recordings into the bucket,
// under the conditions of the statement IVS writes itself.
func recording(bucket string, principals []Principal) Statement {
	return grant{
		sid:        SidRecording,
		principals: principals,
		actions:    []string{actionPutObject, actionPutObjectACL},
		resources:  []string{objectsARN(bucket)},
		conditions: []Condition{
			{"StringEquals", keyACL, []string{ownerFullControl}},
			{"Bool", keySecureTransport, []string{"true"}},
		},
	}.statement()
}

// WantedRecording is what to Merge so that every region may write. The first
// statement is ours; it keeps the regions that the live one lets write, as a sync
// only adds, and Kept holds those beyond regions, such as one dropped from the
// manifest, for a report. What the live statement of our Sid grants or denies to
// others in another way than ours would goes on under a Sid of its own.
func WantedRecording(live *Document, bucket string, regions []string) (want []Statement, kept []Principal) {
	var principals []Principal
	for _, r := range regions {
		principals = append(principals, Principal{"Service", RecordingPrincipal(r)})
	}
	ours := func(p Principal) bool {
		_, ok := RecordingRegion(p.Value)
		return ok && p.Kind == "Service"
	}
	return takeOver(live, principals, ours, func(all []Principal) Statement { return recording(bucket, all) })
}

func mediaConvertRead(bucket string, principals []Principal) Statement {
	return grant{
		sid:        SidMediaConvertRead,
		principals: principals,
		actions:    []string{actionGetObject, "s3:GetObjectVersion", "s3:ListBucket"},
		resources:  []string{bucketARN(bucket), objectsARN(bucket)},
	}.statement()
}

// WantedMediaConvertRead is for MediaConvertRead what WantedRecording is for
// Recording.
func WantedMediaConvertRead(live *Document, bucket, roleARN string) (want []Statement, kept []Principal) {
	role := Principal{"AWS", roleARN}
	ours := func(p Principal) bool { return p == role }
	return takeOver(live, []Principal{role}, ours, func(all []Principal) Statement { return mediaConvertRead(bucket, all) })
}

var uniqueID = lazyregexp.New(`^(AROA|AIDA)[A-Z0-9]{12,}$`)

// deleted reports whether a role or user is gone: its ARN has then turned into
// its unique id, which grants nothing and which S3 refuses in a new policy (IAM
// reference, "Principal").
func deleted(p Principal) bool {
	return p.Kind == "AWS" && uniqueID.MatchString(p.Value)
}

func bucketARN(bucket string) string  { return "arn:aws:s3:::" + bucket }
func objectsARN(bucket string) string { return bucketARN(bucket) + "/*" }
