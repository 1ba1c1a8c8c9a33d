package proof_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/proof"
)

// TestPrecedence: FAIL, then NOT_PROVEN, then PASS, whatever the order; nothing
// at all is NOT_PROVEN.
func TestPrecedence(t *testing.T) {
	for _, c := range []struct {
		verdicts string
		want     string
	}{
		{"", "NOT_PROVEN"},
		{"P", "PASS"},
		{"PP", "PASS"},
		{"PN", "NOT_PROVEN"},
		{"NP", "NOT_PROVEN"},
		{"PF", "FAIL"},
		{"FN", "FAIL"},
		{"NF", "FAIL"},
		{"PNF", "FAIL"},
	} {
		var step proof.Step
		for _, letter := range c.verdicts {
			v := map[rune]proof.Verdict{'P': proof.Pass, 'N': proof.NotProven, 'F': proof.Fail}[letter]
			step.Findings = append(step.Findings, proof.Finding{Verdict: v})
		}
		if got := step.Word(); got != c.want {
			t.Errorf("%q: %s, want %s", c.verdicts, got, c.want)
		}
		report := proof.Report{Steps: []proof.Step{{Skipped: "off"}, step, {Findings: []proof.Finding{{Verdict: proof.Pass}}}}}
		if got := report.Word(); got != c.want {
			t.Errorf("%q in a report: %s, want %s", c.verdicts, got, c.want)
		}
	}
	if got := (proof.Report{Steps: []proof.Step{{Skipped: "off"}}}).Word(); got != "SKIPPED" {
		t.Errorf("nothing asked for: %s", got)
	}
}

var (
	proven = time.Date(2026, 11, 22, 17, 0, 0, 7, time.FixedZone("", 3600))
	facts  = []proof.Fact{{Link: "bucket", Was: "b"}, {Link: "encoder", Was: "720p"}, {Link: "rule", Was: "ENABLED"}}
)

func TestReceipt(t *testing.T) {
	receipt := proof.NewReceipt(proof.Receipt{At: proven, Facts: facts})
	tag := receipt.Tag()
	if !strings.HasPrefix(tag, "v1 2026-11-22T16:00:00Z ") || len(tag) > 256 {
		t.Errorf("the tag is %q", tag)
	}
	failed := proof.NewReceipt(proof.Receipt{At: proven, Facts: facts, Failed: true})
	for _, tag := range []string{tag, failed.Tag()} {
		if strings.Trim(tag, "abcdefghijklmnopqrstuvwxyzTZ0123456789-: ") != "" || len(tag) > 256 {
			t.Errorf("AWS might not take the tag %q", tag)
		}
	}
	unseen := []proof.Fact{facts[0], {Link: "encoder", Unseen: true}, facts[2]}
	unseenAndChanged := []proof.Fact{facts[0], {Link: "encoder", Unseen: true}, {Link: "rule", Was: "DISABLED"}}
	before := proof.NewReceipt(proof.Receipt{At: proven, Facts: unseen})
	other := proof.NewReceipt(proof.Receipt{At: proven.Add(time.Hour), Facts: facts})
	for name, c := range map[string]struct {
		tag     string
		details *proof.Receipt
		now     []proof.Fact
		want    string
	}{
		"same":               {tag, &receipt, facts, "recording proven 3 h ago in us-east-1; since then: nothing changed"},
		"same, no details":   {tag, nil, facts, "recording proven 3 h ago in us-east-1; since then: nothing changed"},
		"one changed":        {tag, &receipt, []proof.Fact{facts[0], {Link: "encoder", Was: "1080p"}, facts[2]}, "recording proven 3 h ago in us-east-1; since then: encoder changed"},
		"one gone":           {tag, &receipt, facts[:2], "recording proven 3 h ago in us-east-1; since then: rule changed"},
		"one more":           {tag, &receipt, append([]proof.Fact{{Link: "new", Was: ""}}, facts...), "recording proven 3 h ago in us-east-1; since then: new changed"},
		"changed elsewhere":  {tag, nil, facts[:2], "recording proven 3 h ago in us-east-1; since then: something changed"},
		"details of another": {tag, &other, facts[:2], "recording proven 3 h ago in us-east-1; since then: something changed"},
		"failed":             {failed.Tag(), &failed, facts, "the proof of recording failed 3 h ago in us-east-1; since then: nothing changed"},
		"failed, changed":    {failed.Tag(), &failed, facts[:2], "the proof of recording failed 3 h ago in us-east-1; since then: rule changed"},
		"proven before":      {failed.Tag(), &receipt, facts[:2], "the proof of recording failed 3 h ago in us-east-1; since then: something changed"},
		"unseen":             {tag, &receipt, unseen, "recording proven 3 h ago in us-east-1; since then: not known, since encoder cannot be looked at now"},
		"unseen, elsewhere":  {tag, nil, unseen, "recording proven 3 h ago in us-east-1; since then: not known, since encoder cannot be looked at now"},
		"unseen and changed": {tag, &receipt, unseenAndChanged, "recording proven 3 h ago in us-east-1; since then: rule changed; encoder cannot be looked at now"},
		"unseen before too":  {before.Tag(), &before, unseen, "recording proven 3 h ago in us-east-1; since then: nothing changed"},
		"seen at last":       {before.Tag(), &before, facts, "recording proven 3 h ago in us-east-1; since then: encoder changed"},
		"more behind it":     {tag + " x", nil, facts, "recording never proven in us-east-1"},
		"no tag":             {"", &receipt, facts, "recording never proven in us-east-1"},
		"a tag of others":    {"yes", nil, facts, "recording never proven in us-east-1"},
		"a later version":    {"v2" + tag[2:], nil, facts, "recording never proven in us-east-1"},
		"no time":            {"v1 today " + proof.Digest(facts), nil, facts, "recording never proven in us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			standing := proof.Since(c.tag, c.details, c.now)
			if holds := strings.HasPrefix(c.want, "recording proven") && strings.HasSuffix(c.want, "nothing changed"); standing.Holds != holds {
				t.Errorf("it holds: %v", standing.Holds)
			}
			if got := standing.Told("recording", "us-east-1", proven.Add(3*time.Hour+time.Minute)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestDigest: no two lists of facts are taken for the same.
func TestDigest(t *testing.T) {
	seen := map[string]int{}
	for i, all := range [][]proof.Fact{
		nil,
		{{Link: "a"}},
		{{Link: "a", Was: "b"}},
		{{Link: "ab"}},
		{{Was: "ab"}},
		{{Link: "a"}, {Link: "b"}},
		{{Link: "b"}, {Link: "a"}},
		{{Link: "a\" \"b"}},
		{{Link: "a", Was: "\n\"b\" \"\""}},
	} {
		digest := proof.Digest(all)
		if before, ok := seen[digest]; ok {
			t.Errorf("lists %d and %d have the same digest", before, i)
		}
		seen[digest] = i
	}
}

func TestBill(t *testing.T) {
	show := proof.Show{Region: "us-east-1", Records: true, Logs: true, Picture: 20 * time.Second, Width: 1280, Height: 720}
	want := []string{
		"about 1 minute of one participant who publishes",
		"about 1 minute of a composition at 1280x720",
		"about 46 S3 requests, and the storage of some megabytes until they are deleted",
		"a few log events and requests for them",
	}
	if diff := cmp.Diff(want, show.Bill()); diff != "" {
		t.Errorf("bill (-want +got):\n%s", diff)
	}
	if got, want := show.Does(), "a tagged stage, a test picture of 20 s, a composition that records it to the bucket; takes about 40 s, at most 8 min"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	show.Logs = false
	if got := show.Does(); !strings.HasSuffix(got, "takes about 40 s, at most 6 min") {
		t.Error(got)
	}
	short := proof.Show{Logs: true, Picture: 5 * time.Second}
	if got, want := short.Does(), "a tagged stage, a test picture of 5 s; takes about 25 s, at most 6 min"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"about 1 minute of one participant who publishes", "a few log events and requests for them"}, short.Bill()); diff != "" {
		t.Errorf("bill (-want +got):\n%s", diff)
	}
	long := proof.Show{Records: true, Picture: 10 * time.Minute}
	if got := long.Bill()[0]; got != "about 11 minutes of one participant who publishes" {
		t.Error(got)
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than a minute ago", 90 * time.Second: "1 min ago", 3*time.Hour + 59*time.Minute: "3 h ago", 50 * time.Hour: "2 days ago",
	} {
		if got := proof.Ago(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
