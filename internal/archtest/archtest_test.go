// Package archtest holds the rules that the project keeps about itself: which
// package imports which and why, one doc comment per package, no state in
// package-level variables, no request for a bucket of anybody's, no files too long
// to read, nothing left undone.
//
// It has tests only, and reads source files as they are, for every system they
// may be built for. Each rule is a function that returns what it finds, so that
// it is tried on source that breaks it too. Start with importRules.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the path under which the packages import each other.
const module = "github.com/yolo-live/yolo"

// source is one Go file.
type source struct {
	path string // from the project's root, with slashes
	text string
	file *ast.File
	fset *token.FileSet
}

func (s source) test() bool     { return strings.HasSuffix(s.path, "_test.go") }
func (s source) folder() string { return path.Dir(s.path) }

// at names a place in the file.
func (s source) at(node ast.Node) string {
	return s.fset.Position(node.Pos()).String()
}

func parse(t *testing.T, fset *token.FileSet, name, text string) source {
	t.Helper()
	s := source{path: name, text: text, fset: fset}
	var err error
	if s.file, err = parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestProject holds every rule against the project's own files.
func TestProject(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing goes on at the same time here, and it takes long")
	}
	files := texts(t)
	all := sources(t, files)
	rules := map[string]func() []string{
		"imports":           func() []string { return append(each(all, wrongImports), unusedRules(all)...) },
		"package docs":      func() []string { return eachPackage(all, wrongDocs) },
		"functions":         func() []string { return each(all, wrongFunctions) },
		"package variables": func() []string { return eachPackage(all, changingVariables) },
		"file lengths":      func() []string { return each(all, tooLong) },
		"escape codes":      func() []string { return each(all, escapeCodes) },
		"bucket owners":     func() []string { return each(all, ownerless) },
		"patterns":          func() []string { return each(all, earlyPatterns) },
		"leftovers":         func() []string { return eachText(files, leftovers) },
	}
	for name, findings := range rules {
		t.Run(name, func(t *testing.T) {
			for _, finding := range findings() {
				t.Error(finding)
			}
		})
	}
}

func each(all []source, rule func(source) []string) []string {
	var findings []string
	for _, s := range all {
		findings = append(findings, rule(s)...)
	}
	return findings
}

func eachPackage(all []source, rule func([]source) []string) []string {
	byFolder := map[string][]source{}
	for _, s := range all {
		byFolder[s.folder()] = append(byFolder[s.folder()], s)
	}
	var findings []string
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		findings = append(findings, rule(byFolder[folder])...)
	}
	return findings
}

func eachText(files map[string]string, rule func(name, text string) []string) []string {
	var findings []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		findings = append(findings, rule(name, files[name])...)
	}
	return findings
}

// sources are the Go files among all.
func sources(t *testing.T, files map[string]string) []source {
	t.Helper()
	fset := token.NewFileSet()
	var all []source
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, ".go") {
			all = append(all, parse(t, fset, name, files[name]))
		}
	}
	if len(all) < 100 {
		t.Fatalf("found only %d Go files: is the root still two folders up?", len(all))
	}
	return all
}

// texts are the project's files by their path from the root, without those of
// hidden folders, of tests' data, and of what was built.
func texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if entry.IsDir() {
			if skipped(relative) {
				return fs.SkipDir
			}
			return nil
		}
		if !readable(relative) {
			return nil
		}
		text, err := os.ReadFile(name)
		all[relative] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func skipped(folder string) bool {
	base := path.Base(folder)
	return folder != "." && base != ".ci" && strings.HasPrefix(base, ".") || base == "testdata" || base == "dist"
}

// readable tells the files that people write.
func readable(file string) bool {
	switch path.Ext(file) {
	case ".go", ".md", ".yml", ".mod":
		return true
	}
	return path.Dir(file) == ".ci"
}
