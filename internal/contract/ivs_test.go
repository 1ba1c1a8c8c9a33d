package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// ivs is a client that does not repeat a create, of which nobody knows whether
// it had its effect.
func (c *check) ivs() *ivsrealtime.Client {
	return ivsrealtime.NewFromConfig(c.in(home), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
}

// overheardIVS is a client and the last answer that it got.
func (c *check) overheardIVS() (*ivsrealtime.Client, *answer) {
	cfg := c.in(home)
	last := &answer{next: cfg.HTTPClient}
	return ivsrealtime.NewFromConfig(cfg, func(o *ivsrealtime.Options) { o.HTTPClient = last }), last
}

// answer is as it was on the wire, since the SDK shows only what it has types
// for.
type answer struct {
	next   aws.HTTPClient
	header http.Header
	body   []byte
}

// Do implements aws.HTTPClient.
func (a *answer) Do(request *http.Request) (*http.Response, error) {
	response, err := a.next.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a.header = response.Header
	if a.body, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(a.body))
	return response, nil
}

// members decodes the body.
func (a *answer) members(c *check) map[string]any {
	members := map[string]any{}
	if err := json.Unmarshal(a.body, &members); err != nil {
		c.Fatalf("the answer is no JSON object: %s", a.body)
	}
	return members
}

type encoderInput = ivsrealtime.CreateEncoderConfigurationInput

func (c *check) encoder(in *encoderInput) *types.EncoderConfiguration {
	out, err := c.ivs().CreateEncoderConfiguration(c.Context(), in)
	c.ok(err)
	return out.EncoderConfiguration
}

func (c *check) deleteEncoder(arn *string) {
	_, err := c.ivs().DeleteEncoderConfiguration(c.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: arn})
	c.ok(err)
}

// recordings makes a bucket at home.
func (c *check) recordings() string {
	_, name := c.bucket(home)
	return *name
}

func (c *check) storage(in *ivsrealtime.CreateStorageConfigurationInput) *types.StorageConfiguration {
	out, err := c.ivs().CreateStorageConfiguration(c.Context(), in)
	c.ok(err)
	return out.StorageConfiguration
}

func (c *check) deleteStorage(made *types.StorageConfiguration) {
	_, err := c.ivs().DeleteStorageConfiguration(c.Context(), &ivsrealtime.DeleteStorageConfigurationInput{Arn: made.Arn})
	c.ok(err)
}

func (c *check) putDocument(bucket, document string) {
	_, err := s3.NewFromConfig(c.in(home)).PutBucketPolicy(c.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &document})
	c.ok(err)
}

func storageInput(bucket string) *ivsrealtime.CreateStorageConfigurationInput {
	return &ivsrealtime.CreateStorageConfigurationInput{S3: &types.S3StorageConfiguration{BucketName: &bucket}}
}

// sids lists the statements of the bucket's policy; nil when it has none.
func (c *check) sids(bucket string) []string {
	var names []string
	for _, s := range c.statements(bucket) {
		names = append(names, s["Sid"].(string))
	}
	slices.Sort(names)
	return names
}

func (c *check) statements(bucket string) []map[string]any {
	out, err := s3.NewFromConfig(c.in(home)).GetBucketPolicy(c.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorCode() == "NoSuchBucketPolicy" {
		return nil
	}
	c.ok(err)
	var document struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(*out.Policy), &document); err != nil {
		c.Fatalf("%v: %s", err, *out.Policy)
	}
	return document.Statement
}

func sidOf(made *types.StorageConfiguration) string {
	return "CompositeWrite-" + (*made.Arn)[strings.LastIndex(*made.Arn, "/")+1:]
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
