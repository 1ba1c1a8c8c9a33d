package policy

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const compositeWrite = `{"Sid":"CompositeWrite-7eiKaIGkC9DO","Effect":"Allow","Principal":{"Service":"ivs-composite.us-east-1.amazonaws.com"},` +
	`"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::b/*",` +
	`"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"},"Bool":{"aws:SecureTransport":"true"}}}`

func lines(differences []Difference) []string {
	var all []string
	for _, d := range differences {
		all = append(all, d.String())
	}
	return all
}

func TestMerge(t *testing.T) {
	ours := Recording("b", []string{RecordingPrincipal("us-east-1"), RecordingPrincipal("eu-west-1")})
	tests := map[string]struct {
		live, want  string
		differences []string
	}{
		"into nothing": {
			"", `{"Version":"2012-10-17","Statement":[` + ours.String() + `]}`,
			[]string{
				"statement IVSRealtimeRecording Effect: + Allow",
				"statement IVSRealtimeRecording Principal.Service: + ivs-composite.eu-west-1.amazonaws.com, + ivs-composite.us-east-1.amazonaws.com",
				"statement IVSRealtimeRecording Action: + s3:PutObject, + s3:PutObjectAcl",
				"statement IVSRealtimeRecording Resource: + arn:aws:s3:::b/*",
				"statement IVSRealtimeRecording Condition.StringEquals.s3:x-amz-acl: + bucket-owner-full-control",
				"statement IVSRealtimeRecording Condition.Bool.aws:SecureTransport: + true",
			},
		},
		"beside a foreign statement": {
			`{"Id":"x","Statement":` + compositeWrite + `}`,
			`{"Id":"x","Statement":[` + compositeWrite + `,` + ours.String() + `]}`,
			[]string{
				"statement IVSRealtimeRecording Effect: + Allow",
				"statement IVSRealtimeRecording Principal.Service: + ivs-composite.eu-west-1.amazonaws.com, + ivs-composite.us-east-1.amazonaws.com",
				"statement IVSRealtimeRecording Action: + s3:PutObject, + s3:PutObjectAcl",
				"statement IVSRealtimeRecording Resource: + arn:aws:s3:::b/*",
				"statement IVSRealtimeRecording Condition.StringEquals.s3:x-amz-acl: + bucket-owner-full-control",
				"statement IVSRealtimeRecording Condition.Bool.aws:SecureTransport: + true",
			},
		},
		"an earlier one of the Sid changes in place": {
			`{"Statement":[{"Sid":"IVSRealtimeRecording","Effect":"Allow","Principal":{"Service":"ivs-composite.us-east-1.amazonaws.com"},` +
				`"Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::b/*","NotPrincipal":{},"Old":1,` +
				`"Condition":{"StringEquals":{"S3:X-AMZ-ACL":"bucket-owner-full-control"}}},` + compositeWrite + `]}`,
			`{"Statement":[` + ours.String() + `,` + compositeWrite + `]}`,
			[]string{
				"statement IVSRealtimeRecording Principal.Service: + ivs-composite.eu-west-1.amazonaws.com",
				"statement IVSRealtimeRecording Action: + s3:PutObjectAcl, - s3:GetObject",
				"statement IVSRealtimeRecording Condition.Bool.aws:SecureTransport: + true",
				"statement IVSRealtimeRecording NotPrincipal: - (empty)",
				"statement IVSRealtimeRecording Old: - 1",
			},
		},
		"the same in other words stays as it is": {
			`{"Statement":[{"Sid":"IVSRealtimeRecording","Effect":"Allow","Action":["S3:PUTOBJECTACL","s3:PutObject"],"Resource":"arn:aws:s3:::b/*",` +
				`"Principal":{"Service":["ivs-composite.us-east-1.amazonaws.com","ivs-composite.eu-west-1.amazonaws.com"]},` +
				`"Condition":{"Bool":{"aws:securetransport":true},"StringEquals":{"s3:x-amz-acl":["bucket-owner-full-control"]}}}]}`,
			`{"Statement":[{"Sid":"IVSRealtimeRecording","Effect":"Allow","Action":["S3:PUTOBJECTACL","s3:PutObject"],"Resource":"arn:aws:s3:::b/*",` +
				`"Principal":{"Service":["ivs-composite.us-east-1.amazonaws.com","ivs-composite.eu-west-1.amazonaws.com"]},` +
				`"Condition":{"Bool":{"aws:securetransport":true},"StringEquals":{"s3:x-amz-acl":["bucket-owner-full-control"]}}}]}`,
			nil,
		},
		"a second one of the Sid is left alone": {
			`{"Statement":[{"Sid":"IVSRealtimeRecording"},` + ours.String() + `]}`,
			`{"Statement":[{"Sid":"IVSRealtimeRecording"},` + ours.String() + `]}`,
			nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			live := mustParse(t, test.live)
			before := live.String()
			got, differences := live.Merge(ours)
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.differences, lines(differences)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if live.String() != before {
				t.Errorf("Merge changed its receiver to %s", live)
			}
		})
	}
}

func TestMergeLastOfASidCounts(t *testing.T) {
	first, last := MediaConvertRead("b", "arn:aws:iam::123456789012:role/a"), MediaConvertRead("b", "arn:aws:iam::123456789012:role/z")
	d, _ := new(Document).Merge(first, last)
	want := `{"Version":"2012-10-17","Statement":[` + last.String() + `]}`
	if diff := cmp.Diff(want, d.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDifferenceJSON(t *testing.T) {
	live := mustParse(t, `{"Statement":{"Sid":"a","Effect":"Deny","Action":"x","Resource":["r","s"]}}`)
	_, differences := live.Merge(statementOf(t, `{"Sid":"a","Effect":"Allow","Action":["x","y"],"Condition":{"Bool":{"k":true}}}`))
	_, removed := live.Without("a")
	got, err := json.Marshal(append(differences, removed...))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"attribute":"statement a Effect","from":"Deny","to":"Allow"},` +
		`{"attribute":"statement a Action","from":"x","to":["x","y"]},` +
		`{"attribute":"statement a Condition.Bool.k","from":null,"to":"true"},` +
		`{"attribute":"statement a Resource","from":["r","s"],"to":null},` +
		`{"attribute":"statement a","from":{"Sid":"a","Effect":"Deny","Action":"x","Resource":["r","s"]},"to":null}]`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A condition key written twice in different case has the values of both, so no
// attribute differs from one list of them, but the statement does.
func TestDifferenceOfAWholeStatement(t *testing.T) {
	live := mustParse(t, `{"Statement":{"Sid":"a","Condition":{"StringEquals":{"k":"1","K":"2"}}}}`)
	_, differences := live.Merge(statementOf(t, `{"Sid":"a","Condition":{"StringEquals":{"k":["1","2"]}}}`))
	want := []string{`statement a: + {"Sid":"a","Condition":{"StringEquals":{"k":["1","2"]}}}, - {"Sid":"a","Condition":{"StringEquals":{"k":"1","K":"2"}}}`}
	if diff := cmp.Diff(want, lines(differences)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithout(t *testing.T) {
	d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Sid":"a"},{"Effect":"Deny"},{"Sid":"b"},{"Sid":"a","Effect":"Deny"}]}`)
	got, differences := d.Without("a", "none", "")
	if want := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny"},{"Sid":"b"}]}`; got.String() != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := []string{`statement a: - {"Sid":"a"}`, `statement a: - {"Sid":"a","Effect":"Deny"}`}
	if diff := cmp.Diff(want, lines(differences)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMissingAndRestore(t *testing.T) {
	tests := map[string]struct {
		before, now string
		missing     []string
	}{
		"nothing":                      {`[{"Sid":"a"},{"Effect":"Deny"}]`, `[{"Effect":"Deny"},{"Sid":"a"}]`, nil},
		"lost":                         {`[{"Sid":"a"},{"Sid":"b"}]`, `[{"Sid":"b"}]`, []string{`{"Sid":"a"}`}},
		"lost without Sid":             {`[{"Effect":"Deny"}]`, `[{"Effect":"Allow"}]`, []string{`{"Effect":"Deny"}`}},
		"written otherwise":            {`[{"Sid":"a","Action":"X"}]`, `[{"Action":["x"],"Sid":"a"}]`, nil},
		"changed":                      {`[{"Sid":"a","Effect":"Deny"}]`, `[{"Sid":"a"}]`, nil},
		"one of two with the same Sid": {`[{"Sid":"a","Effect":"Deny"},{"Sid":"a"}]`, `[{"Sid":"a"}]`, []string{`{"Sid":"a","Effect":"Deny"}`}},
		"all":                          {`[{"Sid":"a"}]`, `[]`, []string{`{"Sid":"a"}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := mustParse(t, `{"Statement":`+test.before+`}`)
			now := mustParse(t, `{"Statement":`+test.now+`}`)
			var missing []string
			for _, s := range now.Missing(before) {
				missing = append(missing, s.String())
			}
			if diff := cmp.Diff(test.missing, missing); diff != "" {
				t.Errorf("Missing (-want +got):\n%s", diff)
			}
			restored, differences := now.Restore(now.Missing(before)...)
			if left := restored.Missing(before); left != nil {
				t.Errorf("after Restore %s is missing", left)
			}
			if len(differences) != len(test.missing) {
				t.Errorf("%d differences, want %d", len(differences), len(test.missing))
			}
		})
	}
}
