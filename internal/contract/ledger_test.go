package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
)

// recorded notes what requests make, so that it can be undone, and lets a
// change settle before the next request.
func (c *check) recorded(cfg aws.Config) aws.Config {
	undone := cfg.Copy()
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Recorded",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				out, metadata, err := next.HandleInitialize(ctx, in)
				if !refusedByAWS(err) {
					c.record(undone, in.Parameters, out.Result, err)
				}
				if err == nil && changes(awsmiddleware.GetOperationName(ctx)) {
					wait(ctx, c.pause)
				}
				return out, metadata, err
			}), middleware.Before)
	})
	return cfg
}

// refusedByAWS tells whether nothing was made for certain.
func refusedByAWS(err error) bool {
	response, answered := errors.AsType[*awshttp.ResponseError](err)
	return answered && response.HTTPStatusCode() < 500
}

func changes(operation string) bool {
	return !slices.ContainsFunc([]string{"Get", "List", "Describe", "Head", "Filter", "Test"}, func(verb string) bool {
		return strings.HasPrefix(operation, verb)
	})
}

// record notes how to undo a request that had its effect or, for all that is
// known, may have had it. What is put over something that was there before has
// no mark of ours in its name, and is left alone.
func (c *check) record(cfg aws.Config, in, out any, err error) {
	switch in := in.(type) {
	case *s3.CreateBucketInput:
		c.undoing(in.Bucket, func(ctx context.Context, name *string) error { return removeBucket(ctx, cfg, name) })
	case *iam.CreateRoleInput:
		c.undoing(in.RoleName, func(ctx context.Context, name *string) error {
			_, err := iam.NewFromConfig(cfg).DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
			return err
		})
	case *cloudwatchlogs.CreateLogGroupInput:
		c.undoing(in.LogGroupName, func(ctx context.Context, name *string) error { return removeGroup(ctx, cfg, name) })
	case *cloudwatchlogs.PutResourcePolicyInput:
		c.undoing(in.PolicyName, func(ctx context.Context, name *string) error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).DeleteResourcePolicy(ctx, &cloudwatchlogs.DeleteResourcePolicyInput{PolicyName: name})
			return err
		})
	case *cloudwatchlogs.PutAccountPolicyInput:
		kind := in.PolicyType
		c.undoing(in.PolicyName, func(ctx context.Context, name *string) error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).DeleteAccountPolicy(ctx, &cloudwatchlogs.DeleteAccountPolicyInput{PolicyName: name, PolicyType: kind})
			return err
		})
	case *eventbridge.PutRuleInput:
		c.undoing(in.Name, func(ctx context.Context, name *string) error { return removeRule(ctx, cfg, name) })
	case *ivsrealtime.CreateStorageConfigurationInput, *ivsrealtime.CreateEncoderConfigurationInput,
		*ivsrealtime.CreateStageInput, *ivsrealtime.StartCompositionInput:
		c.recordByARN(cfg, out, err)
	}
}

// undoing notes how to remove what has a name. The name is copied: proofs use
// their inputs again.
func (c *check) undoing(name *string, remove func(ctx context.Context, name *string) error) {
	copied := aws.ToString(name)
	if !strings.Contains(copied, c.mark) {
		return
	}
	c.undo = append(c.undo, func(ctx context.Context) error { return remove(ctx, &copied) })
}

// recordByARN notes a resource of IVS, whose ARN is known from the answer only.
func (c *check) recordByARN(cfg aws.Config, out any, err error) {
	client := ivsrealtime.NewFromConfig(cfg)
	switch out := out.(type) {
	case *ivsrealtime.CreateStorageConfigurationOutput:
		c.undo = append(c.undo, func(ctx context.Context) error {
			_, err := client.DeleteStorageConfiguration(ctx, &ivsrealtime.DeleteStorageConfigurationInput{Arn: out.StorageConfiguration.Arn})
			return err
		})
	case *ivsrealtime.CreateEncoderConfigurationOutput:
		c.undo = append(c.undo, func(ctx context.Context) error {
			_, err := client.DeleteEncoderConfiguration(ctx, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: out.EncoderConfiguration.Arn})
			return err
		})
	case *ivsrealtime.CreateStageOutput:
		c.undo = append(c.undo, func(ctx context.Context) error {
			_, err := client.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{Arn: out.Stage.Arn})
			return err
		})
	case *ivsrealtime.StartCompositionOutput:
		c.undo = append(c.undo, func(ctx context.Context) error {
			return c.endComposition(ctx, client, out.Composition.Arn)
		})
	default:
		c.Errorf("IVS may have made something in %s that is "+notCleanedUp+": %v", cfg.Region, err)
	}
}

// cleanUp removes what the attempt made, the latest first. What is gone
// already was the proof's to remove.
func (c *check) cleanUp() {
	if c.unlimit != nil {
		c.unlimit()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 5*time.Minute)
	defer cancel()
	for _, remove := range slices.Backward(c.undo) {
		if err := remove(ctx); err != nil && !gone(err) {
			c.Errorf(notCleanedUp+": %v", err)
		}
	}
}

func gone(err error) bool {
	response, answered := errors.AsType[*awshttp.ResponseError](err)
	return answered && response.HTTPStatusCode() == 404 || strings.Contains(fmt.Sprint(err), "ResourceNotFoundException")
}
