package policy

import (
	"encoding/json"
	"reflect"
	"testing"
)

func addSeeds(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"Statement":{}}`, `{"Statement":[` + compositeWrite + `,` + allowAll + `]}`,
		`{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"YoloIvsEvents","Effect":"Deny","NotPrincipal":{"AWS":["1"]},"NotAction":"x","NotResource":[]}],"New":[1.50,null]}`,
		`{"Statement":[` + EventBridgeLogs(testResource).String() + `,` + Recording("b", []string{"x"}).String() + `]}`,
		`{"Statement":[{"Sid":"IVSRealtimeRecording","Effect":"Allow","Principal":"*","Action":"s3:*","Condition":{"Bool":{"k":true,"K":1}}}]}`,
		"{\"Statement\" : [ {\"Resource\":\"${a}*?\",\"\\u0041\":\"\\ud83d\\ude00\\ufffd\"} ]}",
	} {
		f.Add(seed)
	}
}

// FuzzParse: what is accepted is JSON with the same values when it is written
// again, a single statement being a list of one.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(d.String())
		if err != nil {
			t.Fatalf("%q became %q: %v", text, d, err)
		}
		if !d.Equal(again) || d.String() != again.String() {
			t.Fatalf("%q became %q", d, again)
		}
		var read, written map[string]any
		if json.Unmarshal([]byte(text), &read) != nil || len(read) == 0 {
			return
		}
		if _, isList := read["Statement"].([]any); !isList {
			if read["Statement"] == nil {
				read["Statement"] = []any{}
			} else {
				read["Statement"] = []any{read["Statement"]}
			}
		}
		if err := json.Unmarshal([]byte(d.String()), &written); err != nil {
			t.Fatalf("%q became %q: %v", text, d, err)
		}
		if !reflect.DeepEqual(read, written) {
			t.Fatalf("%q became %q", text, d)
		}
	})
}

// FuzzMerge: a merge, the verdicts and a restore hold for every document.
func FuzzMerge(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		merged, differences := d.Merge(wantedOf(d)...)
		if missing := merged.Missing(d); missing != nil {
			t.Fatalf("%q lost %s", text, missing)
		}
		if (len(differences) == 0) != merged.Equal(d) {
			t.Fatalf("%q: differences %q to %q", text, lines(differences), merged)
		}
		if _, again := merged.Merge(wantedOf(merged)...); len(again) > 0 {
			t.Fatalf("%q: a second merge changes %q", text, lines(again))
		}
		if v := AllowsRecording(merged, "b", "us-east-1"); !v.Allowed && !v.Denied {
			t.Fatalf("%q: %+v", text, v)
		}
		if v := AllowsEventBridge([]NamedDocument{{"p", merged}}, testGroup); !v.Allowed && !v.Denied {
			t.Fatalf("%q: %+v", text, v)
		}
		empty := &Document{}
		restored, _ := empty.Restore(empty.Missing(d)...)
		if missing := restored.Missing(d); missing != nil {
			t.Fatalf("%q: not restored: %s", text, missing)
		}
	})
}
