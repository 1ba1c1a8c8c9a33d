package resource

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// unsettle makes an encoder configuration that looks as if a run had died.
func (a *account) unsettle(region string) string {
	a.t.Helper()
	name := a.wish.Env.EncoderName()
	out := do(a.t, a.clients(region).IVS.CreateEncoderConfiguration, &ivsrealtime.CreateEncoderConfigurationInput{
		Name: aws.String(name), Tags: merge(a.wish.Env.Tags(name), map[string]string{tagPending: "run"}),
	})
	return *out.EncoderConfiguration.Arn
}

// What a run has not settled is waited for: it goes only when that run must be
// dead.
func TestPruneUnsettled(t *testing.T) {
	for name, settles := range map[string]bool{"its run is dead": false, "its run is alive": true} {
		t.Run(name, func(t *testing.T) {
			a := start(t, "regions: [us-east-1]\n        recording: {real_time: true}")
			a.sync()
			arn := a.unsettle("us-east-1")
			s, looks := a.survey()
			if settles {
				do(t, a.clients("us-east-1").IVS.UntagResource, &ivsrealtime.UntagResourceInput{ResourceArn: aws.String(arn), TagKeys: []string{tagPending}})
			}
			engine := &reconcile.Engine{}
			begun := time.Now()
			engine.Groups, engine.Nodes = Prune(s, looks, PruneOptions{})
			report := engine.Run(t.Context())
			row := report.Node(reconcile.Key{Region: "us-east-1", Kind: "encoder-configuration", Name: arn})
			if row == nil || row.Err != nil || (row.Result == reconcile.Deleted) == settles {
				t.Fatalf("%+v", row)
			}
			if took := time.Since(begun); took < quick.claimLife {
				t.Errorf("it waited %v only", took)
			}
		})
	}
}

// A prune takes away what a dropped region has, with its principal in a policy
// that stays, and all else stays.
func TestPruneDroppedRegion(t *testing.T) {
	a := start(t, shared)
	a.sync()
	a.manifest("regions: [us-east-1]\n        recording: {real_time: true}")
	want := []string{
		"us-east-1 bucket-policy-principal: SYNCED", "eu-west-1 storage-configuration: DELETED", "eu-west-1 encoder-configuration: DELETED",
		"eu-west-1 log-group: DELETED", "eu-west-1 logs-resource-policy: DELETED", "eu-west-1 rule: DELETED", "eu-west-1 target: DELETED",
	}
	if diff := cmp.Diff(want, a.removed(pruning(PruneOptions{}))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	a.leftovers()
	a.settled()
	if lines := a.removed(pruning(PruneOptions{})); len(lines) > 0 {
		t.Errorf("a second time: %q", lines)
	}
}

// A layout that was left leaves an empty bucket behind, which goes, or one with
// recordings, which does not.
func TestPruneBuckets(t *testing.T) {
	for name, test := range map[string]struct {
		fill func(a *account, bucket string)
		want string
	}{
		"empty":   {func(*account, string) {}, "DELETED"},
		"full":    {func(a *account, bucket string) { a.put(bucket, "a") }, "SYNCED"},
		"uploads": {func(a *account, bucket string) { a.begin(bucket, "a") }, "SYNCED"},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, regional)
			a.wish.Logging = false
			a.sync()
			test.fill(a, a.wish.Env.BucketName("eu-west-1"))
			a.manifest(regionalOne)
			lines := a.removed(pruning(PruneOptions{}))
			if want := "eu-west-1 recordings-bucket: " + test.want; !slices.Contains(lines, want) {
				t.Errorf("want %s in %q", want, lines)
			}
		})
	}
}

func (a *account) put(bucket, key string) {
	a.t.Helper()
	do(a.t, a.clients("eu-west-1").S3.PutObject, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader("b")})
}

func (a *account) begin(bucket, key string) {
	a.t.Helper()
	do(a.t, a.clients("eu-west-1").S3.CreateMultipartUpload, &s3.CreateMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String(key)})
}
