package manifest

import (
	stdcmp "cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// testDraft is what the tests add to a file: everything that can be asked for.
func testDraft(b *Base) Draft {
	d := Draft{
		App: "shop", Environment: "production", AccountID: "123456789012", Regions: []string{"us-east-1", "eu-west-1"},
		Logging: true, RetentionDays: new(30), Recording: true,
	}
	d.App = stdcmp.Or(b.App, d.App)
	d.AccountID = stdcmp.Or(b.AccountID(d.Environment), d.AccountID)
	return d
}

// TestAdd adds a draft to every testdata/add/*.yml, and compares the text, or
// why there is none, with the .txt beside it.
func TestAdd(t *testing.T) {
	for _, path := range corpus(t, "add") {
		name := strings.TrimSuffix(filepath.Base(path), ".yml")
		t.Run(name, func(t *testing.T) {
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			d, after, err := addTo(string(before))
			if refused := strings.HasPrefix(name, "refused-"); refused != (err != nil) {
				t.Errorf("want it refused: %t, got error %v", refused, err)
			}
			if err != nil {
				after = err.Error() + "\n"
			} else {
				checkAdded(t, d, string(before), after)
			}
			golden(t, path, after)
		})
	}
}

func addTo(text string) (Draft, string, error) {
	b, err := newBase(newSource("yolo.yml", text))
	if err != nil {
		return Draft{}, "", err
	}
	d := testDraft(b)
	after, err := b.Add(d)
	return d, after, err
}

// checkAdded proves independently of [Base.prove] what matters most: only new
// lines came, but for a value that gave way, and the environment asks for what
// the draft does.
func checkAdded(t testing.TB, d Draft, before, after string) {
	t.Helper()
	checkLines(t, before, after)
	m, err := openSource(newSource("yolo.yml", after))
	if err != nil {
		t.Fatalf("%v\n%s", err, after)
	}
	e, _, err := m.Environment(d.Environment)
	if err != nil {
		t.Fatal(err)
	}
	want := &Environment{
		App: d.App, Name: d.Environment, AccountID: d.AccountID, Regions: d.Regions,
		Logging:   Logging{Enabled: true, RetentionDays: 30, RetentionExplicit: true},
		Recording: Recording{Enabled: true, Layout: Regional, Encoder: defaultEncoder},
	}
	if diff := cmp.Diff(want, e, cmpopts.IgnoreUnexported(Environment{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, _, err := addTo(after); err == nil {
		t.Errorf("it can be added twice to\n%s", after)
	}
}

// givesWay is a value that may be gone, with its line otherwise as it was.
var givesWay = regexp.MustCompile(`[ \t]*(\{[ \t]*\}|~|(?i:null|true|false))`)

func checkLines(t testing.TB, before, after string) {
	t.Helper()
	if strings.HasPrefix(before, byteOrder) != strings.HasPrefix(after, byteOrder) {
		t.Errorf("the byte order mark of %q came or went: %q", before, after)
	}
	before, after = strings.TrimPrefix(before, byteOrder), strings.TrimPrefix(after, byteOrder)
	rest := splitLines(after)
	gaveWay := false
	for _, line := range splitLines(before) {
		at := slices.Index(rest, line)
		for _, found := range givesWay.FindAllStringIndex(line, -1) {
			if at < 0 && !gaveWay {
				at = slices.Index(rest, line[:found[0]]+line[found[1]:])
				gaveWay = at >= 0
			}
		}
		if at < 0 {
			t.Fatalf("the line %q is gone from\n%s", line, after)
		}
		rest = rest[at+1:]
	}
	if ended := endsLine(before); before != "" && ended != endsLine(after) {
		t.Errorf("the last line had an ending: %t, and now the reverse: %q", ended, after)
	}
	if mixed := strings.Count(after, "\n") != strings.Count(after, "\r\n"); mixed && allCRLF(before) {
		t.Errorf("all lines ended with CR LF, and now some do not: %q", after)
	}
}

func endsLine(text string) bool {
	lines := splitLines(text)
	return lines[len(lines)-1] == ""
}

func allCRLF(text string) bool {
	n := strings.Count(text, "\n")
	return n > 0 && n == strings.Count(text, "\r\n")
}

// FuzzAdd adds to any bytes. Where that works, nothing of them is gone.
func FuzzAdd(f *testing.F) {
	for _, kind := range []string{"good", "bad", "add"} {
		for _, path := range corpus(f, kind) {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	f.Fuzz(func(t *testing.T, before string) {
		if d, after, err := addTo(before); err == nil {
			checkAdded(t, d, before, after)
		}
	})
}
