package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// proofPage says what each verdict rests on.
const proofPage = "docs/proof.md"

// verdictPackages are those whose findings are verdicts of a proof.
var verdictPackages = []string{"internal/resource", "internal/recording", "internal/verify", "internal/doctor"}

// findingRow is a row of a table of the page; several IDs may share one.
var (
	findingRow = regexp.MustCompile("(?m)^\\| (`[^|]*) \\|")
	findingID  = regexp.MustCompile("`([a-z-]+)`")
)

// undocumentedFindings holds the IDs of findings in the source against those of
// the page: a verdict that nobody explains is as bad as one that nobody gives.
func undocumentedFindings(page string, all []source) []string {
	used, told := findingIDs(all), map[string]bool{}
	for _, row := range findingRow.FindAllStringSubmatch(page, -1) {
		for _, id := range findingID.FindAllStringSubmatch(row[1], -1) {
			told[id[1]] = true
		}
	}
	var findings []string
	for id, at := range used {
		if !told[id] {
			findings = append(findings, proofPage+": it does not say what the finding "+id+" rests on, which is at "+at)
		}
	}
	for id := range told {
		if used[id] == "" {
			findings = append(findings, proofPage+": it tells of the finding "+id+", which no package has")
		}
	}
	slices.Sort(findings)
	return findings
}

// findingIDs are the IDs in the packages of verdicts, with a place of each.
func findingIDs(all []source) map[string]string {
	found := map[string]string{}
	for _, folder := range verdictPackages {
		var files []source
		for _, s := range all {
			if s.folder() == folder && !s.test() {
				files = append(files, s)
			}
		}
		constants := stringConstants(files)
		for _, s := range files {
			collectIDs(s, func(e ast.Expr) {
				if id := constantString(e, constants); id != "" && found[id] == "" {
					found[id] = s.at(e)
				}
			})
		}
	}
	return found
}

// collectIDs gives what may be a finding's ID: the member of a literal that is
// called so, or what is assigned to one; a link's name; a check of a recording; a
// constant that is returned beside a verdict.
func collectIDs(s source, take func(ast.Expr)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			for _, id := range idsOfLiteral(n) {
				take(id)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if member, ok := left.(*ast.SelectorExpr); ok && member.Sel.Name == "ID" && len(n.Lhs) == len(n.Rhs) {
					take(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "Check" {
				for _, value := range n.Values {
					take(value)
				}
			}
		case *ast.ReturnStmt:
			if len(n.Results) == 3 && isVerdict(n.Results[1]) {
				take(n.Results[0])
			}
		}
		return true
	})
}

// idsOfLiteral are those that a literal of a finding, a showError or a link's
// name has.
func idsOfLiteral(n *ast.CompositeLit) (ids []ast.Expr) {
	switch nameOf(n.Type) {
	case "name":
		if len(n.Elts) > 0 {
			ids = append(ids, n.Elts[0])
		}
	case "Finding", "showError":
		for _, element := range n.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if key, named := keyOf(pair); ok && named && (key == "ID" || key == "id") {
				ids = append(ids, pair.Value)
			}
		}
	}
	return ids
}

func keyOf(pair *ast.KeyValueExpr) (string, bool) {
	if pair == nil {
		return "", false
	}
	key, ok := pair.Key.(*ast.Ident)
	if !ok {
		return "", false
	}
	return key.Name, true
}

// nameOf is the name of a type, without its package.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// isVerdict tells whether an expression is proof.Pass, Fail or NotProven.
func isVerdict(e ast.Expr) bool {
	selector, ok := e.(*ast.SelectorExpr)
	return ok && nameOf(selector.X) == "proof" && slices.Contains([]string{"Pass", "Fail", "NotProven"}, selector.Sel.Name)
}

// stringConstants are a package's, by name.
func stringConstants(files []source) map[string]string {
	all := map[string]string{}
	for _, s := range files {
		for _, declaration := range s.file.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				for i, name := range value.Names {
					if i < len(value.Values) {
						if text := constantString(value.Values[i], nil); text != "" {
							all[name.Name] = text
						}
					}
				}
			}
		}
	}
	return all
}

// constantString is what a literal or a constant says, "" for anything else.
func constantString(e ast.Expr, constants map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		return constants[e.Name]
	}
	return ""
}

// namesOfShow begin what the test show's things are called, by which readers of
// the page know them.
var namesOfShow = regexp.MustCompile(`^yolo[-:.]verify`)

// TestFindingsOfTheProof holds the page against the source, in both directions.
func TestFindingsOfTheProof(t *testing.T) {
	files := texts(t)
	all := sources(t, files)
	if found := findingIDs(all); len(found) < 40 {
		t.Errorf("only %d findings were found in the source", len(found))
	}
	for _, finding := range undocumentedFindings(files[proofPage], all) {
		t.Error(finding)
	}
	var named []source
	for _, s := range all {
		if s.folder() == "internal/verify" || s.folder() == "internal/manifest" {
			named = append(named, s)
		}
	}
	names := 0
	for name, value := range stringConstants(named) {
		if !namesOfShow.MatchString(value) {
			continue
		}
		if names++; !strings.Contains(files[proofPage], "`"+value+"`") {
			t.Errorf("%s: it does not tell of %s, %q", proofPage, name, value)
		}
	}
	if names < 4 {
		t.Errorf("only %d names of the test show were found", names)
	}
}

// TestUndocumentedFindings: the rule sees each way in which an ID may be written.
func TestUndocumentedFindings(t *testing.T) {
	const text = `package verify
const idConstant = "constant"
const checkValue Check = "check"
var link = name{"link", "title"}
func f() (string, proof.Verdict, string) {
	f := proof.Finding{Region: "region", ID: "literal", Title: "title"}
	g := &showError{id: idConstant, doing: "doing"}
	f.ID, f.Evidence = "assigned", "evidence"
	h := proof.Step{ID: "step"}
	return "returned", proof.Fail, "evidence"
}
`
	s := parse(t, token.NewFileSet(), "internal/verify/x.go", text)
	page := "| `link`, `literal` | PASS |\n| `gone` | FAIL |\n| plain `constant` |\n"
	var got []string
	for _, finding := range undocumentedFindings(page, []source{s}) {
		got = append(got, strings.Split(strings.TrimPrefix(finding, proofPage+": it "), ",")[0])
	}
	want := []string{
		"does not say what the finding assigned rests on", "does not say what the finding check rests on",
		"does not say what the finding constant rests on", "does not say what the finding returned rests on",
		"tells of the finding gone",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
