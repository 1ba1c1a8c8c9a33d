package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawStatement makes a statement from few values, so that Sids, principals and
// patterns of ours and of others meet often. Its text may be unusual but is JSON.
func drawStatement(t *rapid.T, sid string) string {
	pick := func(label string, values ...string) string {
		return rapid.SampledFrom(values).Draw(t, label)
	}
	some := func(label string, values ...string) string {
		drawn := rapid.SliceOfN(rapid.SampledFrom(values), 1, 3).Draw(t, label)
		if len(drawn) == 1 && rapid.Bool().Draw(t, "alone") {
			return drawn[0]
		}
		return "[" + strings.Join(drawn, ",") + "]"
	}
	members := []string{
		`"Effect":` + pick("effect", `"Allow"`, `"Allow"`, `"Deny"`),
		pick("which principal", `"Principal":`, `"Principal":`, `"NotPrincipal":`) + pick("principal", `"*"`,
			`{"Service":`+some("services", `"events.amazonaws.com"`, `"delivery.logs.amazonaws.com"`, `"ivs-composite.us-east-1.amazonaws.com"`, `"ivs-composite.eu-west-1.amazonaws.com"`)+`}`,
			`{"AWS":`+some("accounts", `"123456789012"`, `"arn:aws:iam::123456789012:root"`, `"AROAEXAMPLEID12345678"`, `"*"`)+`}`),
		pick("which action", `"Action":`, `"Action":`, `"NotAction":`) + some("actions", `"s3:PutObject"`, `"s3:putobjectacl"`, `"s3:*"`, `"logs:PutLogEvents"`, `"logs:Create*"`),
		pick("which resource", `"Resource":`, `"Resource":`, `"NotResource":`) + some("resources", `"*"`, `"arn:aws:s3:::b/*"`, `"arn:aws:s3:::b/x"`, `"`+testResource+`"`, `"`+testGroup+`"`),
	}
	if sid != "" {
		members = append(members, `"Sid":"`+sid+`"`)
	}
	members = append(members, rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		`"Condition":{}`,
		`"Condition":{"Bool":{"aws:SecureTransport":true}}`,
		`"Condition":{"Bool":{"aws:SecureTransport":["false"]}}`,
		`"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}`,
		`"Condition":{"ArnLike":{"aws:SourceArn":"a"},"NumericLessThan":{"k":1.0}}`,
		`"New":{"b":1e2,"a":[null]}`,
	}), 0, 2, func(s string) string { return s[:4] }).Draw(t, "more")...)
	return "{" + strings.Join(rapid.Permutation(members).Draw(t, "members"), ",") + "}"
}

// drawDocument makes a document whose Sids are each there once.
func drawDocument(t *rapid.T) *Document {
	sids := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		SidRecording, SidMediaConvertRead, SidEventBridgeLogs, SidEventBridgeLogs + "2", "CompositeWrite-1", "CompositeWrite-2",
	}), 0, 4, rapid.ID).Draw(t, "sids")
	var statements []string
	for _, sid := range append(sids, make([]string, rapid.IntRange(0, 2).Draw(t, "without sid"))...) {
		statements = append(statements, drawStatement(t, sid))
	}
	version := rapid.SampledFrom([]string{"", `"Version":"2008-10-17",`, `"Id":"i","Version":"2012-10-17",`}).Draw(t, "version")
	d, err := Parse(`{` + version + `"Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shuffled is the document with its statements in another order.
func shuffled(t *rapid.T, d *Document) *Document {
	return &Document{members: d.members, statements: rapid.Permutation(d.statements).Draw(t, "order")}
}

// wantedOf is what a sync puts into a document, bucket and logs alike.
func wantedOf(d *Document) []Statement {
	recording, _ := WantedRecording(d, "b", []string{"us-east-1", "ap-southeast-2"})
	read, _ := WantedMediaConvertRead(d, "b", "arn:aws:iam::123456789012:role/m")
	return slices.Concat(recording, read, []Statement{WantedEventBridgeLogs(d, testResource)})
}

func TestStringKeepsMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		again, err := Parse(d.String())
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		if !d.Equal(again) || d.String() != again.String() {
			t.Fatalf("%s became %s", d, again)
		}
	})
}

func TestMergeKeepsForeignStatements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		wanted := wantedOf(d)
		merged, differences := d.Merge(wanted...)
		var ours []string
		for _, s := range wanted {
			ours = append(ours, s.Sid())
			if !merged.holds(s) {
				t.Fatalf("%s lacks %s", merged, s)
			}
		}
		before, _ := d.Without(ours...)
		after, _ := merged.Without(ours...)
		if diff := cmp.Diff(before.String(), after.String()); diff != "" {
			t.Fatalf("foreign statements (-want +got):\n%s", diff)
		}
		if missing := merged.Missing(d); missing != nil {
			t.Fatalf("missing after Merge: %s", missing)
		}
		if (len(differences) == 0) != merged.Equal(d) {
			t.Fatalf("differences %q between %s and %s", lines(differences), d, merged)
		}
	})
}

func TestMergeTwiceIsMergeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		once, _ := d.Merge(wantedOf(d)...)
		twice, differences := once.Merge(wantedOf(once)...)
		if len(differences) > 0 || once.String() != twice.String() {
			t.Fatalf("a second merge changes %q", lines(differences))
		}
	})
}

func TestOrderOfStatementsNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		other := shuffled(t, d)
		if !d.Equal(other) || d.Missing(other) != nil {
			t.Fatalf("%s and %s are not equal", d, other)
		}
		a, from := d.Merge(wantedOf(d)...)
		b, to := other.Merge(wantedOf(other)...)
		if !a.Equal(b) {
			t.Fatalf("merged: %s and %s", a, b)
		}
		if diff := cmp.Diff(lines(from), lines(to)); diff != "" {
			t.Fatalf("differences:\n%s", diff)
		}
		v, w := AllowsRecording(d, "b", "us-east-1"), AllowsRecording(other, "b", "us-east-1")
		if v.Allowed != w.Allowed || v.Denied != w.Denied || v.Uncertain != w.Uncertain {
			t.Fatalf("verdicts %+v and %+v", v, w)
		}
	})
}

// Whatever was there, a merge ends with the effect unless a Deny prevents it.
func TestMergeHasTheEffect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		merged, _ := d.Merge(wantedOf(d)...)
		for _, region := range []string{"us-east-1", "ap-southeast-2"} {
			if v := AllowsRecording(merged, "b", region); !v.Allowed && !v.Denied {
				t.Fatalf("%s: %+v in %s", region, v, merged)
			}
			was, is := AllowsRecording(d, "b", "eu-west-1"), AllowsRecording(merged, "b", "eu-west-1")
			if was.Allowed && !was.Uncertain && !is.Allowed && !narrowedByUs(d) {
				t.Fatalf("eu-west-1 lost its grant: %s became %s", d, merged)
			}
		}
		if v := AllowsEventBridge([]NamedDocument{{"p", merged}}, testGroup); !v.Allowed && !v.Denied {
			t.Fatalf("%+v in %s", v, merged)
		}
	})
}

// narrowedByUs reports whether a statement of our Sids lets IVS write in a way
// that is not ours to keep: as a reader's statement, or to everyone under a
// condition of someone else's or through NotAction.
func narrowedByUs(d *Document) bool {
	for _, sid := range []string{SidRecording, SidMediaConvertRead} {
		s, found := d.Statement(sid)
		if !found {
			continue
		}
		v := s.View()
		if sid == SidMediaConvertRead || v.NotActions != nil || len(v.Unknown) > 0 || !actionIn(v.Actions, actionPutObject) {
			return true
		}
	}
	return false
}

func TestCoverageIsSound(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab*?")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		pattern, set := text.Draw(t, "pattern"), strings.ReplaceAll(text.Draw(t, "set"), "?", "a")
		var instance strings.Builder
		for part := range strings.SplitSeq(set, "*") {
			if instance.Len() > 0 || !strings.HasPrefix(set, part) {
				instance.WriteString(rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 0, 3, -1).Draw(t, "run"))
			}
			instance.WriteString(part)
		}
		member := instance.String()
		if !covers(set, member) {
			t.Skip("not a member")
		}
		matches := covers(pattern, member)
		if covers(pattern, set) && !matches {
			t.Fatalf("%q covers %q but does not match %q", pattern, set, member)
		}
		if matches && !overlaps(pattern, set) {
			t.Fatalf("%q matches %q of %q but does not overlap", pattern, member, set)
		}
		if overlaps(pattern, set) != overlaps(set, pattern) {
			t.Fatalf("overlap of %q and %q depends on their order", pattern, set)
		}
	})
}

// The spelling of a statement is drawn twice from the same content.
func TestSpellingNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"s3:A", "s3:B", "s3:C"}), 1, 3, rapid.ID).Draw(t, "values")
		spell := func() string {
			list := func(values []string) string {
				if len(values) == 1 && rapid.Bool().Draw(t, "alone") {
					return quote(values[0])
				}
				return texts(values).json
			}
			order := func() []string { return rapid.Permutation(values).Draw(t, "order") }
			actions := order()
			for i, a := range actions {
				if rapid.Bool().Draw(t, "lower") {
					actions[i] = strings.ToLower(a)
				}
			}
			root := rapid.SampledFrom([]string{"123456789012", "arn:aws:iam::123456789012:root"}).Draw(t, "root")
			truth := rapid.SampledFrom([]string{"true", `"true"`, `["TRUE"]`}).Draw(t, "truth")
			key := rapid.SampledFrom([]string{"aws:SecureTransport", "AWS:securetransport"}).Draw(t, "key")
			members := []string{
				`"Action":` + list(actions), `"Resource":` + list(order()), `"Principal":{"AWS":` + list([]string{root}) + `}`,
				`"Condition":{"Bool":{"` + key + `":` + truth + `}}`, `"Sid":"s"`,
			}
			return "{" + strings.Join(rapid.Permutation(members).Draw(t, "members"), ",") + "}"
		}
		a, err := Parse(`{"Statement":` + spell() + `}`)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Parse(`{"Statement":[` + spell() + `]}`)
		if err != nil {
			t.Fatal(err)
		}
		if !a.Equal(b) || !slices.EqualFunc(a.Statements(), b.Statements(), Equal) {
			t.Fatalf("%s and %s are not equal", a, b)
		}
	})
}
