package manifest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// explanation is what a person is told for one of the parser's messages.
type explanation struct {
	parser string // the message begins with this
	// opener puts the finding where the construct begins, not where the
	// parser noticed.
	opener       bool
	message, fix string
}

// explanations are tried in order.
var explanations = []explanation{
	{
		parser:  "found a tab character that violates indentation",
		message: "a tab cannot indent YAML", fix: "replace the tabs at the beginning of the line by spaces",
	}, {
		parser:  "mapping values are not allowed in this context",
		message: `a "key: value" cannot begin here`,
		fix:     `give the line the indentation of its neighbours, and quote a value that has ": " in it`,
	}, {
		parser: "did not find expected ',' or ']'", opener: true,
		message: "the list that opens here is not closed, or lacks a comma", fix: `write it as [a, b]`,
	}, {
		parser: "did not find expected ',' or '}'", opener: true,
		message: "the map that opens here is not closed, or lacks a comma", fix: `write it as {a: 1, b: 2}`,
	}, {
		parser: "did not find expected node content", opener: true,
		message: "a value is missing here", fix: "write the value, or close the bracket before it",
	}, {
		parser: "found unexpected end of stream", opener: true,
		message: "the quote that opens here is not closed", fix: "add the closing quote",
	}, {
		parser: "found unexpected document indicator", opener: true,
		message: "the quote that opens here is not closed", fix: "add the closing quote",
	}, {
		parser: "could not find expected ':'", opener: true,
		message: `this line is not "key: value"`, fix: `write a colon and a space after the key`,
	}, {
		parser:  "did not find expected key",
		message: "a key of the map above is expected here", fix: "give the line the indentation of its neighbours",
	}, {
		parser:  "did not find expected '-' indicator",
		message: "an item of the list above is expected here", fix: `begin the line with "- ", or indent it as the keys around the list`,
	}, {
		parser:  "block sequence entries are not allowed in this context",
		message: "a list item cannot begin here", fix: `begin the list on a line of its own, or write it as [a, b]`,
	}, {
		parser: "found unknown escape character", opener: true,
		message: `a \ in double quotes begins an escape, and this one does not exist`, fix: `write \\, or use single quotes`,
	}, {
		parser:  "found incompatible YAML document",
		message: "this version of YAML does not exist yet", fix: "remove the line",
	}, {
		parser:  "exceeded max depth",
		message: "the nesting is too deep", fix: "close the brackets",
	},
}

// syntax reports an error of the parser.
func (r *reader) syntax(err error) {
	failed, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		failed = &yaml.LoadError{Message: err.Error()}
	}
	f := finding{code: CodeSyntax, position: r.mark(failed.Mark)}
	f.message, f.fix = failed.Message, "correct the YAML here"
	if anchor, ok := unknownAnchor(failed.Message); ok {
		f.message = fmt.Sprintf("there is no anchor &%s above this alias", printable(anchor))
		f.fix = fmt.Sprintf("define &%s before it is used", printable(anchor))
		f.width = len([]rune(anchor)) + 1
	} else if m, fix, ok := reserved(failed.Message, r.src.rest(f.position)); ok {
		f.message, f.fix = m, fix
	}
	for _, e := range explanations {
		if strings.HasPrefix(failed.Message, e.parser) {
			f.message, f.fix = e.message, e.fix
			if e.opener && failed.ContextMark.Line > 0 {
				f.position = r.mark(failed.ContextMark)
			}
			break
		}
	}
	r.report(r.nearMiss(f))
}

var (
	// glued is a line such as "name:shop", which is one long word to YAML.
	glued = lazyregexp.New(`^\s*[\w.-]+:[^\s/:][^:]*$`)
	// braced is a line up to a place after a value such as {region}-archive.
	braced = lazyregexp.New(`:\s+\{[^{}]*\}$`)
)

// nearMiss recognises two mistakes by their lines, which the parser notices
// too late to name.
func (r *reader) nearMiss(f finding) finding {
	p := f.position
	line := r.src.line(p.Line)
	if before := string(line[:min(p.Column-1, len(line))]); braced.MatchString(before) {
		f.message = "a value that begins with a brace is a map, and this one goes on after it"
		f.fix = `put the whole value in quotes, as in bucket-name: "{region}-archive"`
		return f
	}
	if above := string(r.src.line(p.Line - 1)); glued.MatchString(above) {
		f.position = r.src.position(p.Line-1, utf8.RuneCountInString(above[:strings.IndexByte(above, ':')])+1)
		f.message = "there is no space after this colon"
		f.fix = `write "key: value", with a space`
	}
	return f
}

// mark keeps the parser's positions inside the text: at its end they are one
// line below it.
func (r *reader) mark(m yaml.Mark) Position {
	end := r.src.end()
	if m.Line > end.Line {
		return end
	}
	return r.src.position(m.Line, m.Column)
}

func unknownAnchor(message string) (string, bool) {
	rest, ok := strings.CutPrefix(message, "unknown anchor '")
	return strings.TrimSuffix(rest, "' referenced"), ok
}

// reserved explains the parser's "found character that cannot start any token".
func reserved(message, rest string) (string, string, bool) {
	switch {
	case message != "found character that cannot start any token" || rest == "":
		return "", "", false
	case rest[0] == '\t':
		return "a tab cannot indent YAML", "replace the tabs at the beginning of the line by spaces", true
	}
	return fmt.Sprintf("a value cannot begin with %s", quote(rest[:1])), "put the value in quotes", true
}
