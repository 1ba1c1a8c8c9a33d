package script

import (
	"bytes"
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

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/cli"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
	"github.com/yolo-live/yolo/internal/permissions"
	"github.com/yolo-live/yolo/internal/permissions/actions"
)

// site is where a situation is played: a folder with a manifest, and an emulator.
type site struct {
	t        *testing.T
	dir      string
	aws      *emulatortest.Instance
	policies []string
}

func newSite(t *testing.T, dir string, policies ...string) *site {
	t.Helper()
	// Where yolo --emulator has it too.
	options := emulator.Options{Dir: filepath.Join(dir, ".yolo", "emulator"), IAMPolicies: policies}
	return &site{t: t, dir: dir, aws: emulatortest.Start(t, options), policies: policies}
}

func (s *site) write(manifest string) {
	s.t.Helper()
	s.check(os.WriteFile(filepath.Join(s.dir, "yolo.yml"), []byte(manifest), 0o600))
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// yolo runs the program to its end.
func (s *site) yolo(args ...string) (code int, stdout, stderr string, err error) {
	cmd := exec.CommandContext(s.t.Context(), "yolo", args...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &out, &said
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + s.dir, "TERM=dumb", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL=" + s.aws.URL, "AWS_ACCESS_KEY_ID=" + emulator.DefaultAccount, "AWS_SECRET_ACCESS_KEY=secret",
	}
	err = cmd.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		code, err = ended.ExitCode(), nil
	}
	return code, out.String(), said.String(), err
}

// inside runs the program in this process, against the state in the folder, by
// somebody who has the policies.
func inside(t *testing.T, dir string, policies, args []string) (code int, text string) {
	t.Helper()
	args = append(slices.Clone(args), "--emulator", "--file", filepath.Join(dir, "yolo.yml"))
	for i, policy := range policies {
		path := filepath.Join(dir, fmt.Sprintf("policy%d.json", i))
		if err := os.WriteFile(path, []byte(policy), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--iam-policy", path)
	}
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	code = cli.Main(args, nothing, said, said)
	written, err := os.ReadFile(said.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(written)
}

// must is yolo that has to end well.
func (s *site) must(args ...string) (stdout string) {
	s.t.Helper()
	code, stdout, stderr, err := s.yolo(args...)
	if s.check(err); code != 0 {
		s.t.Fatalf("yolo %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// calls are those that were made since the last reset, each once.
func (s *site) calls() []string {
	var calls []string
	for _, call := range s.aws.Calls() {
		if name := call.Service + ":" + call.Operation; name != "sts:GetCallerIdentity" {
			calls = append(calls, name)
		}
	}
	slices.Sort(calls)
	return slices.Compact(calls)
}

// situation is one that a command meets, and the purpose whose policy it takes.
type situation struct {
	name    string
	purpose permissions.Purpose
	// prepare makes the situation, as root; manifest is what the command finds.
	manifest string
	prepare  func(s *site)
	args     []string
	// more are further arguments, which the prepared situation tells.
	more func(s *site) []string
	// during, when not nil, happens while the command runs, until it has ended.
	during func(s *site, ended <-chan struct{})
	// code is what the command ends with where it may do all.
	code int

	preparing, printing sync.Once
	prepared            string   // a folder that is copied for each play
	policy              string   // as yolo prints it
	calls               []string // that the command makes, as far as it has been played
}

// played is what came of a situation.
type played struct {
	code  int
	text  string // of both streams
	calls []string
}

// play runs the command with the policies. The situation is made once,
// in home.
func (c *situation) play(home, t *testing.T, policies ...string) played {
	t.Helper()
	s := newSite(t, c.copied(home, t), policies...)
	var wg sync.WaitGroup
	ended := make(chan struct{})
	if c.during != nil {
		wg.Go(func() { c.during(s, ended) })
	}
	code, stdout, stderr, err := s.yolo(c.args...)
	close(ended)
	wg.Wait()
	s.check(err)
	return played{code, stdout + stderr, s.calls()}
}

// playInside is play at a fraction of its cost, in this process and only in the
// regions that the situation is in; calls are not seen.
func (c *situation) playInside(home, t *testing.T, policies ...string) played {
	t.Helper()
	if c.during != nil {
		return c.play(home, t, policies...)
	}
	dir := c.copied(home, t)
	args := slices.Clone(c.args)
	if c.purpose == permissions.Destroy || c.purpose == permissions.Prune {
		args = append(args, "--region", "us-east-1", "--region", "eu-west-1")
	}
	code, text := inside(t, dir, policies, args)
	return played{code: code, text: text}
}

// copied is a folder with the situation.
func (c *situation) copied(home, t *testing.T) (dir string) {
	t.Helper()
	c.preparing.Do(func() {
		s := newSite(home, home.TempDir())
		s.write(c.manifest)
		if c.prepare != nil {
			c.prepare(s)
		}
		s.write(c.manifest)
		if c.more != nil {
			c.args = append(slices.Clone(c.args), c.more(s)...)
		}
		c.prepared = s.dir
	})
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(c.prepared)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// policyFor is the policy that yolo prints for the manifest.
func (c *situation) policyFor(t *testing.T) string {
	t.Helper()
	c.printing.Do(func() {
		s := newSite(t, t.TempDir())
		s.write(c.manifest)
		c.policy = s.must("permissions", "production", "--for", string(c.purpose))
	})
	return c.policy
}

// TestPermissions plays every situation with the policy that yolo prints, with that
// policy less one action, and with the managed policies.
func TestPermissions(t *testing.T) {
	t.Parallel()
	all := situations()
	if testing.Short() {
		all = slices.DeleteFunc(all, func(c *situation) bool { return c.purpose != permissions.Sync && c.purpose != permissions.Status })
	}
	t.Run("enough", func(inner *testing.T) { enough(t, inner, all) })
	for purpose, calls := range callsOf(all) {
		if purpose == permissions.Verify {
			continue // the calls of a show are seen by the tests of verify itself
		}
		if diff := cmp.Diff(purpose.Calls(), calls); diff != "" {
			t.Errorf("%s: the table has (-), the emulator was asked for (+):\n%s", purpose, diff)
		}
	}
	t.Run("others", func(inner *testing.T) {
		least(t, inner, all)
		managed(t, inner, all)
	})
}

// enough: with the printed policy every command ends as it does for root.
func enough(home, t *testing.T, all []*situation) {
	for _, c := range all {
		t.Run(string(c.purpose)+" "+c.name, func(t *testing.T) {
			t.Parallel()
			p := c.play(home, t, c.policyFor(t))
			if p.code != c.code || strings.Contains(p.text, "not authorized") {
				t.Errorf("exit code %d, want %d\n%s", p.code, c.code, p.text)
			}
			c.calls = p.calls
		})
	}
}

// callsOf are the calls that were made, by purpose.
func callsOf(all []*situation) map[permissions.Purpose][]string {
	seen := map[permissions.Purpose][]string{}
	for _, c := range all {
		seen[c.purpose] = append(seen[c.purpose], c.calls...)
	}
	for purpose := range seen {
		slices.Sort(seen[purpose])
		seen[purpose] = slices.Compact(seen[purpose])
	}
	return seen
}

// least: without any single action something fails, or is warned of, in words
// that name the action.
func least(home, t *testing.T, all []*situation) {
	for purpose, some := range byPurpose(all) {
		for _, action := range emulatortest.Sample(actionsOf(t, some)) {
			if purpose == permissions.Verify && !slices.ContainsFunc(some, func(c *situation) bool { return c.takes(action) }) {
				continue // it is of the show
			}
			t.Run("least "+string(purpose)+" "+action, func(t *testing.T) {
				t.Parallel()
				said := ""
				for _, c := range some {
					if !c.takes(action) {
						continue
					}
					p := c.playInside(home, t, without(t, c.policyFor(t), action))
					if strings.Contains(p.text, action) {
						return
					}
					said += fmt.Sprintf("%s: exit code %d, does not name it:\n%s\n", c.name, p.code, p.text)
				}
				t.Errorf("nothing misses the action\n%s", said)
			})
		}
	}
}

func byPurpose(all []*situation) map[permissions.Purpose][]*situation {
	found := map[permissions.Purpose][]*situation{}
	for _, c := range all {
		found[c.purpose] = append(found[c.purpose], c)
	}
	return found
}

// takes tells whether a call of the command needs an action.
func (c *situation) takes(action string) bool {
	return slices.ContainsFunc(c.calls, func(call string) bool { return slices.Contains(actions.Of(call), action) })
}

// printedPolicy is a policy, as far as it matters here.
type printedPolicy struct {
	Version   string
	Statement []map[string]any
}

func parsePolicy(t *testing.T, text string) (d printedPolicy) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &d); err != nil || len(d.Statement) == 0 {
		t.Fatalf("no policy: %v\n%s", err, text)
	}
	return d
}

func listOf(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			all = append(all, fmt.Sprint(one))
		}
	}
	return all
}

// actionsOf are all that the policies allow.
func actionsOf(t *testing.T, all []*situation) []string {
	t.Helper()
	var found []string
	for _, c := range all {
		for _, s := range parsePolicy(t, c.policyFor(t)).Statement {
			found = append(found, listOf(s["Action"])...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// without is the policy without one action.
func without(t *testing.T, policy, action string) string {
	t.Helper()
	d := parsePolicy(t, policy)
	d.Statement = slices.DeleteFunc(d.Statement, func(s map[string]any) bool {
		left := slices.DeleteFunc(listOf(s["Action"]), func(one string) bool { return one == action })
		s["Action"] = left
		return len(left) == 0
	})
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
