package logs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

const (
	theGroup = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/g"
	theRule  = "arn:aws:events:us-east-1:123456789012:rule/r"
)

// deliver delivers a message of some age, now.
func (c *caller) deliver(target string, age time.Duration) (streamName string, err error) {
	c.Helper()
	return streamName, c.service.store.Update(func(tx *store.Tx) error {
		streamName, err = c.service.Deliver(tx, Delivery{
			Account: "123456789012", Region: "us-east-1", Target: target, Rule: theRule,
			Time: c.now.Add(-age), Message: "m", At: c.now,
		})
		return err
	})
}

// messages is how many messages are in the group.
func (c *caller) messages() int {
	c.Helper()
	return len(c.call("FilterLogEvents", map[string]any{"logGroupName": "/aws/ivs/g"})["events"].([]any))
}

func statement(effect, principal, action, resource, more string) string {
	return fmt.Sprintf(`{"Effect":%q,"Principal":%s,"Action":%s,"Resource":%q%s}`, effect, principal, action, resource, more)
}

// Whether a message arrives depends on what policies mean, and on nothing that
// PutTargets has looked at.
func TestDeliverNeedsAPolicy(t *testing.T) {
	const (
		both  = `{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]}`
		one   = `{"Service":"events.amazonaws.com"}`
		other = `{"Service":"delivery.logs.amazonaws.com"}`
		acts  = `["logs:CreateLogStream","logs:PutLogEvents"]`
		of    = theGroup + ":*"
	)
	fromRule := `,"Condition":{"ArnEquals":{"aws:SourceArn":"` + theRule + `"}}`
	fromAccount := `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`
	allow := func(more string) string { return statement("Allow", both, acts, of, more) }
	for name, test := range map[string]struct {
		account, group string // statements
		target         string
		want, strict   bool // with RefuseDoubtful
	}{
		"AWS's example":            {account: allow(""), want: true, strict: true},
		"none":                     {},
		"a prefix of groups":       {account: statement("Allow", both, acts, "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/*:*", ""), want: true, strict: true},
		"everything":               {account: statement("Allow", both, `"*"`, "*", ""), want: true, strict: true},
		"streams by name":          {account: statement("Allow", both, acts, theGroup+":log-stream:*", ""), want: true, strict: true},
		"the group, not streams":   {account: statement("Allow", both, acts, theGroup, "")},
		"another group":            {account: statement("Allow", both, acts, theGroup+"2:*", "")},
		"another region":           {account: statement("Allow", both, acts, strings.ReplaceAll(of, "us-east-1", "eu-west-1"), "")},
		"events alone":             {account: statement("Allow", one, acts, of, ""), want: true},
		"delivery alone":           {account: statement("Allow", other, acts, of, "")},
		"another service":          {account: statement("Allow", `{"Service":"lambda.amazonaws.com"}`, acts, of, "")},
		"one action":               {account: statement("Allow", both, `"logs:PutLogEvents"`, of, "")},
		"the other action":         {account: statement("Allow", both, `"logs:CreateLogStream"`, of, "")},
		"actions by two":           {account: statement("Allow", both, `"logs:PutLogEvents"`, of, "") + "," + statement("Allow", both, `"logs:CreateLogStream"`, of, ""), want: true, strict: true},
		"the rule on both actions": {account: allow(fromRule)},
		"the rule on one action":   {account: statement("Allow", both, `"logs:PutLogEvents"`, of, fromRule) + "," + statement("Allow", both, `"logs:CreateLogStream"`, of, ""), want: true, strict: true},
		"another rule":             {account: statement("Allow", both, `"logs:PutLogEvents"`, of, strings.ReplaceAll(fromRule, "rule/r", "rule/x")) + "," + statement("Allow", both, `"logs:CreateLogStream"`, of, "")},
		"the account":              {account: allow(fromAccount), want: true},
		"a deny":                   {account: allow("") + "," + statement("Deny", `"*"`, `"logs:PutLogEvents"`, of, "")},
		"a deny elsewhere":         {account: allow("") + "," + statement("Deny", `"*"`, `"logs:*"`, theGroup+"2:*", ""), want: true, strict: true},
		"the group's own":          {group: allow(""), want: true},
		"the group's own deny":     {account: allow(""), group: statement("Deny", one, acts, of, "")},
		"a target ending in :*":    {account: allow(""), target: of, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, strict := range []bool{false, true} {
				c := newCaller(t)
				c.service.RefuseDoubtful = strict
				c.call("CreateLogGroup", map[string]any{"logGroupName": "/aws/ivs/g"})
				if test.account != "" {
					c.call("PutResourcePolicy", map[string]any{"policyName": "p", "policyDocument": `{"Version":"2012-10-17","Statement":[` + test.account + `]}`})
				}
				if test.group != "" {
					c.call("PutResourcePolicy", map[string]any{"resourceArn": theGroup, "policyDocument": `{"Version":"2012-10-17","Statement":[` + test.group + `]}`})
				}
				target := test.target
				if target == "" {
					target = theGroup
				}
				want := test.want && !strict || test.strict && strict
				if _, err := c.deliver(target, 0); (err == nil) != want {
					t.Errorf("strict %t: %v, want delivered: %t", strict, err, want)
				}
				if got := c.messages(); (got == 1) != want {
					t.Errorf("strict %t: %d messages", strict, got)
				}
			}
		})
	}
}

func open(c *caller) {
	c.call("PutResourcePolicy", map[string]any{
		"policyName": "p", "policyDocument": `{"Version":"2012-10-17","Statement":[` + statement("Allow", `{"Service":"events.amazonaws.com"}`, `"logs:*"`, "*", "") + `]}`,
	})
}

func TestDeliverNeedsAGroupThatTakesIt(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		target    string
		retention int
		age       time.Duration
		want      string // of the error
	}{
		"now":                 {},
		"two weeks old":       {age: 14 * day},
		"older":               {age: 14*day + time.Second, want: "the event of 2026-11-07T23:59:59Z is older than 14 days"},
		"within retention":    {retention: 7, age: 6 * day},
		"past retention":      {retention: 7, age: 8 * day, want: "the event of 2026-11-14T00:00:00Z is older than the retention of log group /aws/ivs/g"},
		"ahead":               {age: -3 * time.Hour, want: "the event of 2026-11-22T03:00:00Z is more than 2 hours ahead"},
		"a group that is not": {target: theGroup + "2", want: "log group /aws/ivs/g2 is not there"},
		"another account's": {
			target: "arn:aws:logs:us-east-1:111111111111:log-group:g",
			want:   "arn:aws:logs:us-east-1:111111111111:log-group:g is no log group of this account and region",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCaller(t)
			open(c)
			c.call("CreateLogGroup", map[string]any{"logGroupName": "/aws/ivs/g"})
			if test.retention != 0 {
				c.call("PutRetentionPolicy", map[string]any{"logGroupName": "/aws/ivs/g", "retentionInDays": test.retention})
			}
			target := test.target
			if target == "" {
				target = theGroup
			}
			_, err := c.deliver(target, test.age)
			if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
				t.Errorf("%s, want %q", got, test.want)
			}
		})
	}
}

// Messages of an hour share a stream, as long as it is there.
func TestDeliverMakesStreams(t *testing.T) {
	c := newCaller(t)
	open(c)
	c.call("CreateLogGroup", map[string]any{"logGroupName": "/aws/ivs/g"})
	next := func() string {
		t.Helper()
		name, err := c.deliver(theGroup, 0)
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	first := next()
	c.now = c.now.Add(59 * time.Minute)
	if again := next(); again != first {
		t.Errorf("stream %s, then %s", first, again)
	}
	c.now = c.now.Add(time.Minute)
	second := next()
	c.call("DeleteLogStream", map[string]any{"logGroupName": "/aws/ivs/g", "logStreamName": second})
	third := next()
	if second == first || third == second {
		t.Errorf("streams %s, %s, %s", first, second, third)
	}
	streams := c.call("DescribeLogStreams", map[string]any{"logGroupName": "/aws/ivs/g"})["logStreams"].([]any)
	if len(streams) != 2 {
		t.Errorf("streams %v", streams)
	}
	// The group is made again, and has no streams.
	c.call("DeleteLogGroup", map[string]any{"logGroupName": "/aws/ivs/g"})
	c.call("CreateLogGroup", map[string]any{"logGroupName": "/aws/ivs/g"})
	if fourth := next(); fourth == third {
		t.Errorf("stream %s outlives its group", fourth)
	}
}
