package events_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
)

const (
	account = "210987654321"
	region  = "us-east-1"

	serviceEvents = `{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`
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

func newClient(endpoint, account, region string) *eventbridge.Client {
	return eventbridge.New(eventbridge.Options{
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
	client *eventbridge.Client
	name   string
}

// belief runs one numbered belief about AWS.
func belief(t *testing.T, client *eventbridge.Client, name string, test func(c *contract)) {
	t.Run(name, func(t *testing.T) {
		test(&contract{T: t, client: client, name: "yolo-contract-" + strings.ToLower(rand.Text())})
	})
}

func (c *contract) arn() string {
	return "arn:aws:events:" + region + ":" + account + ":rule/" + c.name
}

func (c *contract) group() string {
	return "arn:aws:logs:" + region + ":" + account + ":log-group:/yolo/" + c.name
}

// put makes or replaces the rule and sees to its deletion.
func (c *contract) put(change ...func(*eventbridge.PutRuleInput)) error {
	in := &eventbridge.PutRuleInput{Name: &c.name, EventPattern: aws.String(serviceEvents)}
	for _, f := range change {
		f(in)
	}
	name := *in.Name
	c.Cleanup(func() { c.remove(name) })
	_, err := c.client.PutRule(c.Context(), in)
	return err
}

func (c *contract) remove(name string) {
	ctx := context.Background()
	if targets, err := c.client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &name}); err == nil {
		for _, t := range targets.Targets {
			_, _ = c.client.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: &name, Ids: []string{*t.Id}})
		}
	}
	_, _ = c.client.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: &name})
}

func (c *contract) describe() *eventbridge.DescribeRuleOutput {
	c.Helper()
	out, err := c.client.DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: &c.name})
	c.ok(err)
	return out
}

func (c *contract) putTargets(targets ...types.Target) (*eventbridge.PutTargetsOutput, error) {
	return c.client.PutTargets(c.Context(), &eventbridge.PutTargetsInput{Rule: &c.name, Targets: targets})
}

func (c *contract) targets() []types.Target {
	c.Helper()
	out, err := c.client.ListTargetsByRule(c.Context(), &eventbridge.ListTargetsByRuleInput{Rule: &c.name})
	c.ok(err)
	return out.Targets
}

// target is the log group as a target of the rule.
func (c *contract) target(change ...func(*types.Target)) types.Target {
	t := types.Target{Id: aws.String("ivs-cloudwatch-logs"), Arn: aws.String(c.group())}
	for _, f := range change {
		f(&t)
	}
	return t
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
