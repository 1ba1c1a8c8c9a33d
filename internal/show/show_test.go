package show_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/yolo-live/yolo/internal/h264test"
	"github.com/yolo-live/yolo/internal/show"
	"github.com/yolo-live/yolo/internal/show/whip"
	"github.com/yolo-live/yolo/internal/show/whiptest"
)

// fastClock runs at many times the speed of the real one.
type fastClock struct {
	begun time.Time
	speed time.Duration
}

func newFastClock(speed int) *fastClock {
	return &fastClock{begun: time.Now(), speed: time.Duration(speed)}
}

func (c *fastClock) Now() time.Time { return c.begun.Add(time.Since(c.begun) * c.speed) }

func (c *fastClock) Sleep(ctx context.Context, until time.Time) error {
	select {
	case <-time.After(until.Sub(c.Now()) / c.speed):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func begin(t *testing.T, server *whiptest.Server, change func(*show.Options)) *show.Show {
	t.Helper()
	o := show.Options{
		WHIP:  whip.Options{Endpoint: server.URL, Token: "secret"},
		Width: 160, Height: 90, Run: "RUN 4711", Clock: newFastClock(10),
	}
	if change != nil {
		change(&o)
	}
	s, err := show.Begin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.End(context.Background()) })
	return s
}

// received waits until the server has that many frames.
func received(t *testing.T, server *whiptest.Server, count int) []h264test.Frame {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		stream, frames, _ := server.Video()
		if frames < count {
			if time.Now().After(deadline) {
				t.Fatalf("%d frames arrived, want %d", frames, count)
			}
			continue
		}
		all, err := h264test.Decode(stream)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
}

// TestShow: five seconds arrive whole at a server that is not ours, keyframes
// every two seconds, picture and sound at their times, and the session is ended.
func TestShow(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{})
	s := begin(t, server, nil)
	if err := s.Wait(t.Context(), 5*time.Second); err != nil {
		t.Fatal(err)
	}
	frames := received(t, server, 150)
	result := s.End(t.Context())
	if err := server.Deleted(); err != nil {
		t.Error(err)
	}
	for i, f := range frames[:150] {
		if f.Width != 160 || f.Height != 90 || f.Key != (i%60 == 0) {
			t.Fatalf("frame %d: %dx%d, keyframe %t", i, f.Width, f.Height, f.Key)
		}
	}
	// The mark moves by a cell a frame.
	if luma, _, _ := frames[20].At(82, 86); luma != 234 {
		t.Errorf("the mark is not where it should be in frame 20: %d", luma)
	}
	_, _, times := server.Video()
	for i := 1; i < 150; i++ {
		if times[i]-times[i-1] != 3000 {
			t.Fatalf("frame %d comes %d ticks of 90 kHz after the one before", i, times[i]-times[i-1])
		}
	}
	audio := server.Audio()
	if len(audio) < 245 {
		t.Errorf("%d audio packets in 5 s", len(audio))
	}
	for _, packet := range audio {
		if packet[0] != 0xF8 || !bytes.Equal(packet, audio[0]) {
			t.Fatalf("an audio packet is % x", packet)
		}
	}
	if result.VideoFrames < 150 || result.Keyframes < 3 || result.Lasted < 5*time.Second || result.Unended != nil ||
		result.Width != 160 || result.Height != 90 || result.Framerate != 30 {
		t.Errorf("result %+v", result)
	}
	if again := s.End(t.Context()); again != result {
		t.Errorf("a second result: %+v", again)
	}
	if s.Err() != nil {
		t.Error(s.Err())
	}
	if err := s.Wait(t.Context(), time.Hour); err == nil {
		t.Error("waited for a show that was ended")
	}
}

// TestLoss: what is lost on the way is sent again, so that the picture is whole.
func TestLoss(t *testing.T) {
	t.Parallel()
	dropped := map[uint16]bool{}
	var first *uint16
	server := whiptest.New(t, whiptest.Options{Drop: func(h *rtp.Header) bool {
		if h.PayloadType != 102 {
			return false
		}
		if first == nil {
			first = &h.SequenceNumber
		}
		if (h.SequenceNumber-*first)%20 != 7 || dropped[h.SequenceNumber] {
			return false
		}
		dropped[h.SequenceNumber] = true
		return true
	}})
	s := begin(t, server, nil)
	frames := received(t, server, 90)
	if len(frames) < 90 {
		t.Errorf("%d frames", len(frames))
	}
	if result := s.End(t.Context()); result.Resent < 3 {
		t.Errorf("%+v: packets were dropped", result.Stats)
	}
}

// TestKeyframeRequest: a server that asks for a keyframe gets one.
func TestKeyframeRequest(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{})
	s := begin(t, server, nil)
	if err := s.Wait(t.Context(), 500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	received(t, server, 10)
	server.RequestKeyframe()
	// extra counts keyframes beside the regular ones.
	extra := func() int {
		stream, frames, _ := server.Video()
		return bytes.Count(stream, []byte{0, 0, 1, 0x65}) - (frames+59)/60
	}
	for deadline := time.Now().Add(5 * time.Second); extra() < 1; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no keyframe came in 5 s")
		}
	}
	_, frames, _ := server.Video()
	received(t, server, frames+60)
	if n := extra(); n > 1 {
		t.Errorf("%d keyframes beside the regular ones", n)
	}
	if stats := s.Stats(); stats.KeyframeRequests != 1 {
		t.Errorf("%d keyframe requests", stats.KeyframeRequests)
	}
}

// TestReports: the server's reports come back, and nothing was lost.
func TestReports(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{})
	s := begin(t, server, nil)
	for deadline := time.Now().Add(5 * time.Second); s.Stats().Reports == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no report came in 5 s")
		}
	}
	if result := s.End(t.Context()); result.Lost != 0 || result.Packets < 30 || result.Bytes < 1000 {
		t.Errorf("%+v", result.Stats)
	}
}

// TestHangup: a server that ends the session breaks the show off.
func TestHangup(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{})
	s := begin(t, server, nil)
	received(t, server, 3)
	server.Hangup()
	err := s.Wait(t.Context(), time.Hour)
	problem, ok := errors.AsType[*whip.Error](err)
	if !ok || problem.Code() != whip.CodeBrokenOff || problem.Hint() == "" {
		t.Fatalf("%T %v", err, err)
	}
	if s.Err() == nil {
		t.Error("no reason is kept")
	}
	s.End(t.Context())
	if err := server.Deleted(); err != nil {
		t.Error(err)
	}
}

// TestCanceled: a caller that gave up can still end the session.
func TestCanceled(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{})
	s := begin(t, server, func(o *show.Options) { o.Clock = nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if result := s.End(ctx); result.Unended != nil {
		t.Error(result.Unended)
	}
	if err := server.Deleted(); err != nil {
		t.Error(err)
	}
}

// TestServers: servers that begin the handshake themselves, or only answer
// checks, are as good.
func TestServers(t *testing.T) {
	for name, o := range map[string]whiptest.Options{"active": {Active: true}, "ICE lite": {Lite: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := whiptest.New(t, o)
			begin(t, server, nil)
			received(t, server, 20)
		})
	}
}

// TestLag: a machine that slept goes on from where it was.
func TestLag(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{})
	clock := &sleepyClock{fastClock: newFastClock(10)}
	s := begin(t, server, func(o *show.Options) { o.Clock = clock })
	if err := s.Wait(t.Context(), 3*time.Second); err != nil {
		t.Fatal(err)
	}
	if sent := s.Sent(); sent > time.Minute {
		t.Errorf("%s were sent, with the hour that was slept through", sent)
	}
}

// sleepyClock jumps by an hour after a second.
type sleepyClock struct{ *fastClock }

func (c *sleepyClock) Now() time.Time {
	now := c.fastClock.Now()
	if now.Sub(c.begun) > time.Second {
		return now.Add(time.Hour)
	}
	return now
}

func (c *sleepyClock) Sleep(ctx context.Context, until time.Time) error {
	if wait := until.Sub(c.Now()); wait > 0 {
		return c.fastClock.Sleep(ctx, c.fastClock.Now().Add(wait))
	}
	return ctx.Err()
}

func TestRefused(t *testing.T) {
	for name, o := range map[string]show.Options{
		"odd size":    {Width: 321, Height: 180},
		"framerate":   {Width: 320, Height: 180, Framerate: 100},
		"no endpoint": {Width: 320, Height: 180},
	} {
		if s, err := show.Begin(t.Context(), o); err == nil {
			s.End(t.Context())
			t.Errorf("%s: a show began", name)
		}
	}
}
