package script

import (
	"flag"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yolo-live/yolo/internal/cli"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOnce); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"yolo": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setup,
		Cmds:                allCommands(),
	})
}

func allCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	all := maps.Clone(commands)
	maps.Copy(all, terminalCommands)
	return all
}

// world is what one script has for itself.
type world struct {
	t    testing.TB
	aws  *emulatortest.Instance
	mask masker
	// variables are the names of the environment that setup made.
	variables []string
	session   *session // nil for none
	screen    *screen  // of the last session that ended
}

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// setup gives a script its own emulator and an environment in which the SDK
// finds nothing else.
func setup(env *testscript.Env) error {
	w := &world{t: env.T().(testing.TB), mask: masker{work: env.WorkDir}}
	w.start(emulator.Options{})
	env.Values[worldKey{}] = w
	env.Defer(func() { w.checkKnown() })
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL":          w.aws.URL,
		"AWS_ACCESS_KEY_ID":         emulator.DefaultAccount,
		"AWS_SECRET_ACCESS_KEY":     "secret",
		"AWS_EC2_METADATA_DISABLED": "true",
		"TERM":                      "dumb",
		// Or a program with the race detector waits a second before it ends.
		"GORACE": "atexit_sleep_ms=0",
	} {
		env.Setenv(name, value)
	}
	for _, variable := range env.Vars {
		name, _, _ := strings.Cut(variable, "=")
		w.variables = append(w.variables, name)
	}
	return nil
}

func (w *world) start(options emulator.Options) { w.aws = emulatortest.Start(w.t, options) }

// checkKnown fails the script when something was called that the emulator does
// not have.
func (w *world) checkKnown() {
	for _, call := range w.aws.Calls() {
		if call.Status == http.StatusNotImplemented {
			w.t.Errorf("the emulator has no such operation: %s %s", call.Service, call.Path)
		}
	}
}
