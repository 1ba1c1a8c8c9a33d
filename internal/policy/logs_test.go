package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	testGroup    = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/yolo-production-app"
	testResource = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/yolo-production-*:*"

	bothServices = `{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]}`
	bothActions  = `["logs:CreateLogStream","logs:PutLogEvents"]`
)

func TestEventBridgeLogs(t *testing.T) {
	want := `{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":{"Service":["delivery.logs.amazonaws.com","events.amazonaws.com"]},` +
		`"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":["` + testResource + `"]}`
	if diff := cmp.Diff(want, EventBridgeLogs(testResource).String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWantedEventBridgeLogs(t *testing.T) {
	ours := EventBridgeLogs(testResource).String()
	second := eventBridgeGrant("YoloIvsEvents2", testResource).statement().String()
	third := eventBridgeGrant("YoloIvsEvents3", testResource).statement().String()
	conditioned := `,"Condition":{"ArnEquals":{"aws:SourceArn":"r"}}`
	tests := map[string]struct{ live, want string }{
		"nothing":   {`[]`, ours},
		"not ours":  {`[{"Sid":"other","Effect":"Deny"}]`, ours},
		"the same":  {`[` + ours + `]`, ours},
		"condition": {`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:CreateLogStream","Resource":"` + testResource + `"` + conditioned + `}]`, ours},
		"extras stay": {
			`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":{"Service":["x.amazonaws.com","events.amazonaws.com"],"AWS":"1"},"Action":["LOGS:putlogevents","logs:New"],"Resource":"r"}]`,
			`{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":{"AWS":["1"],"Service":["delivery.logs.amazonaws.com","events.amazonaws.com","x.amazonaws.com"]},` +
				`"Action":["LOGS:putlogevents","logs:New","logs:CreateLogStream"],"Resource":["r","` + testResource + `"]}`,
		},
		"what is covered is not added": {
			`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"logs:*","Resource":"*"}]`,
			`{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":{"Service":["delivery.logs.amazonaws.com","events.amazonaws.com"]},"Action":["logs:*"],"Resource":["*"]}`,
		},
		"Deny":                         {`[{"Sid":"YoloIvsEvents","Effect":"Deny","Principal":"*","Action":"*","Resource":"x"}]`, second},
		"NotAction":                    {`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":"*","NotAction":"x","Resource":"x"}]`, second},
		"unknown member":               {`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":"*","Action":"x","Resource":"x","New":1}]`, second},
		"condition on others":          {`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":"*","Action":` + bothActions + `,"Resource":"x"` + conditioned + `}]`, second},
		"condition on another action":  {`[{"Sid":"YoloIvsEvents","Effect":"Allow","Principal":` + bothServices + `,"Action":"logs:*","Resource":"x"` + conditioned + `}]`, second},
		"the second name is taken too": {`[{"Sid":"YoloIvsEvents","Effect":"Deny"},{"Sid":"YoloIvsEvents2","Effect":"Deny"}]`, third},
		"the second name is ours":      {`[{"Sid":"YoloIvsEvents","Effect":"Deny"},` + second + `]`, second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			live := mustParse(t, `{"Statement":`+test.live+`}`)
			got := WantedEventBridgeLogs(live, testResource)
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			merged, _ := live.Merge(got)
			if lost := merged.Missing(live); lost != nil {
				t.Errorf("lost %s", lost)
			}
			if again := WantedEventBridgeLogs(merged, testResource); !Equal(got, again) {
				t.Errorf("a second time it is %s", again)
			}
		})
	}
}

// statementFor is an Allow for EventBridge.
func statementFor(principal, actions, resource, rest string) string {
	return `{"Sid":"s","Effect":"Allow","Principal":` + principal + `,"Action":` + actions + `,"Resource":"` + resource + `"` + rest + `}`
}

func TestAllowsEventBridgeResources(t *testing.T) {
	tests := map[string]bool{
		"*":                           true,
		"arn:aws:logs:*:*:*":          true,
		testResource:                  true,
		testGroup + ":*":              true,
		testGroup + "*":               true,
		testGroup + ":log-stream:*":   true,
		testGroup:                     false,
		testGroup + "-x:*":            false,
		testGroup + ":log-stream:a*":  false,
		testGroup + ":log-stream:*:a": false,
		"arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/*:*":    true,
		"arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/*":      true,
		"arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/*:*": false,
		"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ivs/*:*":    false,
	}
	for resource, want := range tests {
		docs := []NamedDocument{{"p", mustParse(t, `{"Statement":`+statementFor(bothServices, bothActions, resource, "")+`}`)}}
		for _, group := range []string{testGroup, testGroup + ":*"} {
			if got := AllowsEventBridge(docs, group); got.Allowed != want {
				t.Errorf("resource %q, group %q: %+v, want %t", resource, group, got, want)
			}
		}
	}
}

func TestAllowsEventBridge(t *testing.T) {
	const none = "no account policy lets events.amazonaws.com and delivery.logs.amazonaws.com write to " + testGroup
	granted := Verdict{Allowed: true, Policy: "p", Sids: []string{"s"}, Reason: `policy "p": statement "s" lets EventBridge write to ` + testGroup}
	refused := func(why string) Verdict { return Verdict{Reason: none + why} }
	doubtful := granted
	doubtful.Uncertain = true
	doubtful.Reason += `; policy "q": statement "d" may deny logs:CreateLogStream to events.amazonaws.com: its condition StringEquals aws:SourceAccount "1" cannot be judged here`
	full := statementFor(bothServices, bothActions, testResource, "")
	sourceArn := `,"Condition":{"ArnEquals":{"aws:SourceArn":"r"}}`
	deny := func(rest string) string { return `{"Sid":"d","Effect":"Deny",` + rest + `}` }

	tests := map[string]struct {
		p, q string
		want Verdict
	}{
		"nothing":           {"", "", refused("")},
		"ours":              {"", EventBridgeLogs(testResource).String(), Verdict{Allowed: true, Policy: "q", Sids: []string{"YoloIvsEvents"}, Reason: `policy "q": statement "YoloIvsEvents" lets EventBridge write to ` + testGroup}},
		"the first counts":  {full, full, granted},
		"another service's": {statementFor(`{"Service":"es.amazonaws.com"}`, bothActions, "*", ""), "", refused("")},
		"another group's":   {statementFor(bothServices, bothActions, "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/*:*", ""), "", refused("")},
		"action wildcards":  {statementFor(bothServices, `"LOGS:*"`, testResource, ""), "", granted},
		"one principal": {
			statementFor(`{"Service":"events.amazonaws.com"}`, bothActions, testResource, ""), "",
			refused(`; policy "p": statement "s" lacks delivery.logs.amazonaws.com`),
		},
		"everyone": {
			statementFor(`"*"`, bothActions, testResource, ""), "",
			refused(`; policy "p": statement "s" lacks events.amazonaws.com and lacks delivery.logs.amazonaws.com`),
		},
		"two policies with one principal each": {
			statementFor(`{"Service":"events.amazonaws.com"}`, bothActions, testResource, ""),
			statementFor(`{"Service":"delivery.logs.amazonaws.com"}`, bothActions, testResource, ""),
			refused(`; policy "p": statement "s" lacks delivery.logs.amazonaws.com; policy "q": statement "s" lacks events.amazonaws.com`),
		},
		"condition": {
			statementFor(bothServices, bothActions, testResource, sourceArn), "",
			refused(`; policy "p": statement "s" has a condition on aws:SourceArn for logs:CreateLogStream`),
		},
		"split as in AWS's sample": {
			statementFor(bothServices, `"logs:CreateLogStream"`, testResource, ""),
			statementFor(bothServices, `"logs:PutLogEvents"`, testResource, sourceArn),
			refused(`; policy "p": statement "s" lacks logs:PutLogEvents; policy "q": statement "s" lacks logs:CreateLogStream and has a condition on aws:SourceArn for logs:PutLogEvents`),
		},
		"resource without streams": {
			statementFor(bothServices, bothActions, testGroup, ""), "",
			refused(`; policy "p": statement "s" has resource "` + testGroup + `", which lacks ":*" for the streams`),
		},
		"some streams": {
			statementFor(bothServices, bothActions, testGroup+":log-stream:a*", ""), "",
			refused(`; policy "p": statement "s" has no resource that covers all streams of the group`),
		},
		"no effect":      {strings.Replace(full, `"Effect":"Allow",`, "", 1), "", refused("")},
		"unknown member": {statementFor(bothServices, bothActions, "*", `,"New":1`), "", refused(`; policy "p": statement "s" has a New that is not understood`)},
		"Deny of one action to one principal": {
			full, deny(`"Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"logs:PutLogEvents","Resource":"*"`),
			Verdict{Denied: true, Policy: "q", Sids: []string{"d"}, Reason: `policy "q": statement "d" denies logs:PutLogEvents to delivery.logs.amazonaws.com`},
		},
		"Deny elsewhere":                  {full, deny(`"Principal":"*","Action":"*","Resource":"arn:aws:logs:us-east-1:123456789012:log-group:/x:*"`), granted},
		"Deny without TLS":                {full, deny(`"Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`), granted},
		"Deny under an unknown condition": {full, deny(`"Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}`), doubtful},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			docs := []NamedDocument{
				{"p", mustParse(t, `{"Statement":[`+test.p+`]}`)},
				{"q", mustParse(t, `{"Statement":[`+test.q+`]}`)},
			}
			if diff := cmp.Diff(test.want, AllowsEventBridge(docs, testGroup)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
