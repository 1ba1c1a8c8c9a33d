package ivsrealtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/yolo-live/yolo/internal/emulator"
)

func storageInput(bucket string) *ivsrealtime.CreateStorageConfigurationInput {
	return &ivsrealtime.CreateStorageConfigurationInput{S3: &types.S3StorageConfiguration{BucketName: &bucket}}
}

// bucket makes a bucket in a region.
func (w *world) bucket(t *testing.T, region string) (name string) {
	t.Helper()
	name = w.Name("recordings")
	in := &s3.CreateBucketInput{Bucket: &name}
	if region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	client := s3.NewFromConfig(w.Config(region))
	if _, err := client.CreateBucket(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	w.Cleanup(t, func(ctx context.Context) error {
		_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		return err
	})
	return name
}

func (w *world) storage(t *testing.T, in *ivsrealtime.CreateStorageConfigurationInput) *types.StorageConfiguration {
	t.Helper()
	out, err := w.ivs.CreateStorageConfiguration(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	w.Cleanup(t, func(ctx context.Context) error {
		_, err := w.ivs.DeleteStorageConfiguration(ctx, &ivsrealtime.DeleteStorageConfigurationInput{Arn: out.StorageConfiguration.Arn})
		return err
	})
	return out.StorageConfiguration
}

func (w *world) remove(t *testing.T, c *types.StorageConfiguration) {
	t.Helper()
	if _, err := w.ivs.DeleteStorageConfiguration(t.Context(), &ivsrealtime.DeleteStorageConfigurationInput{Arn: c.Arn}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) putPolicy(t *testing.T, bucket, document string) {
	t.Helper()
	_, err := s3.NewFromConfig(w.Config(w.Region)).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &document})
	if err != nil {
		t.Fatal(err)
	}
}

// sids lists the statements of the bucket's policy; nil when it has none.
func (w *world) sids(t *testing.T, bucket string) []string {
	t.Helper()
	var names []string
	for _, s := range w.statements(t, bucket) {
		names = append(names, s["Sid"].(string))
	}
	slices.Sort(names)
	return names
}

func (w *world) statements(t *testing.T, bucket string) []map[string]any {
	t.Helper()
	out, err := s3.NewFromConfig(w.Config(w.Region)).GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorCode() == "NoSuchBucketPolicy" {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(*out.Policy), &document); err != nil {
		t.Fatalf("%v: %s", err, *out.Policy)
	}
	return document.Statement
}

func sidOf(c *types.StorageConfiguration) string {
	return "CompositeWrite-" + (*c.Arn)[strings.LastIndex(*c.Arn, "/")+1:]
}

// foreign is a policy with one statement of somebody else, as a list or alone.
func foreign(bucket, sid string, alone bool) string {
	statement := fmt.Sprintf(`{"Sid": %q, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
		"Resource": "arn:aws:s3:::%s/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, sid, bucket)
	if !alone {
		statement = "[" + statement + "]"
	}
	return `{"Version": "2012-10-17", "Id": "theirs", "Statement": ` + statement + `}`
}

var policyBeliefs = []belief{
	{"IVS-30 a created storage configuration has an ARN, its name, bucket and tags, in get and list alike (§1.6)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		in := storageInput(bucket)
		in.Name, in.Tags = aws.String(w.Name("storage")), map[string]string{"a": "b"}
		made := w.storage(t, in)
		diff(t, &types.StorageConfiguration{
			Arn: made.Arn, Name: in.Name, S3: &types.S3StorageConfiguration{BucketName: &bucket}, Tags: in.Tags,
		}, made)
		got, err := w.ivs.GetStorageConfiguration(t.Context(), &ivsrealtime.GetStorageConfigurationInput{Arn: made.Arn})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, made, got.StorageConfiguration)
		list, err := w.ivs.ListStorageConfigurations(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(list.StorageConfigurations, func(s types.StorageConfigurationSummary) bool { return *s.Arn == *made.Arn })
		if at < 0 {
			t.Fatalf("%s is not in the list", *made.Arn)
		}
		diff(t, types.StorageConfigurationSummary{Arn: made.Arn, Name: made.Name, S3: made.S3, Tags: made.Tags}, list.StorageConfigurations[at])
	}},
	{"IVS-31 the create adds its statement to the bucket policy (§1.3)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		made := w.storage(t, storageInput(bucket))
		diff(t, []map[string]any{{
			"Sid": sidOf(made), "Effect": "Allow",
			"Principal": map[string]any{"Service": "ivs-composite." + w.Region + ".amazonaws.com"},
			"Action":    []any{"s3:PutObject", "s3:PutObjectAcl"},
			"Resource":  "arn:aws:s3:::" + bucket + "/*",
			"Condition": map[string]any{
				"StringEquals": map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"},
				"Bool":         map[string]any{"aws:SecureTransport": "true"},
			},
		}}, w.statements(t, bucket))
	}},
	{"IVS-32 the create keeps the statements of others, as a list or alone (§1.3)", func(t *testing.T, w *world) {
		for _, alone := range []bool{true, false} {
			bucket := w.bucket(t, w.Region)
			w.putPolicy(t, bucket, foreign(bucket, "Theirs", alone))
			before := w.statements(t, bucket)
			made := w.storage(t, storageInput(bucket))
			after := w.statements(t, bucket)
			diff(t, []string{sidOf(made), "Theirs"}, w.sids(t, bucket))
			if !slices.ContainsFunc(after, func(s map[string]any) bool { return fmt.Sprint(s) == fmt.Sprint(before[0]) }) {
				t.Errorf("their statement was %v, is now among %v", before[0], after)
			}
		}
	}},
	{"IVS-33 several configurations on one bucket have a statement each (§1.3)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		want := []string{sidOf(w.storage(t, storageInput(bucket))), sidOf(w.storage(t, storageInput(bucket)))}
		slices.Sort(want)
		diff(t, want, w.sids(t, bucket))
	}},
	{"IVS-34 the delete removes its own statement only (§1.3)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		w.putPolicy(t, bucket, foreign(bucket, "Theirs", false))
		gone, stays := w.storage(t, storageInput(bucket)), w.storage(t, storageInput(bucket))
		w.remove(t, gone)
		diff(t, []string{sidOf(stays), "Theirs"}, w.sids(t, bucket))
	}},
	{"IVS-35 the delete of the only statement deletes the policy (§1.3)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		w.remove(t, w.storage(t, storageInput(bucket)))
		if left := w.statements(t, bucket); left != nil {
			t.Errorf("the policy is still there: %v", left)
		}
	}},
	{"IVS-36 the delete succeeds when its statement is gone already (§1.3)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		made := w.storage(t, storageInput(bucket))
		w.putPolicy(t, bucket, foreign(bucket, "Theirs", false))
		w.remove(t, made)
		diff(t, []string{"Theirs"}, w.sids(t, bucket))
	}},
	{"IVS-37 a bucket that is not there is not found (§6.4)", func(t *testing.T, w *world) {
		_, err := w.ivs.CreateStorageConfiguration(t.Context(), storageInput(w.Name("nowhere")))
		w.refused(t, err, http.StatusNotFound, "ResourceNotFoundException")
	}},
	{"IVS-38 a bucket of another account is refused (§1.4)", func(t *testing.T, w *world) {
		w.NeedsEmulator(t, "it takes a second account")
		name := w.Name("theirs")
		if _, err := s3.NewFromConfig(w.Emulator.Config(w.Region, "000000000001")).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
			t.Fatal(err)
		}
		_, err := w.ivs.CreateStorageConfiguration(t.Context(), storageInput(name))
		w.refused(t, err, http.StatusForbidden, "AccessDeniedException")
	}},
	{"IVS-39 the delete succeeds when the bucket is gone (§11, open)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		made := w.storage(t, storageInput(bucket))
		if _, err := s3.NewFromConfig(w.Config(w.Region)).DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
			t.Fatal(err)
		}
		w.remove(t, made)
	}},
	{"IVS-40 a sixth storage configuration is refused with 402, and its statement not added (§2.1)", func(t *testing.T, w *world) {
		w.NeedsEmulator(t, "an account on AWS may have another quota, and others' configurations")
		bucket := w.bucket(t, w.Region)
		for range 5 {
			w.storage(t, storageInput(bucket))
		}
		_, err := w.ivs.CreateStorageConfiguration(t.Context(), storageInput(bucket))
		w.refused(t, err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
		if n := len(w.statements(t, bucket)); n != 5 {
			t.Errorf("%d statements, want 5", n)
		}
	}},
	{"IVS-41 a policy that would grow past 20 KB refuses the create, and nothing is made (§1.3, open)", func(t *testing.T, w *world) {
		bucket := w.bucket(t, w.Region)
		w.putPolicy(t, bucket, strings.Replace(foreign(bucket, "Theirs", false), `"theirs"`, `"`+strings.Repeat("x", 20<<10-400)+`"`, 1))
		_, err := w.ivs.CreateStorageConfiguration(t.Context(), storageInput(bucket))
		w.refused(t, err, http.StatusBadRequest, "ValidationException")
		diff(t, []string{"Theirs"}, w.sids(t, bucket))
	}},
}

func TestBucketOfAnotherRegion(t *testing.T) {
	for name, test := range map[string]struct{ refuse bool }{"accepted": {false}, "refused by option": {true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, emulator.Options{RefuseForeignRegionBucket: test.refuse})
			w.NeedsEmulator(t, "AWS does not document what it does")
			bucket := w.bucket(t, w.Elsewhere)
			_, err := w.ivs.CreateStorageConfiguration(t.Context(), storageInput(bucket))
			if test.refuse {
				w.refused(t, err, http.StatusBadRequest, "ValidationException")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPolicyEditsThatAreLost(t *testing.T) {
	tests := map[string]struct {
		fault string
		// want are the statements after the second create: of the first, of
		// the second, and of somebody who came between them.
		first, second, between bool
	}{
		"none":                    {"refuse op=Delete*", true, true, true},
		"its own":                 {"lose-policy-edit", true, false, true},
		"what others put between": {"stale-policy-edit", false, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, emulator.Options{})
			w.NeedsEmulator(t, "faults are the emulator's")
			bucket := w.bucket(t, w.Region)
			first := w.storage(t, storageInput(bucket))
			own := w.statements(t, bucket)[0]
			raw, err := json.Marshal(own)
			if err != nil {
				t.Fatal(err)
			}
			w.putPolicy(t, bucket, strings.Replace(foreign(bucket, "Between", false), `[{`, `[`+string(raw)+`, {`, 1))
			w.Emulator.Fault(test.fault + " times=1")
			second := w.storage(t, storageInput(bucket))
			var want []string
			for sid, there := range map[string]bool{sidOf(first): test.first, sidOf(second): test.second, "Between": test.between} {
				if there {
					want = append(want, sid)
				}
			}
			slices.Sort(want)
			diff(t, want, w.sids(t, bucket))
		})
	}
}
