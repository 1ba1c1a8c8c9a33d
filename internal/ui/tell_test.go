package ui

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTell(t *testing.T) {
	var b bytes.Buffer
	s := &Streams{Err: &Stream{w: &b}, ErrTerminal: true, Size: func() (int, int) { return 20, 10 }}
	Tell(s, 4, "the name \x1b[31m of a whole shop")
	Tell(s, 0, "")
	Tell(s, 0, "an end")
	want := "  the name \\x1b[31m\n   of a whole shop\n\nan end\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
