package script

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// storms is how many seeds TestThrottled goes through.
var storms = flag.Int("storms", 3, "how many seeds of throttling to go through")

// moments is how far apart the requests are at which credentials expire in
// TestExpired.
var moments = flag.Int("moments", 17, "every how manieth request credentials expire at")

// station is an account, with the folder of its app, whose weather is watched.
type station struct {
	t   *testing.T
	aws *emulatortest.Instance
	dir string
}

func newStation(t *testing.T) *station {
	s := &station{t, emulatortest.Start(t, emulator.Options{}), t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.dir, "yolo.yml"), []byte(fmt.Sprintf(crowdManifest, "regional")), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

// report is what a run says with --json.
type report struct {
	code     int
	stderr   string
	Result   string            `json:"result"`
	Changed  bool              `json:"changed"`
	Env      map[string]string `json:"env"`
	Requests struct {
		Mutating int `json:"mutating"`
	} `json:"requests"`
	Warnings []struct {
		Code string `json:"code"`
	} `json:"warnings"`
	Error *struct {
		Code string `json:"code"`
	} `json:"error"`
	Steps []struct {
		Resources []struct {
			Region string `json:"region"`
			Name   string `json:"name"`
			Result string `json:"result"`
			Error  *struct {
				Code string `json:"code"`
				Hint string `json:"hint"`
			} `json:"error"`
		} `json:"resources"`
	} `json:"steps"`
}

// run has a program come to its end, and reads its report.
func (s *station) run(args ...string) report {
	s.t.Helper()
	s.aws.ResetCalls()
	cmd := yolo(s.t.Context(), s.dir, s.aws.URL, append(args, "--json", "--no-progress")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	r := report{code: cmd.ProcessState.ExitCode(), stderr: stderr.String()}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		s.t.Fatalf("%v: it ended with %d: %q\n%s", args, r.code, stdout.String(), r.stderr)
	}
	return r
}

// calm has a sync find nothing to do and nothing to warn of. Duplicates would be
// warned of.
func (s *station) calm(after string) {
	s.t.Helper()
	r := s.run("sync", "production")
	if r.code != 0 || r.Requests.Mutating != 0 || r.Changed || len(r.Warnings) > 0 {
		s.t.Errorf("%s: the next run ended with %d, changed %t, warned of %v\n%s", after, r.code, r.Changed, r.Warnings, r.stderr)
	}
}

// count tells how often an operation went well.
func (s *station) count(operation string) int {
	n := 0
	for _, call := range s.aws.Calls() {
		if call.Operation == operation && call.Code == "" {
			n++
		}
	}
	return n
}

// TestThrottled: with 30% of all requests throttled, of every service, whatever
// is done comes to its end.
func TestThrottled(t *testing.T) {
	t.Parallel()
	for seed := range *storms {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			s := newStation(t)
			s.aws.Fault(fmt.Sprintf("throttled share=30%% seed=%d", seed+1))
			made := s.run("sync", "production")
			if made.code != 0 || made.Result != "CREATED" || len(made.Warnings) > 0 {
				t.Errorf("the first run ended with %d, warned of %v\n%s", made.code, made.Warnings, made.stderr)
			}
			for _, create := range []string{"CreateBucket", "CreateStorageConfiguration", "CreateEncoderConfiguration", "CreateLogGroup", "PutRule"} {
				if n := s.count(create); n != 2 {
					t.Errorf("%s went well %d times in two regions", create, n)
				}
			}
			again := s.run("sync", "production")
			if again.code != 0 || s.count("CreateStorageConfiguration") != 0 || again.Changed || len(again.Warnings) > 0 {
				t.Errorf("the second run ended with %d, changed %t, warned of %v\n%s", again.code, again.Changed, again.Warnings, again.stderr)
			}
			if struck := s.aws.Server.Faults()[0]; struck.Struck*100 < struck.Matched*20 {
				t.Errorf("only %d of %d requests were throttled", struck.Struck, struck.Matched)
			}
			gone := s.run("destroy", "production", "--confirm", "production", "--delete-recordings")
			if gone.code != 0 || gone.Result != "DELETED" {
				t.Errorf("destroy ended with %d\n%s", gone.code, gone.stderr)
			}
			s.aws.ClearFaults()
			if left := s.run("destroy", "production", "--confirm", "production", "--delete-recordings"); left.code != 0 || left.Changed {
				t.Errorf("the second destroy ended with %d, changed %t\n%s", left.code, left.Changed, left.stderr)
			}
		})
	}
}

// TestExpired: at whatever request the credentials expire, the run ends with 4,
// says what was done, and goes on once there are fresh ones.
func TestExpired(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	if r := s.run("sync", "production"); r.code != 0 {
		t.Fatalf("in good weather it ended with %d\n%s", r.code, r.stderr)
	}
	requests := len(s.aws.Calls())
	for at := 0; at < requests; at += *moments {
		t.Run(fmt.Sprintf("at request %d of %d", at, requests), func(t *testing.T) {
			t.Parallel()
			expires(newStation(t), at)
		})
	}
}

func expires(s *station, at int) {
	s.aws.Fault(fmt.Sprintf("expired skip=%d", at))
	r := s.run("sync", "production")
	if r.code != 4 || !strings.Contains(r.stderr, "hint: log in again") {
		s.t.Errorf("it ended with %d\n%s", r.code, r.stderr)
	}
	if wrote := slices.ContainsFunc(s.aws.Writes(), func(c emulator.Call) bool { return c.Code == "" }); r.Changed != wrote {
		s.t.Errorf("it says that it changed something: %t, and wrote: %t", r.Changed, wrote)
	}
	s.aws.ClearFaults()
	// Whoever logs in again takes a minute: a claim of the run that ended is old.
	if err := s.aws.Server.Advance(time.Minute); err != nil {
		s.t.Fatal(err)
	}
	if next := s.run("sync", "production"); next.code != 0 || len(next.Warnings) > 0 {
		s.t.Errorf("with fresh credentials it ended with %d, warned of %v\n%s", next.code, next.Warnings, next.stderr)
	}
	s.calm("with fresh credentials")
}
