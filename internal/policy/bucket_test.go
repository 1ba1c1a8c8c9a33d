package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBucketStatements(t *testing.T) {
	recording := Recording("b", []string{"ivs-composite.us-east-1.amazonaws.com", "ivs-composite.eu-west-1.amazonaws.com", "ivs-composite.us-east-1.amazonaws.com"})
	want := `{"Sid":"IVSRealtimeRecording","Effect":"Allow",` +
		`"Principal":{"Service":["ivs-composite.eu-west-1.amazonaws.com","ivs-composite.us-east-1.amazonaws.com"]},` +
		`"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":["arn:aws:s3:::b/*"],` +
		`"Condition":{"StringEquals":{"s3:x-amz-acl":["bucket-owner-full-control"]},"Bool":{"aws:SecureTransport":["true"]}}}`
	if diff := cmp.Diff(want, recording.String()); diff != "" {
		t.Errorf("Recording (-want +got):\n%s", diff)
	}
	read := MediaConvertRead("b", "arn:aws:iam::123456789012:role/m")
	want = `{"Sid":"MediaConvertRead","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:role/m"]},` +
		`"Action":["s3:GetObject","s3:GetObjectVersion","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}`
	if diff := cmp.Diff(want, read.String()); diff != "" {
		t.Errorf("MediaConvertRead (-want +got):\n%s", diff)
	}
}

func TestRecordingRegion(t *testing.T) {
	tests := map[string]struct {
		region string
		ok     bool
	}{
		RecordingPrincipal("us-east-1"):       {"us-east-1", true},
		"ivs.amazonaws.com":                   {"", false},
		"ivs-composite.amazonaws.com":         {"", false},
		"ivs-composite..amazonaws.com":        {"", false},
		"ivs-composite.a.b.amazonaws.com":     {"", false},
		"ivs-composite.us-east-1.example.com": {"", false},
	}
	for principal, test := range tests {
		if region, ok := RecordingRegion(principal); region != test.region || ok != test.ok {
			t.Errorf("RecordingRegion(%q) = %q, %t", principal, region, ok)
		}
	}
}

// recordingLike is a live recording statement with that principal and condition.
func recordingLike(effect, principal, action, condition string) string {
	return `{"Statement":{"Sid":"IVSRealtimeRecording","Effect":"` + effect + `","Principal":` + principal +
		`,"Action":` + action + `,"Resource":"arn:aws:s3:::other/*","Condition":` + condition + `}}`
}

func TestWantedRecording(t *testing.T) {
	const put = `["s3:PutObject","s3:PutObjectAcl"]`
	tests := map[string]struct {
		live      string
		principal string
		kept      []string
	}{
		"none": {"", `{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, nil},
		"the same as a string": {
			recordingLike("Allow", `{"Service":"ivs-composite.us-east-1.amazonaws.com"}`, put, "{}"),
			`{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, nil,
		},
		"a dropped region and a role are kept": {
			recordingLike("Allow", `{"Service":"ivs-composite.eu-west-1.amazonaws.com","AWS":"123456789012","CanonicalUser":"f00"}`, `"s3:Put*"`, "{}"),
			`{"AWS":["123456789012"],"CanonicalUser":["f00"],"Service":["ivs-composite.eu-west-1.amazonaws.com","ivs-composite.us-east-1.amazonaws.com"]}`,
			[]string{"123456789012", "CanonicalUser:f00", "ivs-composite.eu-west-1.amazonaws.com"},
		},
		"a denied principal is not let in": {
			recordingLike("Deny", `"*"`, put, "{}"), `{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, nil,
		},
		"a reader is not made a writer": {
			recordingLike("Allow", `"*"`, `"s3:GetObject"`, "{}"), `{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, nil,
		},
		"everyone under our conditions": {
			recordingLike("Allow", `"*"`, put, `{"Bool":{"aws:securetransport":true}}`),
			`{"AWS":["*"],"Service":["ivs-composite.us-east-1.amazonaws.com"]}`,
			[]string{"*"},
		},
		"everyone with more ACLs than ours": {
			recordingLike("Allow", `"*"`, put, `{"StringEquals":{"s3:x-amz-acl":["private","bucket-owner-full-control"]}}`),
			`{"AWS":["*"],"Service":["ivs-composite.us-east-1.amazonaws.com"]}`,
			[]string{"*"},
		},
		"everyone under a condition that goes": {
			recordingLike("Allow", `{"AWS":["*","arn:aws:iam::123456789012:role/w"]}`, put, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`),
			`{"AWS":["arn:aws:iam::123456789012:role/w"],"Service":["ivs-composite.us-east-1.amazonaws.com"]}`,
			[]string{"arn:aws:iam::123456789012:role/w"},
		},
		"everyone under another value of our condition": {
			recordingLike("Allow", `"*"`, put, `{"StringEquals":{"s3:x-amz-acl":"private"}}`),
			`{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, nil,
		},
		"a deleted role goes": {
			recordingLike("Allow", `{"AWS":"AROAEXAMPLEID12345678"}`, put, "{}"),
			`{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			live := mustParse(t, test.live)
			got, kept := WantedRecording(live, "b", []string{"us-east-1"})
			want := strings.Replace(Recording("b", nil).String(), `"Principal":{}`, `"Principal":`+test.principal, 1)
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("statement (-want +got):\n%s", diff)
			}
			var names []string
			for _, p := range kept {
				names = append(names, p.String())
			}
			if diff := cmp.Diff(test.kept, names); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			merged, _ := live.Merge(got)
			again, _ := WantedRecording(merged, "b", []string{"us-east-1"})
			if !Equal(got, again) {
				t.Errorf("a second time it is %s", again)
			}
		})
	}
}

// An earlier tool wrote the whole document, with the principals as strings.
func TestTakeOverOfTheEarlierToolsBucketPolicy(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/yolo-production-liveplatforms-mediaconvert-role"
	live := mustParse(t, `{
		"Version": "2012-10-17",
		"Statement": [
			{"Sid": "IVSRealtimeRecording", "Effect": "Allow",
			 "Principal": {"Service": "ivs-composite.us-east-1.amazonaws.com"},
			 "Action": ["s3:PutObject", "s3:PutObjectAcl"], "Resource": "arn:aws:s3:::b/*",
			 "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}, "Bool": {"aws:SecureTransport": "true"}}},
			{"Sid": "MediaConvertRead", "Effect": "Allow", "Principal": {"AWS": "`+role+`"},
			 "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]}
		]}`)
	recording, kept := WantedRecording(live, "b", []string{"us-east-1", "ap-southeast-2"})
	read, readers := WantedMediaConvertRead(live, "b", role)
	if len(kept)+len(readers) > 0 {
		t.Errorf("kept %v and %v, want none", kept, readers)
	}
	merged, differences := live.Merge(recording, read)
	want := []string{
		"statement IVSRealtimeRecording Principal.Service: + ivs-composite.ap-southeast-2.amazonaws.com",
		"statement MediaConvertRead Action: + s3:GetObjectVersion",
	}
	if diff := cmp.Diff(want, lines(differences)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if lost := merged.Missing(live); lost != nil {
		t.Errorf("lost %s", lost)
	}
	for _, region := range []string{"us-east-1", "ap-southeast-2"} {
		if v := AllowsRecording(merged, "b", region); !v.Allowed || v.Uncertain {
			t.Errorf("%s: %+v", region, v)
		}
	}
	if AllowsRecording(live, "b", "ap-southeast-2").Allowed {
		t.Error("the earlier policy allows a region that it does not name")
	}
}

func TestWantedMediaConvertReadKeepsReaders(t *testing.T) {
	live := mustParse(t, `{"Statement":{"Sid":"MediaConvertRead","Effect":"Allow","Principal":{"AWS":["AROAEXAMPLEID12345678","123456789012"]},"Action":"s3:*","Resource":"*"}}`)
	got, kept := WantedMediaConvertRead(live, "b", "arn:aws:iam::123456789012:role/m")
	if diff := cmp.Diff([]Principal{{"AWS", "123456789012"}}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	want := []Principal{{"AWS", "123456789012"}, {"AWS", "arn:aws:iam::123456789012:role/m"}}
	if diff := cmp.Diff(want, got.View().Principals); diff != "" {
		t.Errorf("principals (-want +got):\n%s", diff)
	}
}
