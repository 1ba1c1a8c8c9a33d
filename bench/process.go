package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// process is what became of one process.
type process struct {
	Begun, Ended time.Time // by the machine's clock
	Code         int       // its exit code; -1 after a signal
	CPU          time.Duration
	Memory       int64  // in bytes, at its peak; 0 where the system does not tell
	Said         string // on its standard error
}

// starter is the name of the part that starts the program to be measured. That
// is a process of its own since Linux counts to the peak of a new process what
// the one that starts it holds, which for one with an emulator inside is more
// than yolo ever holds.
const starter = "start"

// startProcess runs a program to its end in the environment env, and measures it.
func startProcess(ctx context.Context, env []string, name string, args ...string) (process, error) {
	self, err := os.Executable()
	if err != nil {
		return process{}, fmt.Errorf("find the benchmark's own program, to start %s: %w", name, err)
	}
	cmd := exec.CommandContext(ctx, self, append([]string{starter, name}, args...)...)
	cmd.Env = env
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return process{}, ctx.Err()
	}
	if err != nil {
		return process{}, fmt.Errorf("start %s: %w: %s", name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	var p process
	if err := json.Unmarshal(out, &p); err != nil {
		return process{}, fmt.Errorf("start %s: read what was measured: %w", name, err)
	}
	return p, nil
}

// interrupt has a process that starts another end that one and itself. Killed,
// it would leave the other one behind.
func interrupt(p *os.Process) error {
	if err := p.Signal(os.Interrupt); err != nil {
		return p.Kill() // Windows knows no interrupts
	}
	return nil
}

// startMeasured is the part that startProcess starts: it runs the program that
// args name, and prints what became of it as JSON.
func startMeasured(ctx context.Context, args []string, stdout, _ io.Writer) error {
	if len(args) == 0 {
		return usagef("%s needs a program", starter)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	p := process{Begun: time.Now()}
	err := cmd.Run()
	p.Ended = time.Now()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return err
	}
	state := cmd.ProcessState
	p.Code, p.CPU = state.ExitCode(), state.UserTime()+state.SystemTime()
	p.Memory, p.Said = peakMemory(state), stderr.String()
	return json.NewEncoder(stdout).Encode(p)
}
