package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"
	"testing"
)

// changingVariables finds variables of a package, tests left out, that are more
// than a name for a value: those with no value from the start, with a lock in
// them, and those that some code changes or points to. Errors, compiled
// patterns and tables pass.
func changingVariables(files []source) []string {
	var program []source
	for _, s := range files {
		if !s.test() {
			program = append(program, s)
		}
	}
	if len(program) == 0 {
		return nil
	}
	p := resolve(program)
	for _, s := range program {
		p.source = s
		for _, declaration := range s.file.Decls {
			if general, ok := declaration.(*ast.GenDecl); ok && general.Tok == token.VAR {
				p.checkDeclaration(general)
			}
		}
		ast.Inspect(s.file, p.checkUse)
	}
	return p.findings
}

// resolved is a package of which each name is known to be its variable or not.
// What it imports is not: types of other packages are unknown.
type resolved struct {
	source
	pkg      *types.Package
	info     *types.Info
	findings []string
}

func resolve(files []source) *resolved {
	p := &resolved{info: &types.Info{
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
	var parsed []*ast.File
	for _, s := range files {
		parsed = append(parsed, s.file)
	}
	config := types.Config{Importer: unknown{}, Error: func(error) {}, DisableUnusedImportCheck: true}
	p.pkg, _ = config.Check(files[0].folder(), files[0].fset, parsed, p.info)
	return p
}

// unknown imports every package as an empty one.
type unknown struct{}

func (unknown) Import(name string) (*types.Package, error) {
	pkg := types.NewPackage(name, path.Base(name))
	pkg.MarkComplete()
	return pkg, nil
}

func (p *resolved) found(node ast.Node, format string, args ...any) {
	p.findings = append(p.findings, p.at(node)+": "+fmt.Sprintf(format, args...))
}

func (p *resolved) checkDeclaration(declaration *ast.GenDecl) {
	for _, spec := range declaration.Specs {
		value := spec.(*ast.ValueSpec)
		name := value.Names[0].Name
		embedded := declaration.Doc != nil && strings.Contains(comments(declaration.Doc), "//go:embed ")
		if len(value.Values) == 0 && !embedded {
			p.found(value, "var %s has no value: it can only be of use by being changed", name)
		}
		ast.Inspect(value, func(node ast.Node) bool {
			if lock := lockType(node); lock != "" {
				p.found(value, "var %s holds a %s: state belongs into a value that is passed", name, lock)
			}
			_, function := node.(*ast.FuncLit)
			return !function
		})
	}
}

func comments(group *ast.CommentGroup) string {
	var lines []string
	for _, comment := range group.List {
		lines = append(lines, comment.Text)
	}
	return strings.Join(lines, "\n")
}

func lockType(node ast.Node) string {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	name := types.ExprString(selector)
	switch name {
	case "sync.Mutex", "sync.RWMutex", "sync.Map", "sync.Pool", "sync.Once", "sync.WaitGroup", "sync.Cond":
		return name
	}
	if strings.HasPrefix(name, "atomic.") {
		return name
	}
	return ""
}

// changers are functions that change their first argument.
var changers = map[string]bool{
	"clear": true, "copy": true, "delete": true,
	"maps.Copy": true, "maps.DeleteFunc": true,
	"slices.Reverse": true, "slices.Sort": true, "slices.SortFunc": true, "slices.SortStableFunc": true,
	"sort.Ints": true, "sort.Slice": true, "sort.SliceStable": true, "sort.Strings": true,
}

func (p *resolved) checkUse(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok != token.DEFINE {
			for _, left := range node.Lhs {
				p.checkChanged(left, "is set")
			}
		}
	case *ast.IncDecStmt:
		p.checkChanged(node.X, "is counted")
	case *ast.RangeStmt:
		if node.Tok == token.ASSIGN {
			p.checkChanged(node.Key, "is set by a loop")
			p.checkChanged(node.Value, "is set by a loop")
		}
	case *ast.UnaryExpr:
		if node.Op == token.AND {
			p.checkChanged(node.X, "is pointed to")
		}
	case *ast.CallExpr:
		if name := types.ExprString(node.Fun); changers[name] && len(node.Args) > 0 {
			p.checkChanged(node.Args[0], "is changed by "+name)
		}
	case *ast.SelectorExpr:
		if p.takesPointer(node) {
			p.checkChanged(node.X, "is pointed to by its method "+node.Sel.Name)
		}
	}
	return true
}

// takesPointer tells a method of the package's own types that may change what
// it is called on.
func (p *resolved) takesPointer(selector *ast.SelectorExpr) bool {
	selection, ok := p.info.Selections[selector]
	if !ok || selection.Kind() != types.MethodVal {
		return false
	}
	receiver := selection.Obj().(*types.Func).Signature().Recv().Type()
	_, wants := receiver.Underlying().(*types.Pointer)
	_, has := selection.Recv().Underlying().(*types.Pointer)
	return wants && !has
}

// checkChanged reports an expression that is a package's variable or within
// one.
func (p *resolved) checkChanged(expression ast.Expr, how string) {
	for {
		switch inner := expression.(type) {
		case *ast.ParenExpr:
			expression = inner.X
		case *ast.IndexExpr:
			expression = inner.X
		case *ast.SliceExpr:
			expression = inner.X
		case *ast.StarExpr:
			expression = inner.X
		case *ast.SelectorExpr:
			expression = inner.X
		case *ast.Ident:
			p.checkName(inner, how)
			return
		default:
			return
		}
	}
}

func (p *resolved) checkName(name *ast.Ident, how string) {
	switch object := p.info.Uses[name].(type) {
	case *types.PkgName:
		p.found(name, "a variable of package %s %s", name.Name, how)
	case *types.Var:
		if object.Parent() == p.pkg.Scope() {
			p.found(name, "var %s of the package %s", name.Name, how)
		}
	}
}

func TestChangingVariables(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		wrong bool
	}{
		"an error":              {`var errX = errors.New("x")`, false},
		"a pattern that's used": {"var form = regexp.MustCompile(`x`)\nfunc f() bool { return form.MatchString(`x`) }", false},
		"a table that's read":   {`var table = map[string]int{"a": 1}; func f() int { return table["a"] }`, false},
		"an embedded file":      {"//go:embed x.txt\nvar text string", false},
		"a local of that name":  {`var n = 1; func f() { n := 2; n = 3; _ = n }`, false},
		"a pointer's method":    {`type x struct{}; func (*x) f() {}; var one = &x{}; func f() { one.f() }`, false},
		"a copy":                {`var n = []int{1}; func f() { m := append([]int{}, n...); m[0] = 2 }`, false},
		"a chain of methods":    {`var t = x{}; type x struct{}; func (x) f() {}; func f() { t.f() }`, false},

		"no value":              {`var n int`, true},
		"set":                   {`var n = 1; func f() { n = 2 }`, true},
		"counted":               {`var n = 1; func f() { n++ }`, true},
		"an element set":        {`var table = map[string]int{}; func f() { table["a"] = 1 }`, true},
		"a field set":           {`var one = struct{ n int }{}; func f() { one.n = 1 }`, true},
		"set through a pointer": {`var one = new(int); func f() { *one = 1 }`, true},
		"pointed to":            {`var n = 1; func f() *int { return &n }`, true},
		"an element deleted":    {`var table = map[string]int{}; func f() { delete(table, "a") }`, true},
		"sorted":                {`var list = []int{2, 1}; func f() { slices.Sort(list) }`, true},
		"a lock":                {`var lock = sync.Mutex{}`, true},
		"a lock inside":         {`var state = struct{ sync.Mutex; n int }{}`, true},
		"set by a loop":         {`var n = 1; func f() { for n = range 3 {} }`, true},
		"a method that may set": {`type x struct{}; func (*x) f() {}; var one = x{}; func f() { one.f() }`, true},
		"of another package":    {`import "net/http"; func f() { http.DefaultClient = nil }`, true},
	} {
		t.Run(name, func(t *testing.T) {
			files := []source{parse(t, token.NewFileSet(), "x/x.go", "package x\n\n"+c.text)}
			if found := changingVariables(files); (len(found) > 0) != c.wrong {
				t.Errorf("found %q, want something found: %t", found, c.wrong)
			}
		})
	}
}
