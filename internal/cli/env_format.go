package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/ui"
)

// form writes the env values for one kind of reader.
type form func(w io.Writer, lines []ui.EnvLine) error

// formNames are the values of --format; the first is the default.
func formNames() []string { return []string{"dotenv", "json", "shell", "github-env"} }

// formOf is the form of a name, nil when there is none.
func formOf(name string) form {
	switch name {
	case "dotenv":
		return func(w io.Writer, lines []ui.EnvLine) error { return ui.PrintEnv(w, lines) }
	case "json":
		return printObject
	case "shell":
		return eachValue(func(name, value string) string { return "export " + name + "=" + shellQuoted(value) })
	case "github-env":
		return eachValue(githubLine)
	}
	return nil
}

// eachValue writes a text for each value, and leaves comments out, which only
// dotenv has.
func eachValue(text func(name, value string) string) form {
	return func(w io.Writer, lines []ui.EnvLine) error {
		var b strings.Builder
		for _, l := range lines {
			if l.Name != "" {
				b.WriteString(text(l.Name, l.Value) + "\n")
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
}

// printObject writes a JSON object of the values in their order.
func printObject(w io.Writer, lines []ui.EnvLine) error {
	var members []string
	for _, l := range lines {
		if l.Name == "" {
			continue
		}
		name, nameErr := json.Marshal(l.Name)
		value, err := json.Marshal(l.Value)
		if nameErr != nil || err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
		members = append(members, fmt.Sprintf("\n  %s: %s", name, value))
	}
	end := "}\n"
	if len(members) > 0 {
		end = "\n}\n"
	}
	_, err := io.WriteString(w, "{"+strings.Join(members, ",")+end)
	return err
}

// shellQuoted is a word for sh, in which nothing is expanded.
func shellQuoted(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// plainWord matches what a shell takes as it is.
var plainWord = lazyregexp.New(`^[A-Za-z0-9_./:@%+,=-]+$`)

// typed is a word as a person would type it.
func typed(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return shellQuoted(word)
}

// githubLine is a value for the file that GITHUB_ENV names, in which nothing is
// quoted, and a value of several lines stands between two delimiters (GitHub
// Actions, "Workflow commands").
func githubLine(name, value string) string {
	if !strings.ContainsAny(value, "\r\n") {
		return name + "=" + value
	}
	delimiter := "EOF"
	for strings.Contains(value, delimiter) {
		delimiter += "_"
	}
	return name + "<<" + delimiter + "\n" + value + "\n" + delimiter
}
