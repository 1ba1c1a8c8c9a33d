package ui

import (
	"io"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// EnvLine is one line of the env values: a name and its value, or, without a
// name, a comment.
type EnvLine struct{ Name, Value, Comment string }

// needsNoQuotes matches values that mean the same in a dotenv file and a shell.
var needsNoQuotes = lazyregexp.New(`^[A-Za-z0-9_./:@%+,=-]+$`)

// String returns the line as valid dotenv without a final newline.
func (l EnvLine) String() string {
	if l.Name == "" {
		return "# " + strings.TrimRight(clean(l.Comment), " ")
	}
	return l.Name + "=" + quote(l.Value)
}

// PrintEnv writes the lines for machines; the error is the writer's.
func PrintEnv(w io.Writer, lines []EnvLine) error {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.String() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quote prefers single quotes, in which every dotenv reader and every shell
// takes all characters as they are.
func quote(value string) string {
	switch {
	case needsNoQuotes.MatchString(value):
		return value
	case !strings.ContainsFunc(value, unsafeRune) && !strings.Contains(value, "'"):
		return "'" + value + "'"
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`", "\n", `\n`, "\r", `\r`).Replace(value)
	return `"` + clean(escaped) + `"`
}
