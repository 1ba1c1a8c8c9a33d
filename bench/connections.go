package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/yolo-live/yolo/bench/wan"
)

// connections is the part that counts connections, of the cycle's runs over a
// network with TLS.
func connections(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s := setting{layout: regional}
	path := ""
	f := flag.NewFlagSet("bench connections", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&s.regions, "regions", 7, "how many regions")
	f.DurationVar(&s.latency, "latency", time.Second, "one round trip")
	f.StringVar(&path, "yolo", "", "measure the program at this path, instead of one that .ci/build makes")
	if err := f.Parse(args); err != nil {
		return flagError(err)
	}
	g := group{layout: s.layout}
	if err := checkTimeline(g, secondRun, s, f.Args()); err != nil {
		return err
	}
	root, err := projectRoot()
	if err != nil {
		return err
	}
	yolo, remove, err := program(ctx, root, path)
	if err != nil {
		return err
	}
	defer remove()
	s.distance = wan.SameForAll(s.latency)
	t := table{
		title: fmt.Sprintf("Connections, %d regions, a bucket in each", s.regions), left: 2,
		heads: []string{"offered", "run", "trips", "CPU", "requests", "hosts", "conns", "most", "unused", "late"},
		note: "Most is the sum over the hosts of the requests in flight at the same time;\n" +
			"unused connections carried none, late ones were begun after a host's first answer.",
	}
	for _, offered := range []struct {
		name  string
		http2 []string
	}{{"HTTP/1.1", nil}, {"HTTP/2, but by S3", []string{"ivsrealtime", "logs", "events", "sts", "iam"}}} {
		s.http2 = offered.http2
		samples, err := g.turn(ctx, yolo, s)
		if err != nil {
			return err
		}
		for _, r := range g.cycle() {
			t.rows = append(t.rows, append([]string{offered.name, r.name}, samples[r.name].connectionCells()...))
		}
	}
	_, err = io.WriteString(stdout, t.markdown())
	return err
}

// connectionCells are a run's in the table of connections.
func (s sample) connectionCells() []string {
	most, unused, late := 0, 0, 0
	for _, h := range s.hosts {
		most, unused, late = most+h.MostInFlight, unused+h.Idle, late+h.Late
	}
	cells := []string{fmt.Sprintf("%.2f", s.trips()), fmt.Sprintf("%d ms", s.CPU.Milliseconds())}
	for _, n := range []int{len(s.calls), len(s.hosts), s.opened(), most, unused, late} {
		cells = append(cells, strconv.Itoa(n))
	}
	return cells
}
