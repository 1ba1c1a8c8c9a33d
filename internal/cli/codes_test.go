package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every code of yolo's own that a document may have is in docs/json.md, and
// every one there is one that it may have.
func TestCodesAreDocumented(t *testing.T) {
	docs, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, codes, found := strings.Cut(string(docs), "\n## Codes\n")
	if !found {
		t.Fatal("docs/json.md has no section on codes")
	}
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|").FindAllStringSubmatch(codes, -1) {
		documented[row[1]] = true
	}
	// Of the manifest's findings only UnknownRegion lets a run go on, and what
	// cloud calls TooManyRequests has no code.
	used := map[string]bool{(&accountError{}).Code(): true, codeEnvFile: true, codeNoLogGroup: true, codeReadAgain: true, "UnknownRegion": true, "TooManyRequests": true}
	code := regexp.MustCompile(`(?m)(?:\b(?:Code|Warn)[A-Z]\w*\s*=\s*|ProblemCode:\s*|e\.code, e\.message = )"([A-Z][A-Za-z]+)"(?:,|$| )`)
	for _, folder := range []string{"cloud", "doctor", "reconcile", "resource", "ui", "verify"} {
		files, err := filepath.Glob("../" + folder + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range code.FindAllStringSubmatch(string(text), -1) {
				used[found[1]] = true
			}
		}
	}
	for code := range used {
		if !documented[code] {
			t.Errorf("docs/json.md does not tell of the code %s", code)
		}
	}
	for code := range documented {
		if !used[code] {
			t.Errorf("docs/json.md tells of the code %s, which nothing has", code)
		}
	}
}
