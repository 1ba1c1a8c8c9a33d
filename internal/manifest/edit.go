package manifest

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// edit puts text in the place of some bytes.
type edit struct {
	at, cut int
	text    string
}

// applied returns text after the edits, which are in their order and do not
// overlap.
func applied(text string, edits []edit) string {
	var b strings.Builder
	done := 0
	for _, e := range edits {
		b.WriteString(text[done:e.at] + e.text)
		done = e.at + e.cut
	}
	b.WriteString(text[done:])
	return b.String()
}

// ending is how the file's first line ends.
func (b *Base) ending() string {
	if first := len(b.src.lines[0]); first < len(b.src.text) {
		return b.src.text[first : first+len(lineBreak(b.src.text[first:]))]
	}
	return "\n"
}

// begin returns the offset of a line, which counts from 1.
func (b *Base) begin(line int) int {
	at := 0
	for _, text := range b.src.lines[:line-1] {
		at += len(text)
		at += len(lineBreak(b.src.text[at:]))
	}
	return at
}

// after inserts lines behind a line. When that is the last one and has no
// ending, neither has what comes behind it.
func (b *Base) after(line int, text string) edit {
	if line < len(b.src.lines) {
		return edit{at: b.begin(line + 1), text: text}
	}
	ending := b.ending()
	return edit{at: len(b.src.text), text: ending + strings.TrimSuffix(text, ending)}
}

// atEnd adds a whole document to a file that has none.
func (b *Base) atEnd(s sketch) edit {
	text := s.text(1, 2, b.ending())
	if strings.TrimSpace(b.src.text) != "" {
		text = b.ending() + text
	}
	return b.after(b.lines(), text)
}

// lines is the number of the file's lines, without the empty one behind the
// last line break.
func (b *Base) lines() int {
	n := len(b.src.lines)
	if b.src.lines[n-1] == "" {
		n--
	}
	return n
}

// cut takes the value away that a map takes the place of, if it has a text.
func (b *Base) cut(key, v *yaml.Node) ([]edit, error) {
	if v.Value == "" && v.Kind == yaml.ScalarNode {
		return nil, nil
	}
	at := b.offset(v)
	before := strings.TrimRight(b.src.text[:at], " \t")
	token := emptyValue.FindString(b.src.text[at:])
	if v.Line != key.Line || !strings.HasSuffix(before, ":") || token == "" {
		return nil, b.unsafe(v, "yolo does not know how to take this value away")
	}
	return []edit{{at: len(before), cut: at + len(token) - len(before)}}, nil
}

// emptyValue is what may stand where a map is to come.
var emptyValue = lazyregexp.New(`^(\{[ \t]*\}|~|(?i:null|true|false))`)

// offset returns where a node begins.
func (b *Base) offset(n *yaml.Node) int {
	line := []rune(b.src.lines[n.Line-1])
	return b.begin(n.Line) + len(string(line[:n.Column-1]))
}

// lastLine returns the last line of the innermost map or key of a slot. The
// comments at its end belong to it when they are indented as its keys are,
// which are in this column.
func (b *Base) lastLine(s slot, column int) int {
	first := s.inner().Line
	if len(s.keys) > 0 {
		first = s.keys[len(s.keys)-1].Line
	}
	last := min(b.nextLine(s, first)-1, b.lines())
	for last > first && foreign(b.src.lines[last-1], column, s.behindEmpty) {
		last--
	}
	return last
}

// foreign reports an empty line, or a comment that is indented less than the
// column.
func foreign(line string, column int, ownEmpty bool) bool {
	if isBlank(line) {
		return !ownEmpty
	}
	words := strings.TrimLeft(line, " ")
	return strings.HasPrefix(words, "#") && len(line)-len(words) < column-1
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// nextLine returns the line of what comes behind the slot's innermost map or
// key: of a key, of the document's end, or the one below the last line.
func (b *Base) nextLine(s slot, first int) int {
	for i := len(s.keys) - 1; i >= 0; i-- {
		content := s.maps[i].Content
		if next := slices.Index(content, s.keys[i]) + 2; next < len(content) {
			return content[next].Line
		}
	}
	for line := first; line <= len(b.src.lines); line++ {
		if documentEnd.MatchString(b.src.lines[line-1]) {
			return line
		}
	}
	return len(b.src.lines) + 1
}

var documentEnd = lazyregexp.New(`^\.\.\.([ \t]|$)`)
