package policydoc_test

import (
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
)

func TestMatchesAction(t *testing.T) {
	tests := []struct {
		pattern string
		want    bool
	}{
		{"s3:GetObject", true},
		{"S3:getobject", true},
		{"s3:*", true},
		{"*", true},
		{"s3:Get*", true},
		{"s3:*Object", true},
		{"s3:G?tObj*t", true},
		{"s3:GetObject*", true},
		{"s3:GetObject**", true},
		{"*Get*Get*", false},
		{"s3:GetObject?", false},
		{"s3:GetObjec", false},
		{"s3:GetObjects", false},
		{"", false},
	}
	for _, test := range tests {
		if got := policydoc.MatchesAction(test.pattern, "s3:GetObject"); got != test.want {
			t.Errorf("%q: %t", test.pattern, got)
		}
	}
}

// Whom, what and which is tried by the services that ask; this is what only
// some of them send.
func TestAllowed(t *testing.T) {
	ask := policydoc.Ask{
		Principal: "events.amazonaws.com", Action: "logs:PutLogEvents", Resource: "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s",
		Context: policydoc.Sent(time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC), map[string]string{
			"aws:sourcearn": "arn:aws:events:us-east-1:123456789012:rule/r", "s3:tlsversion": "1.2",
		}),
	}
	const all = `"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:*","Resource":"*"`
	with := func(condition string) string { return `{` + all + `,"Condition":` + condition + `}` }
	for name, test := range map[string]struct {
		statements []string // each in a document of its own
		want       bool
	}{
		"no document":            {nil, false},
		"the ARN":                {[]string{with(`{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:rule/r"}}`)}, true},
		"the ARN, in any region": {[]string{with(`{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:123456789012:rule/*"}}`)}, true},
		"a star over colons":     {[]string{with(`{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:rule/r"}}`)}, false},
		"a star as a text":       {[]string{with(`{"StringLike":{"aws:SourceArn":"arn:aws:events:*:rule/r"}}`)}, true},
		"another ARN":            {[]string{with(`{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:rule/x"}}`)}, false},
		"not another ARN":        {[]string{with(`{"ArnNotLike":{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:rule/x"}}`)}, true},
		"a key that is not sent": {[]string{with(`{"StringEquals":{"aws:SourceAccount":"123456789012"}}`)}, false},
		"before a date":          {[]string{with(`{"DateLessThan":{"aws:CurrentTime":"2026-11-22T20:30:01Z"}}`)}, true},
		"after it":               {[]string{with(`{"DateLessThan":{"aws:CurrentTime":"2026-11-22T20:30Z"}}`)}, false},
		"at a date":              {[]string{with(`{"DateLessThanEquals":{"aws:CurrentTime":"2026-11-22T21:30:00+01:00"}}`)}, true},
		"since a day":            {[]string{with(`{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-11-22"}}`)}, true},
		"since the next":         {[]string{with(`{"DateGreaterThan":{"aws:CurrentTime":"2026-11-23"}}`)}, false},
		"not at a date":          {[]string{with(`{"DateNotEquals":{"aws:CurrentTime":"2026-11-22T20:30:00Z"}}`)}, false},
		"seconds as a date":      {[]string{with(`{"DateLessThan":{"aws:EpochTime":"1795379401"}}`)}, true},
		"seconds as a number":    {[]string{with(`{"NumericGreaterThan":{"aws:EpochTime":"1795379400"}}`)}, false},
		"no date":                {[]string{with(`{"DateLessThan":{"aws:CurrentTime":"tomorrow"}}`)}, false},
		"a number":               {[]string{with(`{"NumericGreaterThanEquals":{"s3:TlsVersion":"1.2"}}`)}, true},
		"a number too low":       {[]string{with(`{"NumericEquals":{"s3:TlsVersion":["1.0","1.1"]}}`)}, false},
		"another number":         {[]string{with(`{"NumericNotEquals":{"s3:TlsVersion":"1.1"}}`)}, true},
		"a deny from a date on":  {[]string{`{` + all + `}`, `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}}`}, false},
		"an operator of no kind": {[]string{with(`{"NumericAlmost":{"s3:TlsVersion":"1.2"}}`)}, false},
		"not one of absent ones": {[]string{with(`{"ForAnyValue:StringNotEquals":{"aws:SourceAccount":"123456789012"}}`)}, false},
		"none of absent ones":    {[]string{with(`{"ForAllValues:StringNotEquals":{"aws:SourceAccount":"123456789012"}}`)}, true},
		"one of two documents":   {[]string{with(`{"Bool":{"aws:SecureTransport":"true"}}`), `{` + all + `}`}, true},
		"a deny in another one":  {[]string{`{` + all + `}`, `{"Effect":"Deny","Principal":"*","Action":"logs:Put*","Resource":"*"}`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var documents []*policydoc.Document
			for _, s := range test.statements {
				d, err := policydoc.Parse(`{"Version":"2012-10-17","Statement":[` + s + `]}`)
				if err != nil {
					t.Fatal(err)
				}
				documents = append(documents, d)
			}
			if got := ask.Allowed(documents...); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}
