package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// "An operation it does not know answers a clear 501": with a text that the
// SDK shows and that names the operation.
func TestUnknownOperationIs501(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{})
	cfg := i.Config("us-east-1", "")
	cfg.RetryMaxAttempts, cfg.Retryer = 1, func() aws.Retryer { return aws.NopRetryer{} }
	for want, call := range map[string]func(context.Context) error{
		"POST /ListPublicKeys": func(ctx context.Context) error {
			_, err := ivsrealtime.NewFromConfig(cfg).ListPublicKeys(ctx, nil)
			return err
		},
		"Logs_20140328.ListLogGroups": func(ctx context.Context) error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).ListLogGroups(ctx, nil)
			return err
		},
		"AWSEvents.ListEventBuses": func(ctx context.Context) error {
			_, err := eventbridge.NewFromConfig(cfg).ListEventBuses(ctx, nil)
			return err
		},
		"ListUsers": func(ctx context.Context) error { _, err := iam.NewFromConfig(cfg).ListUsers(ctx, nil); return err },
		"GetSessionToken": func(ctx context.Context) error {
			_, err := sts.NewFromConfig(cfg).GetSessionToken(ctx, nil)
			return err
		},
		"GET /bucket?cors=": func(ctx context.Context) error {
			_, err := s3.NewFromConfig(cfg).GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: aws.String("bucket")})
			return err
		},
		"GET /bucket/k?tagging=": func(ctx context.Context) error {
			_, err := s3.NewFromConfig(cfg).GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: aws.String("bucket"), Key: aws.String("k")})
			return err
		},
	} {
		err := call(t.Context())
		if code(err) != "NotImplemented" || status(err) != http.StatusNotImplemented {
			t.Errorf("%s: %v, want 501 NotImplemented", want, err)
		}
		if api, ok := errors.AsType[smithy.APIError](err); !ok || !strings.HasSuffix(api.ErrorMessage(), "does not have this operation: "+want) {
			t.Errorf("%s: the text is %v", want, err)
		}
	}
}
