package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestClean(t *testing.T) {
	tests := map[string]string{
		"plain → ünïcödé":     "plain → ünïcödé",
		"\x1b[31mred\x1b[0m":  `\x1b[31mred\x1b[0m`,
		"a\nb\rc\td\x00":      `a\nb\rc\td\x00`,
		"\u009b31m\x7f":       `\x9b31m\x7f`,
		"\u202eevil\u2066":    `\u202eevil\u2066`,
		"broken \xff\xfe end": `broken \xff\xfe end`,
		"real \ufffd mark":    "real \ufffd mark",
	}
	for text, want := range tests {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever AWS and the manifest say, nothing but text reaches the terminal.
func TestNothingUnsafeIsPrinted(t *testing.T) {
	const evil = "x\x1b]0;title\x07\u009b2J\r\u202e"
	node := reconcile.NodeReport{
		Key: reconcile.Key{Region: evil, Kind: evil}, Name: evil, ARN: evil, Result: reconcile.Synced, Changed: true,
		Changes:   []reconcile.Change{{Attribute: evil, From: evil, To: []string{evil, "b"}}, {Attribute: evil, To: map[string]any{evil: []any{evil, map[string]any{evil: 1}, evil}}}},
		Notes:     []string{evil},
		Warnings:  []reconcile.Warning{{Region: evil, Text: evil, Fix: evil, Code: CodeCannotRecord}},
		CanRecord: new(bool),
	}
	created, failed, check := node, node, node
	created.Result = reconcile.Created
	failed.Result, failed.Err = reconcile.Failed, &apiError{evil, evil, evil, evil}
	check.FollowUp, check.Changed, check.CanRecord, check.Steps = true, false, nil, []reconcile.Step{{Doing: evil}}
	r := &reconcile.Report{Groups: []reconcile.GroupReport{
		{Group: reconcile.Group{Title: evil}, Result: reconcile.Failed, Nodes: []reconcile.NodeReport{node, created, failed, check}},
		{Group: reconcile.Group{Title: evil, Reason: evil}},
	}}
	m := meta()
	m.Account, m.Environment = evil, evil
	for _, width := range []int{0, 40, 80} {
		p := layout{width: width}.page()
		p.plan(r, m)
		p.summary(r, m)
		for _, line := range strings.Split(p.String(), "\n") {
			if strings.ContainsFunc(line, unsafeRune) {
				t.Errorf("%q", line)
			}
		}
	}
	s, b := file(Options{})
	Error(s, errors.New(evil))
	s.Debug(Request{Region: evil, Service: evil, Operation: evil, Err: evil})
	text := b.String() + EnvLine{Name: "A", Value: evil}.String() + EnvLine{Comment: evil}.String()
	if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), unsafeRune) {
		t.Errorf("%q", text)
	}
}

func TestWithoutRegion(t *testing.T) {
	tests := []struct{ text, region, want string }{
		{"eu-west-1 cannot record", "eu-west-1", "cannot record"},
		{"eu-west-1: cannot record", "eu-west-1", "cannot record"},
		{"eu-west-10 cannot record", "eu-west-1", "eu-west-10 cannot record"},
		{"in eu-west-1", "eu-west-1", "in eu-west-1"},
		{" text", "", " text"},
	}
	for _, tt := range tests {
		if got := withoutRegion(tt.text, tt.region); got != tt.want {
			t.Errorf("withoutRegion(%q, %q) = %q, want %q", tt.text, tt.region, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	arn := "arn:aws:ivs:us-east-1:123456789012:x"
	tests := map[string]struct {
		text        string
		width       int
		first, rest int
		want        []string
	}{
		"fits":                     {"one two", 9, 2, 4, []string{"  one two"}},
		"no limit":                 {"one two", 0, 2, 4, []string{"  one two"}},
		"breaks":                   {"one two three", 9, 2, 4, []string{"  one two", "    three"}},
		"less indent for a word":   {"see " + arn, 38, 4, 8, []string{"    see", "  " + arn}},
		"wider than the screen":    {arn, 20, 2, 2, []string{"  arn:aws:ivs:us-eas", "  t-1:123456789012:x"}},
		"columns stay":             {"a  b", 20, 0, 2, []string{"a  b"}},
		"no gap at a line's start": {"12345678  b", 8, 0, 2, []string{"12345678", "  b"}},
		"empty":                    {"", 20, 2, 2, []string{"  "}},
		"colours take no room":     {"\x1b[31mone\x1b[0m two", 7, 0, 2, []string{"\x1b[31mone\x1b[0m two"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, layout{width: tt.width}.wrap(tt.text, tt.first, tt.rest)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWrapLosesNothingAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zé世]{1,30}`), 1, 12).Draw(t, "words")
		width := rapid.IntRange(20, 60).Draw(t, "width")
		text := strings.Join(words, " ")
		lines := layout{width: width}.wrap(text, 2, 6)
		for _, line := range lines {
			if ansi.StringWidth(line) > width {
				t.Fatalf("%q is wider than %d", line, width)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squeeze(strings.Join(lines, "")) != squeeze(text) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

func TestShown(t *testing.T) {
	tests := map[string]struct {
		value any
		want  []string
	}{
		"nil":             {nil, nil},
		"a typed nil":     {(*int)(nil), nil},
		"text":            {"ENABLED", []string{"ENABLED"}},
		"empty text":      {"", []string{`""`}},
		"text with space": {"IVS ", []string{`"IVS "`}},
		"number":          {14, []string{"14"}},
		"list":            {[]string{"a", "b"}, []string{"a", "b"}},
		"empty list":      {[]string{}, []string{"(empty)"}},
		"what JSON lacks": {func() {}, []string{`""`}},
		"statement": {
			json.RawMessage(`{"Sid":"A","Principal":{"Service":"x"},"Action":["a","b"],"Condition":{"Bool":{"s":"true"},"If":{"y":1}}}`),
			[]string{"Sid: A", "Principal.Service: x", "Action:", "  a", "  b", "Condition:", "  Bool.s: true", "  If.y: 1"},
		},
		"list of objects": {[]any{map[string]int{"a": 1, "b": 2}, "c"}, []string{"(1)", "  a: 1", "  b: 2", "c"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shown(tt.value)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A diff read with its signs gives both sides back.
func TestDiffGivesBothSidesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`[abc]`), 0, 8)
		from, to := lines.Draw(t, "from"), lines.Draw(t, "to")
		var before, after []string
		for _, e := range diff(from, to) {
			if e.sign != "+" {
				before = append(before, e.text)
			}
			if e.sign != "-" {
				after = append(after, e.text)
			}
		}
		if strings.Join(before, "") != strings.Join(from, "") || strings.Join(after, "") != strings.Join(to, "") {
			t.Fatalf("diff of %v and %v gives %v and %v", from, to, before, after)
		}
	})
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0s", 1250 * time.Millisecond: "1.2s", 59940 * time.Millisecond: "59.9s", 59960 * time.Millisecond: "1m00s",
		61 * time.Second: "1m01s", 3600 * time.Second: "60m00s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("seconds(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestEnvLines(t *testing.T) {
	tests := map[string]struct {
		line EnvLine
		want string
	}{
		"value":          {EnvLine{Name: "A", Value: "arn:aws:ivs:x:1:y/z"}, "A=arn:aws:ivs:x:1:y/z"},
		"comment":        {EnvLine{Comment: "eu-west-1: no"}, "# eu-west-1: no"},
		"spaces":         {EnvLine{Name: "A", Value: "a b $c"}, "A='a b $c'"},
		"quotes":         {EnvLine{Name: "A", Value: "it's \"$5\" \\ `x`"}, "A=\"it's \\\"\\$5\\\" \\\\ \\`x\\`\""},
		"lines":          {EnvLine{Name: "A", Value: "a\nb"}, `A="a\nb"`},
		"comment breaks": {EnvLine{Comment: "a\nB=c"}, `# a\nB=c`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.line.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	var b strings.Builder
	if err := PrintEnv(&b, envLines()); err != nil || strings.Count(b.String(), "\n") != 4 {
		t.Errorf("%v:\n%s", err, b.String())
	}
	if err := PrintEnv(&failingWriter{err: errors.New("full")}, envLines()); err == nil {
		t.Error("a failed write is no error")
	}
}

func TestError(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"plain":    {errors.New("no such flag"), "yolo: no such flag\n"},
		"wrapped":  {fmt.Errorf("sync: %w", denied("r")), "yolo: sync: " + denied("r").Error() + "\nhint: give the user the managed policy IVSFullAccess\nrequest id: req-r\n"},
		"findings": {errors.New("yolo.yml: 1 error\n\nyolo.yml:3:1: error: x\n    3 | y"), "yolo: yolo.yml: 1 error\n\nyolo.yml:3:1: error: x\n    3 | y\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, b := file(Options{})
			Error(s, tt.err)
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDebug(t *testing.T) {
	s, b := file(Options{})
	s.Debug(Request{At: 1234 * time.Millisecond, Region: "us-east-1", Service: "ivs", Operation: "ListStorageConfigurations", Status: 200, Elapsed: 45 * time.Millisecond, Attempt: 1})
	s.Debug(Request{At: 2 * time.Second, Region: "us-east-1", Service: "s3", Operation: "HeadBucket", Elapsed: time.Second, Attempt: 2, Err: "NoAnswer"})
	want := "debug:    1.234s  us-east-1       ivs.ListStorageConfigurations  200  45 ms\n" +
		"debug:    2.000s  us-east-1       s3.HeadBucket  no answer  1000 ms  attempt 2  NoAnswer\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
