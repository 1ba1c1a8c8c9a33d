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
	const onlyOurs = `{"Service":["ivs-composite.us-east-1.amazonaws.com"]}`
	others := func(statement string) string {
		return strings.TrimSuffix(strings.Replace(statement, `{"Statement":{"Sid":"IVSRealtimeRecording"`, `{"Sid":"IVSRealtimeRecordingOthers"`, 1), "}")
	}
	tests := map[string]struct {
		live      string
		principal string
		others    string // what goes on under another Sid
		kept      []string
	}{
		"none": {principal: onlyOurs},
		"the same as a string": {
			live:      recordingLike("Allow", `{"Service":"ivs-composite.us-east-1.amazonaws.com"}`, put, "{}"),
			principal: onlyOurs,
		},
		"a dropped region is kept, and others as they were": {
			live:      recordingLike("Allow", `{"Service":"ivs-composite.eu-west-1.amazonaws.com","AWS":"123456789012","CanonicalUser":"f00"}`, `"s3:Put*"`, "{}"),
			principal: `{"Service":["ivs-composite.eu-west-1.amazonaws.com","ivs-composite.us-east-1.amazonaws.com"]}`,
			others:    others(recordingLike("Allow", `{"AWS":["123456789012"],"CanonicalUser":["f00"]}`, `"s3:Put*"`, "{}")),
			kept:      []string{"ivs-composite.eu-west-1.amazonaws.com"},
		},
		"the low-latency service keeps its grant": {
			live:      recordingLike("Allow", `{"Service":["ivs.amazonaws.com","ivs-composite.us-east-1.amazonaws.com"]}`, `"s3:PutObject"`, "{}"),
			principal: onlyOurs,
			others:    others(recordingLike("Allow", `{"Service":["ivs.amazonaws.com"]}`, `"s3:PutObject"`, "{}")),
		},
		"others with the very grant stay in it": {
			live:      strings.Replace(recordingLike("Allow", `{"AWS":"123456789012"}`, put, `{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"},"Bool":{"aws:SecureTransport":true}}`), "other/*", "b/*", 1),
			principal: `{"AWS":["123456789012"],"Service":["ivs-composite.us-east-1.amazonaws.com"]}`,
			kept:      []string{"123456789012"},
		},
		"a denial goes on": {
			live: recordingLike("Deny", `"*"`, put, "{}"), principal: onlyOurs,
			others: others(recordingLike("Deny", `"*"`, put, "{}")),
		},
		"a reader is not made a writer": {
			live: recordingLike("Allow", `"*"`, `"s3:GetObject"`, "{}"), principal: onlyOurs,
			others: others(recordingLike("Allow", `{"AWS":["*"]}`, `"s3:GetObject"`, "{}")),
		},
		"everyone under somebody's condition": {
			live: recordingLike("Allow", `{"AWS":["*"]}`, put, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), principal: onlyOurs,
			others: others(recordingLike("Allow", `{"AWS":["*"]}`, put, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)),
		},
		"a deleted role goes": {
			live: recordingLike("Allow", `{"AWS":"AROAEXAMPLEID12345678"}`, put, "{}"), principal: onlyOurs,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			live := mustParse(t, test.live)
			got, kept := WantedRecording(live, "b", []string{"us-east-1"})
			want := []string{strings.Replace(Recording("b", nil).String(), `"Principal":{}`, `"Principal":`+test.principal, 1)}
			if test.others != "" {
				want = append(want, test.others)
			}
			var statements, names []string
			for _, s := range got {
				statements = append(statements, s.String())
			}
			if diff := cmp.Diff(want, statements); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			for _, p := range kept {
				names = append(names, p.String())
			}
			if diff := cmp.Diff(test.kept, names); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			merged, _ := live.Merge(got...)
			again, _ := WantedRecording(merged, "b", []string{"us-east-1"})
			if _, differences := merged.Merge(again...); differences != nil {
				t.Errorf("a second time it changes %s", lines(differences))
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
	merged, differences := live.Merge(append(recording, read...)...)
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
	const role = "arn:aws:iam::123456789012:role/m"
	live := mustParse(t, `{"Statement":{"Sid":"MediaConvertRead","Effect":"Allow","Principal":{"AWS":["AROAEXAMPLEID12345678","123456789012"]},"Action":"s3:*","Resource":"*"}}`)
	got, kept := WantedMediaConvertRead(live, "b", role)
	if len(got) != 2 || kept != nil {
		t.Fatalf("wanted are %s, kept %v", got, kept)
	}
	if diff := cmp.Diff([]Principal{{"AWS", role}}, got[0].View().Principals); diff != "" {
		t.Errorf("principals (-want +got):\n%s", diff)
	}
	const others = `{"Sid":"MediaConvertReadOthers","Effect":"Allow","Principal":{"AWS":["123456789012"]},"Action":"s3:*","Resource":"*"}`
	if diff := cmp.Diff(others, got[1].String()); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
}
