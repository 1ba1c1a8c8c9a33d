package main

import (
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

// table is what was measured, for a terminal or for a page.
type table struct {
	title string
	heads []string
	rows  [][]string // each as long as heads
	// left is how many columns, from the left, begin where their head begins;
	// the others, of numbers, end where it ends.
	left int
	note string // below it; "" for none
	// folded has a page show the title alone, until somebody wants more.
	folded bool
}

// text lays the table out in columns.
func (t table) text() string {
	widths := make([]int, len(t.heads))
	for _, row := range append([][]string{t.heads}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := []string{t.title, ""}
	for _, row := range append([][]string{t.heads}, t.rows...) {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < t.left {
				line.WriteString(cell + space + "  ")
			} else {
				line.WriteString(space + cell + "  ")
			}
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	if t.note != "" {
		lines = append(lines, "", t.note)
	}
	return strings.Join(lines, "\n") + "\n"
}

// markdown is the table for a page, below a heading of the third level or in
// what GitHub folds.
func (t table) markdown() string {
	marks := make([]string, len(t.heads))
	for i := range marks {
		marks[i] = "---:"
		if i < t.left {
			marks[i] = "---"
		}
	}
	lines := []string{"### " + t.title, ""}
	if t.folded {
		lines = []string{"<details>", "<summary>" + html.EscapeString(t.title) + "</summary>", ""}
	}
	for _, row := range append([][]string{t.heads, marks}, t.rows...) {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	if t.note != "" {
		lines = append(lines, "", t.note)
	}
	if t.folded {
		lines = append(lines, "", "</details>")
	}
	return strings.Join(lines, "\n") + "\n"
}

func printTables(out io.Writer, tables []table) error {
	for _, t := range tables {
		if _, err := fmt.Fprintf(out, "%s\n", t.text()); err != nil {
			return err
		}
	}
	return nil
}

// replaceMarked puts text between a page's marks of a name.
func replaceMarked(page, name, text string) (string, error) {
	begin, end := "<!-- "+name+" -->", "<!-- /"+name+" -->"
	before, rest, begun := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		return "", fmt.Errorf("there are no lines %s and %s, between which to write", begin, end)
	}
	return before + begin + "\n\n" + strings.TrimSpace(text) + "\n\n" + end + after, nil
}
