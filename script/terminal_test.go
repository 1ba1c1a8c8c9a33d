package script

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// The words for programs on a terminal. A script has one at a time.
//
//	terminal [cols=N] [rows=N] [stdout=FILE] PROGRAM ARG…
//	                     start it on a new terminal of 80 columns, 24 rows
//	expect PATTERN       wait until this was written, behind what was
//	                     expected last; a group (?P<NAME>…) of it is kept in
//	                     the environment variable NAME
//	type TEXT            type it, and the return key; ^C, ^D, ^I and ^U are
//	                     keys, behind which there is no return key
//	insist ^C            type it again and again, until the program has ended
//	signal INT|TERM|HUP  send it to the program
//	ended CODE           wait for the program's end. stdout is then the screen
//	                     as it is left, stderr all that was sent to it. The
//	                     cursor has to be visible.
//	picture FILE LINE    compare the screen that it left with a picture in docs,
//	                     LINE being what was typed to start it; -update draws
//	                     it anew
//	narrow N             no line of the last stdout is wider than N, except
//	                     one of a single word
//	struck N             wait until faults have struck N times in all
//	waitfor OP N         wait until an operation was called N times
//	exits CODE PROGRAM ARG…
//	                     exec a program that ends with this exit code
//	page VARIABLE STATUS start a server of pages for people; see page
var terminalCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"terminal": startOnTerminal,
	"expect":   onTerminal((*session).expect),
	"type":     onTerminal((*session).typeKeys),
	"insist":   onTerminal((*session).insist),
	"signal":   onTerminal((*session).signal),
	"ended":    onTerminal((*session).ended),
	"narrow":   narrow,
	"picture":  picture,
	"struck":   struck,
	"waitfor":  waitFor,
	"exits":    exits,
	"page":     page,
}

// patience is how long a script waits for what has to come.
const patience = time.Minute

// session is a program on a terminal of its own.
type session struct {
	screen *os.File
	line   *os.File // the program's end of screen
	cmd    *exec.Cmd
	gone   chan struct{} // closed when the program has ended
	cols   int

	mu   sync.Mutex
	more *sync.Cond
	sent []byte
	seen int  // what was expected so far
	over bool // nothing more comes
}

func onTerminal(do func(s *session, ts *testscript.TestScript, word string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		s := worldOf(ts).session
		if neg || len(args) != 1 || s == nil {
			ts.Fatalf("one argument is wanted, and a program on a terminal")
		}
		do(s, ts, args[0])
	}
}

func startOnTerminal(ts *testscript.TestScript, neg bool, args []string) {
	size, stdout := &pty.Winsize{Cols: 80, Rows: 24}, ""
	for len(args) > 0 && strings.Contains(args[0], "=") {
		key, value, _ := strings.Cut(args[0], "=")
		n, err := strconv.ParseUint(value, 10, 16)
		switch key {
		case "cols":
			size.Cols = uint16(n)
		case "rows":
			size.Rows = uint16(n)
		default:
			stdout, err = ts.MkAbs(value), nil
		}
		ts.Check(err)
		args = args[1:]
	}
	if neg || len(args) == 0 {
		ts.Fatalf("usage: terminal [cols=N] [rows=N] [stdout=FILE] PROGRAM ARG…")
	}
	s := &session{cmd: command(ts, args), cols: int(size.Cols)}
	s.more = sync.NewCond(&s.mu)
	if stdout != "" {
		file, err := os.Create(stdout)
		ts.Check(err)
		defer file.Close()
		s.cmd.Stdout = file
	}
	ts.Check(s.start(size))
	worldOf(ts).session = s
	ts.Defer(func() {
		_ = s.cmd.Process.Kill()
		_ = s.screen.Close()
		_ = s.line.Close()
	})
	go s.collect()
}

// start begins the program. Its end of the terminal stays open here as well: a
// kernel may drop what was written last when the other end closes just before
// it is read.
func (s *session) start(size *pty.Winsize) (err error) {
	if s.screen, s.line, err = pty.Open(); err != nil {
		return err
	}
	if err := pty.Setsize(s.screen, size); err != nil {
		return err
	}
	if err := keepOutput(s.line); err != nil {
		return err
	}
	s.cmd.Stdin, s.cmd.Stderr = s.line, s.line
	if s.cmd.Stdout == nil {
		s.cmd.Stdout = s.line
	}
	s.cmd.SysProcAttr = ownTerminal()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.gone = make(chan struct{})
	go func() {
		_ = s.cmd.Wait()
		close(s.gone)
		_, _ = io.WriteString(s.line, curtain)
	}()
	return nil
}

// curtain is written to the terminal when the program has ended: what comes
// before it is all that the program wrote.
const curtain = "\x00the end\x00"

// command is a program of the script's PATH in its folder and environment.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, args[0])); err == nil && !info.IsDir() {
			path = filepath.Join(dir, args[0])
			break
		}
	}
	cmd := exec.CommandContext(worldOf(ts).t.Context(), path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range append(worldOf(ts).variables, "CI", "NO_COLOR", "AWS_PROFILE") {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

func (s *session) collect() {
	for {
		b := make([]byte, 4096)
		n, err := s.screen.Read(b)
		s.mu.Lock()
		s.sent = append(s.sent, b[:n]...)
		sent, fell := bytes.CutSuffix(s.sent, []byte(curtain))
		s.sent, s.over = sent, fell || err != nil
		s.mu.Unlock()
		s.more.Broadcast()
		if fell || err != nil {
			return
		}
	}
}

// until waits for what there is to come.
func (s *session) until(ts *testscript.TestScript, what string, come func() bool) {
	late := false
	timer := time.AfterFunc(patience, func() {
		s.mu.Lock()
		late = true
		s.mu.Unlock()
		s.more.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !come() {
		if late || s.over {
			ts.Fatalf("%s did not come; sent was:\n%q", what, s.sent)
		}
		s.more.Wait()
	}
}

func (s *session) expect(ts *testscript.TestScript, word string) {
	pattern := regexp.MustCompile(word)
	var groups [][]byte
	s.until(ts, word, func() bool {
		rest := s.sent[s.seen:]
		if groups = pattern.FindSubmatch(rest); groups == nil {
			return false
		}
		s.seen += pattern.FindIndex(rest)[1]
		return true
	})
	for i, name := range pattern.SubexpNames() {
		if name != "" {
			ts.Setenv(name, string(groups[i]))
		}
	}
}

func (s *session) typeKeys(ts *testscript.TestScript, word string) {
	keys := strings.NewReplacer("^C", "\x03", "^D", "\x04", "^I", "\t", "^U", "\x15").Replace(word)
	if keys == word {
		keys += "\n"
	}
	_, err := io.WriteString(s.screen, keys)
	ts.Check(err)
}

func (s *session) insist(ts *testscript.TestScript, word string) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		s.typeKeys(ts, word)
		select {
		case <-s.gone:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	ts.Fatalf("it did not end")
}

func (s *session) signal(ts *testscript.TestScript, word string) {
	number, ok := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[word]
	if !ok {
		ts.Fatalf("signal %q: is not known", word)
	}
	ts.Check(s.cmd.Process.Signal(number))
}

func (s *session) ended(ts *testscript.TestScript, word string) {
	want, err := strconv.Atoi(word)
	ts.Check(err)
	s.until(ts, "the end", func() bool { return s.over })
	<-s.gone
	worldOf(ts).session = nil
	seen := draw(string(s.sent), s.cols)
	worldOf(ts).screen = seen
	fmt.Fprint(ts.Stdout(), seen.text())
	fmt.Fprint(ts.Stderr(), string(s.sent))
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("it ended with %d, not %d", got, want)
	}
	if seen.hidden {
		ts.Fatalf("the cursor is hidden")
	}
}

func struck(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: struck N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		got = 0
		for _, fault := range worldOf(ts).aws.Server.Faults() {
			got += fault.Struck
		}
		if got >= want {
			return
		}
	}
	ts.Fatalf("faults have struck %d times, not %d", got, want)
}

func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor OP N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	got := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		got = 0
		for _, call := range worldOf(ts).aws.Calls() {
			if call.Operation == args[0] {
				got++
			}
		}
		if got >= want {
			return
		}
	}
	ts.Fatalf("%s was called %d times, not %d", args[0], got, want)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("it ended with %d, not %d", got, want)
	}
}
