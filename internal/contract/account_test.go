package contract

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

const (
	profileVariable = "YOLO_CONTRACT_PROFILE"

	// home and away are the two regions that are used. Both have IVS.
	home = "us-east-1"
	away = "eu-west-1"

	// stranger is another account, which only the emulator can sign as.
	stranger = "222222222222"

	timeToThink = 10 * time.Second

	// ivsPace is between two requests to IVS: five a second are allowed of each
	// operation (RealTimeUserGuide, Service Quotas).
	ivsPace = 250 * time.Millisecond
)

// pauses are how long a proof on AWS waits after each change, so that later
// reads see it: a longer time in each attempt, until one succeeds.
var pauses = []time.Duration{2 * time.Second, 10 * time.Second, 45 * time.Second}

// account is what beliefs are proved on.
type account struct {
	id       string
	emulated bool
	config   func(region, id string) aws.Config

	// What only the emulator can do: set its clock forward, and have somebody
	// publish to a stage. nil on AWS.
	advance            func(time.Duration)
	publish, unpublish func(stageARN string)
	// limit has every caller be an IAM user with this policy alone; unlimit ends
	// that.
	limit   func(policy string) error
	unlimit func()
}

func emulated(i *emulatortest.Instance) *account {
	return &account{
		id: emulator.DefaultAccount, emulated: true, config: i.Config, advance: i.Advance,
		publish: func(stageARN string) { i.Publish(stageARN) }, unpublish: i.Unpublish,
		limit:   func(policy string) error { i.Server.DetachIAMPolicies(); return i.Server.AttachIAMPolicies(policy) },
		unlimit: i.Server.DetachIAMPolicies,
	}
}

// onAWS is the account of a profile.
func onAWS(ctx context.Context, profile string) (*account, error) {
	base, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(profile), config.WithRetryer(patient))
	if err != nil {
		return nil, fmt.Errorf("profile %q: %w", profile, err)
	}
	base.APIOptions = append(base.APIOptions, inIVSPace)
	a := &account{config: func(region, _ string) aws.Config {
		cfg := base.Copy()
		cfg.Region = region
		return cfg
	}}
	identity, err := sts.NewFromConfig(a.config(home, "")).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("profile %q: %w", profile, err)
	}
	a.id = *identity.Account
	return a, nil
}

// patient retries also what others' work on the same thing, or a deletion that
// is still under way, is the cause of.
func patient() aws.Retryer {
	standard := retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 5, 10*time.Second })
	return retry.AddWithErrorCodes(standard, "OperationAborted", "ConcurrentModificationException")
}

// inIVSPace keeps to IVS's five requests a second, whatever the operation. The
// proofs of one service are never made at the same time.
func inIVSPace(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("InIVSPace",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if strings.HasPrefix(awsmiddleware.GetServiceID(ctx), "IVS") {
				wait(ctx, ivsPace)
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
