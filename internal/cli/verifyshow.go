package cli

import (
	"context"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/ui"
	"github.com/yolo-live/yolo/internal/verify"
)

// putOn puts the shows on, in what is left of the run's time.
func (v *verification) putOn(ctx context.Context, regions []verify.Region) ([]proof.Step, error) {
	ctx, cancel := context.WithTimeout(ctx, v.left)
	defer cancel()
	o, err := v.runOptions(ctx, regions)
	if err != nil {
		return nil, err
	}
	return verify.Run(ctx, o)
}

// sweep takes away what killed runs left where there is no show to put on.
func (v *verification) sweep(ctx context.Context) ([]proof.Step, error) {
	if v.cloud == nil {
		return nil, nil // nothing is asked of AWS
	}
	ctx, cancel := context.WithTimeout(ctx, v.left)
	defer cancel()
	o, err := v.runOptions(ctx, nil)
	if err != nil {
		return nil, err
	}
	if step := verify.Sweep(ctx, o); step != nil {
		return []proof.Step{*step}, nil
	}
	return nil, nil
}

func (v *verification) runOptions(ctx context.Context, regions []verify.Region) (verify.Options, error) {
	account, err := v.cloud.Account(ctx)
	begun := time.Now()
	return verify.Options{
		Env: v.env, Cloud: v.cloud, Account: account, Regions: regions, Purge: v.options.purge,
		State: v.stateFolder(), Place: v.place(), Stop: v.stop, Mend: v.mend,
		Tell: func(region, text string) { ui.VerifyProgress(v.streams, region, text, time.Since(begun)) },
	}, err
}

// place tells the AWS of this run from others of the same account.
func (v *verification) place() string {
	if v.options.emulate {
		return "emulator"
	}
	if endpoint := v.cloud.Config(homeRegion(v.env)).BaseEndpoint; endpoint != nil {
		return *endpoint
	}
	return ""
}
