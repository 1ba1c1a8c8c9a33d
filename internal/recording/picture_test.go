package recording_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/media"
)

// viewer sees the same in every segment.
func viewer(p recording.Pictures, err error) recording.Viewer {
	return func(context.Context, media.Container, []byte) (recording.Pictures, error) { return p, err }
}

func find(t *testing.T, r *recording.Report, check recording.Check) recording.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("no finding on %s", check)
	return recording.Finding{}
}

// TestPicture: what a Viewer sees has a finding of its own; without one there is
// none.
func TestPicture(t *testing.T) {
	for name, c := range map[string]struct {
		viewer  recording.Viewer
		verdict recording.Verdict
		says    string
	}{
		"bars":     {viewer(recording.Pictures{Decoded: 60}, nil), recording.Pass, "0.ts: something to see in 60 of 60 pictures; 1.ts"},
		"fades in": {viewer(recording.Pictures{Decoded: 60, Empty: 59}, nil), recording.Pass, "something to see in 1 of 60 pictures"},
		"black":    {viewer(recording.Pictures{Decoded: 60, Empty: 60}, nil), recording.Fail, "0.ts: 60 pictures, black or of one shade"},
		"nothing":  {viewer(recording.Pictures{}, nil), recording.NotProven, "no picture was decoded"},
		"fails":    {viewer(recording.Pictures{}, errors.New("exit status 1")), recording.NotProven, "0.ts could not be decoded; 1.ts could not be decoded: exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			want := tsExpected()
			want.Viewer = c.viewer
			r := recording.Inspect(t.Context(), tsRecording(t), prefix, want)
			if f := find(t, r, recording.CheckPicture); f.Verdict != c.verdict || !strings.Contains(said(f), c.says) {
				t.Errorf("%s: %s, want %s, %q", f.Verdict, said(f), c.verdict, c.says)
			}
			if r.Verdict() != c.verdict {
				t.Errorf("together %s", r.Verdict())
			}
		})
	}
	for _, f := range recording.Inspect(t.Context(), tsRecording(t), prefix, tsExpected()).Findings {
		if f.Check == recording.CheckPicture {
			t.Errorf("nobody looked, and %+v", f)
		}
	}
}

// TestPictureOfMP4: a Viewer gets the initialization section with the segment.
func TestPictureOfMP4(t *testing.T) {
	b := mp4Recording(t)
	whole := string(b.objects[prefix+"/"+folder+"init.mp4"]) + string(b.objects[prefix+"/"+folder+"0.mp4"])
	looked := 0
	recording.Inspect(t.Context(), b, prefix, recording.Expected{
		Viewer: func(_ context.Context, container media.Container, segment []byte) (recording.Pictures, error) {
			looked++
			if container != media.MP4 || string(segment) != whole {
				t.Errorf("%s of %d bytes", container, len(segment))
			}
			return recording.Pictures{Decoded: 1}, nil
		},
	})
	if looked != 1 {
		t.Errorf("looked %d times", looked)
	}
}

// TestNothingToView: without a segment the picture is behind that.
func TestNothingToView(t *testing.T) {
	b := tsRecording(t)
	clear(b.objects)
	r := recording.Inspect(t.Context(), b, prefix, recording.Expected{Viewer: viewer(recording.Pictures{Decoded: 1}, nil)})
	for _, check := range []recording.Check{recording.CheckPicture, recording.CheckAudio, recording.CheckContainer} {
		if f := find(t, r, check); f.Verdict != recording.NotProven || !f.Behind {
			t.Errorf("%+v", f)
		}
	}
	if f := find(t, r, recording.CheckSegments); f.Behind {
		t.Errorf("the cause is behind something: %+v", f)
	}
}

// TestShortLast: a show ends in the midst of a segment. A last one of a picture or
// two has no room for sound; one of a second has.
func TestShortLast(t *testing.T) {
	for name, c := range map[string]struct {
		length  string
		verdict recording.Verdict
	}{
		"a picture": {"0.033", recording.Pass}, "a few": {"0.300", recording.Pass}, "a second": {"1.000", recording.Fail},
	} {
		b := tsRecording(t)
		b.replace(playlist, "#EXTINF:2.000,\n1.ts", "#EXTINF:"+c.length+",\n1.ts")
		b.put(folder+"1.ts", later(silent(sample(t, "show.ts")), 2*time.Second))
		f := find(t, recording.Inspect(t.Context(), b, prefix, tsExpected()), recording.CheckAudio)
		if f.Verdict != c.verdict {
			t.Errorf("%s: %s: %s", name, f.Verdict, f.Evidence)
		}
	}
}

// silent drops the audio packets of a transport stream; its tables still name
// the track.
func silent(stream string) string {
	audio := map[uint16]bool{}
	var kept strings.Builder
	for at := 0; at < len(stream); at += 188 {
		packet := stream[at : at+188]
		pid := uint16(packet[1]&0x1F)<<8 | uint16(packet[2])
		if start := strings.Index(packet, "\x00\x00\x01"); packet[1]&0x40 != 0 && start >= 0 && start < 150 && packet[start+3]&0xE0 == 0xC0 {
			audio[pid] = true
		}
		if !audio[pid] {
			kept.WriteString(packet)
		}
	}
	return kept.String()
}
