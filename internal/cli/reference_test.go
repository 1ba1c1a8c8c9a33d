package cli

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite docs/reference, docs/man and the tables of docs/performance.md")

// page is what a manual page and a page of docs/reference tell: of a command,
// or of the manifest.
type page struct {
	name   string // yolo sync:recording
	file   string // yolo-sync-recording, which is a name of a file everywhere
	number string // of the manual's section
	short  string
	usage  string // empty for what cannot be run
	parts  []part
	also   []*page
	marks  marks
}

// part is a section, or the smaller one of a key.
type part struct {
	title  string
	key    bool
	blocks []block
}

// block has one of its fields: a paragraph, a text as it is typed, a list of
// what something means, or one of facts.
type block struct {
	text  string
	typed string
	list  []entry
	facts []string
}

func (b block) empty() bool {
	return b.text == "" && b.typed == "" && len(b.list) == 0 && len(b.facts) == 0
}

// entry is a row of a list. The term is marked as in a usage: what is typed as
// it is, and VALUE or <value> for what is not.
type entry struct {
	term, text string
	to         *page // nil for none
}

// TestReference holds docs/reference and docs/man against the definitions that
// --help is made of.
func TestReference(t *testing.T) {
	root := testApp().root()
	wanted := map[string]string{}
	pages := allPages(t, root)
	for _, p := range pages {
		wanted["man/"+p.file+"."+p.number] = p.manual()
		wanted["reference/"+p.file+".md"] = p.markdown()
	}
	wanted["reference/README.md"] = index(root, pages)
	if *update {
		rewrite(t, wanted)
	}
	got := existing(t)
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if diff := cmp.Diff(wanted[name], got[name]); diff != "" {
			t.Errorf("docs/%s is not what the commands say; make it anew with: go test ./internal/cli -run TestReference -update\n(-want +got)\n%s", name, diff)
		}
	}
	for name := range got {
		if _, ok := wanted[name]; !ok {
			t.Errorf("docs/%s is about nothing that there is", name)
		}
	}
}

// referenceFolders hold generated pages and nothing else.
var referenceFolders = []string{"man", "reference"}

func existing(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	docs := os.DirFS("../../docs")
	for _, folder := range referenceFolders {
		err := fs.WalkDir(docs, folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(docs, name)
			found[name] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func rewrite(t *testing.T, wanted map[string]string) {
	t.Helper()
	for _, folder := range referenceFolders {
		if err := os.RemoveAll(filepath.Join("../../docs", folder)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join("../../docs", folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range wanted {
		if err := os.WriteFile(filepath.Join("../../docs", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// allPages are the program's, those of its commands in the order of --help, and
// the manifest's.
func allPages(t *testing.T, root *cobra.Command) []*page {
	t.Helper()
	pages := []*page{commandPage(root)}
	for _, c := range shown(root) {
		pages = append(pages, commandPage(c))
	}
	commands := part{title: "Commands"}
	var list []entry
	for _, p := range pages[1:] {
		list = append(list, entry{term: p.name, text: sentence(p.short), to: p})
	}
	commands.blocks = []block{{list: list}}
	pages[0].parts = slices.Insert(pages[0].parts, 1, commands)
	for _, c := range topics(root) {
		pages = append(pages, topicPage(c))
	}
	pages = append(pages, manifestPage(t))
	marks := marksFor(pages)
	for _, p := range pages {
		p.also, p.marks = related(p, pages), marks
	}
	return pages
}

// shown are the commands that --help shows, in its order, but for help itself.
func shown(root *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Concat(inGroups(root)...), func(c *cobra.Command) bool { return c.Name() == "help" })
}

func commandPage(c *cobra.Command) *page {
	p := &page{
		name: c.CommandPath(), file: strings.NewReplacer(" ", "-", ":", "-").Replace(c.CommandPath()), number: "1",
		short: c.Short, usage: usageLine(c),
	}
	long, codes, _ := strings.Cut(c.Long, "\nExit codes:")
	p.add("Description", paragraphs(long)...)
	p.add("Options", block{list: shownFlags(c)})
	p.add("Examples", block{typed: unindented(c.Example)})
	p.add("Exit codes", block{list: exitCodes(codes)})
	return p
}

func topicPage(c *cobra.Command) *page {
	p := &page{name: "yolo help " + c.Name(), file: "yolo-" + c.Name(), number: "7", short: c.Short}
	p.add("Description", paragraphs(c.Long)...)
	return p
}

// add leaves out what is empty.
func (p *page) add(title string, blocks ...block) {
	if blocks = slices.DeleteFunc(blocks, block.empty); len(blocks) > 0 {
		p.parts = append(p.parts, part{title: title, blocks: blocks})
	}
}

// paragraphs splits help's text at empty lines. What is indented there is typed
// or shown as it is, or a term with its meaning indented once more.
func paragraphs(text string) []block {
	var all []block
	for one := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		term, meaning, _ := strings.Cut(strings.TrimPrefix(one, "  "), "\n      ")
		row := entry{term: term, text: strings.ReplaceAll(meaning, "\n      ", "\n")}
		switch {
		case !strings.HasPrefix(one, "  "):
			all = append(all, block{text: one})
		case meaning == "":
			all = append(all, block{typed: unindented(one)})
		case len(all[len(all)-1].list) > 0:
			all[len(all)-1].list = append(all[len(all)-1].list, row)
		default:
			all = append(all, block{list: []entry{row}})
		}
	}
	return all
}

func unindented(text string) string {
	return strings.TrimSpace(strings.ReplaceAll("\n"+text, "\n  ", "\n"))
}

// shownFlags are the flags that --help shows.
func shownFlags(c *cobra.Command) []entry {
	var list []entry
	allFlags(c).VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		term := "--" + f.Name
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", " + term
		}
		if value != "" {
			term += " " + value
		}
		if f.DefValue != "" && !slices.Contains([]string{"false", "0", "[]"}, f.DefValue) {
			text += " (default: " + strings.Replace(f.DefValue, "m0s", "m", 1) + ")"
		}
		list = append(list, entry{term: term, text: sentence(text)})
	})
	return list
}

var codeAndMeaning = regexp.MustCompile(`(\d+) ((?:[^;(]|\([^)]*\))+)`)

// exitCodes are those of help's paragraph: 0 done; 1 error.
func exitCodes(text string) []entry {
	var list []entry
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
	for _, found := range codeAndMeaning.FindAllStringSubmatch(text, -1) {
		list = append(list, entry{term: found[1], text: sentence(found[2])})
	}
	return list
}

// sentence begins a text with a capital, unless it begins with a name.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "yolo") || text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// related are the pages that one mentions or that mention it, its family
// (sync:logging and sync), and the program's; to the program's all are.
func related(p *page, all []*page) []*page {
	family, _, _ := strings.Cut(p.name, ":")
	return slices.DeleteFunc(slices.Clone(all), func(other *page) bool {
		first, _, _ := strings.Cut(other.name, ":")
		near := first == family || p.name == "yolo" || other.name == "yolo" || p.mentions(other) || other.mentions(p)
		return other == p || !near
	})
}

func (p *page) mentions(other *page) bool {
	return regexp.MustCompile(`(^|[^\w])` + regexp.QuoteMeta(other.name) + `($|[^\w:])`).MatchString(p.everything())
}

// everything is what a page says, but for the terms that it explains.
func (p *page) everything() string {
	var b strings.Builder
	for _, part := range p.parts {
		for _, one := range part.blocks {
			b.WriteString(one.text + "\n" + one.typed + "\n")
			for _, row := range one.list {
				b.WriteString(row.text + "\n")
			}
		}
	}
	return b.String()
}
