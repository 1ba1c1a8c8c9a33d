package ui

import (
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// around is how many unchanged lines a diff keeps around a changed one.
const around = 2

// change adds one attribute: `attribute: from → to`, or a diff where either
// has several lines. Of what is made new it is `attribute: value`.
func (p *page) change(indent int, c reconcile.Change, created bool) {
	name := clean(c.Attribute) + ":"
	from, to := shown(c.From), shown(c.To)
	if created && c.From == nil && len(to) == 1 {
		p.line(indent, 2, name+" "+to[0])
		return
	}
	if len(from) <= 1 && len(to) <= 1 {
		text := name + " " + p.value(from, remove) + " → " + p.value(to, add)
		p.line(indent, 2, text)
		return
	}
	p.line(indent, 2, name)
	for _, e := range fold(diff(from, to)) {
		// A sign stays with its line, and the line with its own indent.
		text := strings.TrimLeft(e.text, " ")
		inner := len(e.text) - len(text)
		sign := strings.ReplaceAll(e.sign+strings.Repeat(" ", inner+1), " ", fixedSpace)
		p.line(indent+2, 2+inner, p.style.paint(e.role(), sign+text))
	}
}

func (p *page) value(lines []string, r role) string {
	if len(lines) == 0 {
		return p.style.paint(dim, "(none)")
	}
	return p.style.paint(r, lines[0])
}

// edit is a line of a diff; its sign is "+", "-", " ", or "…" for lines that
// were left out.
type edit struct{ sign, text string }

func (e edit) role() role {
	switch e.sign {
	case "+":
		return add
	case "-":
		return remove
	default:
		return dim
	}
}

// diff is the shortest way from one list of lines to the other, by their
// longest common subsequence.
func diff(from, to []string) []edit {
	common := commonLengths(from, to)
	var edits []edit
	i, j := 0, 0
	for i < len(from) && j < len(to) {
		switch {
		case from[i] == to[j]:
			edits = append(edits, edit{" ", from[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			edits = append(edits, edit{"-", from[i]})
			i++
		default:
			edits = append(edits, edit{"+", to[j]})
			j++
		}
	}
	for ; i < len(from); i++ {
		edits = append(edits, edit{"-", from[i]})
	}
	for ; j < len(to); j++ {
		edits = append(edits, edit{"+", to[j]})
	}
	return edits
}

// commonLengths has at [i][j] how many lines from[i:] and to[j:] share.
func commonLengths(from, to []string) [][]int {
	table := make([][]int, len(from)+1)
	for i := range table {
		table[i] = make([]int, len(to)+1)
	}
	for i := len(from) - 1; i >= 0; i-- {
		for j := len(to) - 1; j >= 0; j-- {
			if from[i] == to[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}

// fold leaves out unchanged lines that are far from every changed one.
func fold(edits []edit) []edit {
	near := make([]bool, len(edits))
	for i, e := range edits {
		if e.sign == " " {
			continue
		}
		for k := max(0, i-around); k <= min(len(edits)-1, i+around); k++ {
			near[k] = true
		}
	}
	var kept []edit
	for i := 0; i < len(edits); {
		end := i
		for end < len(edits) && !near[end] {
			end++
		}
		if left := end - i; left > 1 {
			kept = append(kept, edit{"…", count(left, "unchanged line")})
			i = end
			continue
		}
		kept = append(kept, edits[i])
		i++
	}
	return kept
}
