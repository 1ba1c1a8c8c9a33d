package dotenv

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Wanted are B=b1, C=c1 and D=d1, in this order.
func TestMerge(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing there":                {"", "B=b1\nC=c1\nD=d1\n"},
		"only a byte order mark":       {"\ufeff", "\ufeffB=b1\nC=c1\nD=d1\n"},
		"all is right":                 {"D='d1' # x\nC = c1\nexport B=\"b1\"", "D='d1' # x\nC = c1\nexport B=\"b1\""},
		"order and others stay":        {"D=0\nA=1\nB=2\n\nC=3\n", "D=d1\nA=1\nB=b1\n\nC=c1\n"},
		"quotes stay":                  {"B='0'\nC=\"0\"\nD=0\n", "B='b1'\nC=\"c1\"\nD=d1\n"},
		"spaces and export stay":       {"  export B = 0  \nC\t=\t'0'\t\nD=0\n", "  export B = b1  \nC\t=\t'c1'\t\nD=d1\n"},
		"comments stay":                {"B=0 # x\nC='0'\t#y\nD=\"0\"#z\n", "B=b1 # x\nC='c1'\t#y\nD=\"d1\"#z\n"},
		"empty ones are filled":        {"B=\nC=''\nD = \n", "B=b1\nC='c1'\nD = d1\n"},
		"empty before a comment":       {"B= # x\nC = # y\nD=#z\n", "B=b1 # x\nC = c1 # y\nD=d1 #z\n"},
		"mixed line endings":           {"B=0\r\nC=0\nD=0\r\n", "B=b1\r\nC=c1\nD=d1\r\n"},
		"a last line without ending":   {"B=0\nC=0\nD=0", "B=b1\nC=c1\nD=d1"},
		"a byte order mark":            {"\ufeffB=0\nC=0\nD=0\n", "\ufeffB=b1\nC=c1\nD=d1\n"},
		"each of several":              {"B=0\nB=1\nC=c1\nD=d1\nB=b1\n", "B=b1\nB=b1\nC=c1\nD=d1\nB=b1\n"},
		"in comments nothing changes":  {"# B=0\nB=0\nC=c1\nD=d1\n", "# B=0\nB=b1\nC=c1\nD=d1\n"},
		"in values nothing changes":    {"A=\"\nB=0\n\"\nB=0\nC=c1\nD=d1\n", "A=\"\nB=0\n\"\nB=b1\nC=c1\nD=d1\n"},
		"several lines become one":     {"B=\"0\n1\" # x\nC=c1\nD=d1\n", "B=\"b1\" # x\nC=c1\nD=d1\n"},
		"readers differ on it":         {"B: b1\nC=c1#x\nD=`d1`\n", "B=b1\nC=c1 #x\nD=d1\n"},
		"a variable":                   {"B=$X\nC=\"${C}\"\nD=d1\n", "B=b1\nC=\"c1\"\nD=d1\n"},
		"a quote that is open":         {"B=\"0\nC='0\nD=d1\n", "B=b1\nC=c1\nD=d1\n"},
		"behind the one before":        {"C=c1\nA=1\nB=b1\nZ=1\n", "C=c1\nD=d1\nA=1\nB=b1\nZ=1\n"},
		"before the one behind":        {"A=1\n# ours\nD=d1\n", "A=1\n# ours\nB=b1\nC=c1\nD=d1\n"},
		"between":                      {"B=b1\nD=d1\n", "B=b1\nC=c1\nD=d1\n"},
		"behind the last of several":   {"B=0\nC=0\nA=1\nC=0\nA=2\n", "B=b1\nC=c1\nA=1\nC=c1\nD=d1\nA=2\n"},
		"in the neighbour's style":     {"A=1\n  export B = 'b1' # x\n", "A=1\n  export B = 'b1' # x\n  export C = 'c1'\n  export D = 'd1'\n"},
		"not in a style that is odd":   {"B: b1\n", "B=b1\nC=c1\nD=d1\n"},
		"at the end":                   {"A=1\n\n", "A=1\n\nB=b1\nC=c1\nD=d1\n"},
		"at an end without ending":     {"A=1\r\nZ=2", "A=1\r\nZ=2\r\nB=b1\r\nC=c1\r\nD=d1"},
		"behind a comment at the end":  {"A=1\n#x", "A=1\n#x\nB=b1\nC=c1\nD=d1"},
		"behind one without ending":    {"A=1\nD=0", "A=1\nB=b1\nC=c1\nD=d1"},
		"with Windows' line endings":   {"A=1\r\n", "A=1\r\nB=b1\r\nC=c1\r\nD=d1\r\n"},
		"exported if all are":          {"# x=1\nexport A=1\n export\tZ=2\n", "# x=1\nexport A=1\n export\tZ=2\nexport B=b1\nexport C=c1\nexport D=d1\n"},
		"not exported if some are not": {"export A=1\nZ=2\n", "export A=1\nZ=2\nB=b1\nC=c1\nD=d1\n"},
		"first behind the mark":        {"\ufeffD=d1\n", "\ufeffB=b1\nC=c1\nD=d1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			want := []Variable{{"B", "b1"}, {"C", "c1"}, {"D", "d1"}}
			got, changes, err := Merge(c.text, want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if (len(changes) == 0) != (got == c.text) {
				t.Errorf("changes %v", changes)
			}
		})
	}
}

func TestMergeTellsChanges(t *testing.T) {
	_, changes, err := Merge("A=1\nD=0\nA=\"\n\"\nC='0'\n", []Variable{{"B", "b"}, {"C", "c"}, {"D", "d"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Change{
		{Key: "B", Line: 5, To: "b", Added: true},
		{Key: "C", Line: 6, From: "0", To: "c"},
		{Key: "D", Line: 2, From: "0", To: "d"},
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Key, b.Key) })
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What cannot be written in a form that all readers take for the same is
// refused; anything else finds one.
func TestMergeForms(t *testing.T) {
	for name, c := range map[string]struct{ text, value, want string }{
		"a space":                    {"K=0", "a b", "K='a b'"},
		"a hash":                     {"K=0 # x", "a#b", "K='a#b' # x"},
		"a variable":                 {`K="0"`, "$A", "K='$A'"},
		"an apostrophe":              {"K='0'", "it's", `K="it's"`},
		"an apostrophe and a dollar": {"K=0", "it's $1", ""},
		"a newline":                  {"K=0", "a\nb", ""},
		"empty":                      {"K=0", "", "K="},
		"empty before a comment":     {"K=0 #x", "", "K='' #x"},
		"a backslash at the end":     {"K=0", `a\`, ""},
		"no UTF-8":                   {"K=0", "\xff", ""},
		"a quote above it":           {"A='x\nK=0", "#b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := Merge(c.text, []Variable{{"K", c.value}})
			_, last, _ := strings.Cut("\n"+got, "\nK")
			if last != "" {
				last = "K" + last
			}
			if last != c.want || (err != nil) != (c.want == "") {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// pieces are what the texts of the property test are made of.
var pieces = []string{
	"A", "B", "C", "Z", "export ", "=", "=", "=", " ", "\t", "'", `"`, "`", "#", " # ", ":", ": ", "\n", "\n", "\n", "\r\n", "\r", `\`, "$", "{", "}",
	"x", "0", "é", "\ufeff", "A=1\n", "B=1\n", "B='1'\n", "C=\"1\"\n", "# B=1\n", "A=\"1\n2\"\n", "export C=1 # x\n",
}

// Any text and any values: the values are in the merged text, everything else
// is as it was, and merging again changes nothing.
func TestMergeProperties(t *testing.T) {
	refused, total := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "text"), "")
		var want []Variable
		for _, key := range rapid.Permutation([]string{"B", "C", "K"}).Draw(t, "keys") {
			want = append(want, Variable{key, rapid.OneOf(rapid.Just("arn:aws:ivs:x"), rapid.StringOf(rapid.SampledFrom([]rune(`ab'"$\# =`)))).Draw(t, "value")})
		}
		total++
		if !checkMerge(t, text, want) {
			refused++
		}
	})
	if !testing.Short() && refused*2 > total { // of a few texts all may be
		t.Errorf("%d of %d texts were refused, so little was tested", refused, total)
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("A=1\nB='2' # x\r\nC=\"\n\"", "v", "w")
	f.Add("\ufeffexport B=`1`", "", "it's")
	f.Fuzz(func(t *testing.T, text, b, c string) {
		checkMerge(t, text, []Variable{{"B", b}, {"C", c}})
	})
}

// checkMerge tells whether the values could be merged.
func checkMerge(t interface{ Errorf(string, ...any) }, text string, want []Variable) bool {
	merged, changes, err := Merge(text, want)
	if err != nil {
		return false
	}
	for _, v := range want {
		for _, a := range Parse(merged) {
			if a.Key == v.Key && !a.Commented && (a.Value != v.Value || !a.Uniform) {
				t.Errorf("%q: %s is %q, want %q", merged, a.Key, a.Value, v.Value)
			}
		}
		if got := Lookup(merged, v.Key); got != v.Value {
			t.Errorf("%q: %s is %q, want %q", merged, v.Key, got, v.Value)
		}
	}
	if before, after := without(text, want), without(merged, want); before != after {
		t.Errorf("the rest was %q and is %q", before, after)
	}
	again, more, err := Merge(merged, want)
	if err != nil || again != merged || len(more) > 0 {
		t.Errorf("%q became %q when it was merged again: %v, %v", merged, again, more, err)
	}
	if text != "" && text != bom && endsLine(text) != endsLine(merged) {
		t.Errorf("%q became %q: the last line ending differs", text, merged)
	}
	if (len(changes) == 0) != (merged == text) {
		t.Errorf("%q became %q with the changes %v", text, merged, changes)
	}
	return true
}

func endsLine(text string) bool { return strings.TrimRight(text, "\r\n") != text }

// without is a text without the assignments of the wanted keys, and without its
// last line ending.
func without(text string, want []Variable) string {
	var b strings.Builder
	mark, rest := cutBOM(text)
	b.WriteString(mark)
	for _, s := range scan(rest) {
		if !slices.ContainsFunc(want, func(v Variable) bool { return s.gives(v.Key) }) {
			b.WriteString(s.text)
		}
	}
	rest = b.String()
	for _, ending := range []string{"\r\n", "\n", "\r"} {
		if whole, ok := strings.CutSuffix(rest, ending); ok {
			return whole
		}
	}
	return rest
}
