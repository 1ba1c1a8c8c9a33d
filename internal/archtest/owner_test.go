package archtest

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// ownerless finds requests for a bucket that do not say whose it must be. Its
// name can be guessed, and taken by somebody else first. Only CreateBucket has no
// such word. The emulator's clients are of tests, and so are those of contract.
func ownerless(s source) []string {
	if s.test() || strings.HasPrefix(s.path, "internal/emulator/") || strings.HasPrefix(s.path, "internal/contract/") {
		return nil
	}
	var findings []string
	ast.Inspect(s.file, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		of, ok := literal.Type.(*ast.SelectorExpr)
		if !ok || !strings.HasSuffix(of.Sel.Name, "Input") || of.Sel.Name == "CreateBucketInput" {
			return true
		}
		if sets(literal, "Bucket") && !sets(literal, "ExpectedBucketOwner") {
			findings = append(findings, s.at(node)+": a request for a bucket, whosever it is: set ExpectedBucketOwner")
		}
		return true
	})
	return findings
}

// sets tells whether a literal names a field.
func sets(literal *ast.CompositeLit, field string) bool {
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == field {
				return true
			}
		}
	}
	return false
}

func TestOwnerless(t *testing.T) {
	for name, c := range map[string]struct {
		path, text string
		wrong      bool
	}{
		"said":      {"internal/x/x.go", "var in = &s3.HeadBucketInput{Bucket: b, ExpectedBucketOwner: o}", false},
		"not said":  {"internal/x/x.go", "var in = &s3.HeadBucketInput{Bucket: b}", true},
		"an object": {"internal/x/x.go", "var in = s3.GetObjectInput{Key: k, Bucket: b}", true},
		"made only": {"internal/x/x.go", "var in = &s3.CreateBucketInput{Bucket: b}", false},
		"no bucket": {"internal/x/x.go", "var in = s3.ListObjectVersionsInput{Prefix: p}", false},
		"a test":    {"internal/x/x_test.go", "var in = &s3.HeadBucketInput{Bucket: b}", false},
	} {
		t.Run(name, func(t *testing.T) {
			if found := ownerless(parse(t, token.NewFileSet(), c.path, "package x\n\n"+c.text)); (len(found) > 0) != c.wrong {
				t.Errorf("found %q, want something found: %t", found, c.wrong)
			}
		})
	}
}
