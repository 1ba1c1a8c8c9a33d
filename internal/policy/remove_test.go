package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithoutRecording(t *testing.T) {
	const put = `["s3:PutObject","s3:PutObjectAcl"]`
	const both = `{"Service":["ivs-composite.eu-west-1.amazonaws.com","ivs-composite.us-east-1.amazonaws.com"]}`
	foreign := `{"Statement":{"Sid":"CompositeWrite-abc","Effect":"Allow","Principal":{"Service":"ivs-composite.eu-west-1.amazonaws.com"},"Action":"s3:PutObject","Resource":"*"}}`
	tests := map[string]struct {
		live string
		gone []string
		want string // a document
	}{
		"none":                 {gone: []string{"us-east-1"}},
		"all regions":          {live: recordingLike("Allow", both, put, "{}"), gone: []string{"us-east-1", "eu-west-1"}},
		"IVS's own stays":      {live: foreign, gone: []string{"eu-west-1"}, want: foreign},
		"another region stays": {live: recordingLike("Allow", both, put, "{}"), gone: []string{"us-west-2"}, want: recordingLike("Allow", both, put, "{}")},
		"one of two regions": {
			live: recordingLike("Allow", both, put, "{}"), gone: []string{"eu-west-1"},
			want: recordingLike("Allow", `{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, put, "{}"),
		},
		"others in it stay": {
			live: recordingLike("Allow", `{"Service":"ivs-composite.eu-west-1.amazonaws.com","AWS":["123456789012","AROAEXAMPLEID12345678"]}`, put, "{}"), gone: []string{"eu-west-1"},
			want: recordingLike("Allow", `{"AWS":["123456789012"]}`, put, "{}"),
		},
		"a role that is gone does not": {
			live: recordingLike("Allow", `{"Service":"ivs-composite.eu-west-1.amazonaws.com","AWS":"AROAEXAMPLEID12345678"}`, put, "{}"), gone: []string{"eu-west-1"},
		},
		"a denial stays": {
			live: recordingLike("Deny", both, put, "{}"), gone: []string{"us-east-1", "eu-west-1"},
			want: recordingLike("Deny", both, put, "{}"),
		},
		"an account of that name stays": {
			live: recordingLike("Allow", `{"AWS":"ivs-composite.eu-west-1.amazonaws.com"}`, put, "{}"), gone: []string{"eu-west-1"},
			want: recordingLike("Allow", `{"AWS":"ivs-composite.eu-west-1.amazonaws.com"}`, put, "{}"),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			gone := func(region string) bool { return strings.Contains(strings.Join(test.gone, " "), region) }
			rest, differences := WithoutRecording(mustParse(t, test.live), gone)
			checkRest(t, test.live, test.want, rest, differences)
			if _, again := WithoutRecording(rest, gone); again != nil {
				t.Errorf("a second time it changes %s", lines(again))
			}
		})
	}
}

// checkRest compares what is left of a document with the wanted one, and asks for
// differences if and only if something was taken out.
func checkRest(t *testing.T, live, want string, rest *Document, differences []Difference) {
	t.Helper()
	if diff := cmp.Diff(statementsOf(mustParse(t, want)), statementsOf(rest)); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	if changed := !rest.Equal(mustParse(t, live)); changed != (len(differences) > 0) {
		t.Errorf("changed is %t, and the differences are %s", changed, lines(differences))
	}
}

func statementsOf(d *Document) []string {
	var all []string
	for _, s := range d.Statements() {
		all = append(all, s.String())
	}
	return all
}

func TestRecordingRegions(t *testing.T) {
	live := mustParse(t, `{"Statement":[
		{"Effect":"Allow","Principal":{"Service":["ivs-composite.us-east-1.amazonaws.com","ivs-composite.eu-west-1.amazonaws.com","ivs.amazonaws.com"]}},
		{"Effect":"Allow","Principal":{"Service":"ivs-composite.us-east-1.amazonaws.com"}},
		{"Effect":"Deny","Principal":{"Service":"ivs-composite.us-west-2.amazonaws.com"}},
		{"Effect":"Allow","Principal":"*"}]}`)
	if diff := cmp.Diff([]string{"eu-west-1", "us-east-1"}, RecordingRegions(live)); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
}

// logsLike is a live statement for log streams.
func logsLike(sid, effect, principal, action, resource string) string {
	return `{"Statement":{"Sid":"` + sid + `","Effect":"` + effect + `","Principal":` + principal + `,"Action":` + action + `,"Resource":` + resource + `}}`
}

func TestWithoutEventBridgeLogs(t *testing.T) {
	const (
		pattern  = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/yolo-production-*:*"
		services = `{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]}`
		actions  = `["logs:CreateLogStream","logs:PutLogEvents"]`
		own      = `["arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/yolo-production-app:*"]`
		theirs   = `["arn:aws:logs:us-east-1:123456789012:log-group:/theirs:*"]`
		mixed    = `["arn:aws:logs:us-east-1:123456789012:log-group:/aws/ivs/yolo-production-*:*","arn:aws:logs:us-east-1:123456789012:log-group:/theirs:*"]`
		guests   = `{"Service":["events.amazonaws.com","es.amazonaws.com"]}`
	)
	tests := map[string]struct {
		live, want string
		kept       []string
	}{
		"ours":              {live: `{"Statement":` + EventBridgeLogs(pattern).String() + "}"},
		"an earlier tool's": {live: logsLike("YoloIvsEvents", "Allow", services, actions, own)},
		"with a number":     {live: logsLike("YoloIvsEvents2", "Allow", services, actions, own)},
		"another Sid":       {live: logsLike("YoloIvsEventsOfTheirs", "Allow", services, actions, own), want: logsLike("YoloIvsEventsOfTheirs", "Allow", services, actions, own)},
		"a denial":          {live: logsLike("YoloIvsEvents", "Deny", services, actions, own), want: logsLike("YoloIvsEvents", "Deny", services, actions, own)},
		"their resources":   {live: logsLike("YoloIvsEvents", "Allow", services, actions, theirs), want: logsLike("YoloIvsEvents", "Allow", services, actions, theirs)},
		"their principals":  {live: logsLike("YoloIvsEvents", "Allow", `{"Service":["es.amazonaws.com"]}`, actions, own), want: logsLike("YoloIvsEvents", "Allow", `{"Service":["es.amazonaws.com"]}`, actions, own)},
		"resources beside ours": {
			live: logsLike("YoloIvsEvents", "Allow", services, actions, mixed), want: logsLike("YoloIvsEvents", "Allow", services, actions, theirs),
		},
		"principals beside ours": {
			live: logsLike("YoloIvsEvents", "Allow", guests, actions, own), want: logsLike("YoloIvsEvents", "Allow", `{"Service":["es.amazonaws.com"]}`, actions, own),
		},
		"both beside ours": {
			live: logsLike("YoloIvsEvents", "Allow", guests, actions, mixed), want: logsLike("YoloIvsEvents", "Allow", guests, actions, mixed), kept: []string{"YoloIvsEvents"},
		},
		"actions beside ours": {
			live: logsLike("YoloIvsEvents", "Allow", services, `["logs:*"]`, own), want: logsLike("YoloIvsEvents", "Allow", services, `["logs:*"]`, own), kept: []string{"YoloIvsEvents"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rest, differences, kept := WithoutEventBridgeLogs(mustParse(t, test.live), pattern)
			checkRest(t, test.live, test.want, rest, differences)
			if diff := cmp.Diff(test.kept, kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}
