package contract

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/beliefs.md")

const docsHead = `# What yolo believes of AWS

Made from internal/contract by ` + "`go test ./internal/contract -run TestDocs -update`" + `; change it there.

yolo decides by what AWS answers, and the AWS inside yolo answers as AWS is believed to.
These are the beliefs, each with its source, and each with a proof. All are proved on the
emulator in every test run. **None has been proved on a real account yet.** To do that, with
a profile of an account in which IVS Real-Time can be used:

` + "```" + `
YOLO_CONTRACT_PROFILE=sandbox go test ./internal/contract -run TestContract -v -count=1 -timeout 6h
` + "```" + `

It says first what it will make, and waits; Ctrl-C ends it. It works in %s and
%s only, makes things under names of its own that hold ` + "`%s`" + `, deletes all of
them, and touches nothing else. AWS may bill some cents. The profile needs the rights to make,
read and delete what the table names: AmazonS3FullAccess, IVSFullAccess,
CloudWatchLogsFullAccess, AmazonEventBridgeFullAccess and IAMFullAccess are enough.
A proof that fails is tried again with longer pauses, since AWS becomes consistent in time.
What still fails is a wrong belief: mend it, the emulator, and what yolo builds on it.
Where AWS words an error otherwise than the emulator the log says so; the proof holds.
What AWS's pages leave open has a source that begins with "open": yolo has chosen, and another answer of
AWS's is told, as a test that is skipped, and no failure.

Of %d beliefs, %d can be tried on an account; the others say why not.

## With a bill

%d of them take a show: yolo's own publisher, and mostly a composition. AWS bills these, so they have
a command of their own, and somebody has to answer for the account:

` + "```" + `
YOLO_CONTRACT_PROFILE=sandbox go test ./internal/contract -run TestShows -v -count=1 -timeout 2h
` + "```" + `

This says what AWS will bill at most, show by show and in all, and does nothing. The same with
%s=123456789012, the number of the profile's account, does it: one show after the other, each
once. What they tell is in the log: whether segments are MPEG-TS or fMP4, how long things take, when events come. Everything is deleted
after each show, whatever comes of it; what a run that was killed left goes with the next one, an hour later at the earliest.
At most, that is %d minutes of a participant and %d minutes of a composition at 720p.
`

// document writes the suite for readers.
func document(groups []group) string {
	var rows strings.Builder
	all, tried := 0, 0
	for _, g := range groups {
		fmt.Fprintf(&rows, "\n## %s\n\n| id | belief | source | on an account |\n|---|---|---|---|\n", g.service)
		for _, b := range g.beliefs {
			all++
			if b.onlyEmulated == "" {
				tried++
			}
			fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", b.id, cell(b.claim), cell(b.source), cell(b.onAccount()))
		}
	}
	costs := sum(showCases)
	return fmt.Sprintf(docsHead, home, away, marker, all, tried, len(showCases), billVariable, costs.participant, costs.composition) + rows.String()
}

// onAccount tells whether it can be tried on an account.
func (b belief) onAccount() string {
	switch {
	case b.onlyEmulated != "":
		return "no: " + b.onlyEmulated
	case b.bills != bill{}:
		return fmt.Sprintf("with a bill: %d min on stage, %d composed", b.bills.participant, b.bills.composition)
	}
	return "yes"
}

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;").Replace(text)
}

func TestDocs(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "beliefs.md")
	want := document(suite())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/beliefs.md is not what go test ./internal/contract -run TestDocs -update makes (-want +got)\n%s", diff)
	}
}

// TestProofPage: docs/proof.md names every case that only an account proves, and
// none that is not there.
func TestProofPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "proof.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, id := range regexp.MustCompile(`\b[A-Z0-9]+-\d\d\b`).FindAllString(string(text), -1) {
		named[id] = true
	}
	for _, g := range suite() {
		for _, b := range g.beliefs {
			if (b.open() || b.bills != bill{}) && !named[b.id] {
				t.Errorf("docs/proof.md does not name %s: %s", b.id, b.claim)
			}
			delete(named, b.id)
		}
	}
	for id := range named {
		t.Errorf("docs/proof.md names %s, which is not there", id)
	}
}
