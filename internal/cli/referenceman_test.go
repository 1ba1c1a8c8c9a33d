package cli

import (
	"fmt"
	"regexp"
	"strings"
)

// manual is the page for man, in the macros of man(7). It has no date: one
// would make the page stale every day.
func (p *page) manual() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".\\\" %s\n", madeBy)
	fmt.Fprintf(&b, ".TH %s %s \"\" yolo \"yolo's manual\"\n.nh\n.ad l\n", roff(strings.ToUpper(p.file)), p.number)
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(p.file), roff(lower(p.short)))
	if p.usage != "" {
		fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", term(p.usage))
	}
	for _, part := range p.parts {
		heading := ".SH " + roff(strings.ToUpper(part.title))
		if part.key {
			heading = ".SS " + roff(part.title)
		}
		b.WriteString(heading + "\n")
		for i, one := range part.blocks {
			if i > 0 && one.text != "" {
				b.WriteString(".PP\n")
			}
			b.WriteString(one.manual(p.marks))
		}
	}
	b.WriteString(".SH SEE ALSO\n")
	for i, other := range p.also {
		end := ","
		if i == len(p.also)-1 {
			end = ""
		}
		fmt.Fprintf(&b, ".BR %s (%s)%s\n", roff(other.file), other.number, end)
	}
	return b.String()
}

func (b block) manual(m marks) string {
	lines := ""
	switch {
	case b.typed != "":
		return ".PP\n.RS 4\n.EX\n" + roff(b.typed) + "\n.EE\n.RE\n"
	case b.text != "":
		return m.manual(b.text) + "\n"
	case len(b.facts) > 0:
		for _, fact := range b.facts {
			lines += ".IP \\(bu 2\n" + m.manual(fact) + "\n"
		}
		return lines
	}
	for _, row := range b.list {
		lines += fmt.Sprintf(".TP\n%s\n%s\n", term(row.term), m.manual(row.text))
	}
	return lines
}

// roff writes a text so that it is shown as it is: a dash is the one that is
// typed, and a line is no request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	text = regexp.MustCompile(`(?m)^\.`).ReplaceAllString(text, `\&.`)
	return regexp.MustCompile(`[^\x00-\x7f]`).ReplaceAllStringFunc(text, func(char string) string {
		return fmt.Sprintf(`\[u%04X]`, []rune(char)[0])
	})
}

var placeholder = regexp.MustCompile(`<[^>]+>|\[[^\]]+\]|\b[A-Z][A-Z0-9]*\b`)

// term shows what is typed as it is in bold, and what stands for something in
// italics.
func term(text string) string {
	var b strings.Builder
	last := 0
	bold := func(text string) {
		if text != "" {
			b.WriteString(`\fB` + roff(text) + `\fR`)
		}
	}
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		bold(text[last:at[0]])
		b.WriteString(`\fI` + roff(strings.Trim(text[at[0]:at[1]], "<>")) + `\fR`)
		last = at[1]
	}
	bold(text[last:])
	return b.String()
}

// manual shows the marked words in bold.
func (m marks) manual(text string) string {
	var b strings.Builder
	last := 0
	for _, at := range m.FindAllStringIndex(text, -1) {
		b.WriteString(roff(text[last:at[0]]) + `\fB` + roff(strings.Trim(text[at[0]:at[1]], "`")) + `\fR`)
		last = at[1]
	}
	return b.String() + roff(text[last:])
}
