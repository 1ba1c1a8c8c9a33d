package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"github.com/yolo-live/yolo/bench/wan"
)

// connections is the part that counts connections, of the cycle's runs over a
// network with TLS.
func connections(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s := setting{layout: regional}
	path, write := "", false
	f := flag.NewFlagSet("bench connections", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&s.regions, "regions", 7, "how many regions")
	f.DurationVar(&s.latency, "latency", time.Second, "one round trip")
	f.StringVar(&path, "yolo", "", "measure the program at this path, instead of one that .ci/build makes")
	f.BoolVar(&write, "write", false, "write the table into "+page)
	if err := f.Parse(args); err != nil {
		return flagError(err)
	}
	if s.latency < time.Millisecond {
		return usagef("-latency %s: what is measured in round trips needs one of 1ms at least", s.latency)
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
	t, err := s.connect(ctx, g, yolo)
	if err != nil {
		return err
	}
	if write {
		heading := fmt.Sprintf("Measured by `go run ./bench connections -latency %s -regions %d`, one run each, on %s.", s.latency, s.regions, machine())
		if err := writePage(filepath.Join(root, page), heading, section{"connections", []table{t}}); err != nil {
			return err
		}
	}
	return printTables(stdout, []table{t})
}

// connectionTable is the table without lines.
func connectionTable(regions int) table {
	return table{
		title: fmt.Sprintf("Over TLS, %d regions, a bucket in each", regions), left: 2,
		heads: []string{"offered", "run", "trips", "CPU", "requests", "hosts", "conns", "most", "unused", "late"},
		note: "HTTP/2 is offered by all but S3. Most is the sum over the hosts of the largest\n" +
			"number of requests in flight; unused connections carried none, late ones were\n" +
			"begun after a host's first answer.",
	}
}

// connect measures the group's cycle, with hosts that do not offer HTTP/2 and with
// hosts that do.
func (s setting) connect(ctx context.Context, g group, yolo string) (table, error) {
	s.distance = wan.SameForAll(s.latency)
	t := connectionTable(s.regions)
	for _, offered := range []struct {
		name  string
		http2 []string
	}{{"HTTP/1.1", nil}, {"HTTP/2", []string{"ivsrealtime", "logs", "events", "sts", "iam"}}} {
		s.http2 = offered.http2
		samples, err := g.turn(ctx, yolo, s)
		if err != nil {
			return table{}, err
		}
		for _, r := range g.cycle() {
			t.rows = append(t.rows, append([]string{offered.name, r.name}, samples[r.name].connectionCells()...))
		}
	}
	return t, nil
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
