package archtest

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// earlyPatterns finds the program's regular expressions that are compiled
// where they stand: at every start, or at every call.
func earlyPatterns(s source) []string {
	if s.test() || !strings.HasPrefix(s.path, "internal/") || s.folder() == "internal/lazyregexp" {
		return nil
	}
	var findings []string
	ast.Inspect(s.file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok && types.ExprString(selector) == "regexp.MustCompile" {
			findings = append(findings, s.at(node)+": regexp.MustCompile takes time at every start: make it a package's variable of lazyregexp.New")
		}
		return true
	})
	return findings
}

func TestEarlyPatterns(t *testing.T) {
	const pattern = "package x\n\nvar form = regexp.MustCompile(`x`)\n"
	for name, c := range map[string]struct {
		path, text string
		wrong      bool
	}{
		"a variable":       {"internal/ui/x.go", pattern, true},
		"in a table":       {"internal/ui/x.go", "package x\n\nvar forms = table{{`x`, regexp.MustCompile(`x`)}}\n", true},
		"at every call":    {"internal/ui/x.go", "package x\n\nfunc f() bool { return regexp.MustCompile(`x`).MatchString(`x`) }\n", true},
		"compiled late":    {"internal/ui/x.go", "package x\n\nvar form = lazyregexp.New(`x`)\n", false},
		"in a test":        {"internal/ui/x_test.go", pattern, false},
		"where it is late": {"internal/lazyregexp/x.go", pattern, false},
		"another program":  {"tools/x/x.go", pattern, false},
	} {
		t.Run(name, func(t *testing.T) {
			if found := earlyPatterns(parse(t, token.NewFileSet(), c.path, c.text)); (len(found) > 0) != c.wrong {
				t.Errorf("found %q, want something found: %t", found, c.wrong)
			}
		})
	}
}
