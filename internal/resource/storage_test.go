package resource

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
)

func TestCompareStorage(t *testing.T) {
	w := testWorld(t, shared)
	name, bucket := w.env.StorageName(), w.env.SharedBucketName()
	one := func(arn, name, bucket string, tags ...string) ivstypes.StorageConfigurationSummary {
		return ivstypes.StorageConfigurationSummary{
			Arn: aws.String(arn), Name: aws.String(name), Tags: ours(w.env, name, tags...),
			S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(bucket)},
		}
	}
	create := []string{
		"create the storage configuration: s3.bucket-name: <nil> -> " + bucket,
		"create the storage configuration: tag Name: <nil> -> " + name,
		"create the storage configuration: tag yolo:app: <nil> -> app",
		"create the storage configuration: tag yolo:environment: <nil> -> production",
	}
	unfinished := []string{
		"settle what another run began: tag yolo:pending: x -> <nil>",
		"note: the run that made it may still be at work, so up to 15s are spent on waiting for that one first",
	}
	type all = []ivstypes.StorageConfigurationSummary
	tests := map[string]struct {
		live   all
		region string // of the bucket
		arn    string
		want   []string
	}{
		"none":                 {nil, "eu-west-1", "", create},
		"one":                  {all{one("arn-1", name, bucket)}, "eu-west-1", "arn-1", nil},
		"one, bucket far away": {all{one("arn-1", name, bucket)}, "us-east-1", "arn-1", []string{"warning CannotRecord"}},
		"two":                  {all{one("arn-2", name, bucket), one("arn-1", name, bucket)}, "eu-west-1", "arn-1", []string{"warning DuplicateConfiguration"}},
		"another bucket":       {all{one("arn-1", name, "old")}, "eu-west-1", "", append(create, "warning StorageElsewhere")},
		"another name":         {all{one("arn-1", "theirs", bucket)}, "eu-west-1", "", create},
		"another app's":        {all{one("arn-1", name, bucket, manifest.TagApp, "other")}, "eu-west-1", "", []string{"error NotOurs"}},
		"pending":              {all{one("arn-1", name, bucket, tagPending, "x")}, "eu-west-1", "arn-1", unfinished},
		"two pending":          {all{one("arn-2", name, bucket, tagPending, "y"), one("arn-1", name, bucket, tagPending, "x")}, "eu-west-1", "arn-1", unfinished},
	}
	for title, test := range tests {
		t.Run(title, func(t *testing.T) {
			s := &storage{world: w, region: "eu-west-1", bucket: w.bucketOf("eu-west-1")}
			got, err := s.Compare(storageLive{place: place{name: bucket, region: test.region, exists: true}, all: test.live})
			check(t, test.want, lines(got, err))
			if got.ARN != test.arn {
				t.Errorf("uses %q, want %q", got.ARN, test.arn)
			}
			if err == nil && (got.CanRecord == nil || *got.CanRecord != (test.region == "eu-west-1")) {
				t.Errorf("can record is %v", got.CanRecord)
			}
		})
	}
}

// Whoever reads of a configuration that is not needed can delete it at once.
func TestWarningsTellTheCommand(t *testing.T) {
	w := testWorld(t, shared)
	name, bucket := w.env.StorageName(), w.env.SharedBucketName()
	one := func(arn, bucket string, tags ...string) ivstypes.StorageConfigurationSummary {
		return ivstypes.StorageConfigurationSummary{
			Arn: aws.String(arn), Name: aws.String(name), Tags: ours(w.env, name, tags...), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(bucket)},
		}
	}
	bare := one("arn-6", bucket)
	bare.Tags = nil
	s := &storage{world: w, region: "eu-west-1", bucket: w.bucketOf("eu-west-1")}
	c, err := s.Compare(storageLive{place: place{name: bucket, region: "eu-west-1", exists: true}, all: []ivstypes.StorageConfigurationSummary{
		one("arn-1", bucket), one("arn-2", bucket), one("arn-3", bucket), one("arn-4", bucket, tagPending, "x"), one("arn-5", "old"), bare,
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		WarnDuplicate: "once no app and no composition uses the others, delete them: yolo prune production arn-2 arn-3" +
			" && aws ivs-realtime delete-storage-configuration --region eu-west-1 --arn arn-6",
		WarnUnsettled: "if no other run is under way, delete it: yolo prune production arn-4",
		WarnElsewhere: "once no app and no composition uses it, delete it: yolo prune production arn-5",
	}
	got := map[string]string{}
	for _, warning := range c.Warnings {
		got[warning.Code] = warning.Fix
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fixes (-want +got)\n%s", diff)
	}
}

// A create whose answer got lost may itself have taken the last place.
func TestQuotaTakenByAnEarlierTry(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Logging = false
	a.sync()
	arn := a.storageARN()
	do(t, a.clients(driftRegion).IVS.DeleteStorageConfiguration, &ivsrealtime.DeleteStorageConfigurationInput{Arn: arn})
	for i := range 4 {
		do(t, a.clients(driftRegion).IVS.CreateStorageConfiguration, &ivsrealtime.CreateStorageConfigurationInput{
			Name: aws.String(fmt.Sprintf("other-%d", i)), S3: &ivstypes.S3StorageConfiguration{BucketName: a.bucketName()},
		})
	}
	a.fault("op=CreateStorageConfiguration code=InternalServerException status=500 after times=1")
	var created, listed atomic.Int64
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/CreateStorageConfiguration":
			created.Add(1)
		case "/ListStorageConfigurations":
			// Both looks after the first create come too early.
			if created.Load() == 1 && listed.Add(1) <= 2 {
				_, _ = w.Write([]byte(`{"storageConfigurations":[]}`))
				return true
			}
		}
		return false
	}
	a.sync()
	if created.Load() != 2 {
		t.Errorf("created %d times, want 2", created.Load())
	}
	a.settled()
}

// Only a bucket that the run made may be one that IVS does not see yet.
func TestRefusedBucketIsNotWaitedFor(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	a.wish.Logging = false
	a.createBucket(*a.bucketName(), driftRegion)
	a.fault("op=CreateStorageConfiguration code=ResourceNotFoundException status=404")
	a.server.ResetCalls()
	if err := a.run().Node(storageKey(driftRegion)).Err; codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("error %v", err)
	}
	n := 0
	for _, c := range a.calls() {
		if c.Operation == "CreateStorageConfiguration" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("created %d times, want 1", n)
	}
}
