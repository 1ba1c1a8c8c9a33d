package emulator_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// childDir has this test binary be a second emulator over a folder.
const childDir = "YOLO_TEST_EMULATOR_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serveUntilStdinEnds(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serveUntilStdinEnds(dir string) error {
	server, err := emulator.Open(emulator.Options{Dir: dir})
	if err != nil {
		return err
	}
	listener, err := server.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, listener.Shutdown(context.Background()), server.Close())
}

// startProcess runs an emulator in a process of its own.
func startProcess(t *testing.T, dir string) (url string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the other process says nothing: %v", err)
	}
	return strings.TrimSpace(line)
}

func TestTwoProcessesOverOneFolder(t *testing.T) {
	dir := t.TempDir()
	mine := start(t, emulator.Options{Dir: dir, Quotas: emulator.Quotas{EncoderConfigurations: 1000}})
	cfg := mine.Config("us-east-1", "")
	cfg.BaseEndpoint = aws.String(startProcess(t, dir))
	theirs := &fixture{ivs: ivsrealtime.NewFromConfig(cfg)}
	const each = 9
	var both sync.WaitGroup
	for _, f := range []*fixture{mine, theirs} {
		both.Go(func() {
			for range each {
				if err := f.create(t); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	if m, o := mine.encoders(t), theirs.encoders(t); m != 2*each || o != 2*each {
		t.Errorf("this process shows %d and the other %d configurations, want %d", m, o, 2*each)
	}
}

func TestFolderHidesItselfFromGit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".yolo", "emulator")
	start(t, emulator.Options{Dir: dir})
	if got, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err != nil || string(got) != "*\n" {
		t.Errorf(".gitignore is %q, %v", got, err)
	}
	taken := t.TempDir()
	if err := os.WriteFile(filepath.Join(taken, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, emulator.Options{Dir: taken})
	if _, err := os.Stat(filepath.Join(taken, ".gitignore")); err == nil {
		t.Error("a folder with something else in it was hidden from git")
	}
}

func TestIVSOnlyInItsRegions(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{IVSRegions: []string{"us-east-1"}})
	here, there := &fixture{Instance: i, ivs: ivsClient(i, "us-east-1")}, &fixture{Instance: i, ivs: ivsClient(i, "eu-west-9")}
	if err := here.create(t); err != nil {
		t.Error(err)
	}
	if err := there.create(t); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want the connection to end", err)
	}
}

func TestRatesOfIVS(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f := start(t, emulator.Options{EnforceRates: true, Clock: func() time.Time { return now }})
	burst := func(f *fixture, n int) (throttled int) {
		for range n {
			_, err := f.ivs.ListEncoderConfigurations(t.Context(), nil)
			if status(err) == http.StatusTooManyRequests && code(err) == "ThrottlingException" {
				throttled++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		return throttled
	}
	elsewhere := &fixture{Instance: f.Instance, ivs: ivsClient(f.Instance, "eu-west-1")}
	got := []int{burst(f, 7), burst(elsewhere, 5)}
	f.Advance(400 * time.Millisecond)
	got = append(got, burst(f, 3))
	f.Advance(time.Hour)
	got = append(got, burst(f, 6))
	if diff := cmp.Diff([]int{2, 0, 1, 1}, got); diff != "" {
		t.Errorf("throttled of each burst (-want +got)\n%s", diff)
	}
}

func TestCallLog(t *testing.T) {
	f := start(t, emulator.Options{})
	f.Fault("op=List* reset")
	_ = f.create(t)
	_, _ = f.ivs.ListEncoderConfigurations(t.Context(), nil)
	_, _ = f.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: aws.String("x")})
	_, _ = f.ivs.ListParticipants(t.Context(), &ivsrealtime.ListParticipantsInput{StageArn: aws.String("x"), SessionId: aws.String("y")})
	type row struct {
		operation string
		mutating  bool
		status    int
		code      string
	}
	var got []row
	for _, c := range f.Calls() {
		if c.End.Before(c.Start) || c.Account != emulator.DefaultAccount || c.Region != "us-east-1" || c.Service != "ivs" || c.RequestID == "" {
			t.Errorf("call %+v", c)
		}
		got = append(got, row{c.Operation, c.Mutating, c.Status, c.Code})
	}
	want := []row{
		{"CreateEncoderConfiguration", true, 200, ""},
		{"ListEncoderConfigurations", false, 0, "reset"},
		{"GetEncoderConfiguration", false, 400, "ValidationException"},
		{"", true, 501, "NotImplemented"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := len(f.Writes()); n != 2 {
		t.Errorf("%d writes, want 2", n)
	}
}

func TestAdmin(t *testing.T) {
	f := start(t, emulator.Options{})
	send := func(method, path, body string) (int, map[string]any) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, f.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer := map[string]any{}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && response.StatusCode != http.StatusNoContent {
			t.Fatal(err)
		}
		return response.StatusCode, answer
	}
	steps := []struct {
		method, path, body string
		status             int
		has                string // in the answer
	}{
		{"POST", "/_yolo/faults", "op=Create* code=ConflictException times=1", 201, "id:1"},
		{"POST", "/_yolo/faults", `{"operation": "List*", "kind": "invisible", "duration": "1m"}`, 201, "duration:1m0s"},
		{"POST", "/_yolo/faults", `{"kind": "refuse", "tmies": 1}`, 400, `unknown field "tmies"`},
		{"POST", "/_yolo/faults", "nothing", 400, "is no word of a fault"},
		{"GET", "/_yolo/faults", "", 200, "code:ConflictException id:1 kind:code matched:0"},
		{"DELETE", "/_yolo/faults?id=2", "", 204, ""},
		{"DELETE", "/_yolo/faults?id=2", "", 404, "there is no fault 2"},
		{"DELETE", "/_yolo/faults?id=x", "", 400, `"x" is not the number`},
		{"POST", "/_yolo/latency", "eu-west-1=1ms", 201, "delay:1ms region:eu-west-1"},
		{"POST", "/_yolo/latency", `{"service": "s3", "delay": "2ms"}`, 201, "service:s3"},
		{"GET", "/_yolo/latency", "", 200, "delay:1ms region:eu-west-1"},
		{"DELETE", "/_yolo/latency", "", 204, ""},
		{"GET", "/_yolo/latency", "", 200, "latency:[]"},
		{"POST", "/_yolo/clock", "10m", 200, "now:"},
		{"POST", "/_yolo/clock", `{"advance": "-1s"}`, 400, "only goes forward"},
		{"GET", "/_yolo/calls", "", 200, "calls:[] dropped:0 total:0"},
	}
	for _, s := range steps {
		got, answer := send(s.method, s.path, s.body)
		if text := fmt.Sprint(answer); got != s.status || !strings.Contains(text, s.has) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", s.method, s.path, s.body, got, text, s.status, s.has)
		}
	}
	if err := f.create(t); code(err) != "ConflictException" {
		t.Errorf("the fault that was posted does not strike: %v", err)
	}
	if _, answer := send("GET", "/_yolo/calls", ""); answer["total"] != 1.0 {
		t.Errorf("calls: %v, want one", answer)
	}
	send("DELETE", "/_yolo/calls", "")
	if calls := f.Calls(); len(calls) != 0 {
		t.Errorf("calls after they were forgotten: %v", calls)
	}
}
