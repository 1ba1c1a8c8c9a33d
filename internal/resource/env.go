package resource

import (
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// EnvVar is a line that the team's app needs in its environment: a name with
// its value, or, without a name, a comment.
type EnvVar struct {
	Name, Value string
	// Comment is for readers: what the next line is to be known of, or why a
	// value is missing.
	Comment string
}

const (
	envBucket  = "AWS_IVS_REALTIME_RECORDINGS_BUCKET"
	envStorage = "AWS_IVS_STORAGE_CONFIGURATION_ARN"
	envEncoder = "AWS_IVS_ENCODER_CONFIGURATION_ARN"
)

// Conclude makes every configuration's report tell the ARN that was settled
// on, and no warning of what turned out otherwise.
func Conclude(report *reconcile.Report) {
	dropForeseen(report)
	for made := range report.All {
		if settled := report.Node(settlingKey(made.Key)); settled != nil && settled.Outputs[outARN] != "" {
			made.ARN, made.Outputs = settled.Outputs[outARN], merge(made.Outputs, settled.Outputs)
		}
	}
}

// Env lists the lines for the app in their order: the bucket, then a line a
// region for each kind. Nothing when recording was not asked for or is off.
func Env(wish Wish, report *reconcile.Report) []EnvVar {
	if !wish.Recording || !wish.Env.Recording.Enabled {
		return nil
	}
	e, regions := envReader{report}, wish.Regions
	lines := e.primaryBucket(wish.Env, regions)
	if wish.Env.Recording.Layout == manifest.Regional {
		for _, region := range regions {
			lines = append(lines, e.line(perRegion(envBucket, region), report.Node(bucketKey(region)), outBucket)...)
		}
	}
	for _, region := range regions {
		storage := report.Node(storageKey(region))
		lines = append(lines, cannotRecordLine(wish.Env, storage)...)
		lines = append(lines, e.line(perRegion(envStorage, region), storage, outARN)...)
	}
	for _, region := range regions {
		lines = append(lines, e.line(perRegion(envEncoder, region), report.Node(encoderKey(region)), outARN)...)
	}
	return lines
}

func perRegion(name, region string) string {
	return name + "_" + strings.ToUpper(strings.ReplaceAll(region, "-", "_"))
}

// cannotRecordLine is the comment before the line of a configuration whose
// bucket is in another region.
func cannotRecordLine(env *manifest.Environment, storage *reconcile.NodeReport) []EnvVar {
	if storage == nil || storage.CanRecord == nil || *storage.CanRecord {
		return nil
	}
	fix := ""
	if env.Recording.Layout == manifest.Shared {
		fix = "; set aws.ivs.recording.bucket: regional"
	}
	return []EnvVar{{Comment: fmt.Sprintf("%s: cannot record, its bucket is in %s%s", storage.Key.Region, storage.Outputs[outBucketRegion], fix)}}
}

type envReader struct{ report *reconcile.Report }

// primaryBucket is the line of the primary region's bucket. With --region that
// bucket may have no part in the run; those of other regions looked for it.
func (e envReader) primaryBucket(env *manifest.Environment, regions []string) []EnvVar {
	if n := e.report.Node(bucketKey(env.Regions[0])); n != nil {
		return e.line(envBucket, n, outBucket)
	}
	for _, region := range regions {
		if n := e.report.Node(bucketKey(region)); n != nil && n.Outputs[outPrimary] != "" {
			return []EnvVar{{Name: envBucket, Value: n.Outputs[outPrimary]}}
		}
	}
	return []EnvVar{{Comment: fmt.Sprintf("%s= (known after a sync of %s)", envBucket, env.Regions[0])}}
}

// line is a value, or a comment that says why there is none. A resource that
// has no part in the run has no line.
func (e envReader) line(name string, n *reconcile.NodeReport, output string) []EnvVar {
	if n == nil {
		return nil
	}
	failed := n
	if s := e.report.Node(settlingKey(n.Key)); s != nil && s.Result == reconcile.Failed {
		failed = s
	}
	value := n.Outputs[output]
	switch {
	case failed.Result == reconcile.Failed && (failed != n || value == ""):
		return []EnvVar{{Comment: fmt.Sprintf("%s= (failed: %s in %s)", name, codeOf(failed.Err), n.Key.Region)}}
	case value == "":
		return []EnvVar{{Comment: name + "= (known after sync)"}}
	}
	return []EnvVar{{Name: name, Value: value}}
}
