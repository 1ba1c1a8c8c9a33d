package policydoc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
)

func TestString(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"lists of one become strings": {
			`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:Get*"],"Resource":["a"]}],"Version":"2012-10-17"}`,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:Get*","Resource":"a"}]}`,
		},
		"one statement becomes a list, and the version is named": {
			`{"Statement":{"Effect":"Deny","NotPrincipal":"*","NotAction":"x","NotResource":"<&>"}}`,
			`{"Version":"2008-10-17","Statement":[{"Effect":"Deny","NotPrincipal":"*","NotAction":"x","NotResource":"<&>"}]}`,
		},
		"conditions hold texts": {
			`{"Id":"i","Statement":[{"Sid":"s","Effect":"Allow","Action":["b","a"],"Condition":{"Bool":{"k":true},"NumericLessThan":{"n":[1,2.5]}}}]}`,
			`{"Version":"2008-10-17","Id":"i","Statement":[{"Sid":"s","Effect":"Allow","Action":["a","b"],"Condition":{"Bool":{"k":"true"},"NumericLessThan":{"n":["1","2.5"]}}}]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := policydoc.Parse(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, d.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"AWS":["*"]},"Action":"a","Resource":["r"],"Condition":{"Bool":{"k":true}}}]}`)
	f.Add(`{"Statement":{"Effect":"Deny","NotPrincipal":"*","NotAction":"x","NotResource":"y"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := policydoc.Parse(text)
		if err != nil {
			return
		}
		written := d.String()
		again, err := policydoc.Parse(written)
		if err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if diff := cmp.Diff(written, again.String()); diff != "" {
			t.Errorf("(-first +second)\n%s", diff)
		}
	})
}
