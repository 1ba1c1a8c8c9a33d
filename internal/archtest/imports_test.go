package archtest

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// importRule is what the files of some packages may import beside the standard
// library. Whatever it does not list is forbidden.
type importRule struct {
	packages string   // a folder; with /... the folders below it too
	ours     []string // folders of this module
	others   []string // modules
	tests    []string // folders and modules, in tests only
	why      string
}

const (
	sdk    = "github.com/aws/aws-sdk-go-v2"
	smithy = "github.com/aws/smithy-go"
	pion   = "github.com/pion"
)

// testLibraries may be imported by every test.
var testLibraries = []string{
	"github.com/creack/pty",
	"github.com/google/go-cmp",
	"github.com/rogpeppe/go-internal",
	"pgregory.net/rapid",
}

// everywhere may be imported by every package, as the standard library may.
const everywhere = "internal/lazyregexp"

// importRules is the project's layering. The first row that fits a package
// counts.
var importRules = []importRule{
	{
		packages: "cmd/yolo", ours: []string{"internal/cli"},
		why: "main only hands over: what is in it is out of every test's reach",
	},
	{
		packages: "tools/sbom",
		why:      "it reads what Go wrote into the binary, and nothing that the binary itself says",
	},
	{
		packages: "internal/cli",
		ours: []string{
			"internal/cloud", "internal/doctor", "internal/dotenv", "internal/emulator", "internal/eventlog", "internal/manifest", "internal/permissions",
			"internal/proof",
			"internal/reconcile", "internal/resource", "internal/ui", "internal/verify",
		},
		others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
		tests:  []string{"internal/emulator/emulatortest"},
		why:    "it alone knows the command line, so that nothing else depends on how it is parsed; and it reaches AWS only through cloud",
	},
	{
		packages: "internal/manifest", others: []string{"go.yaml.in/yaml/v4"},
		tests: []string{"github.com/santhosh-tekuri/jsonschema/v6"},
		why:   "it alone knows YAML; its types are plain, so that no other package breaks when the YAML library changes",
	},
	{
		packages: "internal/reconcile", others: []string{"golang.org/x/sync"},
		why: "the engine knows no AWS, no YAML and no terminal, so that its order and its failures can be tested without them",
	},
	{
		packages: "internal/policy",
		why:      "comparing policy documents is pure: no client can be called from it",
	},
	{
		packages: "internal/permissions", ours: []string{"internal/manifest", "internal/permissions/actions"},
		why: "what a policy allows follows from the manifest and a table alone, so that every manifest's can be looked at without AWS",
	},
	{
		packages: "internal/permissions/actions",
		why:      "it is one table, for errors that name what is missing and for policies that allow it",
	},
	{
		packages: "internal/proof",
		why:      "a verdict is judged from what was found, so that every way to fail can be tested without putting on a show",
	},
	{
		packages: "internal/verify",
		ours: []string{
			"internal/cloud", "internal/manifest", "internal/proof", "internal/reconcile", "internal/recording", "internal/recording/bucket", "internal/recording/ffmpeg",
			"internal/resource", "internal/show", "internal/show/testcard", "internal/show/whip",
		},
		others: []string{sdk, "github.com/gofrs/flock"},
		tests:  []string{"internal/emulator", "internal/emulator/emulatortest", "internal/permissions", "internal/permissions/actions", "internal/recording/media"},
		why:    "it puts on shows and finds them again; what is said of them is proof's, and how it looks is ui's",
	},
	{
		packages: "internal/doctor",
		ours: []string{
			"internal/cloud", "internal/eventlog", "internal/manifest", "internal/proof", "internal/reconcile", "internal/recording", "internal/recording/bucket",
			"internal/recording/ffmpeg", "internal/resource",
		},
		others: []string{sdk},
		tests:  []string{"internal/emulator", "internal/emulator/emulatortest"},
		why:    "it reads what shows left and judges them from that alone; it puts on none, so that it can be run at any time",
	},
	{
		packages: "internal/eventpattern",
		why:      "what a pattern matches depends on the pattern and the event alone; the emulator has a matcher of its own, so that one checks the other",
	},
	{
		packages: "internal/cloud/sendbody", others: []string{sdk},
		why: "the clients of yolo and those of the tests send alike, and share nothing else",
	},
	{
		packages: "internal/cloud", ours: []string{"internal/cloud/sendbody", "internal/permissions/actions"}, others: []string{sdk, smithy},
		tests: []string{"internal/emulator", "internal/emulator/emulatortest"},
		why:   "it makes the clients and turns what they answer into our errors, and decides nothing about resources",
	},
	{
		packages: "internal/resource",
		ours:     []string{"internal/cloud", "internal/eventpattern", "internal/manifest", "internal/policy", "internal/reconcile"},
		others:   []string{sdk, smithy},
		tests:    []string{"internal/emulator", "internal/emulator/emulatortest"},
		why:      "each kind of resource is read, compared and mended here, and printed elsewhere: it never sees the terminal or the emulator",
	},
	{
		packages: "internal/eventlog", ours: []string{"internal/cloud"}, others: []string{sdk},
		tests: []string{"internal/emulator", "internal/emulator/emulatortest"},
		why:   "it reads the log as it is: what an environment wants and how it looks on a screen are known elsewhere",
	},
	{
		packages: "internal/ui", ours: []string{"internal/proof", "internal/reconcile"},
		others: []string{"github.com/charmbracelet/x/ansi", "golang.org/x/sys", "golang.org/x/term"},
		why:    "it draws reports and events; if it knew AWS or the manifest, the words on the screen could differ from what is done",
	},
	{
		packages: "internal/dotenv",
		why:      "what it does to a file depends on that file and the values alone, so it can be tested with any of both",
	},
	{
		packages: "internal/show", ours: []string{"internal/show/h264", "internal/show/testcard", "internal/show/whip"},
		tests: []string{"internal/show/whiptest", "internal/h264test", pion + "/rtp"},
		why:   "it puts picture, sound and connection together, and knows neither AWS nor who asks for a show",
	},
	{
		packages: "internal/show/h264", tests: []string{"internal/h264test"},
		why: "writing a stream needs nothing but the standard, and shares nothing with what it is checked by",
	},
	{
		packages: "internal/show/testcard", ours: []string{"internal/show/h264"}, tests: []string{"internal/h264test"},
		why: "it draws, and knows neither time nor network",
	},
	{
		packages: "internal/show/ice", others: []string{pion + "/stun"}, tests: []string{pion + "/ice"},
		why: "the library's agent is 1.1 MB of binary, for paths that a client of IVS has no use for",
	},
	{
		packages: "internal/show/whip", ours: []string{"internal/show/ice"},
		others: []string{pion + "/dtls", pion + "/logging", pion + "/rtcp", pion + "/rtp", pion + "/srtp", pion + "/transport"},
		tests:  []string{"internal/show/whiptest"},
		why:    "it carries what it is given; the WebRTC library as a whole would be 2.8 MB more of binary",
	},
	{
		packages: "internal/show/whiptest", others: []string{pion + "/interceptor", pion + "/rtcp", pion + "/rtp", pion + "/webrtc"},
		why: "the other end of a test is a WebRTC implementation that is not ours",
	},
	{
		packages: "internal/recording", ours: []string{"internal/recording/media"},
		why: "it judges bytes; where they come from, and what a verdict leads to, are others' matters",
	},
	{
		packages: "internal/recording/bucket", ours: []string{"internal/cloud", "internal/recording"}, others: []string{sdk},
		tests: []string{"internal/emulator"},
		why:   "it fetches and lists; verify and doctor read recordings through it, and what they read is judged by recording",
	},
	{
		packages: "internal/recording/ffmpeg", ours: []string{"internal/recording", "internal/recording/media"},
		why: "it alone runs a program of others, so that all else can be trusted to decode nothing",
	},
	{
		packages: "internal/recording/media", tests: []string{"internal/h264test"},
		why: "it reads what strangers wrote: standard library only, so that every bound is in sight; and nothing of those who write such segments here",
	},
	{
		packages: "internal/h264test",
		why:      "a decoder that shared code with a writer would share its mistakes",
	},
	{
		packages: "internal/emulator/emulatortest", ours: []string{"internal/cloud/sendbody", "internal/emulator"}, others: []string{sdk},
		why: "it points the real SDK at the emulator, for tests",
	},
	{
		packages: "internal/emulator/store", others: []string{"github.com/gofrs/flock", "github.com/tidwall/btree"},
		tests: []string{"internal/emulator/store"},
		why:   "it keeps bytes for several processes at once, and knows no service",
	},
	{
		packages: "internal/emulator/camera", ours: []string{"internal/emulator/film"}, others: []string{pion},
		why: "it is a client that shares no code with the emulator, and only tests import it: pion's own client is too large for the program",
	},
	{
		packages: "internal/emulator/hls", ours: []string{"internal/emulator/media"},
		tests: []string{"internal/emulator/film", "internal/emulator/playback", "internal/h264test"},
		why:   "it makes files of what was sent, and knows no network and no bucket",
	},
	{
		packages: "internal/emulator/playback",
		why:      "it reads in tests what hls writes, and would share a mistake with it if they shared code",
	},
	{
		packages: "internal/emulator/film", tests: []string{"internal/emulator/h264"},
		why: "it is what tests send: if it shared code with what receives it, both could be wrong alike",
	},
	{
		packages: "internal/emulator/rtc", ours: []string{"internal/emulator/h264", "internal/emulator/media"},
		others: []string{pion + "/dtls/v3", pion + "/rtcp", pion + "/rtp", pion + "/srtp/v3", pion + "/stun/v4", pion + "/transport/v4"},
		tests:  []string{"internal/emulator/camera", "internal/emulator/film", pion + "/webrtc/v4"},
		why:    "it alone knows WebRTC, of pion the parts without which the program stays under 20 MB",
	},
	{
		packages: "internal/emulator/...", ours: []string{"internal/emulator/..."},
		tests: []string{sdk, smithy, pion},
		why:   "the emulator shares no code with yolo or the SDK: shared code would share a misunderstanding of AWS, and hide it from the tests",
	},
	{
		packages: everywhere,
		why:      "it is the standard library's regexp at another time, and knows nothing that two packages could be wrong about together",
	},
	{
		packages: "internal/archtest",
		why:      "it reads source, and must not break with what it reads",
	},
	{
		packages: "internal/contract",
		tests: []string{
			"internal/emulator", "internal/emulator/camera", "internal/emulator/emulatortest", "internal/emulator/film", "internal/emulator/playback", sdk, smithy,
			"internal/show", "internal/show/whip", "internal/recording",
		},
		why: "beliefs about AWS are proved with the SDK alone: yolo's own code could share a wrong one. That IVS takes yolo's show, and that " +
			"yolo can read what IVS records of it, are beliefs of their own, which take these packages and nothing else",
	},
	{
		packages: "script", tests: []string{"internal/cli", "internal/emulator", "internal/emulator/emulatortest", "internal/permissions", "internal/permissions/actions", sdk, smithy, "golang.org/x/sys"},
		why: "whole-program tests see yolo from outside; the emulator and the SDK prepare and inspect the account, and x/sys the terminals",
	},
	{
		packages: "examples", tests: []string{"internal/cli", "internal/manifest"},
		why: "the examples are tried as a user would",
	},
	{
		packages: "bench/wan",
		why:      "it is a network in front of any handler, and would know too much if it knew which",
	},
	{
		packages: "bench", ours: []string{"bench/wan", "internal/emulator"},
		why: "it measures the program that is shipped, from outside; the emulator is in its own process, so that it can read when which request came",
	},
}

// unusedRules finds rows for packages that are not there any more.
func unusedRules(all []source) []string {
	used := map[string]bool{}
	for _, s := range all {
		if rule, ok := ruleFor(s.folder()); ok {
			used[rule.packages] = true
		}
	}
	var findings []string
	for _, rule := range importRules {
		if !used[rule.packages] {
			findings = append(findings, fmt.Sprintf("importRules has a row for %s, which is not there", rule.packages))
		}
	}
	return findings
}

// wrongImports finds the imports that the file's package may not have.
func wrongImports(s source) []string {
	rule, ok := ruleFor(s.folder())
	if !ok {
		return []string{fmt.Sprintf("%s: importRules has no row for %s: add one that says what it may import, and why", s.path, s.folder())}
	}
	allowed := slices.Concat(rule.ours, rule.others, []string{everywhere})
	if s.test() {
		allowed = slices.Concat(allowed, rule.tests, testLibraries, []string{s.folder()})
	}
	var findings []string
	for _, spec := range s.file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		if !strings.Contains(imported, ".") { // the standard library
			continue
		}
		imported = strings.TrimPrefix(imported, module+"/")
		if !slices.ContainsFunc(allowed, func(one string) bool { return covers(one, imported) }) {
			findings = append(findings, fmt.Sprintf("%s: %s may not import %s: %s", s.at(spec), s.folder(), imported, rule.why))
		}
	}
	return findings
}

func ruleFor(folder string) (importRule, bool) {
	i := slices.IndexFunc(importRules, func(r importRule) bool {
		base, below := strings.CutSuffix(r.packages, "/...")
		return folder == base || below && strings.HasPrefix(folder, base+"/")
	})
	if i < 0 {
		return importRule{}, false
	}
	return importRules[i], true
}

// covers tells whether an allowed folder or module is what is imported. A
// module covers its packages, a folder of ours only itself unless it ends in
// /...
func covers(allowed, imported string) bool {
	base, below := strings.CutSuffix(allowed, "/...")
	below = below || strings.Contains(allowed, ".")
	return imported == base || below && strings.HasPrefix(imported, base+"/")
}

func TestWrongImports(t *testing.T) {
	for name, c := range map[string]struct {
		path, imported string
		wrong          bool
	}{
		"standard library":                  {"internal/reconcile/x.go", "net/http", false},
		"listed module's package":           {"internal/cloud/x.go", sdk + "/service/s3", false},
		"listed folder":                     {"internal/cli/x.go", module + "/internal/ui", false},
		"a folder's subfolder is not it":    {"internal/cli/x.go", module + "/internal/emulator/store", true},
		"engine and SDK":                    {"internal/reconcile/x.go", sdk + "/aws", true},
		"yaml outside manifest":             {"internal/cli/x.go", "go.yaml.in/yaml/v4", true},
		"cobra outside cli":                 {"internal/ui/x.go", "github.com/spf13/cobra", true},
		"cli from within":                   {"internal/ui/x.go", module + "/internal/cli", true},
		"emulator and SDK":                  {"internal/emulator/s3/x.go", sdk + "/service/s3", true},
		"emulator's tests and SDK":          {"internal/emulator/s3/x_test.go", sdk + "/service/s3", false},
		"emulator's tests and resource":     {"internal/emulator/s3/x_test.go", module + "/internal/resource", true},
		"patterns in the emulator":          {"internal/emulator/s3/x.go", module + "/internal/lazyregexp", false},
		"emulator and policy":               {"internal/emulator/s3/x.go", module + "/internal/policy", true},
		"services of the emulator":          {"internal/emulator/s3/x.go", module + "/internal/emulator/iam", false},
		"test library in a test":            {"internal/policy/x_test.go", "github.com/google/go-cmp/cmp", false},
		"test library in the program":       {"internal/policy/x.go", "github.com/google/go-cmp/cmp", true},
		"a module whose name is a prefix":   {"internal/cloud/x.go", sdk + "-other/aws", true},
		"pion's client in the program":      {"internal/emulator/rtc/x.go", pion + "/webrtc/v4", true},
		"pion's client in tests":            {"internal/emulator/rtc/x_test.go", pion + "/webrtc/v4", false},
		"a package that no row knows":       {"internal/helpers/x.go", "fmt", true},
		"the emulator's clients in the cli": {"internal/cli/x.go", module + "/internal/emulator/emulatortest", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, token.NewFileSet(), c.path, fmt.Sprintf("package x\n\nimport _ %q\n", c.imported))
			if found := wrongImports(s); (len(found) > 0) != c.wrong {
				t.Errorf("found %q, want something found: %t", found, c.wrong)
			}
		})
	}
}
