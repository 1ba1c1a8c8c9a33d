package policy

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mustParse is for texts of the tests' own.
func mustParse(t testing.TB, text string) *Document {
	t.Helper()
	d, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return d
}

// statementOf parses a single statement.
func statementOf(t testing.TB, text string) Statement {
	t.Helper()
	return mustParse(t, `{"Statement":`+text+`}`).Statements()[0]
}

func TestParseString(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":          {"", `{"Version":"2012-10-17","Statement":[]}`},
		"white space":      {" \n", `{"Version":"2012-10-17","Statement":[]}`},
		"empty object":     {"{}", `{"Version":"2012-10-17","Statement":[]}`},
		"single statement": {`{"Statement":{"Effect":"Allow"}}`, `{"Statement":[{"Effect":"Allow"}]}`},
		"version, id and unknown members stay in place": {
			`{ "Id" : "x", "Version":"2008-10-17", "Statement": [ ], "Extra": {"b":1,"a":[null,true]} }`,
			`{"Id":"x","Version":"2008-10-17","Statement":[],"Extra":{"b":1,"a":[null,true]}}`,
		},
		"no version is added": {`{"Statement":[]}`, `{"Statement":[]}`},
		"numbers, escapes and order in conditions stay": {
			`{"Statement":[{"Condition":{"NumericLessThan":{"z":1.50,"a":1e2}},"Sid":"<\u0041>","New":-0}]}`,
			`{"Statement":[{"Condition":{"NumericLessThan":{"z":1.50,"a":1e2}},"Sid":"<\u0041>","New":-0}]}`,
		},
		"white space inside strings stays": {
			"{\"Statement\":[{\"Sid\" : \" a , b : c \"}]}", `{"Statement":[{"Sid":" a , b : c "}]}`,
		},
		"member names in another case are other members": {
			`{"statement":[1],"Statement":[]}`, `{"statement":[1],"Statement":[]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := mustParse(t, test.text)
			if diff := cmp.Diff(test.want, d.String()); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
			if d.Size() != len(test.want) {
				t.Errorf("Size = %d, want %d", d.Size(), len(test.want))
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	tests := map[string]struct {
		text   string
		offset int
		reason string
	}{
		"cut off":                 {`{"Statement":[`, 14, "unexpected end of JSON input"},
		"no JSON":                 {`{"Statement":x}`, 14, `invalid character 'x' looking for beginning of value`},
		"two values":              {`{} {}`, 4, `invalid character '{' after top-level value`},
		"list":                    {` []`, 1, "want an object, got a list"},
		"null":                    {`null`, 0, "want an object, got null"},
		"statement is a string":   {`{"Statement":"x"}`, 13, "Statement: want an object or a list of objects, got a string"},
		"statement is null":       {`{"Statement":[{}, null]}`, 18, "Statement: want an object or a list of objects, got null"},
		"duplicate member":        {`{"Version":"a","Version":"b"}`, 15, `member "Version" is there twice in one object`},
		"duplicate by escape":     {`{"Statement":[{"Sid":"a", "S\u0069d":"b"}]}`, 26, `member "Sid" is there twice in one object`},
		"too deep":                {`{"x":` + deep + `}`, 36, "nested deeper than 32 levels"},
		"not UTF-8":               {"{\"x\":\"\xff\"}", 6, "not UTF-8"},
		"lone surrogate":          {`{"x":"\ud800"}`, 5, `"\ud800": half of a UTF-16 pair`},
		"lone surrogate in names": {`{"\udc00":1}`, 1, `"\udc00": half of a UTF-16 pair`},
		"too long":                {strings.Repeat(" ", maxTextSize) + "{}", maxTextSize, "262146 bytes: more than the 262144 that are read"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.text)
			got, ok := errors.AsType[*ParseError](err)
			if !ok {
				t.Fatalf("error %v, want a *ParseError", err)
			}
			if diff := cmp.Diff(&ParseError{test.offset, test.reason}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNilDocument(t *testing.T) {
	var d *Document
	if !d.Empty() || d.Statements() != nil || !d.Equal(&Document{}) || d.Missing(nil) != nil {
		t.Error("nil is not an empty document")
	}
	got, _ := d.Merge(Statement{})
	if want := `{"Version":"2012-10-17","Statement":[{}]}`; got.String() != want {
		t.Errorf("Merge of a zero statement = %s, want %s", got, want)
	}
}

func TestView(t *testing.T) {
	tests := map[string]struct {
		text string
		want View
	}{
		"strings": {
			`{"Sid":"a","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"r"}`,
			View{Sid: "a", Effect: "Deny", Principals: []Principal{{"AWS", "*"}}, Actions: []string{"s3:*"}, Resources: []string{"r"}},
		},
		"lists and negations": {
			`{"NotPrincipal":{"AWS":["1","2"],"Service":"s"},"NotAction":[],"NotResource":["r"]}`,
			View{NotPrincipals: []Principal{{"AWS", "1"}, {"AWS", "2"}, {"Service", "s"}}, NotActions: []string{}, NotResources: []string{"r"}},
		},
		"conditions": {
			`{"Condition":{"Bool":{"k":true},"NumericEquals":{"n":[1.0,"2"]}}}`,
			View{Conditions: []Condition{{"Bool", "k", []string{"true"}}, {"NumericEquals", "n", []string{"1.0", "2"}}}},
		},
		"what is not understood": {
			`{"Sid":1,"Effect":"allow","Principal":"x","NotPrincipal":{"AWS":1},"Action":{},"Resource":[1],"Condition":{"Bool":{}},"action":"x"}`,
			View{Unknown: []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition", "action"}},
		},
		"conditions not understood": {`{"Condition":{"Bool":{"k":null}}}`, View{Unknown: []string{"Condition"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, statementOf(t, test.text).View()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseErrorText(t *testing.T) {
	_, err := Parse(`{"Statement":1}`)
	want := "policy document: offset 13: Statement: want an object or a list of objects, got a number"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if parse, ok := errors.AsType[*ParseError](err); !ok || parse.Hint() == "" {
		t.Errorf("%v has no hint", err)
	}
}

// Under the race detector this fails when a method writes to what it reads.
func TestConcurrentUse(t *testing.T) {
	d := mustParse(t, `{"Version":"2012-10-17","Statement":`+compositeWrite+`}`)
	want := d.String()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			merged, _ := d.Merge(MediaConvertRead("b", "r"))
			if rest, _ := merged.Without(SidMediaConvertRead); rest.String() != want || d.String() != want {
				t.Errorf("got %s and %s, want %s", rest, d, want)
			}
		})
	}
	group.Wait()
}
