package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// benchRegion is where the environment of a bench is.
const benchRegion = "eu-west-1"

// benchManifest has the smallest picture, so that many shows go on at once.
const benchManifest = `name: live
environments:
  production:
    aws:
      account-id: "123456789012"
      ivs:
        logging: true
        regions: [eu-west-1]
        recording: {real_time: true, bucket: regional, encoder: {width: 320, height: 180}}
`

// The names of what a bench has (see the manifest).
const (
	benchBucket  = "yolo-production-live-ivs-recordings-eu-west-1"
	benchStorage = "yolo-production-live-ivs-storage"
	benchEncoder = "yolo-production-live-ivs-encoder"
	benchGroup   = "/aws/ivs/yolo-production-live"
	benchARN     = "arn:aws:logs:eu-west-1:123456789012:log-group:" + benchGroup
	benchPolicy  = "yolo-production-ivs-eventbridge-policy"
	benchRule    = "yolo-production-live-ivs-state-change"
	benchTarget  = "ivs-cloudwatch-logs"
)

// bench is an emulated account that was synced, with the folder of its app.
type bench struct {
	t      *testing.T
	aws    *emulatortest.Instance
	dir    string
	s3     *s3.Client
	ivs    *ivsrealtime.Client
	logs   *cloudwatchlogs.Client
	events *eventbridge.Client
}

// synced makes the state of an account that was synced, and the folder of its app
// with the .env that came of it, to be copied for every bench.
func synced(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	app := filepath.Join(folder, "app")
	write := func(name string, text []byte) {
		if err := errors.Join(os.MkdirAll(app, 0o755), os.WriteFile(filepath.Join(app, name), text, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("yolo.yml", []byte(benchManifest))
	cmd := yolo(t.Context(), app, emulatortest.Start(t, emulator.Options{Dir: filepath.Join(folder, "aws")}).URL, "sync", "production", "--no-progress")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	env, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	write(".env", env)
	return folder
}

// newBench gives a test a copy of the synced state.
func newBench(t *testing.T, synced string) *bench {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(synced)); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: filepath.Join(folder, "app")}
	state := filepath.Join(folder, "aws")
	b.aws = emulatortest.Start(t, emulator.Options{Dir: state})
	cfg := b.aws.Config(benchRegion, "")
	b.s3, b.ivs, b.logs, b.events = s3.NewFromConfig(cfg), ivsrealtime.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg)
	return b
}

// yolo is the program in a folder, with an environment in which the SDK finds
// nothing but the emulator.
func yolo(ctx context.Context, dir, endpoint string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "yolo", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_ACCESS_KEY_ID=" + emulator.DefaultAccount, "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_EC2_METADATA_DISABLED=true", "TERM=dumb", "HOME=" + dir, "TMPDIR=" + os.TempDir(), "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
		"GOGC=400", // so short a life needs less collecting: a quarter of its work
	}
	return cmd
}

// shown is what verify --json says.
type shown struct {
	code   int    // exit
	stderr string // what it told people
	Result string `json:"result"`
	Steps  []struct {
		ID        string       `json:"id"`
		Verdict   string       `json:"verdict"`
		Resources []shownThing `json:"resources"`
	} `json:"steps"`
}

type shownThing struct {
	Name     string `json:"name"`
	Verdict  string `json:"verdict"`
	Evidence string `json:"evidence"`
	Fix      string `json:"fix"`
	Behind   bool   `json:"behind"`
	Error    *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// verify runs a verify command to its end.
func (b *bench) verify(args ...string) shown {
	b.t.Helper()
	return b.start(b.aws.URL, nil, args...).end()
}

// proving is a verify command that runs.
type proving struct {
	b              *bench
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

// start starts a verify command. Told, when not nil, is called with what people
// are told so far, whenever that grows.
func (b *bench) start(endpoint string, told func(p *proving, text string), args ...string) *proving {
	b.t.Helper()
	p := &proving{b: b, cmd: yolo(b.t.Context(), b.dir, endpoint, append(args, "--json")...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, listener{p, told}
	if err := p.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// listener takes what a proof tells people.
type listener struct {
	p    *proving
	told func(p *proving, text string)
}

func (l listener) Write(text []byte) (int, error) {
	n, err := l.p.stderr.Write(text)
	if l.told != nil {
		l.told(l.p, l.p.stderr.String())
	}
	return n, err
}

// end waits for the end.
func (p *proving) end() shown {
	p.b.t.Helper()
	err := p.cmd.Wait()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		p.b.t.Fatal(err)
	}
	s := shown{code: p.cmd.ProcessState.ExitCode(), stderr: p.stderr.String()}
	if p.stdout.Len() > 0 {
		if err := json.Unmarshal(p.stdout.Bytes(), &s); err != nil {
			p.b.t.Fatalf("%v: %s", err, p.stdout.String())
		}
	}
	return s
}

// at calls do once, as soon as people are told a text.
func at(text string, do func(b *bench)) func(p *proving, told string) {
	var once sync.Once
	return func(p *proving, told string) {
		if strings.Contains(told, text) {
			once.Do(func() { do(p.b) })
		}
	}
}

// wrong are the findings that are not PASS, without those behind another one, as
// "step name VERDICT".
func (s shown) wrong() []string {
	var lines []string
	for _, step := range s.Steps {
		for _, one := range step.Resources {
			if one.Verdict != "PASS" && !one.Behind {
				lines = append(lines, fmt.Sprintf("%s %s %s", step.ID, one.Name, one.Verdict))
			}
		}
	}
	return lines
}

// thing is the finding of a line of wrong.
func (s shown) thing(line string) shownThing {
	fields := strings.Fields(line)
	for _, step := range s.Steps {
		i := slices.IndexFunc(step.Resources, func(one shownThing) bool { return one.Name == fields[1] && one.Verdict == fields[2] && !one.Behind })
		if step.ID == fields[0] && i >= 0 {
			return step.Resources[i]
		}
	}
	return shownThing{}
}

// called tells whether an operation was called since the calls were last reset.
func (b *bench) called(operation string) bool {
	return slices.Contains(b.aws.Operations(), operation)
}

// left are what proofs made that is still there.
func (b *bench) left() []string {
	b.t.Helper()
	var left []string
	stages, err := b.ivs.ListStages(b.t.Context(), &ivsrealtime.ListStagesInput{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, one := range stages.Stages {
		left = append(left, "stage "+aws.ToString(one.Name))
	}
	compositions, err := b.ivs.ListCompositions(b.t.Context(), &ivsrealtime.ListCompositionsInput{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, one := range compositions.Compositions {
		if one.State != "STOPPED" && one.State != "FAILED" {
			left = append(left, "composition "+aws.ToString(one.Arn)+" "+string(one.State))
		}
	}
	rules, err := b.events.ListRules(b.t.Context(), &eventbridge.ListRulesInput{NamePrefix: aws.String("yolo-verify-")})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, one := range rules.Rules {
		left = append(left, "rule "+aws.ToString(one.Name))
	}
	files, err := filepath.Glob(filepath.Join(b.dir, ".yolo", "verify", "*"))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, path := range files {
		left = append(left, "file "+filepath.Base(path))
	}
	return left
}

// must ends the test where breaking something did not work.
func must[O any](b *bench) func(O, error) O {
	return func(out O, err error) O {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
		return out
	}
}
