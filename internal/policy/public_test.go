package policy

import (
	"fmt"
	"strings"
	"testing"
)

func TestPublic(t *testing.T) {
	statement := `{"Sid":"S","Effect":"Allow","Principal":%s,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"%s}`
	under := func(operator, key, value string) string {
		return fmt.Sprintf(`,"Condition":{"%s":{"%s":%s}}`, operator, key, value)
	}
	for name, c := range map[string]struct {
		principal, more string
		public          bool
	}{
		"everyone":                      {`"*"`, "", true},
		"everyone of AWS":               {`{"AWS":"*"}`, "", true},
		"everyone among others":         {`{"AWS":["arn:aws:iam::123456789012:root","*"]}`, "", true},
		"a pattern":                     {`{"AWS":"arn:aws:iam::*:root"}`, "", true},
		"an account":                    {`{"AWS":"123456789012"}`, "", false},
		"any service":                   {`{"Service":"*"}`, "", true},
		"a service":                     {`{"Service":"cloudfront.amazonaws.com"}`, "", false},
		"over TLS":                      {`"*"`, under("Bool", "aws:SecureTransport", `"true"`), true},
		"with an ACL":                   {`"*"`, under("StringEquals", "s3:x-amz-acl", `"private"`), true},
		"of an account":                 {`"*"`, under("StringEquals", "AWS:SourceAccount", `"123456789012"`), false},
		"of an organization":            {`"*"`, under("StringEquals", "aws:PrincipalOrgID", `"o-abcdefghij"`), false},
		"of any organization":           {`"*"`, under("StringLike", "aws:PrincipalOrgID", `"*"`), true},
		"of any, by its letter":         {`"*"`, under("StringLike", "aws:PrincipalOrgID", `"o-*"`), true},
		"of all but an organization":    {`"*"`, under("StringNotEquals", "aws:PrincipalOrgID", `"o-abcdefghij"`), true},
		"of one, if it is said":         {`"*"`, under("StringEqualsIfExists", "aws:PrincipalOrgID", `"o-abcdefghij"`), true},
		"of all values that there are":  {`"*"`, under("ForAllValues:StringEquals", "aws:PrincipalOrgID", `"o-abcdefghij"`), true},
		"from a network":                {`"*"`, under("IpAddress", "aws:SourceIp", `["203.0.113.0/24","2001:db8::/32"]`), false},
		"from everywhere":               {`"*"`, under("IpAddress", "aws:SourceIp", `"0.0.0.0/0"`), true},
		"from half of everywhere":       {`"*"`, under("IpAddress", "aws:SourceIp", `"0.0.0.0/1"`), true},
		"from a network and everywhere": {`"*"`, under("IpAddress", "aws:SourceIp", `["203.0.113.0/24","::/0"]`), true},
		"roles of an account":           {`"*"`, under("ArnLike", "aws:PrincipalArn", `"arn:aws:iam::123456789012:role/*"`), false},
		"roles of any account":          {`"*"`, under("ArnLike", "aws:PrincipalArn", `"arn:aws:iam::*:role/app"`), true},
		"a role's sessions":             {`"*"`, under("StringLike", "aws:userid", `"AROAEXAMPLE:*"`), false},
		"of the caller's own account":   {`"*"`, under("StringEquals", "aws:SourceAccount", `"${aws:PrincipalAccount}"`), true},
		"no value":                      {`"*"`, under("StringEquals", "aws:SourceVpce", `[]`), true},
	} {
		t.Run(name, func(t *testing.T) {
			one := fmt.Sprintf(statement, c.principal, c.more)
			for text, public := range map[string]bool{one: c.public, strings.Replace(one, "Allow", "Deny", 1): false} {
				d, err := Parse(`{"Statement":[` + text + `]}`)
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(Public(d), " "); got != map[bool]string{true: "S"}[public] {
					t.Errorf("%s: public are %q", text, got)
				}
			}
		})
	}
}

// What yolo writes of its own is for principals by their names.
func TestOursIsNotPublic(t *testing.T) {
	live := &Document{}
	recording, _ := WantedRecording(live, "b", []string{"us-east-1", "eu-west-1"})
	read, _ := WantedMediaConvertRead(live, "b", "arn:aws:iam::123456789012:role/r")
	d, _ := live.Merge(append(recording, read...)...)
	if sids := Public(d); len(d.Statements()) != 2 || sids != nil {
		t.Errorf("public are %q of %s", sids, d)
	}
	all, err := Parse(`{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if sids := Public(all); len(sids) != 1 || sids[0] != "#1" {
		t.Errorf("all but some: public are %q", sids)
	}
}
