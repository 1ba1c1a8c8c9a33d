package verify

import (
	"errors"
	"testing"

	"github.com/yolo-live/yolo/internal/cloud"
)

// TestJudges: an error is the region's only if AWS refused what the app would
// ask for, too.
func TestJudges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a quota":          {&cloud.Error{Status: 402}, true},
		"a conflict":       {&showError{err: &cloud.Error{Status: 409}}, true},
		"too many at once": {&cloud.Error{Status: 429}, false},
		"no answer":        {&cloud.Error{}, false},
		"not in time":      {&timeoutError{}, true},
		"not to be asked":  {&timeoutError{cause: &cloud.Error{}}, false},
		"a destination":    {&destinationError{"FAILED"}, true},
		"half an answer":   {errNoPrefix, true},
		"our own":          {errors.New("the disk is full"), false},
	} {
		if got := judges(c.err); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
