package ivsrealtime_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/playback"
)

// summary is what a recording holds: its last state, the segments' lengths in
// pictures, and where it does not go on.
func (c *composition) summary() string {
	c.t.Helper()
	objects := c.recording()
	for _, name := range []string{"ended", "failed", "started"} {
		if text := objects["events/recording-"+name+".json"]; text != "" {
			return strings.Join(append([]string{name, member(c.t, text, "media.hls.duration_ms") + " ms"}, c.segments(objects)...), " ")
		}
	}
	return "nothing"
}

// segments plays the recording.
func (c *composition) segments(objects map[string]string) (lengths []string) {
	c.t.Helper()
	for line := range strings.Lines(objects["rendition/playlist.m3u8"]) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasSuffix(line, "DISCONTINUITY"):
			lengths = append(lengths, "break")
		case !strings.HasPrefix(line, "#"):
			stream, err := playback.Read([]byte(objects["rendition/"+line]))
			if err != nil {
				c.t.Errorf("%s: %v", line, err)
			}
			lengths = append(lengths, fmt.Sprint(len(stream.Pictures)))
		}
	}
	return lengths
}

func TestWhatIsRecorded(t *testing.T) {
	for name, test := range map[string]struct {
		show func(w *world) *composition
		want string
		says string // in the status
	}{
		"somebody who publishes before": {func(w *world) *composition {
			p := w.publish()
			w.must(p.roll(3 * time.Second))
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			c.stop()
			return c
		}, "ended 2000 ms 60", ""},
		"from the first key picture": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(5 * time.Second))
			c.stop()
			w.must(p.roll(5 * time.Second))
			return c
		}, "ended 5000 ms 60 60 30", ""},
		"segments of four seconds": {func(w *world) *composition {
			p := w.publish()
			c := w.compose(`"recordingConfiguration":{"hlsConfiguration":{"targetSegmentDurationSeconds":4}}`)
			w.must(p.roll(5 * time.Second))
			c.stop()
			return c
		}, "ended 5000 ms 120 30", ""},
		"somebody who comes later": {func(w *world) *composition {
			c := w.compose()
			w.advance(30 * time.Second)
			w.must(w.publish().roll(3 * time.Second))
			c.stop()
			return c
		}, "ended 3000 ms 60 30", ""},
		"somebody who leaves": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			p.leave(nil)
			w.advance(65 * time.Second)
			return c
		}, "ended 3000 ms 60 30", ""},
		"one after the other": {func(w *world) *composition {
			c := w.compose()
			for range 2 {
				p := w.publish()
				w.must(p.roll(3 * time.Second))
				p.leave(nil)
				w.advance(20 * time.Second)
			}
			c.stop()
			return c
		}, "ended 6000 ms 60 30 break 60 30", ""},
		"the same one again": {func(w *world) *composition {
			token, id := w.token()
			c := w.compose()
			for range 2 {
				p := w.publishAs(token, id)
				w.must(p.roll(2 * time.Second))
				p.leave(errors.New("the connection was lost"))
			}
			c.stop()
			return c
		}, "ended 4000 ms 60 break 60", ""},
		"a publisher who is silent for a while": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(2 * time.Second))
			p.at += media.Ticks(time.Minute)
			w.must(p.roll(2 * time.Second))
			c.stop()
			return c
		}, "ended 4000 ms 60 break 60", ""},
		"sound alone": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			for range 50 {
				w.must(p.Sound(media.Sound{Data: film.Silence()}))
			}
			w.advance(2 * time.Minute)
			c.stop()
			return c
		}, "ended 0 ms", "Nobody published a video."},
		"nobody": {func(w *world) *composition {
			c := w.compose()
			w.advance(2 * time.Minute)
			return c
		}, "ended 0 ms", "Nobody published a video."},
		"nobody, and nobody looks": {func(w *world) *composition {
			c := w.compose()
			w.advance(time.Hour)
			return c
		}, "ended 0 ms", "Nobody published a video."},
		"who publishes without media": {func(w *world) *composition {
			_, err := w.ivs.Publish(ivsrealtime.Publisher{Stage: w.stage}, w.now())
			w.must(err)
			c := w.compose()
			w.advance(2 * time.Minute)
			c.stop()
			return c
		}, "ended 0 ms", "Nobody published a video."},
		"stopped before it was up": {func(w *world) *composition {
			c := w.composeOnly()
			c.stop()
			return c
		}, "nothing", ""},
		"the stage is deleted": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			w.ask("DeleteStage", `{"arn":"`+w.stage+`"}`, "")
			w.settle()
			return c
		}, "ended 3000 ms 60 30", ""},
		"after 24 hours": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(3 * time.Second))
			w.advance(24*time.Hour - 3*time.Second)
			w.must(p.roll(3 * time.Second))
			w.advance(2 * time.Second)
			return c
		}, "ended 3000 ms 60 30", ""},
		"what is there while it runs": {func(w *world) *composition {
			p := w.publish()
			c := w.compose()
			w.must(p.roll(5 * time.Second))
			return c
		}, "started 0 ms 60 60", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "")
			c := test.show(w)
			if got := c.summary(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if says := c.recording()["events/recording-ended.json"]; test.says != "" && member(t, says, "recording_status_message") != test.says {
				t.Errorf("it says %s", says)
			}
		})
	}
}

// composeOnly starts a composition that is not up yet when it returns.
func (w *world) composeOnly() *composition {
	w.t.Helper()
	c := &composition{world: w}
	c.arn = w.ask("StartComposition", `{"stageArn":"`+w.stage+`","destinations":[{"s3":{
		"storageConfigurationArn":"`+w.storage+`","encoderConfigurationArns":["`+w.encoder+`"]}}]}`, "composition.arn")
	return c
}

// Several compositions of a stage record the same, each where it should, and one
// that fails leaves the others alone.
func TestSeveralCompositions(t *testing.T) {
	w := newWorld(t, "")
	p := w.publish()
	first, second := w.compose(), w.compose()
	w.must(p.roll(2 * time.Second))
	w.policy(w.allows(), w.denies(first.prefix+"/*"))
	w.must(p.roll(2 * time.Second))
	third := w.compose()
	w.must(p.roll(2 * time.Second))
	second.stop()
	third.stop()
	for n, test := range []struct {
		c    *composition
		want string
	}{{first, "started 0 ms"}, {second, "ended 6000 ms 60 60 60"}, {third, "ended 2000 ms 60"}} {
		if got := test.c.summary(); got != test.want {
			t.Errorf("composition %d: %s, want %s", n+1, got, test.want)
		}
	}
}

// The state, not the process, has the recording: another process over the
// folder ends it, and each event is told once, whoever has it happen.
func TestProcessesShareARecording(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	other := openWorld(t, dir)
	other.stage, other.storage, other.encoder = w.stage, w.storage, w.encoder
	p := w.publish()
	c := other.compose()
	w.must(p.roll(3 * time.Second))
	other.ask("StopComposition", `{"arn":"`+c.arn+`"}`, "")
	w.settle()
	other.advance(2 * time.Second)
	w.settle()
	if got := c.summary(); got != "ended 3000 ms 60 30" {
		t.Errorf("it is %s", got)
	}
	told := append(w.told(), other.told()...)
	slices.Sort(told)
	want := []string{"  3 Destination Start", "  3 Participant Published", "  3 Session Start", "  5 Destination End", "  5 Session End"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
	other.ask("DisconnectParticipant", `{"stageArn":"`+w.stage+`","participantId":"`+p.id+`"}`, "")
	if err := p.Tick(); !errors.Is(err, ivsrealtime.ErrGone) {
		t.Errorf("the process with the media is told %v", err)
	}
}

// A process that dies takes its publishers with it.
func TestProcessDiesWithPublishers(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	dying := openWorld(t, dir)
	dying.stage = w.stage
	c := w.compose()
	p := dying.publish()
	dying.must(p.roll(3 * time.Second))
	w.settle()
	if got := w.ask("GetStage", `{"arn":"`+w.stage+`"}`, "stage.activeSessionId"); got == "" {
		t.Error("nobody is on the stage")
	}
	w.must(dying.ivs.Close())
	w.settle()
	if got := w.ask("GetStage", `{"arn":"`+w.stage+`"}`, "stage.activeSessionId"); got != "" {
		t.Errorf("the session %s lasts", got)
	}
	w.advance(65 * time.Second)
	if got := c.summary(); got != "ended 2000 ms 60" {
		t.Errorf("it is %s, want what had been written", got)
	}
	if got := w.told(); !slices.Contains(got, "  3 Participant Unpublished") {
		t.Errorf("told %q", got)
	}
}

func TestAdmission(t *testing.T) {
	w := newWorld(t, "")
	token, id := w.token(`"duration":1`)
	watcher, _ := w.token(`"capabilities":["SUBSCRIBE"]`)
	elsewhere := strings.Replace(token, ".", "x.", 2)
	for name, test := range map[string]struct{ token, region, says string }{
		"no token":       {"", region, "no participant token"},
		"no JWT":         {"a.b.c", region, "no participant token"},
		"another region": {token, "eu-west-1", "not in eu-west-1"},
		"a viewer":       {watcher, region, "does not allow publishing"},
		"half a token":   {token[:len(token)-4], region, "not known"},
		"changed":        {elsewhere, region, "participant token"},
	} {
		if _, err := w.ivs.Admit(test.token, test.region, w.now()); err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "Unauthorized") {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
	refused := func(name, says string) {
		t.Helper()
		if _, err := w.ivs.Admit(token, region, w.now()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", name, err, says)
		}
	}
	p := w.publishAs(token, id)
	refused("twice", "publishes already")
	p.leave(nil)
	if _, err := w.ivs.Admit(token, region, w.now()); err != nil {
		t.Errorf("once more: %v", err)
	}
	w.advance(time.Minute)
	refused("expired", "expired")
	token, id = w.token()
	w.ask("DisconnectParticipant", `{"stageArn":"`+w.stage+`","participantId":"`+id+`"}`, "")
	refused("disconnected", "not known")
	token, _ = w.token()
	w.ask("DeleteStage", `{"arn":"`+w.stage+`"}`, "")
	refused("of a stage that is gone", "not known")
}

// What IVS does not take ends the publishing, and is told as what it is.
func TestRefusedMedia(t *testing.T) {
	for code, f := range map[string]film.Film{
		media.CodeBFrame:     {Width: 320, Height: 180, B: true},
		media.CodeResolution: {Width: 1920, Height: 1080},
		media.CodeVideoCodec: {Width: 320, Height: 180, Profile: 100},
		media.CodeBitrate:    {Width: 320, Height: 180, Filler: 45_000},
		media.CodeInput:      {Width: 160, Height: 90},
	} {
		w := newWorld(t, "")
		p := w.publish()
		p.film = f
		refusal, ok := errors.AsType[*media.Refusal](p.roll(5 * time.Second))
		if !ok || refusal.Code != code {
			t.Errorf("%s: refused because of %v", code, refusal)
			continue
		}
		p.leave(refusal)
		told := w.told()
		if want := "  0 Participant Publish Error " + code; !slices.Contains(told, want) {
			t.Errorf("%s: told %q", code, told)
		}
		if w.ask("GetStage", `{"arn":"`+w.stage+`"}`, "stage.activeSessionId") != "" {
			t.Errorf("%s: the session lasts", code)
		}
	}
}

// What a participant is, from the offer's being answered to the end.
func TestParticipantWithMedia(t *testing.T) {
	w := newWorld(t, "")
	p := w.publish()
	session := w.ask("GetStage", `{"arn":"`+w.stage+`"}`, "stage.activeSessionId")
	shown := func() string {
		answer, err := w.serve(w.ivs, http.MethodPost, "/GetParticipant", `{"stageArn":"`+w.stage+`","sessionId":"`+session+`","participantId":"`+p.id+`"}`)
		w.must(err)
		return strings.Join([]string{
			member(t, string(answer.Body), "participant.state"), member(t, string(answer.Body), "participant.published"), member(t, string(answer.Body), "participant.protocol"),
		}, " ")
	}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "CONNECTED false WHIP"},
		{func() { w.must(p.roll(time.Second)) }, "CONNECTED true WHIP"},
		{func() { p.leave(nil) }, "DISCONNECTED true WHIP"},
	} {
		step.do()
		if got := shown(); got != step.want {
			t.Errorf("%s, want %s", got, step.want)
		}
	}
	p.leave(nil)
	if got := w.told(); len(got) != 2 {
		t.Errorf("told %q", got)
	}
}
