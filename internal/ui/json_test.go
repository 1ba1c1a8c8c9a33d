package ui

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const documentation = "../../docs/json.md"

func envLines() []EnvLine {
	return []EnvLine{
		{Name: "AWS_IVS_REALTIME_RECORDINGS_BUCKET", Value: bucket},
		{Comment: "eu-west-1: cannot record"},
		{Comment: "AWS_IVS_STORAGE_CONFIGURATION_ARN_EU_WEST_1= (known after sync)"},
		{Name: "AWS_IVS_ENCODER_CONFIGURATION_ARN_EU_WEST_1", Value: "arn:aws:ivs:eu-west-1:" + account + ":encoder-configuration/a"},
	}
}

func document(t *testing.T, r *reconcile.Report, m Meta, err error) string {
	t.Helper()
	var b strings.Builder
	if err := JSON(&b, NewDocument(r, m, err)); err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(b.String())) {
		t.Error("not JSON")
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	m := meta()
	m.Env = envLines()
	m.Warnings = []reconcile.Warning{{Code: "UnknownRegion", Region: "eu-west-1", Text: "<not> listed & known", Fix: "check it"}}
	oneRegion := skipped("logging is not switched on", empty(twoRegions).cannotRecord("us-east-1"),
		"ivs-cloudwatch-log-group", "ivs-eventbridge-rule", "ivs-eventbridge-target")
	oneRegion.at("eu-west-1", "encoder-configuration").doErr = denied("eu-west-1")
	golden(t, "json-run.json", document(t, oneRegion.run(t), m, nil))
	golden(t, "json-plan.json", document(t, drift().plan(t), m, nil))
	guard := &apiError{text: "the credentials are of account 210987654321", code: "AccountMismatch", hint: "use others", id: "req-1"}
	golden(t, "json-guard.json", document(t, nil, Meta{Command: "sync", Environment: "production", App: "a", DryRun: true}, guard))
}

func TestJSONKeepsControlCharactersOut(t *testing.T) {
	m := meta()
	m.App = "\x1b[31m\x7f\u009b\x00"
	m.Env = []EnvLine{{Name: "A", Value: "\u009bx"}}
	got := document(t, nil, m, nil)
	if strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && unsafeRune(r) }) {
		t.Errorf("control characters in %q", got)
	}
	var d struct{ App string }
	if err := json.Unmarshal([]byte(got), &d); err != nil || d.App != m.App {
		t.Errorf("app %q, %v; want %q", d.App, err, m.App)
	}
}

func TestErrorDocument(t *testing.T) {
	tests := map[string]struct {
		err  error
		want ErrorDocument
	}{
		"without a code": {errors.New("boom"), ErrorDocument{Code: CodeUnknown, Message: "boom"}},
		"coded":          {denied("us-east-1"), ErrorDocument{"AccessDenied", denied("").Error(), "give the user the managed policy IVSFullAccess", "req-us-east-1"}},
		"joined": {
			errors.Join(errors.New("tag: no"), &apiError{text: "put: full", code: "LogsPolicyQuota", hint: "delete one"}),
			ErrorDocument{Code: "LogsPolicyQuota", Message: "tag: no; put: full", Hint: "delete one"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.want.Message = strings.ReplaceAll(tt.want.Message, "ivs::", "ivs:us-east-1:")
			if diff := cmp.Diff(&tt.want, errorDocument(tt.err)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// fields are the paths of all fields of a type's JSON.
func fields(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return fields(t.Elem(), path)
	case reflect.Slice:
		if t == reflect.TypeFor[envObject]() {
			return nil
		}
		return fields(t.Elem(), path+"[]")
	case reflect.Struct:
		var all []string
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			at := strings.TrimPrefix(path+"."+name, ".")
			all = append(append(all, at), fields(t.Field(i).Type, at)...)
		}
		return all
	default:
		return nil
	}
}

func TestEveryFieldIsDocumented(t *testing.T) {
	text, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_.\\[\\]]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, m[1])
	}
	want := fields(reflect.TypeFor[Document](), "")
	slices.Sort(want)
	slices.Sort(documented)
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("fields in %s (-want +got)\n%s", documentation, diff)
	}
}

// A stream's lines have members of their own.
func TestEveryMemberOfAStreamIsDocumented(t *testing.T) {
	text, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	line := reflect.TypeFor[EventLine]()
	for i := range line.NumField() {
		name, _, _ := strings.Cut(line.Field(i).Tag.Get("json"), ",")
		if !strings.Contains(string(text), "\n- `"+name+"`: ") {
			t.Errorf("%s does not tell of %s", documentation, name)
		}
	}
}

// The engine's codes and this package's own; those of the other packages are
// checked where all packages are known.
func TestOwnCodesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{
		reconcile.CodeBlocked, reconcile.CodeInterrupted, reconcile.CodeTimeout, CodeUnknown, CodeCannotRecord,
	} {
		if !strings.Contains(string(text), "\n| `"+code+"` |") {
			t.Errorf("%s has no row for the code %s", documentation, code)
		}
	}
}
