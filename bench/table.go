package main

import (
	"fmt"
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

// markdown is the table for a page, below a heading of the third level.
func (t table) markdown() string {
	marks := make([]string, len(t.heads))
	for i := range marks {
		marks[i] = "---:"
		if i < t.left {
			marks[i] = "---"
		}
	}
	lines := []string{"### " + t.title, ""}
	for _, row := range append([][]string{t.heads, marks}, t.rows...) {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	if t.note != "" {
		lines = append(lines, "", t.note)
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

// The marks in a page between which bench writes.
const (
	beginMark = "<!-- measured -->"
	endMark   = "<!-- /measured -->"
)

// replaceMarked puts text between the marks of a page.
func replaceMarked(page, text string) (string, error) {
	before, rest, begun := strings.Cut(page, beginMark)
	_, after, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		return "", fmt.Errorf("there are no lines %s and %s, between which to write", beginMark, endMark)
	}
	return before + beginMark + "\n" + strings.TrimSpace(text) + "\n" + endMark + after, nil
}
