package policy

import (
	"regexp"
	"slices"
	"strings"
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

// WantedRecording is the recording statement for Merge that lets every region
// write and keeps the principals that the live one lets write, as a sync only
// adds. Kept holds those beyond regions, such as a region dropped from the
// manifest, for a report. The rest of the live statement is not kept, nor is a
// principal that it did not let write, one that is deleted, or a "*" that a
// condition of someone else's limited: without that condition it would be wider.
func WantedRecording(live *Document, bucket string, regions []string) (want Statement, kept []Principal) {
	var principals []Principal
	for _, r := range regions {
		principals = append(principals, Principal{"Service", RecordingPrincipal(r)})
	}
	return withLivePrincipals(live, actionPutObject, principals, func(all []Principal) Statement {
		return recording(bucket, all)
	})
}

// mediaConvertRead lets principals list the bucket and read its objects. S3
// refuses a policy that names a role that does not exist.
func mediaConvertRead(bucket string, principals []Principal) Statement {
	return grant{
		sid:        SidMediaConvertRead,
		principals: principals,
		actions:    []string{actionGetObject, "s3:GetObjectVersion", "s3:ListBucket"},
		resources:  []string{bucketARN(bucket), objectsARN(bucket)},
	}.statement()
}

// WantedMediaConvertRead is the statement for Merge that lets the MediaConvert
// role read; it keeps what the live one grants as WantedRecording does.
func WantedMediaConvertRead(live *Document, bucket, roleARN string) (want Statement, kept []Principal) {
	role := []Principal{{"AWS", roleARN}}
	return withLivePrincipals(live, actionGetObject, role, func(all []Principal) Statement {
		return mediaConvertRead(bucket, all)
	})
}

// withLivePrincipals builds a statement for the wanted principals and those whom
// the live statement of the same Sid allows action.
func withLivePrincipals(live *Document, action string, wanted []Principal, build func([]Principal) Statement) (Statement, []Principal) {
	want := build(wanted)
	s, found := live.Statement(want.Sid())
	if !found || s.view.Effect != "Allow" || !actionIn(s.view.Actions, action) {
		return want, nil
	}
	limited := !conditionsWithin(s, want)
	var kept []Principal
	for _, p := range sortedPrincipals(s.view.Principals) {
		if slices.Contains(wanted, p) || deleted(p) || p == anyone && limited {
			continue
		}
		kept = append(kept, p)
	}
	return build(slices.Concat(wanted, kept)), kept
}

// conditionsWithin reports whether every condition of s is one of want's and lets
// all through that want's does, so that want's are at least as strict.
func conditionsWithin(s, want Statement) bool {
	wanted := want.attributes()
	for _, c := range s.view.Conditions {
		a := conditionAttribute(c)
		w := find(wanted, a.key)
		if w == nil || len(w.without(&a)) > 0 {
			return false
		}
	}
	return len(s.view.Unknown) == 0
}

var uniqueID = regexp.MustCompile(`^(AROA|AIDA)[A-Z0-9]{12,}$`)

// deleted reports whether a role or user is gone: its ARN has then turned into
// its unique id, which grants nothing and which S3 refuses in a new policy (IAM
// reference, "Principal").
func deleted(p Principal) bool {
	return p.Kind == "AWS" && uniqueID.MatchString(p.Value)
}

func bucketARN(bucket string) string  { return "arn:aws:s3:::" + bucket }
func objectsARN(bucket string) string { return bucketARN(bucket) + "/*" }
