package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// options are how all is measured.
type options struct {
	latency time.Duration
	runs    int
	regions []int
	yolo    string // "" has it built
	write   bool
}

// page is where the results are written, from the project's root.
const page = "docs/performance.md"

// measureAll is the part without a name: it measures everything, prints it and
// on request writes it into the page.
func measureAll(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	root, err := projectRoot()
	if err != nil {
		return err
	}
	begun := time.Now()
	r, err := measureIn(ctx, root, o, stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "measured in %s\n", time.Since(begun).Round(time.Second))
	top, rest := r.summary(), r.tables()
	if o.write {
		if err := writePage(filepath.Join(root, page), r.heading(), section{"targets", top}, section{"measured", rest}); err != nil {
			return err
		}
	}
	return printTables(stdout, append(top, rest...))
}

// measureIn measures the yolo of a source folder, or the one of the options.
func measureIn(ctx context.Context, root string, o options, stderr io.Writer) (*results, error) {
	yolo, remove, err := program(ctx, root, o.yolo)
	if err != nil {
		return nil, err
	}
	defer remove()
	return measure(ctx, o, yolo, stderr)
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	regions := ""
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.DurationVar(&o.latency, "latency", 100*time.Millisecond, "one round trip")
	f.IntVar(&o.runs, "runs", 5, "samples of each run, of which the median counts")
	f.StringVar(&regions, "regions", "1,2,4,7", "how many regions to measure with, of the seven that have IVS Real-Time")
	f.StringVar(&o.yolo, "yolo", "", "measure the program at this path, instead of one that .ci/build makes")
	f.BoolVar(&o.write, "write", false, "write the tables into "+page)
	if err := f.Parse(args); err != nil {
		return options{}, flagError(err)
	}
	if f.NArg() > 0 {
		return options{}, usagef("%q: only flags are known here", f.Arg(0))
	}
	if o.latency < time.Millisecond {
		return options{}, usagef("-latency %s: what is measured in round trips needs one of 1ms at least", o.latency)
	}
	if o.runs < 1 {
		return options{}, usagef("-runs %d: one is the least", o.runs)
	}
	o.regions, err = parseRegions(regions)
	return o, err
}

// flagError is what the flag package said, as a usage error: it has printed it
// already, with the flags there are.
func flagError(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return &usageError{err.Error()}
}

func parseRegions(text string) ([]int, error) {
	var counts []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > allRegions || len(counts) > 0 && n <= counts[len(counts)-1] {
			return nil, usagef("-regions %q: want numbers from 1 to %d, the smaller before the larger, such as 1,7", text, allRegions)
		}
		counts = append(counts, n)
	}
	return counts, nil
}

// projectRoot is the folder with the module that this program is of.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, ".ci", "build")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no .ci/build here or further up: run it in yolo's own source")
		}
		dir = up
	}
}

// program is the yolo to measure: the one at path, or for "" one that is built
// now as it is handed out. Call remove when done with it.
func program(ctx context.Context, root, path string) (yolo string, remove func(), err error) {
	if path != "" {
		if yolo, err = filepath.Abs(path); err == nil {
			_, err = exec.LookPath(yolo)
		}
		if err != nil {
			return "", nil, fmt.Errorf("-yolo %s: no program to measure: %w", path, err)
		}
		return yolo, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "yolo-bench-")
	if err != nil {
		return "", nil, err
	}
	yolo = filepath.Join(dir, "yolo")
	remove = func() { _ = os.RemoveAll(dir) }
	out, err := exec.CommandContext(ctx, "bash", filepath.Join(root, ".ci", "build"), yolo).CombinedOutput()
	if err == nil {
		return yolo, remove, nil
	}
	remove()
	if ctx.Err() != nil {
		return "", nil, ctx.Err()
	}
	return "", nil, fmt.Errorf("build yolo with .ci/build (-yolo PATH measures one that is there): %w\n%s", err, out)
}

// section is what is written between the page's marks of a name.
type section struct {
	name   string
	tables []table
}

// writePage puts tables into sections of the page, each below the heading.
func writePage(path, heading string, sections ...section) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write what was measured: %w", err)
	}
	changed := string(before)
	for _, s := range sections {
		text := heading + "\n"
		for _, t := range s.tables {
			text += "\n" + t.markdown()
		}
		if changed, err = replaceMarked(changed, s.name, text); err != nil {
			return fmt.Errorf("write what was measured into %s: %w", path, err)
		}
	}
	return os.WriteFile(path, []byte(changed), 0o644)
}

// machine is what was measured on.
func machine() string {
	return fmt.Sprintf("%d processors, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}
