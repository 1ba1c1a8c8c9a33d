package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// wrongDocs finds a package that has no doc comment, more than one, or one that
// says too little or too much: 3 to 12 lines are wanted.
func wrongDocs(files []source) []string {
	onlyTests := !slices.ContainsFunc(files, func(s source) bool { return !s.test() })
	var docs []source
	for _, s := range files {
		if s.file.Doc != nil && (onlyTests || !s.test()) {
			docs = append(docs, s)
		}
	}
	if len(docs) != 1 {
		return []string{fmt.Sprintf("%s: %d package docs, want one", files[0].folder(), len(docs))}
	}
	doc := docs[0]
	lines := strings.Count(strings.TrimSpace(doc.file.Doc.Text()), "\n") + 1
	least := 3
	if doc.file.Name.Name == "main" {
		least = 1
	}
	if lines < least || lines > 12 {
		return []string{fmt.Sprintf("%s: a package doc of %d lines, want %d to 12", doc.path, lines, least)}
	}
	return nil
}

func TestWrongDocs(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("// Package x does.\n", n) + "package x\n" }
	for name, c := range map[string]struct {
		files map[string]string
		wrong bool
	}{
		"one":               {map[string]string{"a.go": lines(3), "b.go": lines(0)}, false},
		"none":              {map[string]string{"a.go": lines(0)}, true},
		"two":               {map[string]string{"a.go": lines(3), "b.go": lines(3)}, true},
		"too short":         {map[string]string{"a.go": lines(2)}, true},
		"too long":          {map[string]string{"a.go": lines(13)}, true},
		"only in a test":    {map[string]string{"a.go": lines(0), "a_test.go": lines(3)}, true},
		"of tests only":     {map[string]string{"a_test.go": lines(3)}, false},
		"of a test as well": {map[string]string{"a.go": lines(3), "a_test.go": lines(3)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var files []source
			for path, text := range c.files {
				files = append(files, parse(t, token.NewFileSet(), path, text))
			}
			if found := wrongDocs(files); (len(found) > 0) != c.wrong {
				t.Errorf("found %q, want something found: %t", found, c.wrong)
			}
		})
	}
}

// isCommand tells whether a file is one of a program's main package.
func isCommand(path string) bool {
	return strings.HasPrefix(path, "cmd/") || strings.HasPrefix(path, "tools/") || path == "bench/main.go"
}

// wrongFunctions finds init functions, which run before anything could be
// injected, and program ends outside of main packages, which no test survives.
func wrongFunctions(s source) []string {
	var findings []string
	ast.Inspect(s.file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			if node.Name.Name == "init" && node.Recv == nil {
				findings = append(findings, s.at(node)+": an init function")
			}
		case *ast.SelectorExpr:
			if ends(node) && !s.test() && !isCommand(s.path) {
				findings = append(findings, fmt.Sprintf("%s: %s.%s: only a main package may end the program", s.at(node), node.X, node.Sel))
			}
		}
		return true
	})
	return findings
}

func ends(selector *ast.SelectorExpr) bool {
	from, ok := selector.X.(*ast.Ident)
	if !ok {
		return false
	}
	name := from.Name + "." + selector.Sel.Name
	return name == "os.Exit" || name == "syscall.Exit" || name == "runtime.Goexit" ||
		strings.HasPrefix(name, "log.Fatal") || strings.HasPrefix(name, "log.Panic")
}

func TestWrongFunctions(t *testing.T) {
	for name, c := range map[string]struct {
		path, text string
		wrong      bool
	}{
		"init":             {"internal/x/x.go", "func init() {}", true},
		"method init":      {"internal/x/x.go", "func (x) init() {}", false},
		"exit":             {"internal/x/x.go", "func f() { os.Exit(1) }", true},
		"exit as a value":  {"internal/x/x.go", "var exit = os.Exit", true},
		"fatal":            {"internal/x/x.go", "func f() { log.Fatalf(\"\") }", true},
		"exit in cmd":      {"cmd/x/main.go", "func f() { os.Exit(1) }", false},
		"exit in a test":   {"internal/x/x_test.go", "func f() { os.Exit(1) }", false},
		"a method of ours": {"internal/x/x.go", "func f() { door.Exit(1) }", false},
	} {
		t.Run(name, func(t *testing.T) {
			if found := wrongFunctions(parse(t, token.NewFileSet(), c.path, "package x\n\n"+c.text)); (len(found) > 0) != c.wrong {
				t.Errorf("found %q, want something found: %t", found, c.wrong)
			}
		})
	}
}
