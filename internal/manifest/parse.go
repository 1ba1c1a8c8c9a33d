package manifest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// parse returns the root of the only YAML document of the file. Without one it
// reports why and returns false.
func (r *reader) parse() (value, bool) {
	if !r.readable() {
		return value{}, false
	}
	documents, err := load(versionless(r.src.text))
	if err != nil {
		r.syntax(err)
		return value{}, false
	}
	if len(documents) == 0 || len(documents) == 1 && isNull(root(documents[0])) {
		r.report(finding{
			code: CodeEmptyFile, position: r.src.position(1, 1),
			message: "the manifest is empty",
			fix:     `begin with "name: my-app" and "environments:"`,
		})
		return value{}, false
	}
	if len(documents) > 1 {
		r.report(finding{
			code: CodeSeveralDocuments, position: r.src.at(documents[1]),
			message: "a second YAML document begins here, and a manifest is one",
			fix:     "make it one document, or move the second one to a file of its own",
		})
		return value{}, false
	}
	return newValue(root(documents[0])), true
}

func root(document *yaml.Node) *yaml.Node { return document.Content[0] }

// version is the directive for YAML 1.2 or another 1.x at the head of a file.
// The parser knows 1.1 alone, though it reads 1.2.
var version = lazyregexp.New(`^((?:[ \t]*(?:#.*)?\r?\n)*%YAML[ \t]+1\.)[0-9]`)

func versionless(text string) string { return version.ReplaceAllString(text, "${1}1") }

// load returns the first two documents of a text.
func load(text string) ([]*yaml.Node, error) {
	return guarded(func() ([]*yaml.Node, error) { return loadDocuments(text) })
}

// guarded turns a panic of the parser, which has some on purpose, into an error.
func guarded(parse func() ([]*yaml.Node, error)) (documents []*yaml.Node, err error) {
	defer func() {
		if bug := recover(); bug != nil {
			documents, err = nil, fmt.Errorf("the YAML parser gave up: %v", bug)
		}
	}()
	return parse()
}

func loadDocuments(text string) (documents []*yaml.Node, err error) {
	loader, err := yaml.NewLoader(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	for len(documents) < 2 {
		var document yaml.Node
		if err := loader.Load(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if len(document.Content) == 1 {
			documents = append(documents, &document)
		}
	}
	return documents, nil
}

// maxTagDirectives bounds what the parser compares each with each.
const maxTagDirectives = 100

// readable reports the first byte or character that YAML does not allow. The
// parser would refuse it too, without saying where.
func (r *reader) readable() bool {
	text := r.src.text
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return r.refuse(CodeInvalidEncoding, 0, "the file is UTF-16, and YAML is read as UTF-8", "save the file as UTF-8")
	}
	if at := strings.Index(text, "%TAG"); strings.Count(text, "\n%TAG") > maxTagDirectives {
		return r.refuse(CodeSyntax, at, "there are too many %TAG directives", "remove them; no tag is allowed in aws.ivs")
	}
	for i, c := range text {
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			return r.refuse(CodeInvalidEncoding, i, fmt.Sprintf("byte 0x%02X is not UTF-8", text[i]), "save the file as UTF-8")
		case !allowed(c):
			return r.refuse(CodeInvalidEncoding, i, fmt.Sprintf("control character %U is not allowed in YAML", c), "remove the character")
		}
	}
	return true
}

func (r *reader) refuse(code string, index int, message, fix string) bool {
	r.report(finding{code: code, position: r.src.offset(index), message: message, fix: fix})
	return false
}

// allowed reports whether c is in YAML's set c-printable.
func allowed(c rune) bool {
	switch {
	case c == '\t', c == '\n', c == '\r', c == '\u0085':
		return true
	case c < ' ', c >= 0x7f && c < 0xa0, c == 0xfffe, c == 0xffff:
		return false
	}
	return true
}
