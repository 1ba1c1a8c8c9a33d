package dotenv

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each text has one assignment, of K.
func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		text, value string
		uniform     bool
	}{
		"plain":                      {"K=a\n", "a", true},
		"no line ending":             {"K=a", "a", true},
		"Windows' line ending":       {"K=a\r\n", "a", true},
		"a carriage return alone":    {"K=a\rJ", "a", true},
		"empty":                      {"K=\n", "", true},
		"spaces around":              {"  K = a  \n", "a", true},
		"tabs around":                {"\tK\t=\ta\t\n", "a", true},
		"exported":                   {"export K=a\n", "a", true},
		"a byte order mark":          {"\ufeffK=a\n", "a", true},
		"single quotes":              {"K='a b'\n", "a b", true},
		"double quotes":              {`K="a b"` + "\n", "a b", true},
		"empty quotes":               {`K=""`, "", true},
		"quotes within quotes":       {`K='a "b"'`, `a "b"`, true},
		"an equals sign in it":       {"K=a=b\n", "a=b", true},
		"a comment":                  {"K=a # b\n", "a", true},
		"a comment behind a tab":     {"K=a\t# b\n", "a", true},
		"a comment behind quotes":    {`K="a # b" # c`, "a # b", true},
		"a comment right behind one": {`K="a"#c`, "a", true},
		"a comment that is glued":    {"K=a#b\n", "a", false},
		"only a comment":             {"K= # a\n", "", false},
		"as in YAML":                 {"K: a\n", "a", false},
		"backticks":                  {"K=`a`\n", "a", false},
		"bare words":                 {"K=a b\n", "a b", false},
		"a variable":                 {"K=${A}\n", "${A}", false},
		"a variable within quotes":   {`K="${A}"`, "${A}", false},
		"no variable":                {`K='${A}'`, "${A}", true},
		"a backslash":                {`K=a\b`, `a\b`, false},
		"a newline's escape":         {`K="a\nb"`, "a\nb", false},
		"escaped quotes":             {`K="a\"b"`, `a"b`, false},
		"not escaped":                {`K='a\nb'`, `a\nb`, true},
		"a backslash at the end":     {`K='a\'` + "\n", `a\`, false},
		"several lines":              {"K=\"a\nb\"\n", "a\nb", false},
		"Windows' several lines":     {"K=\"a\r\nb\"\r\n", "a\nb", false},
		"a quote that is open":       {"K=\"a\nJ", `"a`, false},
		"words behind a quote":       {`K="a" b`, `"a" b`, false},
	} {
		t.Run(name, func(t *testing.T) {
			want := []Assignment{{Variable: Variable{"K", c.value}, Line: 1, Uniform: c.uniform}}
			if diff := cmp.Diff(want, Parse(c.text)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseLines(t *testing.T) {
	text := strings.Join([]string{
		"# K=1", "", "## export K = '2'", "K", "export K", "=3", "K=4", "A=\"", "K=5", "\" # the end", "note # K=6", "K='7", "K=8", "a b=9", "K=10",
	}, "\r\n")
	value := func(key, value string, line int) Assignment {
		return Assignment{Variable: Variable{key, value}, Line: line, Uniform: true}
	}
	commented := func(a Assignment) Assignment {
		a.Commented = true
		return a
	}
	odd := func(a Assignment) Assignment {
		a.Uniform = false
		return a
	}
	want := []Assignment{
		commented(value("K", "1", 1)), commented(value("K", "2", 3)), value("K", "4", 7), odd(value("A", "\nK=5\n", 8)),
		odd(value("K", "'7", 12)), value("K", "8", 13), value("K", "10", 15),
	}
	if diff := cmp.Diff(want, Parse(text)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := Lookup(text, "K"); got != "10" {
		t.Errorf("the value is %q, want the last one's", got)
	}
	if got := Lookup("#K=1\n", "K"); got != "" {
		t.Errorf("a comment gives the value %q", got)
	}
}
