// Package constraint checks the members of a request against the limits of
// AWS's service models and words what is wrong as AWS's front end does: all
// findings of one request in one sentence.
//
// It knows the wording, not the limits, which are each service's own. What
// depends on the state is not its business. Start at Checks.
package constraint

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// Text is what a model says of a string. The zero value allows everything.
type Text struct {
	Min, Max int // in characters; Max 0 means no limit
	// Pattern must match the whole string; nil allows every string.
	Pattern *lazyregexp.Regexp
	// Enum lists the allowed values; nil allows every value.
	Enum []string
}

// Matching makes a Text of length min to max in which all of the string
// matches pattern, a model's regular expression.
func Matching(minimum, maximum int, pattern string) Text {
	return Text{Min: minimum, Max: maximum, Pattern: lazyregexp.New(`^(?:` + pattern + `)$`)}
}

// Checks collects the violations of one request. The zero value is ready.
type Checks struct{ found []string }

// Required checks that a member is there.
func Required[T any](c *Checks, member string, value *T) {
	if value == nil {
		c.add("null", member, "Member must not be null")
	}
}

// RequiredList checks that a list or map is there; an empty one is.
func (c *Checks) RequiredList(member string, present bool) {
	if !present {
		c.add("null", member, "Member must not be null")
	}
}

// Text checks a string that is there; nil is absent and passes.
func (c *Checks) Text(member string, value *string, limit Text) {
	if value == nil {
		return
	}
	quoted := "'" + *value + "'"
	c.length(quoted, member, utf8.RuneCountInString(*value), limit.Min, limit.Max)
	if limit.Pattern != nil && !limit.Pattern.MatchString(*value) {
		pattern := strings.TrimSuffix(strings.TrimPrefix(limit.Pattern.String(), "^(?:"), ")$")
		c.add(quoted, member, "Member must satisfy regular expression pattern: "+pattern)
	}
	if limit.Enum != nil && !slices.Contains(limit.Enum, *value) {
		c.add(quoted, member, "Member must satisfy enum value set: ["+strings.Join(limit.Enum, ", ")+"]")
	}
}

// Int checks that a number that is there lies between minimum and maximum.
func (c *Checks) Int(member string, value *int, minimum, maximum int) {
	if value == nil {
		return
	}
	quoted := "'" + strconv.Itoa(*value) + "'"
	if *value > maximum {
		c.add(quoted, member, fmt.Sprintf("Member must have value less than or equal to %d", maximum))
	}
	if *value < minimum {
		c.add(quoted, member, fmt.Sprintf("Member must have value greater than or equal to %d", minimum))
	}
}

// Size checks the number of members of a list or map; shown is how the
// message names the list. Maximum 0 means no limit.
func (c *Checks) Size(member, shown string, size, minimum, maximum int) {
	c.length("'"+shown+"'", member, size, minimum, maximum)
}

// Err returns the violations as one error with the service's code for them,
// or nil when there are none.
func (c *Checks) Err(code string) error {
	switch len(c.found) {
	case 0:
		return nil
	case 1:
		return wire.Errorf(http.StatusBadRequest, code, "1 validation error detected: "+c.found[0])
	default:
		return wire.Errorf(http.StatusBadRequest, code,
			fmt.Sprintf("%d validation errors detected: %s", len(c.found), strings.Join(c.found, "; ")))
	}
}

func (c *Checks) length(shown, member string, size, minimum, maximum int) {
	if maximum > 0 && size > maximum {
		c.add(shown, member, fmt.Sprintf("Member must have length less than or equal to %d", maximum))
	}
	if size < minimum {
		c.add(shown, member, fmt.Sprintf("Member must have length greater than or equal to %d", minimum))
	}
}

func (c *Checks) add(shown, member, constraint string) {
	c.found = append(c.found, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", shown, member, constraint))
}
