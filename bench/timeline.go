package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// timeline is the part that shows one run of the cycle, request by request.
func timeline(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s := setting{}
	g := group{}
	name, path := "", ""
	f := flag.NewFlagSet("bench timeline", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&name, "run", secondRun, "which run: "+runNames(g))
	f.StringVar(&s.layout, "buckets", regional, "shared or regional")
	f.IntVar(&s.regions, "regions", 7, "how many regions")
	f.DurationVar(&s.latency, "latency", 100*time.Millisecond, "one round trip")
	f.StringVar(&path, "yolo", "", "measure the program at this path, instead of one that .ci/build makes")
	if err := f.Parse(args); err != nil {
		return flagError(err)
	}
	if err := checkTimeline(g, name, s, f.Args()); err != nil {
		return err
	}
	g.layout = s.layout
	root, err := projectRoot()
	if err != nil {
		return err
	}
	yolo, remove, err := program(ctx, root, path)
	if err != nil {
		return err
	}
	defer remove()
	samples, err := g.turn(ctx, yolo, s)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, drawTimeline(samples[name]))
	return err
}

func checkTimeline(g group, name string, s setting, rest []string) error {
	switch {
	case len(rest) > 0:
		return usagef("%q: only flags are known here", rest[0])
	case !slices.ContainsFunc(g.cycle(), func(r run) bool { return r.name == name }):
		return usagef("-run %q: want one of %s", name, runNames(g))
	case s.layout != shared && s.layout != regional:
		return usagef("-buckets %q: want shared or regional", s.layout)
	case s.regions < 1 || s.regions > allRegions:
		return usagef("-regions %d: want 1 to %d", s.regions, allRegions)
	case s.latency < 0:
		return usagef("-latency %s: cannot be negative", s.latency)
	}
	return nil
}

func runNames(g group) string {
	var names []string
	for _, r := range g.cycle() {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

// drawTimeline lists the requests as they began, in milliseconds since the
// process's start. A star marks those that the end waited for.
func drawTimeline(s sample) string {
	at := func(t time.Time) string { return fmt.Sprintf("%7.1f", t.Sub(s.Begun).Seconds()*1000) }
	onPath := map[string]bool{}
	for _, c := range criticalPath(s.calls) {
		onPath[c.RequestID] = true
	}
	calls := slices.Clone(s.calls)
	slices.SortFunc(calls, func(a, b emulator.Call) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	var text strings.Builder
	text.WriteString("  began    ended     region\n")
	for _, c := range calls {
		star := " "
		if onPath[c.RequestID] {
			star = "*"
		}
		fmt.Fprintf(&text, "%s  %s  %s %-14s  %s  %d\n", at(c.Start), at(c.End), star, c.Region, c.Operation, c.Status)
	}
	p := s.spent()
	fmt.Fprintf(&text, "%s  the process ended\n\n", at(s.Ended))
	fmt.Fprintf(&text, "%d requests, longest chain %d, %d at once, CPU %.0f ms, memory %.1f MB\n",
		len(s.calls), s.chain(), mostInFlight(s.calls), s.cpu(), s.megabytes())
	fmt.Fprintf(&text, "start %s, burst %s, wire %s, gaps %s, end %s: %s ms\n",
		ms(p.start), ms(p.burst), ms(p.wire), ms(p.gaps), ms(p.end), ms(s.wall()))
	return text.String()
}
