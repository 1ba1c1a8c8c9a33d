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
		if settled := report.Node(settlingKey(made.Key)); settled != nil && settled.Outputs[OutARN] != "" {
			made.ARN, made.Outputs = settled.Outputs[OutARN], merge(made.Outputs, settled.Outputs)
		}
	}
}

// EnvValue is a variable that the team's app needs, with its value or, when
// that is "", the reason why there is none: Err, or, when that is nil, that a
// sync has to make the resource first.
type EnvValue struct {
	Name, Value string
	// Of is the resource that the value names.
	Of  reconcile.Key
	Err error

	known  string // when the value will be known, as in "known after sync"
	remark string // what is to be known before the line is used
}

// Env lists the lines for the app in their order: the bucket, then a line a
// region for each kind. Nothing when recording was not asked for or is off.
func Env(wish Wish, report *reconcile.Report) []EnvVar {
	var lines []EnvVar
	for _, v := range EnvValues(wish, report) {
		if v.remark != "" {
			lines = append(lines, EnvVar{Comment: v.remark})
		}
		switch {
		case v.Value != "":
			lines = append(lines, EnvVar{Name: v.Name, Value: v.Value})
		case v.Err != nil:
			lines = append(lines, EnvVar{Comment: fmt.Sprintf("%s= (failed: %s in %s)", v.Name, codeOf(v.Err), v.Of.Region)})
		default:
			lines = append(lines, EnvVar{Comment: fmt.Sprintf("%s= (%s)", v.Name, v.known)})
		}
	}
	return lines
}

// EnvValues lists what Env has lines for.
func EnvValues(wish Wish, report *reconcile.Report) []EnvValue {
	if !wish.Recording || !wish.Env.Recording.Enabled {
		return nil
	}
	e, regions := envReader{wish.Env, report}, wish.Regions
	values := []EnvValue{e.primaryBucket(regions)}
	add := func(base, region string, of reconcile.Key, output string) {
		if n := report.Node(of); n != nil {
			values = append(values, e.value(perRegion(base, region), n, output))
		}
	}
	if wish.Env.Recording.Layout == manifest.Regional {
		for _, region := range regions {
			add(envBucket, region, bucketKey(region), outBucket)
		}
	}
	for _, region := range regions {
		add(envStorage, region, storageKey(region), OutARN)
	}
	for _, region := range regions {
		add(envEncoder, region, encoderKey(region), OutARN)
	}
	return values
}

func perRegion(name, region string) string {
	return name + "_" + strings.ToUpper(strings.ReplaceAll(region, "-", "_"))
}

type envReader struct {
	env    *manifest.Environment
	report *reconcile.Report
}

// primaryBucket is the primary region's bucket. With --region that bucket may
// have no part in the run; those of other regions looked for it.
func (e envReader) primaryBucket(regions []string) EnvValue {
	of := bucketKey(e.env.Regions[0])
	if n := e.report.Node(of); n != nil {
		return e.value(envBucket, n, outBucket)
	}
	for _, region := range regions {
		if n := e.report.Node(bucketKey(region)); n != nil && n.Outputs[outPrimary] != "" {
			return EnvValue{Name: envBucket, Value: n.Outputs[outPrimary], Of: of}
		}
	}
	return EnvValue{Name: envBucket, Of: of, known: "known after a sync of " + of.Region}
}

// value is an output of a resource, or why there is none.
func (e envReader) value(name string, n *reconcile.NodeReport, output string) EnvValue {
	failed := n
	if s := e.report.Node(settlingKey(n.Key)); s != nil && s.Result == reconcile.Failed {
		failed = s
	}
	v := EnvValue{Name: name, Value: n.Outputs[output], Of: n.Key, known: "known after sync", remark: e.remark(n)}
	if failed.Result == reconcile.Failed && (failed != n || v.Value == "") {
		v.Value, v.Err = "", failed.Err
	}
	return v
}

// remark is said before the line of a storage configuration whose bucket is in
// another region.
func (e envReader) remark(n *reconcile.NodeReport) string {
	if n.CanRecord == nil || *n.CanRecord {
		return ""
	}
	fix := ""
	if e.env.Recording.Layout == manifest.Shared {
		fix = "; set aws.ivs.recording.bucket: regional"
	}
	return fmt.Sprintf("%s: cannot record, its bucket is in %s%s", n.Key.Region, n.Outputs[outBucketRegion], fix)
}
