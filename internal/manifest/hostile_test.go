package manifest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// numbered joins n words made of a format with one number in it.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestHostile reads files that cost a careless reader the square of their
// size, or more, which shows as a test that takes minutes.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing goes on at the same time here, and it takes long")
	}
	const n = 20_000
	const ivs = "name: shop\nenvironments:\n  a:\n    aws:\n      region: us-east-1\n      ivs: "
	for name, test := range map[string]struct{ text, code string }{
		"one line of unknown keys": {ivs + "{" + numbered("k%d,", n) + "}", CodeUnknownKey},
		"one line of regions":      {ivs + "{regions: [" + numbered("us-east-%d,", n) + "]}", CodeInvalidRegion},
		"one region often":         {ivs + "{regions: [" + strings.Repeat("us-east-1,", n) + "]}", CodeDuplicateRegion},
		"one environment often":    {"name: a\nenvironments: {" + strings.Repeat("a,", n) + "}", CodeDuplicateKey},
		"merge keys":               {ivs + "{" + strings.Repeat("<<: {},", n) + "}", CodeDuplicateKey},
		"environments of aliases":  {"x: &x {ivs: {a: 1}}\nname: a\nenvironments: {" + numbered("e%d: {aws: *x},", n) + "}", CodeUnknownKey},
		"empty lines":              {"a: [" + strings.Repeat("\n", n), CodeSyntax},
		"tag directives":           {numbered("%%TAG !a%d! tag:x\n", n), CodeSyntax},
		"open brackets":            {strings.Repeat("[", n), CodeSyntax},
		"list in list":             {strings.Repeat("- ", n), CodeSyntax},
		"empty keys":               {strings.Repeat("?\n", n), CodeMissingKey},
		"itself in itself":         {ivs + "&x {regions: &r [*r], recording: *x}", CodeUnknownKey},
		"comments":                 {strings.Repeat("#\n", n), CodeEmptyFile},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openSource(newSource("yolo.yml", test.text))
			invalid, ok := errors.AsType[*InvalidError](err)
			if !ok {
				t.Fatalf("want an InvalidError, got %v", err)
			}
			if got := invalid.Findings[0].Code; got != test.code {
				t.Errorf("want %s first, got %v", test.code, invalid.Findings[0])
			}
		})
	}
}

func TestFindingsAreBounded(t *testing.T) {
	const over = 234
	_, err := openSource(newSource("yolo.yml",
		"name: a\nenvironments: {e: {aws: {ivs: {"+numbered("k%d: 1,", maxFindings+over)+"}}}}"))
	invalid, ok := errors.AsType[*InvalidError](err)
	if !ok || len(invalid.Findings) != maxFindings || invalid.Omitted != over {
		t.Fatalf("want %d findings and %d omitted, got %v", maxFindings, over, err)
	}
	if want := "1000 errors, and 234 more that are not shown"; invalid.Summary() != want {
		t.Errorf("want %q, got %q", want, invalid.Summary())
	}
}

// An error counts even when warnings have used up the room for findings.
func TestErrorAfterManyWarnings(t *testing.T) {
	_, err := openSource(newSource("yolo.yml",
		"name: a\nenvironments: {"+numbered("e%d: {aws: {region: af-south-1, ivs: true}},", maxFindings)+"last: {ivs: true}}"))
	if _, ok := errors.AsType[*InvalidError](err); !ok {
		t.Errorf("want an InvalidError, got %v", err)
	}
}
