package dotenv

import (
	"fmt"
	"slices"
	"strings"
)

// Change is what Merge did for one assignment.
type Change struct {
	Key string
	// Line is its first line in the merged text.
	Line     int
	From, To string
	// Added tells that the key was not there, and From is "".
	Added bool
}

// Merge brings values into a text, and returns it with what was changed, in the
// order of the lines. What is right already stays as it is, and comes out the
// same when it is merged again.
//
// A value that changes keeps its place, its quotes if they can hold it, and the
// comment behind it. A key that is missing gets a line behind the one that
// comes before it in want, else before the one that comes after it, in the same
// style; with neither in the text, at its end. A text that lacks its last line
// ending goes on lacking it. The error is about a value that cannot be written
// so that all readers read the same.
func Merge(text string, want []Variable) (merged string, changes []Change, err error) {
	mark, rest := cutBOM(text)
	m := &merger{statements: scan(rest), want: want}
	if err := m.replace(); err != nil {
		return "", nil, err
	}
	if err := m.add(); err != nil {
		return "", nil, err
	}
	merged, changes = m.result()
	if err := verify(text, mark+merged, want); err != nil {
		return "", nil, err
	}
	return mark + merged, changes, nil
}

// merger has the statements of a text that becomes the merged one.
type merger struct {
	statements []statement
	want       []Variable
}

// replace changes the assignments that are not right.
func (m *merger) replace() error {
	for i, s := range m.statements {
		at := slices.IndexFunc(m.want, func(v Variable) bool { return s.gives(v.Key) })
		if at < 0 || s.Uniform && s.Value == m.want[at].Value {
			continue
		}
		changed, err := s.with(m.want[at].Value)
		if err != nil {
			return err
		}
		changed.change = &Change{Key: s.Key, From: s.Value, To: changed.Value}
		m.statements[i] = changed
	}
	return nil
}

// gives tells whether a statement gives a key its value.
func (s statement) gives(key string) bool { return s.Key == key && !s.Commented }

// with is the statement with another value.
func (s statement) with(value string) (statement, error) {
	head, tail := s.text[:s.from], s.text[s.to:]
	if s.text[s.separator] == ':' {
		head = s.text[:s.separator] + "="
	}
	for _, form := range forms(value, s.quote) {
		for _, gap := range []string{"", " "} {
			// A comment that is glued to a value is a part of it for some.
			changed := statementAt(head + form + gap + tail)
			if changed.gives(s.Key) && changed.Uniform && changed.Value == value && changed.text == head+form+gap+tail {
				return changed, nil
			}
			if !strings.HasPrefix(tail, "#") {
				break
			}
		}
	}
	return statement{}, fmt.Errorf("%s: the value %q cannot be written so that all readers of dotenv files take it for the same", s.Key, value)
}

// add gives each key that is missing a line, near those of its neighbours in
// want.
func (m *merger) add() error {
	for i, v := range m.want {
		if m.find(v.Key) >= 0 {
			continue
		}
		at, like := m.place(i)
		added, err := m.line(v, like)
		if err != nil {
			return err
		}
		added.change = &Change{Key: v.Key, To: v.Value, Added: true}
		m.statements = slices.Insert(m.statements, at, added)
		if at > 0 && m.statements[at-1].ending() == "" {
			m.statements[at-1].text += added.ending()
			m.statements[at].text = strings.TrimSuffix(added.text, added.ending())
		}
	}
	return nil
}

// place finds where the line of a missing key goes, and which line it is to be
// like, -1 for none.
func (m *merger) place(missing int) (at, like int) {
	for i := missing - 1; i >= 0; i-- {
		if at := m.findLast(m.want[i].Key); at >= 0 {
			return at + 1, at
		}
	}
	for _, v := range m.want[missing+1:] {
		if at := m.find(v.Key); at >= 0 {
			return at, at
		}
	}
	return len(m.statements), -1
}

func (m *merger) find(key string) int {
	return slices.IndexFunc(m.statements, func(s statement) bool { return s.gives(key) })
}

func (m *merger) findLast(key string) int {
	for i := len(m.statements) - 1; i >= 0; i-- {
		if m.statements[i].gives(key) {
			return i
		}
	}
	return -1
}

// line makes the line of a new key in the style of another one. Without one, it
// is exported if all others are.
func (m *merger) line(v Variable, like int) (statement, error) {
	model := statement{text: "=", from: 1, to: 1}
	if like >= 0 {
		model = m.statements[like]
	} else if m.allExported() {
		model = statement{text: "export =", key: 7, separator: 7, from: 8, to: 8}
	}
	before, parting := model.text[:model.key], model.text[model.key+len(model.Key):model.from]
	line := before + v.Key + parting
	model.from, model.to = len(line), len(line)
	model.separator += len(v.Key) - len(model.Key)
	model.Key, model.text = v.Key, line+m.endingLike(like)
	return model.with(v.Value)
}

func (m *merger) allExported() bool {
	exported := false
	for _, s := range m.statements {
		if s.Key == "" || s.Commented {
			continue
		}
		if strings.Trim(s.text[:s.key], blank) != "export" {
			return false
		}
		exported = true
	}
	return exported
}

// endingLike is the line ending for a new line: that of its model, else of the
// last line that has one.
func (m *merger) endingLike(like int) string {
	if like >= 0 && m.statements[like].ending() != "" {
		return m.statements[like].ending()
	}
	for i := len(m.statements) - 1; i >= 0; i-- {
		if ending := m.statements[i].ending(); ending != "" {
			return ending
		}
	}
	return "\n"
}

func (s statement) ending() string {
	return s.text[len(strings.TrimRight(s.text, "\r\n")):]
}

// result puts the statements together.
func (m *merger) result() (text string, changes []Change) {
	var b strings.Builder
	line := 1
	for _, s := range m.statements {
		if s.change != nil {
			s.change.Line = line
			changes = append(changes, *s.change)
		}
		line += lineEndings(s.text)
		b.WriteString(s.text)
	}
	return b.String(), changes
}

// verify makes sure that a merged text has the values, and everything else just
// as before. A quote that nobody closed could make it otherwise.
func verify(before, after string, want []Variable) error {
	values := map[string]string{}
	for _, v := range want {
		values[v.Key] = v.Value
	}
	others := func(text string) (all []Variable, right bool) {
		have := map[string]bool{}
		right = true
		for _, a := range Parse(text) {
			value, ours := values[a.Key]
			switch {
			case a.Commented:
			case !ours:
				all = append(all, a.Variable)
			default:
				have[a.Key] = true
				right = right && a.Uniform && a.Value == value
			}
		}
		return all, right && len(have) == len(values)
	}
	was, _ := others(before)
	is, right := others(after)
	if !right || !slices.Equal(was, is) {
		return fmt.Errorf("the values cannot be merged without changing what other lines mean; look for a quote that is not closed")
	}
	return nil
}
