package emulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
)

const recordings = "recordings"

// bucket makes the bucket recordings in a region.
func (f *fixture) bucket(t *testing.T, region string) {
	t.Helper()
	in := &s3.CreateBucketInput{Bucket: aws.String(recordings)}
	if region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	if _, err := s3.NewFromConfig(f.Config(region, "")).CreateBucket(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// storage makes a storage configuration, and returns the Sid of its statement.
func (f *fixture) storage(t *testing.T) (sid string, err error) {
	out, err := f.ivs.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
		S3: &types.S3StorageConfiguration{BucketName: aws.String(recordings)},
	})
	if err != nil {
		return "", err
	}
	_, id, _ := strings.Cut(*out.StorageConfiguration.Arn, "/")
	return "CompositeWrite-" + id, nil
}

type document struct {
	Version   string
	Statement []map[string]any
}

// sids lists the statements of the bucket's policy.
func (d document) sids() []string {
	sids := []string{}
	for _, s := range d.Statement {
		sids = append(sids, fmt.Sprint(s["Sid"]))
	}
	slices.Sort(sids)
	return sids
}

func (f *fixture) policy(t *testing.T) (d document) {
	t.Helper()
	out, err := s3.NewFromConfig(f.Config("us-east-1", "")).GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(recordings)})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(*out.Policy), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBucketOfAnotherRegion(t *testing.T) {
	for refuse, want := range map[bool]string{false: "", true: "ValidationException"} {
		f := start(t, emulator.Options{RefuseForeignRegionBucket: refuse})
		f.bucket(t, "eu-west-1")
		if _, err := f.storage(t); code(err) != want {
			t.Errorf("refused by option %t: %v, want code %q", refuse, err, want)
		}
	}
}

// Somebody adds a statement between two creates; a fault takes one away.
func TestPolicyEditsThatAreLost(t *testing.T) {
	for fault, want := range map[string]struct{ first, second, between bool }{
		"refuse op=Delete*": {true, true, true},
		"lose-policy-edit":  {true, false, true},
		"stale-policy-edit": {false, true, false},
	} {
		t.Run(fault, func(t *testing.T) {
			f := start(t, emulator.Options{})
			f.bucket(t, "us-east-1")
			first, err := f.storage(t)
			if err != nil {
				t.Fatal(err)
			}
			edited := f.policy(t)
			edited.Statement = append(edited.Statement, map[string]any{
				"Sid": "Between", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::" + recordings,
			})
			text, err := json.Marshal(edited)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s3.NewFromConfig(f.Config("us-east-1", "")).PutBucketPolicy(t.Context(),
				&s3.PutBucketPolicyInput{Bucket: aws.String(recordings), Policy: aws.String(string(text))})
			if err != nil {
				t.Fatal(err)
			}
			f.Fault(fault + " times=1")
			second, err := f.storage(t)
			if err != nil {
				t.Fatal(err)
			}
			sids := []string{}
			for sid, there := range map[string]bool{first: want.first, second: want.second, "Between": want.between} {
				if there {
					sids = append(sids, sid)
				}
			}
			slices.Sort(sids)
			if diff := cmp.Diff(sids, f.policy(t).sids()); diff != "" {
				t.Errorf("statements (-want +got)\n%s", diff)
			}
		})
	}
}

func TestQuotasCanBeSet(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"}]}`
	f := start(t, emulator.Options{Quotas: emulator.Quotas{StorageConfigurations: 1, EncoderConfigurations: 2, LogsResourcePolicies: 3, Buckets: 4, Compositions: 2}})
	f.bucket(t, "us-east-1")
	logs := cloudwatchlogs.NewFromConfig(f.Config("us-east-1", ""), func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 })
	buckets := s3.NewFromConfig(f.Config("us-east-1", ""))
	for what, test := range map[string]struct {
		room int
		code string
		add  func(i int) error
	}{
		"storage configurations": {1, "ServiceQuotaExceededException", func(int) error { _, err := f.storage(t); return err }},
		"encoder configurations": {2, "ServiceQuotaExceededException", func(int) error { return f.create(t) }},
		"compositions":           {2, "ServiceQuotaExceededException", func(int) error { return f.composition(t) }},
		"logs resource policies": {3, "LimitExceededException", func(i int) error {
			_, err := logs.PutResourcePolicy(t.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyName: aws.String(fmt.Sprint(i)), PolicyDocument: aws.String(policy)})
			return err
		}},
		"buckets beside that one": {3, "TooManyBuckets", func(i int) error {
			_, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(fmt.Sprint("bucket-", i))})
			return err
		}},
	} {
		for i := range test.room {
			if err := test.add(i); err != nil {
				t.Errorf("%s: number %d: %v", what, i+1, err)
			}
		}
		if err := test.add(test.room); code(err) != test.code {
			t.Errorf("%s: one more than %d: %v, want code %s", what, test.room, err, test.code)
		}
	}
}
