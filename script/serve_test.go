package script

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve starts yolo emulator as a process of its own, and has the script's
// clients talk to it. It is asked to stop when the script ends, and must then
// end well.
func serve(ts *testscript.TestScript, a arguments) error {
	clear(a.options)
	path, err := lookPath(ts, "yolo")
	if err != nil {
		return err
	}
	cmd := exec.Command(path, append([]string{"emulator", "--listen", "127.0.0.1:0"}, a.all...)...)
	cmd.Dir, cmd.Stderr = ts.MkAbs("."), io.Discard
	cmd.Env = []string{"HOME=" + ts.Getenv("HOME"), "PATH=" + ts.Getenv("PATH"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ts.Defer(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			worldOf(ts).t.Errorf("yolo emulator: %v", err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return fmt.Errorf("yolo emulator: %w", err)
	}
	name, url, _ := strings.Cut(strings.TrimSpace(line), "=")
	if name != "AWS_ENDPOINT_URL" || !strings.HasPrefix(url, "http://127.0.0.1:") {
		return fmt.Errorf("yolo emulator printed %q", line)
	}
	ts.Setenv(name, url)
	return nil
}

// lookPath finds a command on the script's own path.
func lookPath(ts *testscript.TestScript, name string) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}
