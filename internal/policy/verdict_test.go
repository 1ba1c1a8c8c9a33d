package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const allowAll = `{"Sid":"all","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`

func TestAllowsRecording(t *testing.T) {
	const granted = `ivs-composite.us-east-1.amazonaws.com may write to bucket "b"`
	const none = "no statement allows s3:PutObject to ivs-composite.us-east-1.amazonaws.com on arn:aws:s3:::b/*"
	allow := func(principal, action, resource, rest string) string {
		return `[{"Sid":"a","Effect":"Allow","Principal":` + principal + `,"Action":` + action + `,"Resource":` + resource + rest + `}]`
	}
	deny := func(rest string) string {
		return `[` + compositeWrite + `,{"Sid":"d","Effect":"Deny",` + rest + `}]`
	}
	allowed := Verdict{Allowed: true, Sids: []string{"a"}, Reason: granted}
	refused := func(why string) Verdict { return Verdict{Reason: none + why} }
	write := Verdict{Allowed: true, Sids: []string{"CompositeWrite-7eiKaIGkC9DO"}, Reason: granted}
	doubt := func(why string) Verdict {
		v := write
		v.Uncertain, v.Reason = true, granted+`; statement "d" may deny s3:PutObject to ivs-composite.us-east-1.amazonaws.com: `+why
		return v
	}
	denied := Verdict{Denied: true, Sids: []string{"d"}, Reason: `statement "d" denies s3:PutObject to ivs-composite.us-east-1.amazonaws.com`}
	const (
		ivs     = `{"Service":"ivs-composite.us-east-1.amazonaws.com"}`
		both    = `["s3:PutObject","s3:PutObjectAcl"]`
		objects = `"arn:aws:s3:::b/*"`
	)
	tests := map[string]struct {
		statements string
		want       Verdict
	}{
		"nothing":            {`[]`, refused("")},
		"IVS's own":          {`[` + compositeWrite + `]`, write},
		"list of principals": {allow(`{"Service":["x","ivs-composite.us-east-1.amazonaws.com"]}`, both, objects, ""), allowed},
		"everyone":           {`[` + allowAll + `]`, Verdict{Allowed: true, Sids: []string{"all"}, Reason: granted}},
		"without Sid":        {`[{"Sid":"x"},` + strings.Replace(allowAll, `"Sid":"all",`, "", 1) + `]`, Verdict{Allowed: true, Sids: []string{"#2"}, Reason: granted}},
		"action wildcards":   {allow(ivs, `"S3:put*"`, `["x","arn:aws:s3:::b*"]`, ""), allowed},
		"two statements": {
			`[{"Sid":"a","Effect":"Allow","Principal":` + ivs + `,"Action":"s3:PutObjectAcl","Resource":` + objects + `},` +
				`{"Sid":"b","Effect":"Allow","Principal":` + ivs + `,"Action":"s3:PutObject","Resource":` + objects + `}]`,
			Verdict{Allowed: true, Sids: []string{"b", "a"}, Reason: granted},
		},
		"NotAction and NotResource that leave it": {
			`[{"Sid":"a","Effect":"Allow","Principal":` + ivs + `,"NotAction":"s3:Get*","NotResource":"arn:aws:s3:::c/*"}]`, allowed,
		},
		"NotResource that takes a part": {
			`[{"Sid":"a","Effect":"Allow","Principal":` + ivs + `,"Action":"*","NotResource":"arn:aws:s3:::b/x"}]`,
			refused(`; statement "a" does not count: its resource may cover only part of arn:aws:s3:::b/*`),
		},
		"other region":         {allow(`{"Service":"ivs-composite.eu-west-1.amazonaws.com"}`, both, objects, ""), refused("")},
		"low-latency grant":    {allow(`{"Service":"ivs.amazonaws.com"}`, both, objects, ""), refused("")},
		"wildcard in the name": {allow(`{"Service":"ivs-composite.*.amazonaws.com"}`, both, objects, ""), refused("")},
		"NotPrincipal":         {`[{"Sid":"a","Effect":"Allow","NotPrincipal":{"AWS":"x"},"Action":"*","Resource":"*"}]`, refused("")},
		"ACL action missing": {
			allow(ivs, `"s3:PutObject"`, objects, ""),
			Verdict{Reason: `no statement allows s3:PutObjectAcl to ivs-composite.us-east-1.amazonaws.com on arn:aws:s3:::b/*; statement "a" does not count: it does not cover s3:PutObjectAcl`},
		},
		"only a prefix":    {allow(ivs, both, `"arn:aws:s3:::b/x/*"`, ""), refused(`; statement "a" does not count: its resource may cover only part of arn:aws:s3:::b/*`)},
		"only the bucket":  {allow(ivs, both, `"arn:aws:s3:::b"`, ""), refused(`; statement "a" does not count: its resource does not cover arn:aws:s3:::b/*`)},
		"policy variable":  {allow(ivs, both, `"arn:aws:s3:::b/${*}"`, ""), refused(`; statement "a" does not count: its resource may cover only part of arn:aws:s3:::b/*`)},
		"unknown member":   {allow(ivs, both, objects, `,"New":1`), refused(`; statement "a" does not count: its New is not understood`)},
		"source account":   {allow(ivs, both, objects, `,"Condition":{"StringEquals":{"aws:SourceAccount":"1"}}`), refused(`; statement "a" does not count: its condition StringEquals aws:SourceAccount "1" cannot be judged here`)},
		"another ACL":      {allow(ivs, both, objects, `,"Condition":{"StringEquals":{"s3:x-amz-acl":["private","public-read"]}}`), refused(`; statement "a" does not count: its condition StringEquals s3:x-amz-acl "private" or "public-read" does not hold`)},
		"unknown operator": {allow(ivs, both, objects, `,"Condition":{"Fits":{"s3:x-amz-acl":"x"}}`), refused(`; statement "a" does not count: its condition Fits s3:x-amz-acl "x" cannot be judged here`)},
		"conditions that hold": {allow(ivs, both, objects, `,"Condition":{"stringlike":{"S3:X-Amz-Acl":"bucket-*"},"BoolIfExists":{"aws:SecureTransport":true},`+
			`"StringNotEquals":{"s3:x-amz-acl":"public-read"},"Null":{"s3:x-amz-acl":"false"},"ForAllValues:StringEqualsIgnoreCase":{"s3:x-amz-acl":"BUCKET-owner-full-control"}}`), allowed},

		"Deny without TLS":         {deny(`"Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}`), write},
		"Deny of other ACLs":       {deny(`"Principal":"*","Action":"s3:PutObject","Resource":"*","Condition":{"StringNotEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}`), write},
		"Deny of other principals": {deny(`"Principal":{"AWS":"*x"},"Action":"*","Resource":"*"`), write},
		"Deny with NotAction":      {deny(`"Principal":"*","NotAction":"s3:Put*","Resource":"*"`), write},
		"Deny excepting it":        {deny(`"NotPrincipal":` + ivs + `,"Action":"*","Resource":"*"`), write},
		"Deny elsewhere":           {deny(`"Principal":"*","Action":"*","Resource":"arn:aws:s3:::c/*"`), write},
		"Deny":                     {deny(`"Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"`), denied},
		"Deny excepting others":    {deny(`"NotPrincipal":{"AWS":"x"},"Action":"*","Resource":"*"`), denied},
		"Deny of our ACL":          {deny(`"Principal":"*","Action":"*","Resource":"*","Condition":{"StringLike":{"s3:x-amz-acl":"*"}}`), denied},
		"Deny under an unknown condition": {
			deny(`"Principal":"*","Action":"s3:PutObject","Resource":"*","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`),
			doubt(`its condition StringNotEquals s3:x-amz-server-side-encryption "aws:kms" cannot be judged here`),
		},
		"Deny of a folder":          {deny(`"Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/private/*"`), doubt("its resource may cover only part of arn:aws:s3:::b/*")},
		"Deny with unknown member":  {deny(`"Principal":"*","Action":"s3:PutObject","Resource":"*","New":[]`), doubt("its New is not understood")},
		"Deny with policy variable": {deny(`"Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::${aws:x}/*"`), doubt("its resource may cover only part of arn:aws:s3:::b/*")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := AllowsRecording(mustParse(t, `{"Statement":`+test.statements+`}`), "b", "us-east-1")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCoverage(t *testing.T) {
	tests := []struct {
		pattern, set string
		want         answer
	}{
		{"*", "a/*", yes},
		{"a/*", "a/*", yes},
		{"a/**", "a/*", yes},
		{"a*", "a/*", yes},
		{"?/*", "a/*", yes},
		{"*/*", "a/*", yes},
		{"a/?", "a/*", maybe},
		{"a/?*", "a/*", maybe},
		{"a/x", "a/*", maybe},
		{"*x", "a/*", maybe},
		{"a/*/*", "a/*", maybe},
		{"??", "a/*", maybe},
		{"?", "a/*", no},
		{"a", "a/*", no},
		{"b/*", "a/*", no},
		{"", "a/*", no},
		{"a", "a", yes},
		{"a:*:x", "a:*", maybe},
		{"${x}", "a/*", maybe},
		{"b${x}", "a/*", no},
	}
	for _, test := range tests {
		if got := coverage(test.pattern, test.set); got != test.want {
			t.Errorf("coverage(%q, %q) = %d, want %d", test.pattern, test.set, got, test.want)
		}
	}
}
