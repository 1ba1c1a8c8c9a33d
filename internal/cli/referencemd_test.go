package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const madeBy = "Made by: go test ./internal/cli -run TestReference -update"

// markdown is the page in docs/reference.
func (p *page) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- %s -->\n\n# %s\n\n%s.\n", madeBy, p.name, p.marks.markdown(p.short))
	if p.usage != "" {
		fmt.Fprintf(&b, "\n```\n%s\n```\n", p.usage)
	}
	for _, part := range p.parts {
		switch {
		case part.key:
			fmt.Fprintf(&b, "\n### `%s`\n", part.title)
		case part.title != "Description":
			fmt.Fprintf(&b, "\n## %s\n", part.title)
		}
		for _, one := range part.blocks {
			b.WriteString("\n" + one.markdown(p.marks))
		}
	}
	b.WriteString("\n## See also\n\n")
	for _, other := range p.also {
		if p.name == "yolo" && other.number == "1" {
			continue // they are listed above
		}
		fmt.Fprintf(&b, "- [%s](%s.md): %s\n", other.name, other.file, p.marks.markdown(lower(other.short)))
	}
	b.WriteString("- [all commands](README.md)\n")
	return b.String()
}

func (b block) markdown(m marks) string {
	lines := ""
	switch {
	case b.typed != "":
		return "```\n" + b.typed + "\n```\n"
	case b.text != "":
		return m.markdown(b.text) + "\n"
	case len(b.facts) > 0:
		for _, fact := range b.facts {
			lines += "- " + m.markdown(fact) + "\n"
		}
		return lines
	}
	for _, row := range b.list {
		lines += fmt.Sprintf("| %s | %s |\n", row.markdown(), m.cell(row.text))
	}
	return "| | |\n|---|---|\n" + lines
}

func (e entry) markdown() string {
	text := "`" + strings.ReplaceAll(e.term, ", ", "`, `") + "`"
	if e.to != nil {
		text = "[" + text + "](" + e.to.file + ".md)"
	}
	return text
}

// marks find the words that are typed or shown as they are: commands, flags,
// variables, files, and all that Markdown would take for something else. What
// is between backquotes is marked already.
type marks struct{ *regexp.Regexp }

func marksFor(pages []*page) marks {
	var names []string
	for _, p := range pages {
		if p.name != "yolo" {
			names = append(names, regexp.QuoteMeta(p.name))
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return marks{regexp.MustCompile("`[^`]*`" + `|"[^"]*=[^"]*"|--[a-z][a-z-]*|[^\s(]*[*_<>|{}=\[\]][^\s]*[^\s.,;:)]|\.env\b|\b(?:` +
		strings.Join(names, "|") + `)\b(?: production| --[a-z-]+)*`)}
}

func (m marks) markdown(text string) string {
	text = m.ReplaceAllStringFunc(text, func(word string) string { return "`" + strings.Trim(word, "`") + "`" })
	return strings.ReplaceAll(text, "` `", " ")
}

func (m marks) cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(m.markdown(text))
}

// lower begins a text with a small letter, as it stands behind a colon.
func lower(text string) string {
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// index is the first page of docs/reference: the commands in help's groups, and
// what else there is.
func index(root *cobra.Command, pages []*page) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- %s -->\n\n# Reference\n\n", madeBy)
	b.WriteString("The pages say what `--help` says, and are made of the same text.\n")
	list := func(title string, wanted func(p *page) bool) {
		fmt.Fprintf(&b, "\n## %s\n\n| | |\n|---|---|\n", title)
		for _, p := range pages {
			if wanted(p) {
				fmt.Fprintf(&b, "| [`%s`](%s.md) | %s |\n", p.name, p.file, p.marks.cell(p.short))
			}
		}
	}
	for i, commands := range inGroups(root) {
		if len(commands) == 0 {
			continue
		}
		list(commandGroups[i].title, func(p *page) bool {
			return slices.ContainsFunc(commands, func(c *cobra.Command) bool { return c.CommandPath() == p.name })
		})
	}
	list("More", func(p *page) bool { return p.number != "1" || p.name == "yolo" })
	b.WriteString(manuals)
	return b.String()
}

const manuals = `
What ` + "`--json`" + ` prints is in [docs/json.md](../json.md), the AWS inside yolo in [docs/emulator.md](../emulator.md).

## Manual pages

The same pages are in [docs/man](../man) for ` + "`man`" + `. To read one from here, or to have them all at hand:

` + "```" + `
man docs/man/yolo-sync.1
for n in 1 5 7; do install -d /usr/local/share/man/man$n && install -m 644 docs/man/*.$n /usr/local/share/man/man$n; done
` + "```" + `

A page of a command with a colon has a dash for it: ` + "`man yolo-sync-recording`" + `. Whoever packages yolo takes the pages from there
as they are: they carry no date and no version.
`
