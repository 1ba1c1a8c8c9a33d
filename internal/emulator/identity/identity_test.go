package identity

import (
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func parse(t *testing.T, statements string) *Policy {
	t.Helper()
	p, err := Parse(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRefusal(t *testing.T) {
	r := &wire.Request{Account: "123456789012", Region: "us-east-1"}
	ask := wire.Ask{
		Action: "ivs:TagResource", Resource: "arn:aws:ivs:us-east-1:123456789012:stage/a",
		Keys: wire.TagKeys(map[string]string{"yolo:app": "live", "Name": "a"}),
	}.With(map[string]string{"yolo:app": "live"})
	const allow = `{"Effect":"Allow","Action":"ivs:Tag*","Resource":"*"`
	for name, c := range map[string]struct {
		policies []string
		refused  string // "" for no refusal
	}{
		"no statement about it":         {[]string{`{"Effect":"Allow","Action":"ivs:Get*","Resource":"*"}`}, "no identity-based policy allows"},
		"allowed":                       {[]string{allow + `}`}, ""},
		"by another policy":             {[]string{`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, allow + `}`}, ""},
		"denied by another policy":      {[]string{allow + `}`, `{"Effect":"Deny","Action":"*","Resource":"arn:aws:ivs:*:*:stage/*"}`}, "with an explicit deny"},
		"another resource":              {[]string{`{"Effect":"Allow","Action":"ivs:*","Resource":"arn:aws:ivs:us-east-1:123456789012:composition/*"}`}, "no identity-based policy"},
		"all but an action":             {[]string{`{"Effect":"Allow","NotAction":"ivs:Delete*","Resource":"*"}`}, ""},
		"all but a resource":            {[]string{`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ivs:*:*:stage/*"}`}, "no identity-based policy"},
		"a tag that is there":           {[]string{allow + `,"Condition":{"StringEquals":{"aws:ResourceTag/yolo:app":"live"}}}`}, ""},
		"a tag that is not there":       {[]string{allow + `,"Condition":{"StringEquals":{"aws:ResourceTag/yolo:environment":"x"}}}`}, "no identity-based policy"},
		"if it is there":                {[]string{allow + `,"Condition":{"StringEqualsIfExists":{"aws:ResourceTag/yolo:environment":"x"}}}`}, ""},
		"a tag that must be there":      {[]string{allow + `,"Condition":{"Null":{"aws:ResourceTag/yolo:environment":"false"}}}`}, "no identity-based policy"},
		"another region":                {[]string{allow + `,"Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1"]}}}`}, "no identity-based policy"},
		"all keys of tags are known":    {[]string{allow + `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["Name","yolo:app"]}}}`}, ""},
		"one key of tags is not known":  {[]string{allow + `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["Name"]}}}`}, "no identity-based policy"},
		"one key of tags is enough":     {[]string{allow + `,"Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":["Name"]}}}`}, ""},
		"a Deny whose condition is not": {[]string{allow + `}`, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var policies []*Policy
			for _, text := range c.policies {
				policies = append(policies, parse(t, text))
			}
			user, err := New(policies)
			if err != nil {
				t.Fatal(err)
			}
			refusal := user.Refusal(r, ask)
			if refusal == nil != (c.refused == "") {
				t.Fatalf("refused: %v, want %q", refusal, c.refused)
			}
			if refusal == nil {
				return
			}
			text := refusal.Message(refusal.Resource)
			want := "User: arn:aws:iam::123456789012:user/limited is not authorized to perform: ivs:TagResource on resource: " + ask.Resource
			if !strings.HasPrefix(text, want) || !strings.Contains(text, c.refused) {
				t.Errorf("%s", text)
			}
		})
	}
}

// What IAM refuses, and what would be passed over, is no policy.
func TestParse(t *testing.T) {
	const rest = `"Effect":"Allow","Action":"s3:*","Resource":"*"`
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":               {`x`, "valid JSON"},
		"no statement":          {`{"Version":"2012-10-17","Statement":[]}`, "Statement is empty"},
		"a principal":           {`{"Statement":{` + rest + `,"Principal":"*"}}`, "has no Principal"},
		"no resource":           {`{"Statement":{"Effect":"Allow","Action":"s3:*"}}`, "missing required field Resource"},
		"a resource that is no": {`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}}`, "must be an ARN or *"},
		"an action without":     {`{"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`, "service:Action"},
		"a variable":            {`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}}`, "policy variables"},
		"an operator":           {`{"Statement":{` + rest + `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}`, "condition operator IpAddress"},
		"a key":                 {`{"Statement":{` + rest + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}}`, "condition key aws:PrincipalOrgID"},
		"too large":             {`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::` + strings.Repeat("b", maxSize) + `"}}`, "IAM's limit"},
	} {
		if _, err := Parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	// What is of services that are not here may have any condition.
	parse(t, `{"Effect":"Allow","Action":["iam:PassRole","ec2:*"],"Resource":"*","Condition":{"IpAddress":{"iam:PassedToService":"x"}}}`)
	if _, err := New(make([]*Policy, maxPolicies+1)); err == nil {
		t.Error("a user has more policies than IAM lets it have")
	}
}
