package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// wholeMarkdown checks what holds for every comment: GitHub takes it, nothing
// in it is left open, and nothing of it is somebody else's markup.
func wholeMarkdown(t interface {
	Helper()
	Errorf(format string, args ...any)
}, text string,
) {
	t.Helper()
	if len(text) > longestComment || !utf8.ValidString(text) {
		t.Errorf("%d bytes, valid UTF-8: %v", len(text), utf8.ValidString(text))
	}
	fence, details := "", 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		bare := strings.TrimLeft(line, " ")
		switch {
		case fence != "" && strings.Trim(bare, "`") == "" && len(bare) >= len(fence):
			fence = ""
		case fence != "":
		case strings.HasPrefix(bare, "```"):
			fence = strings.TrimSuffix(bare, "diff")
			if strings.Trim(fence, "`") != "" {
				t.Errorf("a fence is opened by %q", line)
			}
		default:
			if strings.HasPrefix(line, "<details>") {
				details++
			}
			if line == "</details>" {
				details--
			}
			if found := foreign.FindString(outside(line)); found != "" {
				t.Errorf("%q means something in %q", found, line)
			}
		}
	}
	if fence != "" || details != 0 {
		t.Errorf("left open: the fence %q, %d details", fence, details)
	}
	if strings.ContainsFunc(strings.ReplaceAll(strings.ReplaceAll(text, invisible, ""), "\n", ""), unsafeRune) {
		t.Errorf("there are control characters")
	}
}

// foreign matches what GitHub gives a meaning to and yolo never writes.
var foreign = regexp.MustCompile(`(?i)@[a-z0-9]|#[0-9]|<[a-z!/]|https?://|www\.|\$|!\[|\]\(|\|`)

// outside is a line without its inline code, without what is escaped and
// without what yolo writes itself.
func outside(line string) string {
	if summary, ok := strings.CutPrefix(line, "<details><summary>"); ok {
		// Markdown is not read here.
		return regexp.MustCompile("`|\\$|\\||https?|!\\[|\\]\\(|www").ReplaceAllString(strings.TrimSuffix(summary, "</summary>"), "")
	}
	var b strings.Builder
	for line != "" {
		switch run := len(line) - len(strings.TrimLeft(line, "`")); {
		case line[0] == '\\' && len(line) > 1:
			_, size := utf8.DecodeRuneInString(line[1:])
			line = line[1+size:]
		case run > 0:
			end := regexp.MustCompile("(^|[^`])" + strings.Repeat("`", run) + "([^`]|$)").FindStringIndex(line[run:])
			if end == nil {
				return "<open" + line
			}
			rest := line[run:][end[0]:]
			rest = rest[strings.Index(rest, "`"):]
			line = strings.TrimLeft(rest, "`")
		default:
			b.WriteByte(line[0])
			line = line[1:]
		}
	}
	own := regexp.MustCompile(`^</details>$|&#?[a-z0-9]+;`)
	return own.ReplaceAllString(b.String(), "")
}

// policyOf is a policy document of about that many bytes.
func policyOf(size int, action string) json.RawMessage {
	var statements []string
	for total := 0; total < size; {
		s := strings.Replace(statement(action), "Example", fmt.Sprintf("Example%d", len(statements)), 1)
		statements, total = append(statements, s), total+len(s)+1
	}
	return json.RawMessage(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

// huge is a plan of far more than a comment takes: a long policy in each of
// seven regions is written anew.
func huge() *world {
	w := regional(sevenRegions).cannotRecord("us-east-1")
	for _, region := range sevenRegions {
		b := w.at(region, "recording-bucket")
		b.found.Steps = nil
		b.drifted("put the bucket policy", reconcile.Change{
			Attribute: "policy", From: policyOf(20_000, "s3:GetObject"), To: policyOf(20_000, "s3:PutObject in "+region),
		})
		p := w.at(region, "logs-policy")
		p.found.Steps = nil
		p.drifted("put the resource policy", reconcile.Change{Attribute: "document", To: policyOf(5000, "logs:PutLogEvents in "+region)})
	}
	return w
}

const evil = "x`y``z```\n```\n</details><script>alert(1)</script> @octocat #1 | **b** _i_ [l](http://evil.example) ![i](www.evil.example) <!-- \x1b[31m \u202e $x$ \\`"

// hostile is a plan in which every text of others wants to be something else.
func hostile() *world {
	w := inSync(twoRegions)
	b := w.at("us-east-1", "recording-bucket")
	b.found.Name, b.found.ARN = evil, "arn:"+evil
	b.drifted("put "+evil, reconcile.Change{Attribute: evil, From: evil, To: "1. " + evil},
		reconcile.Change{Attribute: "policy", From: []string{evil, "```", "    ```", "+"}, To: []string{evil, "- " + evil, "@@", "# h"}})
	b.found.Notes = []string{evil, "1. " + evil, "- " + evil, "# " + evil}
	b.found.Warnings = []reconcile.Warning{{Code: "X", Region: "us-east-1", Text: evil, Fix: evil}, {Text: "2) " + evil}}
	w.at("eu-west-1", "rule").readErr = &apiError{text: evil, code: evil, hint: evil, id: evil}
	w.at("eu-west-1", "storage-configuration").unwanted()
	w.at("eu-west-1", "storage-configuration").found.ARN = evil
	w.groups[0].Title = evil
	w.groups[5].Reason = evil
	return w
}

func hostileMeta() Meta {
	m := meta()
	m.Environment, m.App = evil, evil
	m.Warnings = []reconcile.Warning{{Text: evil, Fix: evil}}
	return m
}

func TestMarkdown(t *testing.T) {
	unread := drift()
	unread.at("eu-west-1", "rule").readErr = denied("eu-west-1")
	unread.at("eu-west-1", "target").missing("")
	logging := []string{"ivs-cloudwatch-log-group", "ivs-eventbridge-rule", "ivs-eventbridge-target"}
	tests := map[string]struct {
		report *reconcile.Report
		meta   Meta
	}{
		"created":  {empty(twoRegions).cannotRecord("us-east-1").plan(t), meta()},
		"drift":    {skipped("logging is not switched on in the manifest", drift(), logging...).plan(t), meta()},
		"nothing":  {inSync(twoRegions).plan(t), meta()},
		"warned":   {inSync(twoRegions).cannotRecord("us-east-1").plan(t), meta()},
		"failures": {unread.plan(t), meta()},
		"deleted":  {destroyed(twoRegions).plan(t), meta()},
		"refused":  {refused().run(t), meta()},
		"stopped":  {purging(twoRegions).stopped(t, 10_000_000_000), meta()},
		"hostile":  {hostile().plan(t), hostileMeta()},
		"huge":     {huge().plan(t), meta()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := Markdown(&b, tt.report, tt.meta); err != nil {
				t.Fatal(err)
			}
			wholeMarkdown(t, b.String())
			if strings.Contains(b.String(), account) {
				t.Error("the account is told in full")
			}
			golden(t, "markdown-"+name+".md", b.String())
		})
	}
}

// A plan that has no room is told of as far as it has, each resource of it.
func TestHugeMarkdown(t *testing.T) {
	text := markdown(huge().plan(t), meta())
	if len(text) < longestComment*9/10 {
		t.Errorf("%d bytes, though %d are there", len(text), longestComment)
	}
	for _, region := range sevenRegions {
		// Nothing else is told of a single region than its bucket and its policy.
		if got := len(regexp.MustCompile("(?m)^\\*\\*WOULD_.* in "+region+"$").FindAllString(text, -1)); got < 2 {
			t.Errorf("%d resources of %s alone are told of, want 2", got, region)
		}
	}
	last := text[strings.LastIndex(strings.TrimRight(text, "\n"), "\n")+1:]
	if !regexp.MustCompile(`^\*\*Left out\*\*, since a comment has no room for it: [0-9]+ lines\. All of it is shown by ` + "`yolo sync production --dry-run`\n$").MatchString(last) {
		t.Errorf("it ends with %q", last)
	}
}

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"us-east-1: plain, text (as it is).": "us-east-1: plain, text (as it is).",
		"a*b_c`d`[e]{f}|g~h$i!j\\":           "a\\*b\\_c\\`d\\`\\[e\\]\\{f\\}\\|g\\~h\\$i\\!j\\\\",
		"<b>&amp;</b>":                       "&lt;b&gt;&amp;amp;&lt;/b&gt;",
		"@octocat #12":                       "@\u200boctocat \\#\u200b12",
		"https://x.example www.x WWW.x":      "https:&#47;/x.example www&#46;x WWW&#46;x",
		"1. one":                             "1\\. one",
		"12) one":                            "12\\) one",
		"1.5 of 2":                           "1.5 of 2",
		"3.":                                 "3\\.",
		"- one":                              "\\- one",
		"--dry-run":                          "\\--dry-run",
		"two\nlines\x1b":                     `two\\nlines\\x1b`,
		"":                                   "",
	} {
		if got := prose(text); got != want {
			t.Errorf("prose(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "`plain`", "a`b": "``a`b``", "`a": "`` `a ``", "``": "``` `` ```", " a ": "`  a  `", "": "(none)", "a\nb|c": `` + "`a\\nb|c`",
		strings.Repeat("ä", 600): "`" + strings.Repeat("ä", 500) + "… (100 more characters)`",
	} {
		if got := span(text); got != want {
			t.Errorf("span(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever the texts are and however many, GitHub takes the comment whole.
func TestAnyMarkdownIsWhole(t *testing.T) {
	bits := []string{"`", "```", "~~~", "\n", "\n\n", "<details>", "</details>", "<b>", "@me", "#1", "|", "\\", " ", "a", "ü", "\u202e", "\x00", "\xff", "- ", "1. ", "$", "http://x"}
	text := rapid.Custom(func(t *rapid.T) string {
		words := rapid.SliceOfN(rapid.SampledFrom(bits), 0, 12).Draw(t, "bits")
		return strings.Repeat(strings.Join(words, ""), rapid.SampledFrom([]int{1, 1, 1, 100}).Draw(t, "times"))
	})
	value := rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return text.Draw(t, "text")
		default:
			return rapid.SliceOfN(text, 0, 30).Draw(t, "list")
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		r := &reconcile.Report{DryRun: rapid.Bool().Draw(t, "dry")}
		for range rapid.IntRange(1, 3).Draw(t, "groups") {
			g := reconcile.GroupReport{Group: reconcile.Group{ID: "g", Title: text.Draw(t, "title")}, Changed: true}
			for i := range rapid.IntRange(0, 6).Draw(t, "nodes") * rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 1, 1, 60}).Draw(t, "many") {
				n := reconcile.NodeReport{
					Key: reconcile.Key{Region: text.Draw(t, "region"), Kind: "rule", Name: fmt.Sprint(i)}, Name: text.Draw(t, "name"),
					ARN: text.Draw(t, "arn"), Changed: true, Result: rapid.SampledFrom([]reconcile.Result{reconcile.Synced, reconcile.Deleted, reconcile.Created, reconcile.Failed}).Draw(t, "result"),
				}
				if n.Result == reconcile.Failed {
					n.Err, n.Changed = &apiError{text: text.Draw(t, "error"), hint: text.Draw(t, "hint"), id: text.Draw(t, "id")}, false
				}
				n.Changes = []reconcile.Change{{Attribute: text.Draw(t, "attribute"), From: value.Draw(t, "from"), To: value.Draw(t, "to")}}
				n.Notes = []string{text.Draw(t, "note")}
				n.Warnings = []reconcile.Warning{{Text: text.Draw(t, "warning"), Fix: text.Draw(t, "fix")}}
				g.Nodes = append(g.Nodes, n)
			}
			r.Groups = append(r.Groups, g)
		}
		wholeMarkdown(t, markdown(r, Meta{Command: "sync", Environment: text.Draw(t, "environment"), App: text.Draw(t, "app"), Account: account}))
	})
}

type closed struct{ io.Writer }

func (closed) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestMarkdownTellsOfAWriterThatFails(t *testing.T) {
	if err := Markdown(closed{}, inSync(twoRegions).plan(t), meta()); err == nil {
		t.Error("no error")
	}
}
