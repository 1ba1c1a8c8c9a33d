package dotenv

import "strings"

// statement is a line of a file, or several when a quoted value goes over them.
type statement struct {
	Assignment        // the zero value for what assigns nothing
	text       string // with its line ending

	// Places in text: the key, what parts it from the value, and the value
	// with its quotes.
	key, separator, from, to int
	quote                    byte // 0 for none

	change *Change // what Merge did to it, nil for nothing
}

const bom = "\ufeff"

// cutBOM takes the byte order mark off, which is no part of the first line.
func cutBOM(text string) (mark, rest string) {
	if rest, ok := strings.CutPrefix(text, bom); ok {
		return bom, rest
	}
	return "", text
}

// scan takes a text apart. Put together again, the statements are the text.
func scan(text string) []statement {
	var all []statement
	for line := 1; text != ""; {
		s := statementAt(text)
		s.Line = line
		line += lineEndings(s.text)
		text = text[len(s.text):]
		all = append(all, s)
	}
	return all
}

// statementAt reads the statement that a text begins with.
func statementAt(text string) statement {
	line := lineAt(text)
	s := statement{text: text[:len(line)+len(endingAt(text[len(line):]))]}
	at := blanks(line, 0)
	commented := strings.HasPrefix(line[at:], "#")
	if commented {
		at = len(line) - len(strings.TrimLeft(line[at:], "#"+blank))
		text = line
	}
	key, from, separator := keyAt(line, at)
	if key == "" {
		return s
	}
	s.Key, s.key, s.separator, s.Commented = key, from, separator, commented
	s.readValue(text)
	return s
}

// keyAt reads the key in a line, behind an export; it is "" when there is none.
func keyAt(line string, at int) (key string, from, separator int) {
	if rest, ok := strings.CutPrefix(line[at:], "export"); ok && rest != strings.TrimLeft(rest, blank) {
		at = blanks(line, at+len("export"))
	}
	end := at
	for end < len(line) && !strings.ContainsRune(blank+"=#'\"`", rune(line[end])) {
		end++
	}
	key, separator = line[at:end], blanks(line, end)
	if yaml, ok := strings.CutSuffix(key, ":"); ok && (separator > end || end == len(line)) {
		return yaml, at, end - 1
	}
	if separator == len(line) || line[separator] != '=' {
		return "", 0, 0
	}
	return key, at, separator
}

// readValue reads what is behind the separator.
func (s *statement) readValue(text string) {
	at := blanks(text, s.separator+1)
	if at < len(text) && strings.IndexByte("'\"`", text[at]) >= 0 {
		if end, ok := closing(text, at); ok {
			s.quoted(text, at, end)
			return
		}
	}
	s.bare(text, at)
}

// quoted takes the value between two quotes.
func (s *statement) quoted(text string, opening, closing int) {
	s.from, s.to, s.quote = opening, closing+1, text[opening]
	rest := text[s.to:]
	line := lineAt(rest)
	s.text = text[:s.to+len(line)+len(endingAt(rest[len(line):]))]
	s.Value = unquoted(text[opening+1:closing], s.quote)
	s.Uniform = text[s.separator] == '=' && s.quote != '`' && uniform(text[opening+1:closing], s.quote)
}

// bare takes a value without quotes. It ends before a comment.
func (s *statement) bare(text string, at int) {
	line := text[at : at+len(lineAt(text[at:]))]
	value, _, commented := strings.Cut(line, "#")
	glued := commented && value == strings.TrimRight(value, blank)
	s.Value = strings.TrimRight(value, blank)
	s.from, s.to = at, at+len(s.Value)
	s.Uniform = text[s.separator] == '=' && !glued && uniform(s.Value, 0)
	if s.Value == "" && commented && strings.IndexByte(blank, text[s.separator-1]) < 0 {
		// The spaces belong to the comment.
		s.from, s.to = s.separator+1, s.separator+1
	}
}

// closing finds the quote that ends a value, behind which its line must end. A
// quote behind a backslash is meant as one only if no other one is.
func closing(text string, opening int) (at int, ok bool) {
	var found []int
	for i := opening + 1; i < len(text); i++ {
		if text[i] != text[opening] {
			continue
		}
		found = append(found, i)
		if text[i-1] != '\\' {
			break
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		rest := strings.TrimLeft(text[found[i]+1:], blank)
		if rest == "" || strings.IndexByte("#\r\n", rest[0]) >= 0 {
			return found[i], true
		}
	}
	return 0, false
}

// blank are the characters between the words of a line.
const blank = " \t\v\f"

// blanks is the first place from at on that is not blank.
func blanks(text string, at int) int {
	return len(text) - len(strings.TrimLeft(text[at:], blank))
}

// lineAt is the line that a text begins with, without its ending.
func lineAt(text string) string {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		return text[:i]
	}
	return text
}

// endingAt is the line ending that a text begins with, "" for none. A carriage
// return alone is one too.
func endingAt(text string) string {
	for _, ending := range []string{"\r\n", "\n", "\r"} {
		if strings.HasPrefix(text, ending) {
			return ending
		}
	}
	return ""
}

func lineEndings(text string) int {
	return strings.Count(text, "\n") + strings.Count(text, "\r") - strings.Count(text, "\r\n")
}
