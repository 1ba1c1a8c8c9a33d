package permissions

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/permissions/actions"
)

type feature int

const (
	recording feature = iota
	logging
)

// target is a kind of resource. Those of IVS are spelled as in their ARNs.
type target string

const (
	everything target = "*" // of actions that know no resources
	bucket     target = "bucket"
	objects    target = "objects"
	role       target = "role"

	storage     target = "storage-configuration"
	encoder     target = "encoder-configuration"
	stage       target = "stage"
	composition target = "composition"

	group     target = "log-group"
	rule      target = "rule"
	proofRule target = "proof-rule" // of a proof's canary
	bus       target = "event-bus"
)

// regional are the regions that matter for a target: S3's names are global, and
// so is IAM.
func (t target) regional(regions []string) []string {
	if t == bucket || t == objects || t == role {
		return nil
	}
	return regions
}

// row is one API call of some purposes.
type row struct {
	feature  feature
	call     string
	purposes string // separated by spaces
	// on is what the call's own actions are on where the action does not tell,
	// as with tags.
	on []target
}

const (
	reads   = "plan sync status verify doctor" // of what is wanted
	surveys = "status destroy prune"
	removes = "destroy prune"
	all     = reads + " " + removes
)

// table is every call that yolo makes but sts:GetCallerIdentity, and those of an
// app. A test compares it with what the emulator is asked for.
var table = []row{
	{recording, "s3:HeadBucket", all, nil},
	{recording, "s3:GetBucketPolicy", all, nil},
	{recording, "s3:GetBucketTagging", all, nil},
	{recording, "s3:GetBucketOwnershipControls", reads, nil},
	{recording, "s3:GetPublicAccessBlock", reads, nil},
	{recording, "s3:GetBucketEncryption", reads, nil},
	{recording, "s3:CreateBucket", "sync", nil},
	{recording, "s3:PutBucketOwnershipControls", "sync", nil},
	{recording, "s3:PutPublicAccessBlock", "sync", nil},
	{recording, "s3:PutBucketTagging", "sync", nil},
	{recording, "s3:PutBucketPolicy", "sync " + removes, nil},
	{recording, "s3:DeleteBucketPolicy", removes, nil},
	{recording, "s3:ListObjectVersions", surveys + " purge", nil},
	{recording, "s3:ListMultipartUploads", removes, nil},
	{recording, "s3:GetBucketVersioning", "destroy", nil},
	{recording, "s3:DeleteObjects", "destroy purge", nil},
	{recording, "s3:AbortMultipartUpload", "destroy", nil},
	{recording, "s3:DeleteBucket", removes, nil},
	{recording, "s3:GetObject", "verify doctor", nil},
	{recording, "s3:GetBucketAcl", "verify doctor", nil},
	{recording, "s3:ListObjectsV2", "verify doctor", nil},
	{recording, "iam:GetRole", reads, nil},

	{recording, "ivs:ListStorageConfigurations", all, nil},
	{recording, "ivs:ListEncoderConfigurations", all, nil},
	{recording, "ivs:GetEncoderConfiguration", all, nil},
	{recording, "ivs:CreateStorageConfiguration", "sync", nil},
	{recording, "ivs:CreateEncoderConfiguration", "sync", nil},
	{recording, "ivs:TagResource", "sync", []target{storage, encoder}},
	{recording, "ivs:UntagResource", "sync", []target{storage, encoder}},
	// A sync that loses against another one takes its own back.
	{recording, "ivs:DeleteStorageConfiguration", "sync " + removes, nil},
	{recording, "ivs:DeleteEncoderConfiguration", "sync " + removes, nil},
	{recording, "ivs:ListCompositions", surveys, nil},
	{recording, "ivs:GetComposition", surveys, nil},
	{recording, "ivs:ListStages", surveys, nil},
	{recording, "ivs:GetStage", surveys, nil},

	// What a killed proof left.
	{recording, "ivs:StopComposition", removes, nil},
	{recording, "ivs:DeleteStage", removes, nil},

	{recording, "ivs:StartComposition", "verify", nil},
	{recording, "ivs:GetComposition", "verify", nil},
	{recording, "ivs:TagResource", "verify", []target{storage}},

	{recording, "ivs:CreateStage", "verify", nil},
	{recording, "ivs:ListStages", "verify", nil},
	{recording, "ivs:ListCompositions", "verify", nil},
	{recording, "ivs:StopComposition", "verify", nil},
	{recording, "ivs:DeleteStage", "verify", nil},
	{logging, "ivs:CreateStage", "verify", nil},
	{logging, "ivs:ListStages", "verify", nil},
	{logging, "ivs:ListCompositions", "verify", nil},
	{logging, "ivs:DeleteStage", "verify", nil},

	{logging, "logs:DescribeLogGroups", all, nil},
	{logging, "logs:ListTagsForResource", all, nil},
	{logging, "logs:DescribeResourcePolicies", all, nil},
	{logging, "logs:CreateLogGroup", "sync", nil},
	{logging, "logs:PutRetentionPolicy", "sync", nil},
	{logging, "logs:TagResource", "sync", nil},
	{logging, "logs:UntagResource", "sync", nil},
	{logging, "logs:PutResourcePolicy", "sync " + removes, nil},
	{logging, "logs:DeleteResourcePolicy", removes, nil},
	{logging, "logs:DeleteLogGroup", removes, nil},
	{logging, "logs:FilterLogEvents", "verify doctor events", nil},

	{logging, "events:DescribeRule", all, nil},
	{logging, "events:ListTagsForResource", all, nil},
	{logging, "events:ListTargetsByRule", all, nil},
	{logging, "events:PutRule", "sync", nil},
	{logging, "events:TagResource", "sync verify", nil},
	{logging, "events:PutTargets", "sync", nil},
	{logging, "events:RemoveTargets", removes, nil},
	{logging, "events:DeleteRule", removes, nil},
	{logging, "events:ListRules", surveys + " verify", nil},

	// The canary, which tells why events are missing.
	{logging, "events:PutRule", "verify", []target{proofRule}},
	{logging, "events:PutTargets", "verify", []target{proofRule}},
	{logging, "events:PutEvents", "verify", nil},
	{logging, "events:ListTagsForResource", surveys + " verify", []target{proofRule}},
	{logging, "events:ListTargetsByRule", removes, []target{proofRule}},
	{logging, "events:RemoveTargets", removes + " verify", []target{proofRule}},
	{logging, "events:DeleteRule", removes + " verify", []target{proofRule}},

	{logging, "ivs:ListStages", "events doctor", nil},
	{logging, "ivs:GetStage", "events doctor", nil},
	{logging, "ivs:ListCompositions", "events", nil},
	{logging, "ivs:GetComposition", "events", nil},
	{recording, "ivs:ListCompositions", "doctor", nil},
	{recording, "ivs:GetComposition", "doctor", nil},
	{recording, "ivs:GetStorageConfiguration", "doctor", nil},

	{recording, "ivs:CreateStage", "app", nil},
	{recording, "ivs:CreateParticipantToken", "app", nil},
	{recording, "ivs:StartComposition", "app", nil},
	{recording, "ivs:GetComposition", "app", nil},
	{recording, "ivs:StopComposition", "app", nil},
	{recording, "ivs:DeleteStage", "app", nil},
}

func (r row) serves(p Purpose) bool {
	return slices.Contains(strings.Fields(r.purposes), string(p))
}

// app tells whether the row is of calls that are not yolo's, on things without
// its tags.
func (r row) app() bool { return r.purposes == string(App) }

// actions are those that the call takes. An app need not tag what it makes.
func (r row) actions() []string {
	if r.app() {
		return []string{r.call}
	}
	return actions.Of(r.call)
}

// targets are what an action of the call is on.
func (r row) targets(action string) []target {
	service, name, _ := strings.Cut(action, ":")
	switch {
	case action == r.call && r.on != nil, service == "events" && r.on != nil:
		return r.on
	case service == "s3" && slices.Contains([]string{"GetObject", "DeleteObject", "DeleteObjectVersion", "AbortMultipartUpload"}, name):
		return []target{objects}
	case service == "s3":
		return []target{bucket}
	case service == "iam":
		return []target{role}
	case service == "ivs":
		return ivsTargets(r.call, name)
	case strings.HasPrefix(name, "Describe") && name != "DescribeRule", strings.HasSuffix(name, "ResourcePolicy"), name == "ListRules":
		return []target{everything}
	case service == "logs":
		return []target{group}
	case name == "PutEvents":
		return []target{bus}
	}
	return []target{rule}
}

// ivsTargets are those of IVS, after whose names its actions are called. The
// lists know no resources.
func ivsTargets(call, name string) []target {
	switch {
	case strings.HasPrefix(name, "List"):
		return []target{everything}
	case name == "StartComposition":
		return []target{stage, storage, encoder}
	case name == "CreateParticipantToken":
		return []target{stage}
	case name == "TagResource":
		name = call // what is made is tagged in the same call
	}
	for _, one := range []struct {
		suffix string
		is     target
	}{{"StorageConfiguration", storage}, {"EncoderConfiguration", encoder}, {"Composition", composition}} {
		if strings.HasSuffix(name, one.suffix) {
			return []target{one.is}
		}
	}
	return []target{stage}
}
