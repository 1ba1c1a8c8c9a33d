package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/yolo-live/yolo/bench/wan"
	"github.com/yolo-live/yolo/internal/emulator"
)

// distances are how far the regions are in a network.
type distances struct {
	name   string
	region func(region string) time.Duration
}

// coldCell is what has lines of its own in the table of cold runs.
type coldCell struct {
	cell
	distances string // its name
}

func (o options) distances() []distances {
	return []distances{
		{"all " + o.latency.String(), wan.SameForAll(o.latency)},
		{"from Paris", wan.FromParis},
	}
}

// coldRuns are the cycle's runs that are measured over a network with TLS: until
// the account is in sync.
func coldRuns() []run { return group{}.cycle()[:3] }

// cold measures runs that reach AWS over TLS, each with connections of its own.
func (m *measuring) cold() (map[coldCell]map[string][]sample, error) {
	all := map[coldCell]map[string][]sample{}
	for turn := range min(m.options.runs, partRuns) {
		m.say("over TLS, %d of %d", turn+1, min(m.options.runs, partRuns))
		for _, d := range m.options.distances() {
			for _, n := range ends(m.options.regions) {
				c := coldCell{cell{group{layout: regional}, n}, d.name}
				if all[c] == nil {
					all[c] = map[string][]sample{}
				}
				s := setting{layout: regional, regions: n, latency: farthest(d, n), distance: d.region}
				err := within(m.yolo, s, func(a *account) error {
					for _, r := range coldRuns() {
						got, err := c.group.carryOut(m.ctx, a, r)
						if err != nil {
							return err
						}
						all[c][r.name] = append(all[c][r.name], got)
					}
					return nil
				})
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// farthest is the round trip to the farthest of the first n regions.
func farthest(d distances, n int) time.Duration {
	longest := time.Duration(0)
	for _, region := range regionsOf(regional, n) {
		longest = max(longest, d.region(region))
	}
	return longest
}

// coldTable is what setting up connections adds: TCP one round trip, TLS one
// more, before the first request on each.
func (r *results) coldTable() table {
	t := table{
		title: "Cold, over TLS, a bucket in each region", left: 3,
		heads: []string{"distances", "regions", "run", "wall", "trips", "chain", "setup", "hosts", "conns", "sent"},
		note: "Trips are round trips to the farthest region, chain is how many of them the\n" +
			"longest chain of one region takes, and setup is the trips beyond it: a\n" +
			"connection takes one for TCP and one for TLS before its first request.",
	}
	for _, d := range r.options.distances() {
		for _, n := range ends(r.options.regions) {
			for _, run := range coldRuns() {
				c := cell{group{layout: regional}, n}
				samples := r.cold[coldCell{c, d.name}][run.name]
				trips, chain := medianOf(samples, sample.trips), chainOver(r.runs[c][run.name], d, farthest(d, n))
				t.rows = append(t.rows, []string{
					d.name, strconv.Itoa(n), run.name,
					fmt.Sprintf("%.2f s", medianOf(samples, sample.seconds)),
					fmt.Sprintf("%.2f", trips), fmt.Sprintf("%.1f", chain), fmt.Sprintf("%.2f", trips-chain),
					strconv.Itoa(medianOf(samples, func(s sample) int { return len(s.hosts) })),
					strconv.Itoa(medianOf(samples, sample.opened)),
					strconv.Itoa(medianOf(samples, func(s sample) int { return len(s.calls) })),
				})
			}
		}
	}
	return t
}

// chainOver is what the longest chain of any one region takes over the distances,
// in round trips to the farthest region. The samples have the same latency
// everywhere, so that chains are what requests wait for; regions with buckets of
// their own do not wait for each other.
func chainOver(samples []sample, d distances, farthest time.Duration) float64 {
	longest := 0.0
	for _, region := range regionsOf(regional, allRegions) {
		own := medianOf(samples, func(s sample) int { return longestChain(callsIn(s.calls, region)) })
		longest = max(longest, float64(own)*float64(d.region(region))/float64(farthest))
	}
	return longest
}

func callsIn(calls []emulator.Call, region string) []emulator.Call {
	return slices.DeleteFunc(slices.Clone(calls), func(c emulator.Call) bool { return c.Region != region })
}

// opened is how many connections there were, to all hosts.
func (s sample) opened() int {
	n := 0
	for _, h := range s.hosts {
		n += h.Connections
	}
	return n
}
