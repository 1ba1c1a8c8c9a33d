package pattern

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const compositionEvent = `{
	"version": "0", "id": "1", "detail-type": "IVS Composition State Change", "source": "aws.ivs",
	"account": "123456789012", "time": "2025-06-12T10:23:43Z", "region": "us-east-1",
	"resources": ["arn:aws:ivs:us-east-1:123456789012:composition/s2", "arn:aws:ivs:us-east-1:123456789012:stage/Wy"],
	"detail": {"event_name": "Destination Failure", "attempts": 3, "final": true, "note": null,
		"address": "10.0.0.42", "outputs": [{"id": "a", "kind": "s3"}, {"id": "b", "kind": "channel"}], "none": []}
}`

func TestMatches(t *testing.T) {
	tests := map[string]struct {
		pattern string
		want    bool
	}{
		"source":                            {`{"source":["aws.ivs"]}`, true},
		"another source":                    {`{"source":["aws.s3"]}`, false},
		"one of several":                    {`{"source":["aws.s3","aws.ivs"]}`, true},
		"both fields":                       {`{"source":["aws.ivs"],"region":["eu-west-1"]}`, false},
		"prefix":                            {`{"detail-type":[{"prefix":"IVS "}]}`, true},
		"prefix is not contained in":        {`{"detail-type":[{"prefix":"Composition"}]}`, false},
		"prefix ignoring case":              {`{"detail-type":[{"prefix":{"equals-ignore-case":"ivs c"}}]}`, true},
		"suffix":                            {`{"detail-type":[{"suffix":"Change"}]}`, true},
		"suffix ignoring case":              {`{"detail-type":[{"suffix":{"equals-ignore-case":"CHANGE"}}]}`, true},
		"suffix differs":                    {`{"detail-type":[{"suffix":"change"}]}`, false},
		"case matters":                      {`{"source":["AWS.ivs"]}`, false},
		"equals ignoring case":              {`{"source":[{"equals-ignore-case":"AWS.IVS"}]}`, true},
		"any element of the event's array":  {`{"resources":["arn:aws:ivs:us-east-1:123456789012:stage/Wy"]}`, true},
		"nested":                            {`{"detail":{"event_name":["Destination Failure"]}}`, true},
		"nested with dots":                  {`{"detail.event_name":["Destination Failure"]}`, true},
		"number":                            {`{"detail":{"attempts":[3]}}`, true},
		"number by value":                   {`{"detail":{"attempts":[3.0]}}`, true},
		"a text is no number":               {`{"detail":{"attempts":["3"]}}`, false},
		"true":                              {`{"detail":{"final":[true]}}`, true},
		"false":                             {`{"detail":{"final":[false]}}`, false},
		"null":                              {`{"detail":{"note":[null]}}`, true},
		"null is not absence":               {`{"detail":{"nothing":[null]}}`, false},
		"an element has it all":             {`{"detail.outputs.id":["b"],"detail.outputs.kind":["channel"]}`, true},
		"two elements have a half each":     {`{"detail":{"outputs.id":["b"],"outputs":{"kind":["s3"]}}}`, false},
		"halves by dotted names":            {`{"detail.outputs.id":["b"],"detail.outputs.kind":["s3"]}`, false},
		"exists":                            {`{"detail":{"attempts":[{"exists":true}]}}`, true},
		"exists not":                        {`{"detail":{"error_code":[{"exists":true}]}}`, false},
		"absent":                            {`{"detail":{"error_code":[{"exists":false}]}}`, true},
		"absent with its parent":            {`{"more":{"error_code":[{"exists":false}]}}`, true},
		"not absent":                        {`{"detail":{"attempts":[{"exists":false}]}}`, false},
		"an object is no leaf":              {`{"detail":[{"exists":true}]}`, false},
		"an empty array is no leaf":         {`{"detail":{"none":[{"exists":true}]}}`, false},
		"anything but a text":               {`{"source":[{"anything-but":"aws.s3"}]}`, true},
		"anything but itself":               {`{"source":[{"anything-but":"aws.ivs"}]}`, false},
		"anything but a list":               {`{"source":[{"anything-but":["aws.s3","aws.ivs"]}]}`, false},
		"anything but a number":             {`{"detail":{"attempts":[{"anything-but":4}]}}`, true},
		"anything but numbers":              {`{"detail":{"attempts":[{"anything-but":[3,4]}]}}`, false},
		"anything but passes null":          {`{"detail":{"note":[{"anything-but":"x"}]}}`, true},
		"anything but needs a leaf":         {`{"detail":{"nothing":[{"anything-but":"x"}]}}`, false},
		"anything but a prefix":             {`{"detail-type":[{"anything-but":{"prefix":"AWS API"}}]}`, true},
		"anything but that prefix":          {`{"detail-type":[{"anything-but":{"prefix":"IVS"}}]}`, false},
		"anything but prefixes":             {`{"detail-type":[{"anything-but":{"prefix":["AWS","IVS"]}}]}`, false},
		"anything but a suffix":             {`{"detail-type":[{"anything-but":{"suffix":"Change"}}]}`, false},
		"anything but ignoring case":        {`{"source":[{"anything-but":{"equals-ignore-case":["AWS.S3","AWS.IVS"]}}]}`, false},
		"anything but a wildcard":           {`{"source":[{"anything-but":{"wildcard":"aws.*"}}]}`, false},
		"numeric equals":                    {`{"detail":{"attempts":[{"numeric":["=",3]}]}}`, true},
		"numeric above":                     {`{"detail":{"attempts":[{"numeric":[">",3]}]}}`, false},
		"numeric between":                   {`{"detail":{"attempts":[{"numeric":[">",0,"<=",3]}]}}`, true},
		"numeric below":                     {`{"detail":{"attempts":[{"numeric":["<",3]}]}}`, false},
		"numeric over a text":               {`{"source":[{"numeric":[">=",0]}]}`, false},
		"wildcard":                          {`{"detail-type":[{"wildcard":"IVS * State*"}]}`, true},
		"wildcard for nothing":              {`{"source":[{"wildcard":"aws.ivs*"}]}`, true},
		"wildcard elsewhere":                {`{"source":[{"wildcard":"*.ivs.*"}]}`, false},
		"wildcard does not overlap":         {`{"source":[{"wildcard":"aws.iv*vs"}]}`, false},
		"escaped star":                      {`{"source":[{"wildcard":"aws\\*ivs"}]}`, false},
		"cidr":                              {`{"detail":{"address":[{"cidr":"10.0.0.0/24"}]}}`, true},
		"cidr elsewhere":                    {`{"detail":{"address":[{"cidr":"10.0.1.0/24"}]}}`, false},
		"one element has both":              {`{"detail":{"outputs":{"id":["a"],"kind":["s3"]}}}`, true},
		"two elements have one each":        {`{"detail":{"outputs":{"id":["a"],"kind":["channel"]}}}`, false},
		"or":                                {`{"$or":[{"source":["aws.s3"]},{"region":["us-east-1"]}]}`, true},
		"or of nothing that holds":          {`{"$or":[{"source":["aws.s3"]},{"region":["eu-west-1"]}]}`, false},
		"or and a field beside it":          {`{"account":["1"],"$or":[{"source":["aws.ivs"]},{"region":["us-east-1"]}]}`, false},
		"or below":                          {`{"detail":{"$or":[{"attempts":[9]},{"final":[true]}]}}`, true},
		"a field that is only called or":    {`{"$or":["x"]}`, false},
		"one operator or another":           {`{"source":[{"prefix":"x"},{"suffix":"ivs"}]}`, true},
		"pattern below what is no object":   {`{"source":{"x":["y"]}}`, false},
		"pattern deeper than array of text": {`{"resources":{"x":[{"exists":false}]}}`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := Parse(test.pattern)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Matches([]byte(compositionEvent))
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("Matches = %v, want %v", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{
		`[]`:                                   "Filter is not an object",
		`"x"`:                                  "Filter is not an object",
		`{}`:                                   "Empty objects are not allowed",
		`{"detail":{}}`:                        "Empty objects are not allowed",
		`{"source":[]}`:                        "Empty arrays are not allowed",
		`{"source":"aws.ivs"}`:                 `"source" must be an object or an array`,
		`{"int":42}`:                           `"int" must be an object or an array`,
		`{"a":[["x"]]}`:                        "Match value must be String, number, true, false, or null",
		`{"a":[{}]}`:                           "Match expression name not found",
		`{"a":[{"EXISTS":true}]}`:              "Unrecognized match type EXISTS",
		`{"a":[{"exists":"yes"}]}`:             "exists match pattern must be either true or false.",
		`{"a":[{"prefix":"x","suffix":"y"}]}`:  "Only one key allowed in match expression",
		`{"a":[{"prefix":1}]}`:                 "prefix match pattern must be a string",
		`{"a":[{"prefix":{"wildcard":"x"}}]}`:  "Unsupported prefix pattern: wildcard",
		`{"a":[{"suffix":{}}]}`:                "Suffix expression name not found",
		`{"a":[{"equals-ignore-case":["x"]}]}`: "equals-ignore-case match pattern must be a string",
		`{"a":[{"anything-but":null}]}`:        "Value of anything-but must be an array or single string/number value.",
		`{"a":[{"anything-but":[null]}]}`:      "Inside anything but list, start|null|boolean is not supported.",
		`{"a":[{"anything-but":["x",1]}]}`:     "Inside anything but list, either all values are number or string, mixed type is not supported",
		`{"a":[{"anything-but":{"numeric":["=",1]}}]}`: "Unsupported anything-but pattern: numeric",
		`{"a":[{"anything-but":{"prefix":""}}]}`:       "Null prefix/suffix not allowed",
		`{"a":[{"anything-but":{"prefix":1}}]}`:        "prefix/suffix match pattern must be a string",
		`{"a":[{"anything-but":{"equals-ignore-case":123}}]}`: "Inside anything-but/equals-ignore-case list, " +
			"number|start|null|boolean is not supported.",
		`{"a":[{"numeric":5}]}`:                     "Value of numeric must be an array.",
		`{"a":[{"numeric":[]}]}`:                    "Invalid member in numeric match: ]",
		`{"a":[{"numeric":["!",5]}]}`:               "Unrecognized numeric range operator: !",
		`{"a":[{"numeric":["="]}]}`:                 "Value of equals must be numeric",
		`{"a":[{"numeric":[">",0,">",0]}]}`:         "Bad numeric range operator: >",
		`{"a":[{"numeric":[">",0,"<"]}]}`:           "Value of < must be numeric",
		`{"a":[{"numeric":["=",1,"<",2]}]}`:         "Too many elements in numeric expression",
		`{"a":[{"numeric":[">",1,"<",2,3]}]}`:       "Too many terms in numeric range expression",
		`{"a":[{"numeric":[">",2,"<",2]}]}`:         "Bottom must be less than top",
		`{"a":[{"numeric":["=",5000000001]}]}`:      "Value must be between -5.0E9 and 5.0E9, inclusive",
		`{"a":[{"wildcard":"x**"}]}`:                "Consecutive wildcard characters at pos 2",
		`{"a":[{"wildcard":"x\\y"}]}`:               "Invalid escape character at pos 2",
		`{"a":[{"cidr":"10.0.0.0"}]}`:               "Malformed CIDR, one '/' required",
		`{"a":[{"cidr":"10.0.0.0/x"}]}`:             "Malformed CIDR, mask bits must be an integer",
		`{"a":[{"cidr":"10.0.0/24"}]}`:              "Nonstandard IP address: 10.0.0",
		`{"a":["x"],"a":["y"]}`:                     "Path `a` cannot be allowed multiple times",
		`{"a":{"b":["x"]},"a.b":["y"]}`:             "Path `a.b` cannot be allowed multiple times",
		`{"a":["x"],"$or":[{"a":["y"]},{"b":[1]}]}`: "Path `a` cannot be allowed multiple times",
		`{"$or":[{"a":["y"]},{}]}`:                  "Empty objects are not allowed",
		`{"$or":[{"a":["y"]}]}`:                     "Unrecognized match type a",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			_, err := Parse(text)
			if err == nil {
				t.Fatal("not refused")
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefusesWhatIsNotJSON(t *testing.T) {
	for _, text := range []string{"", "{", "{'source': ['x']}", `{"source":["x"]} {}`, `{"source":["x"`, `{"source":["x"],}`} {
		if _, err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), "Filter is not valid JSON") {
			t.Errorf("Parse(%q) = %v", text, err)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`, compositionEvent)
	f.Add(`{"$or":[{"a":[{"exists":false}]},{"b.c":[{"wildcard":"*x*"}]}]}`, `{"b":{"c":["xx"]}}`)
	f.Add(`{"a":[{"anything-but":{"suffix":["x"]}},{"numeric":[">",-1,"<=",5e3]}]}`, `{"a":[[1],{"":0}]}`)
	f.Fuzz(func(t *testing.T, text, event string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		first, err := p.Matches([]byte(event))
		if err != nil {
			return
		}
		second, err := p.Matches([]byte(event))
		if err != nil || first != second {
			t.Errorf("Matches = %v, then %v, %v", first, second, err)
		}
	})
}

// FuzzWildcard compares with a regular expression of the same meaning.
func FuzzWildcard(f *testing.F) {
	f.Add("IVS * State*", "IVS Stage State Change")
	f.Add("a*a", "a")
	f.Add("*ab*b", "abab")
	f.Fuzz(func(t *testing.T, text, s string) {
		parts, err := splitWildcard(text)
		if err != nil {
			return
		}
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(part)
		}
		same, err := regexp.Compile("(?s)^(?:" + strings.Join(parts, ".*") + ")$")
		if err != nil {
			return
		}
		tested, err := compileWildcard(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tested(s), same.MatchString(s); got != want {
			t.Errorf("%q matches %q: %v, want %v", text, s, got, want)
		}
	})
}
