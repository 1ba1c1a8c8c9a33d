package emulator_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
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
	server, err := emulator.Open(emulator.Options{Dir: dir, Quotas: emulator.Quotas{EncoderConfigurations: 1_000_000}})
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

// process is an emulator in a process of its own.
type process struct {
	url  string
	kill func() error // at once, as kill -9 does
	wait func()
}

func startProcess(t *testing.T, dir string) process {
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
	wait := sync.OnceFunc(func() { _ = cmd.Wait() })
	t.Cleanup(func() {
		_ = stdin.Close()
		wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the other process says nothing: %v", err)
	}
	return process{url: strings.TrimSpace(line), kill: cmd.Process.Kill, wait: wait}
}

func TestTwoProcessesOverOneFolder(t *testing.T) {
	dir := t.TempDir()
	mine := start(t, emulator.Options{Dir: dir, Quotas: emulator.Quotas{EncoderConfigurations: 1000}})
	cfg := mine.Config("us-east-1", "")
	cfg.BaseEndpoint = aws.String(startProcess(t, dir).url)
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
	i.ResetCalls()
	if err := there.create(t); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want the connection to end", err)
	}
	if calls := i.Calls(); len(calls) != 1 || calls[0].Operation != "CreateEncoderConfiguration" || calls[0].Status != 0 {
		t.Errorf("calls %+v, want the create with no status", calls)
	}
}

func TestInThisProcessANameDoesNotResolve(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{IVSRegions: []string{"us-east-1"}})
	create := func(region string) error {
		cfg := i.Config(region, "")
		cfg.HTTPClient = &http.Client{Transport: i.Server.Transport(http.DefaultTransport)}
		f := &fixture{ivs: ivsrealtime.NewFromConfig(cfg)}
		return f.create(t)
	}
	if err := create("us-east-1"); err != nil {
		t.Error(err)
	}
	unresolved, ok := errors.AsType[*net.DNSError](create("eu-west-9"))
	if !ok || !unresolved.IsNotFound || unresolved.Name != "ivsrealtime.eu-west-9.amazonaws.com" {
		t.Errorf("%v, want a name that does not resolve", unresolved)
	}
}

// In this process a fault that is about connections lets none be had.
func TestInThisProcessThereIsNoConnection(t *testing.T) {
	i := emulatortest.Start(t, emulator.Options{})
	cfg := i.Config("eu-west-1", "")
	cfg.HTTPClient = &http.Client{Transport: i.Server.Transport(http.DefaultTransport)}
	f := &fixture{ivs: ivsrealtime.NewFromConfig(cfg, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })}
	i.Fault("op=CreateEncoderConfiguration no-such-host times=1")
	unresolved, ok := errors.AsType[*net.DNSError](f.create(t))
	if !ok || !unresolved.IsNotFound || unresolved.Name != "ivsrealtime.eu-west-1.amazonaws.com" {
		t.Errorf("%v, want a name that does not resolve", unresolved)
	}
	i.ClearFaults()
	i.Fault("region=eu-west-1 refuse times=1")
	refused, ok := errors.AsType[*net.OpError](f.create(t))
	if !ok || refused.Op != "dial" || !errors.Is(refused, syscall.ECONNREFUSED) {
		t.Errorf("%v, want a connection that is refused", refused)
	}
	if err := f.create(t); err != nil {
		t.Error(err)
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

// Of CloudWatch Logs only the calls that read a log have a rate here, which
// differs from region to region.
func TestRatesOfLogs(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	i := emulatortest.Start(t, emulator.Options{EnforceRates: true, Clock: func() time.Time { return now }})
	for region, want := range map[string]int{"us-east-1": 25, "eu-central-1": 5, "eu-west-1": 10} {
		logs := cloudwatchlogs.NewFromConfig(i.Config(region, ""), func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts = 1 })
		passed := 0
		for range 30 {
			_, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("g")})
			if code(err) == "ResourceNotFoundException" {
				passed++
			} else if code(err) != "ThrottlingException" {
				t.Fatal(err)
			}
			if _, err := logs.DescribeLogGroups(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		if passed != want {
			t.Errorf("%s let %d pass, want %d", region, passed, want)
		}
	}
}

func TestCallLog(t *testing.T) {
	f := start(t, emulator.Options{})
	f.Fault("op=List* reset")
	_ = f.create(t)
	_, _ = f.ivs.ListEncoderConfigurations(t.Context(), nil)
	_, _ = f.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: aws.String("x")})
	_, _ = f.ivs.ListPublicKeys(t.Context(), nil)
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
