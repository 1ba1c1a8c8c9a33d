package cli

import (
	"context"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
	"github.com/yolo-live/yolo/internal/verify"
)

// showable are the regions in which a show can prove something: one for each
// that has a chain of which a show can be put on.
func (v *verification) showable(chains []resource.Chain) []verify.Region {
	var all []verify.Region
	for _, region := range v.wish.Regions {
		one := verify.Region{Show: proof.Show{
			Region: region, Picture: time.Duration(v.options.seconds) * time.Second,
			Width: int(v.env.Recording.Encoder.Width), Height: int(v.env.Recording.Encoder.Height),
		}}
		for _, c := range chains {
			switch {
			case c.Region != region || !verify.Showable(c):
			case c.Feature == resource.FeatureRecording:
				one.Recording, one.Show.Records = c, true
			default:
				one.Logging, one.Show.Logs = c, true
			}
		}
		if !one.Show.Records {
			one.Show.Picture = shortestShow * time.Second
		}
		if one.Show.Records || one.Show.Logs {
			all = append(all, one)
		}
	}
	return all
}

// agree says what will run, and asks where there is somebody to ask.
func (v *verification) agree(regions []verify.Region) error {
	var shows []proof.Show
	for _, one := range regions {
		shows = append(shows, one.Show)
	}
	ui.VerifyPlan(v.streams, shows, v.notes(shows))
	if v.options.yes || v.options.emulate {
		return nil
	}
	asked := time.Now()
	defer func() { v.answering += time.Since(asked) }()
	yes, err := ui.Confirm(v.stop, v.streams, ui.VerifyQuestion(shows, v.meta()))
	if err == nil && !yes {
		return errDeclined
	}
	return err
}

// notes are what somebody should know before the show.
func (v *verification) notes(shows []proof.Show) []string {
	notes := []string{
		"Rules of the app that match IVS's events see the show's too. No event has a stage's name: GetStage tells it, yolo-verify-… for the show's. docs/proof.md has patterns that leave the show out.",
	}
	switch records := slices.ContainsFunc(shows, func(s proof.Show) bool { return s.Records }); {
	case !records:
	case v.options.purge:
		notes = append(notes, "The recording of this run is deleted afterwards, and nothing else in the bucket.")
	default:
		notes = append(notes, "The recording stays in the bucket; --purge deletes it.")
	}
	return notes
}

// disagreed ends a run before its show.
func (v *verification) disagreed(err error) (int, error) {
	if v.stop.Err() != nil {
		return exitInterrupted, err
	}
	return exitError, err
}

// putOn puts the shows on, in what is left of the run's time.
func (v *verification) putOn(ctx context.Context, regions []verify.Region) ([]proof.Step, error) {
	ctx, cancel := context.WithTimeout(ctx, v.left)
	defer cancel()
	o, err := v.runOptions(ctx, regions)
	if err != nil {
		return nil, err
	}
	var shown []string
	for _, one := range regions {
		shown = append(shown, one.Show.Region)
	}
	progress := ui.NewProofProgress(v.streams, "Verifying "+v.env.Name, shown)
	defer v.progress.show(progress)()
	watch(&o, progress)
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
	progress := ui.NewProofProgress(v.streams, "Looking for what earlier runs left", nil)
	defer v.progress.show(progress)()
	watch(&o, progress)
	if step := verify.Sweep(ctx, o); step != nil {
		return []proof.Step{*step}, nil
	}
	return nil, nil
}

func (v *verification) runOptions(ctx context.Context, regions []verify.Region) (verify.Options, error) {
	account, err := v.cloud.Account(ctx)
	return verify.Options{
		Env: v.env, Cloud: v.cloud, Account: account, Regions: regions, Purge: v.options.purge,
		State: v.stateFolder(), Place: v.place(), Stop: v.stop, Mend: v.mend,
	}, err
}

// watch has progress shown of a run.
func watch(o *verify.Options, progress *ui.ProofProgress) {
	o.Tell = progress.Tell
	o.At = func(now verify.Now) {
		progress.At(ui.ProofNow{Region: now.Region, Step: now.Step, Doing: now.Doing, Until: now.Until, Verdict: now.Verdict})
	}
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
