package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// startRuns is how often yolo version is run for each sample that is wanted of
// other runs: it is over in no time.
const startRuns = 5

// start measures how long yolo takes before it does anything, and its size.
func (m *measuring) start() (versions []sample, size int64, err error) {
	info, err := os.Stat(m.yolo)
	if err != nil {
		return nil, 0, fmt.Errorf("the program to measure: %w", err)
	}
	m.say("yolo version")
	for range startRuns * m.options.runs {
		p, err := startProcess(m.ctx, foreign(os.Environ()), m.yolo, "version")
		if err != nil {
			return nil, 0, err
		}
		if p.Code != 0 {
			return nil, 0, fmt.Errorf("%s version ended with %d, and said:\n%s", filepath.Base(m.yolo), p.Code, p.Said)
		}
		versions = append(versions, sample{process: p})
	}
	return versions, info.Size(), nil
}
