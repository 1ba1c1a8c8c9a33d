package s3_test

import (
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/yolo-live/yolo/internal/emulator"
)

// belief is one thing that yolo believes of S3. What proves it knows clients
// and names only, so that it can be run against a real account, too.
type belief struct {
	name  string
	prove func(t *testing.T, w *world)
}

// world is the AWS that beliefs are tried on.
type world struct {
	mine, theirs string // two accounts
	config       func(account, region string) aws.Config
}

func TestContract(t *testing.T) {
	for dir, kind := range map[string]string{"": "in memory", t.TempDir(): "on disk"} {
		server, err := emulator.Open(emulator.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		listener := httptest.NewServer(server)
		defer listener.Close()
		w := &world{mine: "111111111111", theirs: "222222222222"}
		w.config = func(account, region string) aws.Config {
			return aws.Config{
				Region: region, BaseEndpoint: aws.String(listener.URL),
				RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
				ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
				Credentials:                credentials.NewStaticCredentialsProvider(account, "secret", ""),
			}
		}
		for _, group := range [][]belief{bucketBeliefs, configBeliefs, policyBeliefs, objectBeliefs, versionBeliefs, uploadBeliefs} {
			for _, b := range group {
				t.Run(kind+"/"+b.name, func(t *testing.T) { b.prove(t, w) })
			}
		}
	}
}

func (w *world) s3(account, region string) *s3.Client {
	return s3.NewFromConfig(w.config(account, region), func(o *s3.Options) { o.UsePathStyle = true })
}

func (w *world) iam() *iam.Client { return iam.NewFromConfig(w.config(w.mine, "us-east-1")) }

// newName makes a bucket name that nobody has.
func newName() string { return "yolo-contract-" + strings.ToLower(rand.Text()) }

// bucket makes a bucket of mine in a region, and a client of that region.
func (w *world) bucket(t *testing.T, region string, with ...func(*s3.CreateBucketInput)) (*s3.Client, *string) {
	t.Helper()
	client, name := w.s3(w.mine, region), newName()
	in := &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: inRegion(region)}
	for _, change := range with {
		change(in)
	}
	if _, err := client.CreateBucket(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return client, &name
}

func inRegion(region string) *types.CreateBucketConfiguration {
	if region == "us-east-1" {
		return nil
	}
	return &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
}

// preferred makes a bucket on which ACLs can be used.
func preferred(in *s3.CreateBucketInput) {
	in.ObjectOwnership = types.ObjectOwnershipBucketOwnerPreferred
}

// refused fails the test unless err has the code and the HTTP status.
func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	api, isAPI := errors.AsType[smithy.APIError](err)
	response, isHTTP := errors.AsType[*awshttp.ResponseError](err)
	if !isAPI || !isHTTP {
		t.Fatalf("want %s (%d), got %v", code, status, err)
	}
	if api.ErrorCode() != code || response.HTTPStatusCode() != status {
		t.Errorf("want %s (%d), got %s (%d): %s", code, status, api.ErrorCode(), response.HTTPStatusCode(), api.ErrorMessage())
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// header returns a header of the answer that an error came with.
func header(err error, name string) string {
	if response, isHTTP := errors.AsType[*awshttp.ResponseError](err); isHTTP {
		return response.Response.Header.Get(name)
	}
	return ""
}
