package logs_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
)

const (
	account = "210987654321"
	region  = "us-east-1"
)

// newServer serves an AWS without anything in it.
func newServer(t *testing.T) string {
	t.Helper()
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	over := httptest.NewServer(server)
	t.Cleanup(func() {
		over.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return over.URL
}

func newClient(endpoint, account, region string) *cloudwatchlogs.Client {
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		Region:       region,
		BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "secret"}, nil
		}),
		Retryer: aws.NopRetryer{},
	})
}

// contract is what the beliefs are tested with: a client, and names that
// nobody else has.
type contract struct {
	*testing.T
	client *cloudwatchlogs.Client
	name   string
}

// belief runs one numbered belief about AWS.
func belief(t *testing.T, client *cloudwatchlogs.Client, name string, test func(c *contract)) {
	t.Run(name, func(t *testing.T) {
		test(&contract{T: t, client: client, name: "/yolo/contract-" + strings.ToLower(rand.Text())})
	})
}

func (c *contract) arn() string {
	return "arn:aws:logs:" + region + ":" + account + ":log-group:" + c.name
}

// create makes the log group and sees to its deletion.
func (c *contract) create(change ...func(*cloudwatchlogs.CreateLogGroupInput)) {
	c.Helper()
	in := &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &c.name}
	for _, f := range change {
		f(in)
	}
	_, err := c.client.CreateLogGroup(c.Context(), in)
	c.ok(err)
	c.Cleanup(func() {
		_, _ = c.client.DeleteLogGroup(context.Background(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &c.name})
	})
}

func (c *contract) describe() []types.LogGroup {
	c.Helper()
	out, err := c.client.DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &c.name})
	c.ok(err)
	return out.LogGroups
}

func (c *contract) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// fails checks an error's code and that its message contains a part.
func (c *contract) fails(err error, code, part string) {
	c.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		c.Fatalf("error = %v, want %s", err, code)
	}
	if api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), part) {
		c.Errorf("error = %s: %s, want %s: …%s…", api.ErrorCode(), api.ErrorMessage(), code, part)
	}
}

func (c *contract) equal(want, got any) {
	c.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("(-want +got):\n%s", diff)
	}
}
