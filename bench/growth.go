package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A size is measured so often, but no more often than fits into a time: what
// takes long is measured once.
const (
	growthRuns = 5
	growthTime = 4 * time.Second
)

// grown is what was measured at one size.
type grown struct {
	size, runs, requests int
	wall, cpu            time.Duration
	memory               int64 // bytes; 0 where the system does not tell
}

// curve is what was measured of a dimension, in the order of its sizes.
type curve struct {
	dimension
	points []grown
}

// growth is the part that measures how time and memory grow.
func growth(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	yolo, write := "", false
	f := flag.NewFlagSet("bench growth", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&yolo, "yolo", "", "measure the program at this path, instead of one that .ci/build makes")
	f.BoolVar(&write, "write", false, "write the table into "+page+" and the curves into "+growthPicture)
	if err := f.Parse(args); err != nil {
		return flagError(err)
	}
	if f.NArg() > 0 {
		return usagef("%q: only flags are known here", f.Arg(0))
	}
	root, err := projectRoot()
	if err != nil {
		return err
	}
	yolo, remove, err := program(ctx, root, yolo)
	if err != nil {
		return err
	}
	defer remove()
	var curves []curve
	for _, d := range dimensions() {
		fmt.Fprintf(stderr, "measuring: %s\n", d.title)
		c, err := d.measure(ctx, yolo)
		if err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(d.title), err)
		}
		curves = append(curves, c)
	}
	if write {
		if err := writeGrowth(filepath.Join(root, page), filepath.Join(root, growthPicture), curves); err != nil {
			return err
		}
	}
	return printTables(stdout, growthTables(curves))
}

// measure measures yolo at each size, in one account that grows, or in one for
// each run where a run takes away what is there.
func (d dimension) measure(ctx context.Context, yolo string) (c curve, err error) {
	c.dimension = d
	g := &growing{dimension: d, yolo: yolo}
	defer func() { err = errors.Join(err, g.end()) }()
	for _, size := range d.sizes {
		point, err := g.at(ctx, size)
		if err != nil {
			return c, fmt.Errorf("%d %s: %w", size, d.unit, err)
		}
		c.points = append(c.points, point)
	}
	return c, nil
}

// growing is a dimension while it is measured.
type growing struct {
	dimension
	yolo    string
	account *grownAccount // nil for none
	folder  string
	size    int // of what is filled in
}

// at measures a size.
func (g *growing) at(ctx context.Context, size int) (grown, error) {
	var walls, cpus, memories []int
	point, begun := grown{size: size}, time.Now()
	for point.runs < growthRuns && (point.runs == 0 || time.Since(begun) < growthTime) {
		if err := g.fillTo(ctx, size); err != nil {
			return point, err
		}
		p, requests, err := g.account.run(ctx, strings.Fields(g.run)...)
		if err != nil {
			return point, err
		}
		point.runs, point.requests = point.runs+1, requests
		walls, cpus, memories = append(walls, int(p.Ended.Sub(p.Begun))), append(cpus, int(p.CPU)), append(memories, int(p.Memory))
		if g.gone {
			if err := g.end(); err != nil {
				return point, err
			}
		}
	}
	point.wall, point.cpu, point.memory = time.Duration(median(walls)), time.Duration(median(cpus)), int64(median(memories))
	return point, nil
}

// fillTo has an account of a size, in which yolo has made what it makes.
func (g *growing) fillTo(ctx context.Context, size int) error {
	if g.environments != nil && g.size != size {
		if err := g.end(); err != nil {
			return err
		}
	}
	if g.account == nil {
		if err := g.open(ctx, size); err != nil {
			return err
		}
	}
	if g.fill != nil && g.size != size {
		if err := g.fill(g.account, g.size, size); err != nil {
			return err
		}
	}
	g.size = size
	return nil
}

func (g *growing) open(ctx context.Context, size int) (err error) {
	if g.folder, err = os.MkdirTemp("", "yolo-bench-growth-"); err != nil {
		return err
	}
	environments := 1
	if g.environments != nil {
		environments = g.environments(size)
	}
	if g.account, err = openGrown(g.yolo, g.folder, manifestOfGrowth(environments)); err != nil {
		return errors.Join(err, os.RemoveAll(g.folder))
	}
	_, _, err = g.account.run(ctx, "sync", "production", "--yes")
	return err
}

// end closes the account, if there is one.
func (g *growing) end() error {
	if g.account == nil {
		return nil
	}
	err := errors.Join(g.account.close(), os.RemoveAll(g.folder))
	g.account, g.size = nil, 0
	return err
}

// growthTables are a table for each curve.
func growthTables(curves []curve) []table {
	var tables []table
	for _, c := range curves {
		command, _, _ := strings.Cut(c.run, " --confirm")
		t := table{
			title: c.title + ": yolo " + command,
			heads: []string{c.unit, "requests", "time", "CPU", "memory", "runs"},
			note:  c.why,
		}
		for _, p := range c.points {
			t.rows = append(t.rows, []string{
				count(p.size), count(p.requests), seconds(p.wall), seconds(p.cpu), megabytes(p.memory), count(p.runs),
			})
		}
		tables = append(tables, t)
	}
	return tables
}

// writeGrowth writes the curves as a picture, and the page's section about them.
func writeGrowth(path, picture string, curves []curve) error {
	if err := os.WriteFile(picture, []byte(growthPlot(curves).svg()), 0o644); err != nil {
		return fmt.Errorf("write the curves: %w", err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write the table of growth: %w", err)
	}
	after, err := replaceMarked(string(before), "growth", growthText(curves))
	if err != nil {
		return fmt.Errorf("write the table of growth into %s: %w", path, err)
	}
	return os.WriteFile(path, []byte(after), 0o644)
}
