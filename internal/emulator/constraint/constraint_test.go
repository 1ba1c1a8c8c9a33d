package constraint

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErr(t *testing.T) {
	text := func(s string) *string { return &s }
	number := func(n int) *int { return &n }
	name := Matching(1, 4, `[a-z]+`)
	tests := map[string]struct {
		check func(*Checks)
		want  string
	}{
		"all is well": {func(c *Checks) {
			Required(c, "name", text("abc"))
			c.Text("name", text("abc"), name)
			c.Int("limit", number(1), 1, 50)
		}, ""},
		"absent members pass their limits": {func(c *Checks) {
			c.Text("name", nil, name)
			c.Int("limit", nil, 1, 50)
		}, ""},
		"required": {
			func(c *Checks) { Required[string](c, "name", nil) },
			"E: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
		},
		"length counts characters": {func(c *Checks) { c.Text("name", text("ßßßß"), Text{Max: 4}) }, ""},
		"the pattern holds for the whole": {
			func(c *Checks) { c.Text("name", text("ab1"), name) },
			"E: 1 validation error detected: Value 'ab1' at 'name' failed to satisfy constraint: " +
				"Member must satisfy regular expression pattern: [a-z]+",
		},
		"two at once": {func(c *Checks) {
			c.Text("name", text("abcde"), name)
			c.Int("limit", number(0), 1, 50)
		}, "E: 2 validation errors detected: Value 'abcde' at 'name' failed to satisfy constraint: " +
			"Member must have length less than or equal to 4; Value '0' at 'limit' failed to satisfy constraint: " +
			"Member must have value greater than or equal to 1"},
		"enum": {
			func(c *Checks) { c.Text("state", text("ON"), Text{Enum: []string{"A", "B"}}) },
			"E: 1 validation error detected: Value 'ON' at 'state' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [A, B]",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var c Checks
			test.check(&c)
			got := ""
			if err := c.Err("E"); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
