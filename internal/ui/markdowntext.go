package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

const (
	// longestSpan and longestProse bound a single text of others, in runes.
	longestSpan  = 500
	longestProse = 1000
	// invisible divides what GitHub would make a mention or a reference of. It
	// looks for those in the finished text, where no escape is left.
	invisible = "\u200b"
)

// prose is a text of others as Markdown on one line that means nothing but
// itself: no markup, HTML, link, mention or reference to an issue.
func prose(text string) string {
	var b strings.Builder
	text = clip(clean(text), longestProse)
	for i, r := range text {
		switch {
		case strings.ContainsRune("\\`*_[]{}|~$!", r), i == 0 && strings.ContainsRune("-+=", r):
			b.WriteString(`\` + string(r))
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '#':
			b.WriteString(`\#` + invisible)
		case r == '@':
			b.WriteString("@" + invisible)
		default:
			b.WriteRune(r)
		}
	}
	return unlisted(unlinked(b.String()))
}

// unlinked keeps GitHub from making links of addresses.
func unlinked(text string) string {
	return strings.NewReplacer("://", ":&#47;/", "www.", "www&#46;", "WWW.", "WWW&#46;").Replace(text)
}

var listNumber = lazyregexp.New(`^([0-9]+)([.)])( |$)`)

// unlisted keeps a number at the beginning from being that of a list.
func unlisted(text string) string { return listNumber.ReplaceAllString(text, `$1\$2$3`) }

// span is a text of others as it is, in Markdown's inline code.
func span(text string) string {
	text = clip(clean(text), longestSpan)
	if text == "" {
		return "(none)"
	}
	ticks := strings.Repeat("`", longestRun(text)+1)
	if strings.ContainsAny(text[:1]+text[len(text)-1:], "` ") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// fenceOf is what encloses lines as a diff, longer than anything like it in
// them.
func fenceOf(lines []string) string {
	longest := 2
	for _, line := range lines {
		longest = max(longest, longestRun(line))
	}
	return strings.Repeat("`", longest+1)
}

// longestRun is how many backticks follow each other at most.
func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// html is a text of others where Markdown is not read, as in a summary.
func html(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@"+invisible, "#", "#"+invisible).Replace(clip(clean(text), longestSpan))
}

// clip cuts a long text, and says so.
func clip(text string, most int) string {
	total := utf8.RuneCountInString(text)
	if total <= most {
		return text
	}
	return string([]rune(text)[:most]) + fmt.Sprintf("… (%s more characters)", grouped(int64(total-most)))
}
