package s3

import (
	"testing"
	"time"
)

func TestMayRecord(t *testing.T) {
	const mine = `"Principal":{"Service":"ivs-composite.us-east-1.amazonaws.com"}`
	const writes = `"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::b/*"`
	policy := func(statements string) string { return `{"Version":"2012-10-17","Statement":[` + statements + `]}` }
	allow := func(more string) string { return `{"Effect":"Allow",` + mine + `,` + writes + more + `}` }
	deny := func(more string) string { return `{"Effect":"Deny","Principal":"*",` + writes + more + `}` }
	for name, test := range map[string]struct {
		policy string
		want   bool
	}{
		"none":                    {"", false},
		"a grant":                 {policy(allow("")), true},
		"IVS's own conditions":    {policy(allow(`,"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"},"Bool":{"aws:SecureTransport":"true"}}`)), true},
		"another ACL":             {policy(allow(`,"Condition":{"StringEquals":{"s3:x-amz-acl":["private","public-read"]}}`)), false},
		"one of several ACLs":     {policy(allow(`,"Condition":{"StringEquals":{"s3:x-amz-acl":["private","bucket-owner-full-control"]}}`)), true},
		"a pattern of ACLs":       {policy(allow(`,"Condition":{"StringLike":{"s3:x-amz-acl":"bucket-owner-*"}}`)), true},
		"a pattern taken as text": {policy(allow(`,"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-*"}}`)), false},
		"the account":             {policy(allow(`,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`)), false},
		"the account, if told":    {policy(allow(`,"Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}}`)), true},
		"not an account":          {policy(allow(`,"Condition":{"StringNotEquals":{"aws:SourceAccount":"123456789012"}}`)), true},
		"no account":              {policy(allow(`,"Condition":{"Null":{"aws:SourceAccount":"true"}}`)), true},
		"all of no accounts":      {policy(allow(`,"Condition":{"ForAllValues:StringEquals":{"aws:SourceAccount":"123456789012"}}`)), true},
		"until a date to come":    {policy(allow(`,"Condition":{"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}`)), true},
		"until a date gone by":    {policy(allow(`,"Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-01"}}`)), false},
		"a deny since a date":     {policy(allow("") + "," + deny(`,"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01"}}`)), false},
		"a deny of old TLS":       {policy(allow("") + "," + deny(`,"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"}}`)), true},
		"a deny of TLS before it": {policy(allow("") + "," + deny(`,"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.3"}}`)), false},
		"a deny of other buckets": {policy(allow("") + "," + deny(`,"Condition":{"StringNotEquals":{"s3:ResourceAccount":"123456789012"}}`)), true},
		"another region":          {policy(`{"Effect":"Allow","Principal":{"Service":"ivs-composite.eu-west-1.amazonaws.com"},` + writes + `}`), false},
		"anybody":                 {policy(`{"Effect":"Allow","Principal":"*",` + writes + `}`), true},
		"anybody, the long way":   {policy(`{"Effect":"Allow","Principal":{"AWS":"*"},` + writes + `}`), true},
		"everybody but others":    {policy(`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"},` + writes + `}`), true},
		"everybody but IVS":       {policy(`{"Effect":"Allow","Not` + mine[1:] + `,` + writes + `}`), false},
		"any action":              {policy(`{"Effect":"Allow",` + mine + `,"Action":"s3:Put*","Resource":"arn:aws:s3:::b/*"}`), true},
		"half of the actions":     {policy(`{"Effect":"Allow",` + mine + `,"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}`), false},
		"all actions but one":     {policy(`{"Effect":"Allow",` + mine + `,"NotAction":"s3:PutObjectAcl","Resource":"arn:aws:s3:::b/*"}`), false},
		"the prefix":              {policy(`{"Effect":"Allow",` + mine + `,"Action":"s3:*","Resource":"arn:aws:s3:::b/live/*"}`), true},
		"another prefix":          {policy(`{"Effect":"Allow",` + mine + `,"Action":"s3:*","Resource":"arn:aws:s3:::b/Live/*"}`), false},
		"all but the prefix":      {policy(`{"Effect":"Allow",` + mine + `,"Action":"s3:*","NotResource":"arn:aws:s3:::b/live/*"}`), false},
		"a deny of everything":    {policy(allow("") + "," + deny("")), false},
		"a deny without TLS":      {policy(allow("") + "," + deny(`,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)), true},
		"a deny without KMS":      {policy(allow("") + "," + deny(`,"Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}}`)), false},
		"a deny for people":       {policy(allow("") + "," + deny(`,"Condition":{"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`)), true},
		"a deny elsewhere":        {policy(allow("") + `,{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/private/*"}`), true},
	} {
		t.Run(name, func(t *testing.T) {
			got := MayRecord(Bucket{Name: "b", Account: "123456789012", Policy: test.policy}, "ivs-composite.us-east-1.amazonaws.com", "live/x",
				time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC))
			if got != test.want {
				t.Errorf("%t, want %t: %s", got, test.want, test.policy)
			}
		})
	}
}
