package cli

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/ui"
)

// table returns the first cells of README's table with that heading.
func table(t *testing.T, heading string) []string {
	t.Helper()
	var cells []string
	for _, row := range rows(t, heading) {
		cells = append(cells, row[0])
	}
	return cells
}

// rows returns the cells of README's table whose first column has that heading.
func rows(t *testing.T, heading string) [][]string {
	t.Helper()
	return rowsOf(t, "README.md", heading)
}

// rowsOf is rows of another page.
func rowsOf(t *testing.T, page, heading string) [][]string {
	t.Helper()
	text, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n| "+heading+" |")
	if !found {
		t.Fatalf("%s has no table %q", page, heading)
	}
	var all [][]string
	for i, line := range strings.Split(rest, "\n") {
		if i < 2 {
			continue // the rest of the heading, and the rule below it
		}
		if !strings.HasPrefix(line, "|") {
			break
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(strings.ReplaceAll(line, `\|`, "/"), "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		all = append(all, row)
	}
	return all
}

func testApp() *app {
	return &app{streams: ui.NewStreams(nil, nil, nil, func(string) string { return "" }), dir: "."}
}

func command(t *testing.T, root *cobra.Command, name string) *cobra.Command {
	t.Helper()
	c, _, err := root.Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// longFlags are the long names of flags in a text.
func longFlags(texts ...string) []string {
	var names []string
	for _, text := range texts {
		for _, found := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(text, -1) {
			names = append(names, strings.TrimPrefix(found, "--"))
		}
	}
	slices.Sort(names)
	return names
}

func TestReadmeHasEveryFlag(t *testing.T) {
	root := testApp().root()
	want := longFlags(table(t, "flag of every sync")...)
	for _, name := range []string{"sync", "sync:recording", "sync:logging"} {
		var got []string
		collect := func(f *pflag.Flag) {
			if !f.Hidden && f.Name != "help" {
				got = append(got, f.Name)
			}
		}
		c := command(t, root, name)
		c.LocalNonPersistentFlags().VisitAll(collect)
		c.InheritedFlags().VisitAll(collect)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: README's flags and its own (-want +got)\n%s", name, diff)
		}
	}
}

func TestReadmeHasEveryCommand(t *testing.T) {
	root := testApp().root()
	var want, got []string
	for _, cell := range table(t, "command") {
		want = append(want, strings.Fields(strings.Trim(cell, "`"))[1])
	}
	for _, c := range root.Commands() {
		if c.Name() != "help" && c.Runnable() {
			got = append(got, c.Name())
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README's commands and those that there are (-want +got)\n%s", diff)
	}
}

func TestReadmeHasEveryExitCode(t *testing.T) {
	want := table(t, "exit code")
	numbers := map[int]bool{}
	for _, name := range []string{"sync", "verify"} {
		help := command(t, testApp().root(), name).Long
		_, codes, found := strings.Cut(help, "Exit codes:")
		if !found {
			t.Fatalf("no exit codes in %q", help)
		}
		for _, code := range regexp.MustCompile(`\b[0-9]+\b`).FindAllString(regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(codes, ""), -1) {
			number, _ := strconv.Atoi(code)
			numbers[number] = true
		}
	}
	var got []string
	for _, number := range slices.Sorted(maps.Keys(numbers)) {
		got = append(got, strconv.Itoa(number))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README's exit codes and those of --help (-want +got)\n%s", diff)
	}
}

// The emulator's are in the table of its own page.
func TestEmulatorPageHasItsFlags(t *testing.T) {
	var want, got []string
	for _, row := range rowsOf(t, "docs/emulator.md", "flag of `yolo emulator`") {
		want = append(want, longFlags(row[0])...)
	}
	command, _, err := testApp().root().Find([]string{"emulator"})
	if err != nil {
		t.Fatal(err)
	}
	command.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" {
			got = append(got, f.Name)
		}
	})
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the page's flags and the emulator's (-want +got)\n%s", diff)
	}
}

// Flags that no sync has are in a table of their own, with their commands.
func TestReadmeHasTheOtherFlags(t *testing.T) {
	root := testApp().root()
	common := longFlags(table(t, "flag of every sync")...)
	want, got := map[string][]string{}, map[string][]string{}
	for _, row := range rows(t, "flag") {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			want[name[1]] = append(want[name[1]], longFlags(row[0])...)
		}
	}
	for _, c := range shown(root) {
		if c.Name() == "emulator" || c.Name() == "completion" {
			continue // README says where the former's are
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && f.Name != "help" && !slices.Contains(common, f.Name) {
				got[c.Name()] = append(got[c.Name()], f.Name)
			}
		})
	}
	for _, names := range want {
		slices.Sort(names)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README's flags and those that there are (-want +got)\n%s", diff)
	}
}

// What README shows of the flags' short forms and values is what they are.
func TestReadmeShowsShortFlags(t *testing.T) {
	c := command(t, testApp().root(), "sync")
	for _, cell := range table(t, "flag of every sync") {
		short := regexp.MustCompile("`-([a-z])`").FindStringSubmatch(cell)
		long := longFlags(cell)[0]
		flag := c.Flags().Lookup(long)
		if flag == nil {
			continue // a persistent one, or none: the test above tells
		}
		if (short != nil) != (flag.Shorthand != "") || short != nil && short[1] != flag.Shorthand {
			t.Errorf("README has %s, the command -%s", cell, flag.Shorthand)
		}
		shown := regexp.MustCompile("--" + long + " [A-Z]").MatchString(cell)
		if wanted := flag.Value.Type() != "bool"; shown != wanted {
			t.Errorf("README has %s, but that --%s takes a value is %v", cell, long, wanted)
		}
	}
}
