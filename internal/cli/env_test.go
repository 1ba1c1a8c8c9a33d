package cli

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/ui"
)

// strange are values that AWS does not give, and that nothing may break on.
var strange = []ui.EnvLine{
	{Comment: "not for everybody"},
	{Name: "A", Value: "arn:aws:ivs:us-east-1:123456789012:storage-configuration/abc"},
	{Name: "B", Value: `it's $HOME "and" ` + "`id` \\ !"},
	{Name: "C", Value: "two\nlines\nEOF"},
	{Name: "D", Value: " <b> & é "},
}

func formed(t *testing.T, name string, lines []ui.EnvLine) string {
	t.Helper()
	var b strings.Builder
	if err := formOf(name)(&b, lines); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestForms(t *testing.T) {
	for name, want := range map[string]string{
		"github-env": "A=" + strange[1].Value + "\nB=" + strange[2].Value + "\nC<<EOF_\ntwo\nlines\nEOF\nEOF_\nD= <b> & é \n",
		"shell":      "export A='" + strange[1].Value + "'\nexport B='it'\\''s $HOME \"and\" `id` \\ !'\nexport C='two\nlines\nEOF'\nexport D=' <b> & é '\n",
	} {
		if diff := cmp.Diff(want, formed(t, name, strange)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	for _, name := range formNames() {
		if got, empty := formed(t, name, nil), map[string]string{"json": "{}\n"}[name]; got != empty {
			t.Errorf("%s without values is %q, want %q", name, got, empty)
		}
	}
	if formOf("yaml") != nil {
		t.Error("there is a form that is no form")
	}
}

func TestFormJSON(t *testing.T) {
	text := formed(t, "json", strange)
	var got map[string]string
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	place := 0
	for _, l := range strange[1:] {
		want[l.Name] = l.Value
		at := strings.Index(text, "\n  \""+l.Name+`": `)
		if at < place {
			t.Errorf("%s comes too early in %s", l.Name, text)
		}
		place = at
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestShellTakesTheForm(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here")
	}
	for _, l := range strange[1:] {
		out, err := exec.CommandContext(t.Context(), sh, "-c", formed(t, "shell", strange)+`sh -c 'printf %s "$`+l.Name+`"'`).Output()
		if err != nil || string(out) != l.Value {
			t.Errorf("%s is %q, %v; want %q", l.Name, out, err, l.Value)
		}
	}
}
