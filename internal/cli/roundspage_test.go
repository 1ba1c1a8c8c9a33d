package cli

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
)

// The page that shows what was counted, and its parts that are made here.
const (
	roundsPage  = "../../docs/performance.md"
	roundsMade  = "<!-- made by: go test ./internal/cli -run TestRounds -update; %s -->\n"
	roundsEnd   = "<!-- end of %s -->"
	roundsTable = "the table"
	roundsAgain = "what is read again"
	roundsChain = "the chains"
)

// The round trips and requests of each command, exactly, without a clock. A read
// that is sent twice, or a request that waits for another one without need, shows
// here.
func TestRounds(t *testing.T) {
	// What os/signal begins with the first to be notified must not be a part of
	// one of the bubbles.
	_, release := interruptible(t.Context(), func() {})
	release()
	columns := make([][]taken, len(layouts))
	t.Run("accounts", func(t *testing.T) {
		for i, l := range layouts {
			if testing.Short() && i > 0 && l.column != "4, regional" {
				continue
			}
			t.Run(l.column, func(t *testing.T) {
				t.Parallel()
				columns[i] = l.travel(t)
			})
		}
	})
	if t.Failed() {
		return
	}
	page := readPage(t)
	if *update && !testing.Short() {
		page.put(t, roundsTable, tableOf(columns))
		page.put(t, roundsAgain, againOf(columns))
		page.put(t, roundsChain, chainsOf(columns[0]))
		if err := os.WriteFile(roundsPage, []byte(page.text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if compareTable(t, page.part(t, roundsTable), columns); testing.Short() {
		return
	}
	for name, got := range map[string]string{roundsAgain: againOf(columns), roundsChain: chainsOf(columns[0])} {
		if want := page.part(t, name); got != want {
			t.Errorf("%s: %s is not what was counted; make it anew with: go test ./internal/cli -run TestRounds -update\nwant\n%s\ngot\n%s", roundsPage, name, want, got)
		}
	}
}

// tableOf has a row for each command and a column for each layout.
func tableOf(columns [][]taken) string {
	var b strings.Builder
	b.WriteString("| round trips / requests")
	for _, l := range layouts {
		b.WriteString(" | " + l.column)
	}
	b.WriteString(" |\n|---" + strings.Repeat("|---", len(layouts)) + "|\n")
	for i, one := range story {
		b.WriteString("| " + one.row)
		for _, column := range columns {
			b.WriteString(" | " + column[i].String())
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

// compareTable tells of each cell that is not as the page has it, with the
// requests behind it. Columns that were not counted are nil.
func compareTable(t *testing.T, table string, columns [][]taken) {
	t.Helper()
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if want := 2 + len(story); len(rows) != want {
		t.Fatalf("%s: the table has %d lines, want %d; make it anew with -update", roundsPage, len(rows), want)
	}
	for i, one := range story {
		cells := strings.Split(strings.Trim(rows[2+i], "| "), " | ")
		if len(cells) != 1+len(layouts) || cells[0] != one.row {
			t.Fatalf("%s: the row is %q, want that of %s; make it anew with -update", roundsPage, rows[2+i], one.row)
		}
		for c, column := range columns {
			if column != nil && column[i].String() != cells[1+c] {
				t.Errorf("%s, %s: round trips / requests %s, want %s; of a region, what begins in one line has waited for the line before:\n%s",
					one.row, layouts[c].column, column[i], cells[1+c], column[i].timeline(true))
			}
		}
	}
}

// timeline has a line for the requests that begin at the same moment, by the
// number of round trips until they are over.
func (r taken) timeline(regions bool) string {
	var b strings.Builder
	calls := slices.Clone(r.calls)
	slices.SortStableFunc(calls, func(x, y emulator.Call) int {
		return cmp.Or(x.Start.Compare(y.Start), cmp.Compare(x.Operation, y.Operation), cmp.Compare(x.Region, y.Region))
	})
	for len(calls) > 0 {
		n := slices.IndexFunc(calls, func(c emulator.Call) bool { return c.Start != calls[0].Start })
		if n < 0 {
			n = len(calls)
		}
		at := calls[0].Start.Sub(r.begun) + roundTrip/2
		fmt.Fprintf(&b, "%2d  %s\n", at/roundTrip, wrapped(together(calls[:n], regions)))
		calls = calls[n:]
	}
	return b.String()
}

// together names operations, each once.
func together(calls []emulator.Call, regions bool) []string {
	var names []string
	for len(calls) > 0 {
		name := calls[0].Operation
		n, in := 0, []string(nil)
		for n < len(calls) && calls[n].Operation == name {
			in = append(in, calls[n].Region)
			n++
		}
		switch {
		case regions:
			name += " (" + strings.Join(in, " ") + ")"
		case n > 1:
			name += fmt.Sprintf(" ×%d", n)
		}
		names, calls = append(names, name), calls[n:]
	}
	return names
}

// wrapped joins words with commas, in lines of a readable width.
func wrapped(words []string) string {
	const width = 116
	text, column := "", 0
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		switch {
		case i == 0:
		case column+len(word) >= width:
			text, column = text+"\n    ", 0
		default:
			text, column = text+" ", column+1
		}
		text, column = text+word, column+len(word)
	}
	return text
}

// again are the operations of reads that a run sent a second time as they were,
// in a region.
func (r taken) again() []string {
	var names []string
	seen := map[string]bool{}
	for _, call := range r.calls {
		asked := call.Region + " " + r.asking[call.RequestID]
		if !call.Mutating && seen[asked] && !slices.Contains(names, call.Operation) {
			names = append(names, call.Operation)
		}
		seen[asked] = true
	}
	return names
}

// againOf has a row for each command that reads something again.
func againOf(columns [][]taken) string {
	b := "| command | read more than once |\n|---|---|\n"
	for i, one := range story {
		var names []string
		for _, column := range columns {
			names = append(names, column[i].again()...)
		}
		slices.Sort(names)
		if names = slices.Compact(names); len(names) > 0 {
			b += "| " + one.row + " | " + strings.Join(names, ", ") + " |\n"
		}
	}
	return b
}

// chainsOf shows the requests of some commands one after the other.
func chainsOf(column []taken) string {
	b := "```\n"
	for i, one := range story {
		if !one.shown {
			continue
		}
		b += fmt.Sprintf("%s: %s\n%s\n", strings.ReplaceAll(one.row, "`", ""), column[i], column[i].timeline(false))
	}
	return strings.TrimSuffix(b, "\n") + "```\n"
}

// marked is a text with parts between marks.
type marked struct{ text string }

func readPage(t *testing.T) *marked {
	t.Helper()
	text, err := os.ReadFile(roundsPage)
	if err != nil {
		t.Fatal(err)
	}
	return &marked{string(text)}
}

// bounds are where a part begins and ends.
func (p *marked) bounds(t *testing.T, name string) (begin, end int) {
	t.Helper()
	mark := fmt.Sprintf(roundsMade, name)
	begin, end = strings.Index(p.text, mark), strings.Index(p.text, fmt.Sprintf(roundsEnd, name))
	if begin += len(mark); begin < len(mark) || end < begin {
		t.Fatalf("%s has no place for %s", roundsPage, name)
	}
	return begin, end
}

func (p *marked) part(t *testing.T, name string) string {
	t.Helper()
	begin, end := p.bounds(t, name)
	return p.text[begin:end]
}

func (p *marked) put(t *testing.T, name, text string) {
	t.Helper()
	begin, end := p.bounds(t, name)
	p.text = p.text[:begin] + text + p.text[end:]
}
