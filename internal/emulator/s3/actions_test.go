package s3

import "testing"

func TestMatches(t *testing.T) {
	tests := []struct {
		pattern string
		want    bool
	}{
		{"s3:GetObject", true},
		{"S3:getobject", true},
		{"s3:*", true},
		{"*", true},
		{"s3:Get*", true},
		{"s3:*Object", true},
		{"s3:G?tObj*t", true},
		{"s3:GetObject*", true},
		{"s3:GetObject**", true},
		{"*Get*Get*", false},
		{"s3:GetObject?", false},
		{"s3:GetObjec", false},
		{"s3:GetObjects", false},
		{"", false},
	}
	for _, test := range tests {
		if got := matches(test.pattern, "s3:GetObject"); got != test.want {
			t.Errorf("%q: %t", test.pattern, got)
		}
	}
}
