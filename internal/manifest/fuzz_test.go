package manifest

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzLoad feeds any bytes. Whatever they are, the answer is a valid manifest
// or findings that lie inside the file, each with a message and a fix.
func FuzzLoad(f *testing.F) {
	for _, kind := range []string{"good", "bad"} {
		for _, path := range corpus(f, kind) {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := newSource("yolo.yml", text)
		m, err := openSource(src)
		if err != nil {
			invalid, ok := errors.AsType[*InvalidError](err)
			if !ok {
				t.Fatalf("want an InvalidError, got %v", err)
			}
			for _, finding := range invalid.Findings {
				checkFinding(t, src, finding)
			}
			if !utf8.ValidString(invalid.Error()) || strings.ContainsAny(invalid.Error(), "\x1b\u202e") {
				t.Errorf("not fit for a terminal: %q", invalid.Error())
			}
			return
		}
		for _, name := range m.Environments {
			e, warnings, err := m.Environment(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, finding := range warnings {
				checkFinding(t, src, finding)
			}
			checkEnvironment(t, e)
		}
	})
}

func checkFinding(t *testing.T, src *source, f Finding) {
	t.Helper()
	if f.Message == "" || f.Fix == "" || f.Code == "" || f.Severity == "" {
		t.Errorf("incomplete: %+v", f)
	}
	p := f.Position
	if p.Line < 1 || p.Line > len(src.lines) || p.Column < 1 {
		t.Fatalf("outside the file: %v of %d lines", p, len(src.lines))
	}
	if last := utf8.RuneCountInString(src.lines[p.Line-1]) + 1; p.Column > last {
		t.Errorf("outside the line: %v, the line ends at %d", p, last)
	}
	if width := utf8.RuneCountInString(f.Excerpt); f.Caret < 0 || f.Caret > width || f.Width < 1 || f.Width > max(1, width-f.Caret) {
		t.Errorf("caret %d and width %d under %q", f.Caret, f.Width, f.Excerpt)
	}
}

func checkEnvironment(t *testing.T, e *Environment) {
	t.Helper()
	on := e.Logging.Enabled || e.Recording.Enabled
	if on && len(e.Regions) == 0 {
		t.Error("a feature is on, and there is no region")
	}
	if e.Logging.Enabled == (e.Logging.SkipReason != "") || e.Recording.Enabled == (e.Recording.SkipReason != "") {
		t.Errorf("a reason and no skip, or the reverse: %+v", e)
	}
	if e.AccountID != "" && !accountForm.MatchString(e.AccountID) {
		t.Errorf("account %q", e.AccountID)
	}
	for _, region := range e.Regions {
		if e.RegionLine(region).Line == 0 || !regionForm.MatchString(region) {
			t.Errorf("region %q at %v", region, e.RegionLine(region))
		}
		if e.Recording.Enabled && !IsBucketName(e.BucketName(region)) {
			t.Errorf("bucket %q: %s", e.BucketName(region), bucketProblem(e.BucketName(region)))
		}
	}
	for _, made := range e.made() {
		if len(made.name) > made.rule.max || made.rule.foreign.MatchString(made.name) {
			t.Errorf("%s may not be called %q", made.rule.what, made.name)
		}
	}
}
