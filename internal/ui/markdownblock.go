package ui

import (
	"fmt"
	"sort"
	"strings"
)

// block is a part of a document that can be made to fit: what is left out of it
// leaves it whole, with its beginning and its end.
type block struct {
	open, end string
	// lines are left out from the last one on, with a line in their place.
	lines []string
	// parts follow the lines; each is left out or made to fit itself.
	parts []*block
	// noun is what a block that is left out as a whole is counted as.
	noun string
	// mark begins the line that stands for lines left out.
	mark string
}

// omitted counts what was left out, by its noun.
type omitted map[string]int

// String lists what was left out, or is "" when nothing was.
func (o omitted) String() string {
	var all []string
	for _, noun := range []string{nounStep, nounResource, nounChange, nounLine, nounFailure, nounWarning, nounFinding} {
		if o[noun] > 0 {
			all = append(all, count(o[noun], noun))
		}
	}
	return strings.Join(all, ", ")
}

const (
	nounStep     = "step"
	nounResource = "resource"
	nounChange   = "change"
	nounLine     = "line"
	nounFailure  = "failure"
	nounWarning  = "warning"
	nounFinding  = "finding"
)

// size is how many bytes the whole block has.
func (b *block) size() int {
	total := len(b.open) + len(b.end) + sizeOf(b.lines)
	for _, part := range b.parts {
		total += part.size()
	}
	return total
}

// fit is the block in at most room bytes. It is "" when not even the beginning
// and the end have room.
func (b *block) fit(room int, out omitted) string {
	if b.least() > room {
		b.omit(out)
		return ""
	}
	return b.within(room, out)
}

// least is how many bytes the block has with all left out that can be.
func (b *block) least() int {
	least := len(b.open) + len(b.end)
	if len(b.lines) > 0 {
		least += min(sizeOf(b.lines), len(b.more(len(b.lines)))+1)
	}
	return least
}

// within is the block in room that is enough for its frame.
func (b *block) within(room int, out omitted) string {
	var text strings.Builder
	text.WriteString(b.open)
	room -= len(b.open) + len(b.end)
	for i, line := range b.lines {
		left := b.lines[i:]
		if more := b.more(len(left)); sizeOf(left) > room && len(line)+1+len(more)+1 > room {
			text.WriteString(more + "\n")
			room -= len(more) + 1
			out[b.noun] += len(left)
			break
		}
		text.WriteString(line + "\n")
		room -= len(line) + 1
	}
	for i, share := range shares(b.parts, room) {
		text.WriteString(b.parts[i].fit(share, out))
	}
	text.WriteString(b.end)
	return text.String()
}

func sizeOf(lines []string) int {
	total := 0
	for _, line := range lines {
		total += len(line) + 1
	}
	return total
}

// more is the line that stands for n lines.
func (b *block) more(n int) string { return b.mark + "… and " + count(n, "more "+b.noun) }

// omit counts a block that has no room at all: as one thing, or as its parts.
func (b *block) omit(out omitted) {
	switch {
	case b.noun != "" && len(b.lines) == 0:
		out[b.noun]++
	case b.noun != "":
		out[b.noun] += len(b.lines)
	}
	if b.noun == "" {
		for _, part := range b.parts {
			part.omit(out)
		}
	}
}

// shares divide room between blocks: the small ones get all they need, and the
// others the same of what is left, but each at least what it cannot do without,
// as long as there is some.
func shares(parts []*block, room int) []int {
	all := make([]int, len(parts))
	bySize := make([]int, len(parts))
	sizes := make([]int, len(parts))
	for i, part := range parts {
		bySize[i], sizes[i] = i, part.size()
	}
	sort.SliceStable(bySize, func(i, j int) bool { return sizes[bySize[i]] < sizes[bySize[j]] })
	for i, part := range bySize {
		share := max(room/(len(parts)-i), parts[part].least())
		if share = min(share, sizes[part]); share <= room {
			all[part] = share
			room -= share
		}
	}
	return all
}

// paragraph is a change or a note on one line, left out as a whole.
func paragraph(format string, args ...any) *block {
	return &block{noun: nounChange, open: fmt.Sprintf(format, args...)}
}
