package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says in yolo's words what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	if !c.HasParent() {
		// The flags are those of the command that was misspelt.
		if unknown := knownCommand(c, c.Flags().Args()); unknown != nil {
			return unknown
		}
	}
	hint := c.CommandPath() + " --help shows the flags"
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if names := similarFlags(c, unknown.GetSpecifiedName()); len(names) > 0 {
			hint = "did you mean " + strings.Join(names, " or ") + "?"
		} else if command, _, err := c.Find([]string{unknown.GetSpecifiedName()}); err == nil && command != c {
			hint = "did you mean " + command.CommandPath() + "?"
		}
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		flag := invalid.GetFlag()
		if kind, known := kindsOfValues[flag.Value.Type()]; known {
			return usagef(kind.hint, "--%s %q: is %s", flag.Name, invalid.GetValue(), kind.fault)
		}
	}
	return &usageError{err: err, hint: hint}
}

// kindsOfValues are what pflag calls the types of the flags' values, with what
// a value that is none of them lacks.
var kindsOfValues = map[string]struct{ fault, hint string }{
	"duration": {"not a duration", "give a number with its unit, such as 90s or 10m"},
	"int":      {"not a whole number", "give digits only, such as 20"},
	"path":     {"not a file", "name one, or leave the flag out"},
	"bool":     {"neither true nor false", "leave the value out"},
}

// pathValue is a flag's path. An empty one, as a variable of a script leaves it
// that is not set, would stand for whatever manifest is found.
type pathValue string

// Set takes a path.
func (p *pathValue) Set(path string) error {
	if path == "" {
		return errors.New("it is empty")
	}
	*p = pathValue(path)
	return nil
}

// String is the path, "" for none.
func (p *pathValue) String() string { return string(*p) }

// Type is that of kindsOfValues.
func (p *pathValue) Type() string { return "path" }

// similarFlags are the flags that a misspelt one may have been meant for.
func similarFlags(c *cobra.Command, name string) []string {
	// What cobra does for commands, it does not do for flags.
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	var similar []string
	for _, found := range names.SuggestionsFor(name) {
		similar = append(similar, "--"+found)
	}
	return similar
}

// noArguments refuses words behind a command that takes none.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef(fmt.Sprintf("%s --help shows what it takes", c.CommandPath()),
		"%s takes no arguments, but got: %s", c.CommandPath(), strings.Join(args, " "))
}
