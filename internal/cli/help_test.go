package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestHelpHasOneForm holds every command's help to what a reader of one expects
// of the others.
func TestHelpHasOneForm(t *testing.T) {
	root := testApp().root()
	for _, c := range shown(root) {
		t.Run(c.Name(), func(t *testing.T) {
			checkShort(t, c.Short)
			checkLong(t, c.Long)
			checkExamples(t, root, c)
			c.Flags().VisitAll(func(f *pflag.Flag) { checkUsage(t, f) })
		})
	}
}

func TestGroupsHaveCommandsOnly(t *testing.T) {
	root := testApp().root()
	for _, group := range commandGroups {
		for _, name := range group.commands {
			if found, _, err := root.Find([]string{name}); err != nil || found == root {
				t.Errorf("there is no command %q for %q", name, group.title)
			}
		}
	}
}

// A short text tells somebody what to do: Print the version.
func checkShort(t *testing.T, short string) {
	t.Helper()
	verb, _, _ := strings.Cut(short, " ")
	if utf8.RuneCountInString(short) > 60 || strings.HasSuffix(short, ".") {
		t.Errorf("%q: want 60 characters at most, and no full stop", short)
	}
	if first, _ := utf8.DecodeRuneInString(verb); !unicode.IsUpper(first) || strings.HasSuffix(verb, "s") {
		t.Errorf("%q: want a verb first, as in a request", short)
	}
}

func checkLong(t *testing.T, long string) {
	t.Helper()
	for line := range strings.SplitSeq(long, "\n") {
		if utf8.RuneCountInString(line) > 80 || line != strings.TrimRight(line, " \t") || strings.Contains(line, "\t") {
			t.Errorf("%q: want 80 columns at most, no tabs, and no blanks at its end", line)
		}
	}
	text, codes, found := strings.Cut(long, "\n\nExit codes: ")
	if !found || strings.Contains(codes, "\n\n") || !strings.HasSuffix(codes, ".") {
		t.Errorf("want a last paragraph that begins with Exit codes: and ends with a full stop, in %q", long)
	}
	if strings.TrimSpace(text) == "" {
		t.Error("it does not say what the command does")
	}
	for _, row := range exitCodes(codes) {
		if !slices.Contains([]string{"0", "1", "2", "3", "4", "5", "64", "130"}, row.term) {
			t.Errorf("%s is none of the exit codes", row.term)
		}
	}
}

// Examples are lines to type. What they have of yolo is there.
func checkExamples(t *testing.T, root, c *cobra.Command) {
	t.Helper()
	if !strings.Contains(c.Example, "$ "+c.CommandPath()) {
		t.Errorf("want an example with %s in %q", c.CommandPath(), c.Example)
	}
	for line := range strings.SplitSeq(c.Example, "\n") {
		typed, ok := strings.CutPrefix(line, "  $ ")
		if !ok {
			t.Errorf("%q: want two blanks, a dollar and a blank first", line)
			continue
		}
		command, isOurs := strings.CutPrefix(typed, "yolo ")
		if !isOurs {
			continue
		}
		found, _, err := root.Find(strings.Fields(command))
		if err != nil || found == root {
			t.Errorf("%q: there is no such command: %v", line, err)
			continue
		}
		for _, name := range longFlags(command) {
			if found.Flags().Lookup(name) == nil && root.PersistentFlags().Lookup(name) == nil {
				t.Errorf("%q: there is no flag --%s", line, name)
			}
		}
	}
}

// A flag's text is no sentence: it stands in a column.
func checkUsage(t *testing.T, f *pflag.Flag) {
	t.Helper()
	value, text := pflag.UnquoteUsage(f)
	first, _, _ := strings.Cut(text, " ")
	if strings.HasSuffix(text, ".") || first != strings.ToLower(first) && first != value {
		t.Errorf("--%s: %q: want no capital and no full stop", f.Name, text)
	}
	if value != "" && !regexp.MustCompile(`^[A-Z]+$`).MatchString(value) {
		t.Errorf("--%s: want a word in capitals and backquotes that stands for its value, not %q", f.Name, value)
	}
}

// Every command that takes an environment completes it.
func TestEnvironmentsAreCompleted(t *testing.T) {
	a := testApp()
	a.dir = "../../examples"
	for _, c := range shown(a.root()) {
		if !strings.Contains(c.Use, "<environment>") {
			continue
		}
		offers, _ := c.ValidArgsFunction(c, nil, "")
		if !slices.ContainsFunc(offers, func(offer string) bool { return strings.HasPrefix(offer, "production\t") }) {
			t.Errorf("%s offers %q", c.Name(), offers)
		}
	}
}
