package manifest

import (
	"fmt"
	"strings"
	"time"
)

// TargetID is the id of yolo's target on its EventBridge rule.
const TargetID = "ivs-cloudwatch-logs"

// The keys of the tags on everything that carries tags.
const (
	TagEnvironment = "yolo:environment"
	TagApp         = "yolo:app"
	TagName        = "Name"
)

// TagProven is the key of the tag that a proof leaves on the storage
// configuration or the rule that it went through, for all who can see these.
const TagProven = "yolo:proven"

// TagRun is the key of the tag on all that a run of verify makes for its show;
// the value is the run. ProofPrefix begins its name, and ProofUser is who
// publishes.
const (
	TagRun      = "yolo:verify"
	ProofPrefix = "yolo-verify-"
	ProofUser   = "yolo-verify"
)

// proofTime is the part of a run's name that tells when it began, in UTC.
const proofTime = "20060102T150405Z"

// NewProofRun returns the name of a run that began then; unique tells it from
// others of the same second.
func NewProofRun(begun time.Time, unique string) string {
	return begun.UTC().Format(proofTime) + "-" + unique
}

// ProofBegun tells by a run's name when it began; ok is false for what is no
// run's.
func ProofBegun(run string) (at time.Time, ok bool) {
	text, _, found := strings.Cut(run, "-")
	at, err := time.Parse(proofTime, text)
	return at, found && err == nil
}

// stem begins the name of everything that belongs to one app in one environment.
func (e *Environment) stem() string { return "yolo-" + e.Name + "-" + e.App }

// SharedBucketName returns the name of the bucket that serves all regions. The
// manifest's bucket-name does not change it, see [Environment.BucketName].
func (e *Environment) SharedBucketName() string { return e.stem() + "-ivs-realtime-recordings" }

// RegionalBucketName returns the name of the bucket of one region. The
// manifest's bucket-name does not change it, see [Environment.BucketName].
func (e *Environment) RegionalBucketName(region string) string {
	return e.stem() + "-ivs-recordings-" + region
}

// BucketName returns the name of the recordings bucket for region, as the
// layout and bucket-name have it. With the shared layout it is the same for all regions.
func (e *Environment) BucketName(region string) string {
	switch {
	case e.Recording.BucketName != "":
		return strings.ReplaceAll(e.Recording.BucketName, placeholder, region)
	case e.Recording.Layout == Regional:
		return e.RegionalBucketName(region)
	}
	return e.SharedBucketName()
}

// StorageName returns the name of the storage configuration, the same in each region.
func (e *Environment) StorageName() string { return e.stem() + "-ivs-storage" }

// EncoderName returns the name of the encoder configuration, the same in each region.
func (e *Environment) EncoderName() string { return e.stem() + "-ivs-encoder" }

// LogGroupName returns the name of the log group.
func (e *Environment) LogGroupName() string { return "/aws/ivs/" + e.stem() }

// LogGroupPrefix returns what the names of the log groups of all apps of the
// environment begin with.
func (e *Environment) LogGroupPrefix() string { return "/aws/ivs/yolo-" + e.Name + "-" }

// LogsPolicyName returns the name of the logs resource policy, which all apps
// of the environment share.
func (e *Environment) LogsPolicyName() string { return "yolo-" + e.Name + "-ivs-eventbridge-policy" }

// LogsPolicyResource returns the ARN pattern of the streams of all log groups
// of the environment, whichever app they are of.
func (e *Environment) LogsPolicyResource(region, account string) string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s*:*", region, account, e.LogGroupPrefix())
}

// RuleName returns the name of the EventBridge rule.
func (e *Environment) RuleName() string { return e.stem() + "-ivs-state-change" }

// MediaConvertRoleName returns the name of the role that MediaConvert reads
// recordings with. yolo does not make it, so its length is not checked: over
// IAM's limit of 64 characters no such role can be.
func (e *Environment) MediaConvertRoleName() string { return e.stem() + "-mediaconvert-role" }

// Tags returns the tags for a resource of the given name.
func (e *Environment) Tags(resourceName string) map[string]string {
	return map[string]string{TagEnvironment: e.Name, TagApp: e.App, TagName: resourceName}
}
