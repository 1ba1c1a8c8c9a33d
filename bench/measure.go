package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// cell is what has a line for each run in a group's table.
type cell struct {
	group   group
	regions int
}

// results are all samples, by cell and by the run's name.
type results struct {
	options options
	runs    map[cell]map[string][]sample
	// alone are those of --parallelism 1, idle those without latency.
	alone   map[cell]map[string]sample
	idle    map[cell]map[string][]sample
	cold    map[coldCell]map[string][]sample
	version []sample
	binary  int64 // bytes of the program
}

// aloneAtOnce is how many runs with --parallelism 1 go on beside each other.
// Each waits nearly all of its time.
const aloneAtOnce = 12

// partRuns is how often is measured at most what no target is about: commands for
// recording or logging alone, and connections over TLS.
const partRuns = 3

// measure takes all samples.
func measure(ctx context.Context, o options, yolo string, stderr io.Writer) (*results, error) {
	r := &results{options: o}
	m := &measuring{ctx: ctx, yolo: yolo, options: o, say: func(format string, args ...any) {
		fmt.Fprintf(stderr, "measuring: "+format+"\n", args...)
	}}
	var err error
	if r.version, r.binary, err = m.start(); err != nil {
		return nil, err
	}
	if r.idle, err = m.groups("without latency", []group{{layout: shared}, {layout: regional}}, []int{slices.Max(o.regions)}, 0); err != nil {
		return nil, err
	}
	if r.runs, err = m.groups("with latency", groups(), o.regions, o.latency); err != nil {
		return nil, err
	}
	if r.cold, err = m.cold(); err != nil {
		return nil, err
	}
	if r.alone, err = m.oneAtATime(); err != nil {
		return nil, err
	}
	return r, nil
}

// groups are what has a table of its own.
func groups() []group {
	return []group{{layout: shared}, {layout: regional}, {suffix: ":recording", layout: regional}, {suffix: ":logging"}}
}

// measuring takes samples of one program.
type measuring struct {
	ctx     context.Context
	yolo    string
	options options
	say     func(format string, args ...any)
}

// groups takes turns: in each one, a cycle in every cell. What disturbs the
// machine for a while then disturbs all cells alike.
func (m *measuring) groups(what string, groups []group, regions []int, latency time.Duration) (map[cell]map[string][]sample, error) {
	all := map[cell]map[string][]sample{}
	for turn := range m.options.runs {
		m.say("%s, %d of %d", what, turn+1, m.options.runs)
		for _, g := range groups {
			if g.suffix != "" && turn >= partRuns {
				continue
			}
			for _, n := range regions {
				got, err := g.turn(m.ctx, m.yolo, setting{layout: g.layout, regions: n, latency: latency})
				if err != nil {
					return nil, err
				}
				c := cell{g, n}
				if all[c] == nil {
					all[c] = map[string][]sample{}
				}
				for name, s := range got {
					all[c][name] = append(all[c][name], s)
				}
			}
		}
	}
	return all, nil
}

// oneAtATime takes a sample of each run with one request at a time, as a script
// would send them.
func (m *measuring) oneAtATime() (map[cell]map[string]sample, error) {
	m.say("one request at a time")
	type job struct {
		cell
		run string
	}
	var jobs []job
	for _, g := range groups() {
		for _, n := range m.options.regions {
			for _, r := range g.cycle() {
				jobs = append(jobs, job{cell{g, n}, r.name})
			}
		}
	}
	// Those that take longest begin first, lest they be the last to end.
	slices.SortStableFunc(jobs, func(a, b job) int { return b.regions - a.regions })

	samples := make([]sample, len(jobs))
	ctx, cancel := context.WithCancelCause(m.ctx)
	defer cancel(nil)
	var work sync.WaitGroup
	free := make(chan struct{}, aloneAtOnce)
	for i, j := range jobs {
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			var err error
			if samples[i], err = j.group.alone(ctx, m.yolo, setting{layout: j.group.layout, regions: j.regions, latency: m.options.latency}, j.run); err != nil {
				cancel(err)
			}
		})
	}
	work.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	all := map[cell]map[string]sample{}
	for i, j := range jobs {
		if all[j.cell] == nil {
			all[j.cell] = map[string]sample{}
		}
		all[j.cell][j.run] = samples[i]
	}
	return all, nil
}
