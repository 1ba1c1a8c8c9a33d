package main

import (
	"context"
	"fmt"
	"os"

	"github.com/yolo-live/yolo/internal/emulator"
)

// run is one command of a cycle.
type run struct {
	name string
	args []string
	// writes tells whether it must send requests that may change something, or
	// must not: a run that did the wrong work is no measurement.
	writes bool
}

// The names of runs that tables ask for.
const (
	firstRun  = "first run"
	secondRun = "second run"
	statusRun = "status"
)

// group is the commands that are measured together, over accounts of one layout.
type group struct {
	suffix string // of sync and destroy: "", ":recording" or ":logging"
	layout string
}

// title names the group in the heading of its table.
func (g group) title() string {
	return "sync" + g.suffix + map[string]string{shared: ", one bucket for all regions", regional: ", a bucket in each region"}[g.layout]
}

// cycle is what is run in an account, from empty to empty.
func (g group) cycle() []run {
	sync, destroy := "sync"+g.suffix, "destroy"+g.suffix
	runs := []run{
		{name: "dry run", args: []string{sync, "production", "--dry-run"}},
		{name: firstRun, args: []string{sync, "production", "--yes"}, writes: true},
		{name: secondRun, args: []string{sync, "production", "--yes"}},
	}
	if g.suffix == "" {
		runs = append(runs, run{name: statusRun, args: []string{"status", "production"}})
	}
	return append(runs, run{name: "destroy", args: []string{destroy, "production", "--yes", "--confirm", "production"}, writes: true})
}

// turn runs the group's cycle once in a new account, and returns a sample for
// each run by its name.
func (g group) turn(ctx context.Context, yolo string, s setting) (map[string]sample, error) {
	samples := map[string]sample{}
	err := within(yolo, s, func(a *account) error {
		for _, r := range g.cycle() {
			got, err := g.carryOut(ctx, a, r)
			if err != nil {
				return err
			}
			samples[r.name] = got
		}
		return nil
	})
	return samples, err
}

// alone runs one of the cycle's runs with one request at a time, in a new
// account in which those before it were run without latency.
func (g group) alone(ctx context.Context, yolo string, s setting, name string) (got sample, err error) {
	latency := s.latency
	s.latency = 0
	err = within(yolo, s, func(a *account) error {
		for _, r := range g.cycle() {
			if r.name == name {
				if err := a.slow(latency); err != nil {
					return err
				}
				r.args = append(r.args, "--parallelism", "1")
				got, err = g.carryOut(ctx, a, r)
				return err
			}
			if _, err := g.carryOut(ctx, a, r); err != nil {
				return err
			}
		}
		return fmt.Errorf("%s has no run %q", g.title(), name)
	})
	return got, err
}

// within has fn use a new account.
func within(yolo string, s setting, fn func(*account) error) error {
	dir, err := os.MkdirTemp("", "yolo-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	a, err := openAccount(yolo, dir, s)
	if err != nil {
		return err
	}
	defer a.close()
	return fn(a)
}

// carryOut does one run, and checks that it did that kind of work.
func (g group) carryOut(ctx context.Context, a *account, r run) (sample, error) {
	got, err := a.run(ctx, r.args...)
	if err != nil {
		return sample{}, fmt.Errorf("%s over %d regions: %s: %w", g.title(), a.setting.regions, r.name, err)
	}
	if wrote := writes(got.calls); (wrote > 0) != r.writes {
		return sample{}, fmt.Errorf("%s over %d regions: the %s sent %d requests that may change something, so it is not what is to be measured",
			g.title(), a.setting.regions, r.name, wrote)
	}
	return got, nil
}

func writes(calls []emulator.Call) int {
	n := 0
	for _, c := range calls {
		if c.Mutating {
			n++
		}
	}
	return n
}
