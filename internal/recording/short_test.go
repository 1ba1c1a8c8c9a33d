package recording_test

import (
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/recording"
)

// TestShort: what passed has a few words that make one sentence, and what did
// not has none.
func TestShort(t *testing.T) {
	want := tsExpected()
	want.Viewer = viewer(recording.Pictures{Decoded: 60}, nil)
	for name, c := range map[string]struct {
		change func(*bucket)
		says   string
	}{
		"whole": {
			func(*bucket) {},
			"ended well, as long as it was sent, playlists closed, every segment there, and this account's, MPEG-TS (MediaConvert takes it), " +
				"H.264 284x160, 30 pictures a second, AAC-LC, without a gap, not black",
		},
		"open": {
			func(b *bucket) { b.replace(playlist, "#EXT-X-ENDLIST\n", "") },
			"ended well, as long as it was sent, every segment there, and this account's, MPEG-TS (MediaConvert does not take it), " +
				"H.264 284x160, 30 pictures a second, AAC-LC, without a gap, not black",
		},
		"nothing": {func(b *bucket) { clear(b.objects) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := tsRecording(t)
			c.change(b)
			r := recording.Inspect(t.Context(), b, prefix, want)
			var words []string
			for _, f := range r.Findings {
				if f.Short != "" {
					words = append(words, f.Short)
				}
				if (f.Verdict == recording.Pass) != (f.Short != "") {
					t.Errorf("%s is %s, and in short %q", f.Check, f.Verdict, f.Short)
				}
			}
			if got := strings.Join(words, ", "); got != c.says {
				t.Errorf("%q, want %q", got, c.says)
			}
			if got := r.Extent(); name != "nothing" && got != "4.0 s in 2 segments" {
				t.Error(got)
			}
		})
	}
}
