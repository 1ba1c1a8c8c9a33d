package rtc_test

import (
	"errors"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"

	"github.com/yolo-live/yolo/internal/emulator/camera"
	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/rtc"
)

// watcher notes what comes.
type watcher struct {
	mu        sync.Mutex
	connected int
	audio     bool
	pictures  []media.Picture
	sounds    []media.Sound
	refuse    error // what it answers to the next picture
	waits     bool  // and whether it wants a key picture
	closed    chan error
}

func newWatcher() *watcher { return &watcher{closed: make(chan error, 2)} }

func (w *watcher) Connected(audio bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.connected++
	w.audio = audio
	return nil
}

func (w *watcher) Picture(p media.Picture) (wantsKey bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pictures = append(w.pictures, p)
	return w.waits, w.refuse
}

func (w *watcher) Sound(s media.Sound) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sounds = append(w.sounds, s)
	return nil
}

// seen is how many pictures came.
func (w *watcher) seen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pictures)
}

func (w *watcher) Tick() error { return nil }

func (w *watcher) Closed(why error) { w.closed <- why }

// end is why the peer ended.
func (w *watcher) end(t *testing.T) error {
	t.Helper()
	select {
	case why := <-w.closed:
		return why
	case <-time.After(time.Minute):
		t.Fatal("the peer does not end")
		return nil
	}
}

func listen(t *testing.T) *rtc.Endpoint {
	t.Helper()
	e, err := rtc.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func connect(t *testing.T, e *rtc.Endpoint, w *watcher, o camera.Options) (*camera.Camera, *rtc.Peer) {
	t.Helper()
	c := camera.New(t, o)
	answer, p, err := e.Answer(c.Offer(), w)
	if err != nil {
		t.Fatal(err)
	}
	c.Accept(answer)
	return c, p
}

func TestFilmArrives(t *testing.T) {
	for name, o := range map[string]camera.Options{
		"video and audio":        {},
		"video alone":            {Audio: "none"},
		"with a data channel":    {Data: true},
		"one NAL unit in each":   {Format: "profile-level-id=42e01f"},
		"no format, so baseline": {Format: "x-nothing=1"},
		"the unconstrained one":  {Format: "packetization-mode=1;profile-level-id=42001f"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, w := listen(t), newWatcher()
			c, _ := connect(t, e, w, o)
			c.Roll(&film.Film{Width: 1280, Height: 720}, 4*time.Second)
			if err := c.PC.Close(); err != nil {
				t.Fatal(err)
			}
			if why := w.end(t); !errors.Is(why, rtc.ErrLeft) {
				t.Errorf("it ended because of %v", why)
			}
			checkFilm(t, w, o.Audio != "none")
		})
	}
}

// checkFilm wants four seconds of film, picture for picture as it was sent.
func checkFilm(t *testing.T, w *watcher, audio bool) {
	t.Helper()
	sent := film.Film{Width: 1280, Height: 720}
	if len(w.pictures) != 120 || w.connected != 1 {
		t.Errorf("%d pictures, connected %d times, want 120 and once", len(w.pictures), w.connected)
	}
	for n, p := range w.pictures {
		if want := w.pictures[0].At + int64(n)*3000; p.At != want {
			t.Fatalf("picture %d is for %d, want %d", n, p.At, want)
		}
		if !slices.EqualFunc(p.NALs, sent.Next(), slices.Equal) {
			t.Fatalf("picture %d is not what was sent", n)
		}
	}
	if w.audio != audio {
		t.Errorf("it says audio: %t, want %t", w.audio, audio)
	}
	if want := map[bool]int{true: 200}[audio]; len(w.sounds) < want || len(w.sounds) > want+2 {
		t.Errorf("%d packets of sound, want %d", len(w.sounds), want)
	}
	for n, s := range w.sounds {
		if want := w.sounds[0].At + int64(n)*1800; s.At != want || !slices.Equal(s.Data, film.Silence()) {
			t.Fatalf("sound %d is for %d, want %d, or is another one", n, s.At, want)
		}
	}
}

func TestEndOfAPeer(t *testing.T) {
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		end  func(c *camera.Camera, p *rtc.Peer, w *watcher)
		want error
	}{
		"this side closes":  {func(_ *camera.Camera, p *rtc.Peer, _ *watcher) { p.Close() }, nil},
		"the client closes": {func(c *camera.Camera, _ *rtc.Peer, _ *watcher) { _ = c.PC.Close() }, rtc.ErrLeft},
		"the handler refuses": {func(c *camera.Camera, _ *rtc.Peer, w *watcher) {
			w.mu.Lock()
			w.refuse = boom
			w.mu.Unlock()
			c.Roll(&film.Film{Width: 320, Height: 180}, time.Second)
		}, boom},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatcher()
			c, p := connect(t, listen(t), w, camera.Options{})
			test.end(c, p, w)
			if why := w.end(t); !errors.Is(why, test.want) {
				t.Errorf("it ended because of %v, want %v", why, test.want)
			}
			c.Ended()
			p.Close()
			if len(w.closed) > 0 {
				t.Error("it was closed twice")
			}
		})
	}
}

func TestEndpointEndsItsPeers(t *testing.T) {
	e, first, second := listen(t), newWatcher(), newWatcher()
	c, p := connect(t, e, first, camera.Options{})
	if _, _, err := e.Answer(camera.New(t, camera.Options{}).Offer(), second); err != nil {
		t.Fatal(err)
	}
	e.Close()
	p.Close() // as who leaves at that moment may have it closed
	if marks := e.Marks(); marks > 0 {
		t.Errorf("it still waits for %d marks", marks)
	}
	if why := first.end(t); why != nil {
		t.Error(why)
	}
	if why := second.end(t); why != nil {
		t.Error(why)
	}
	c.Ended()
	if _, _, err := e.Answer(camera.New(t, camera.Options{}).Offer(), first); err == nil {
		t.Error("it answers although it is closed")
	}
}

// However peers ended, nothing of them goes on once their endpoints are closed.
func TestNothingGoesOn(t *testing.T) {
	patient, e := listen(t), listen(t)
	e.SetPatience(300 * time.Millisecond)
	gone, muted, never := newWatcher(), newWatcher(), newWatcher()
	c, _ := connect(t, patient, gone, camera.Options{})
	_ = c.PC.Close()
	silent := camera.New(t, camera.Options{})
	answer, p, err := e.Answer(silent.Offer(), muted)
	if err != nil {
		t.Fatal(err)
	}
	p.Mute()
	if err := silent.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Answer(camera.New(t, camera.Options{}).Offer(), never); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*watcher{gone, muted, never} {
		_ = w.end(t) // why each ended is not asked here
	}
	patient.Close()
	e.Close()
	ours := func() string {
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, one := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(one, "/internal/emulator/rtc.") {
				return one
			}
		}
		return ""
	}
	for deadline := time.Now().Add(time.Minute); ours() != ""; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it goes on:\n%s", ours())
		}
	}
}

func TestClientThatIsNotThere(t *testing.T) {
	e, w := listen(t), newWatcher()
	e.SetPatience(200 * time.Millisecond)
	if _, _, err := e.Answer(camera.New(t, camera.Options{}).Offer(), w); err != nil {
		t.Fatal(err)
	}
	if why := w.end(t); !errors.Is(why, rtc.ErrNeverCame) || w.connected > 0 {
		t.Errorf("it ended because of %v, connected %d times", why, w.connected)
	}
}

// A muted peer is one whose packets a network loses: the client's offer is
// answered, and nothing else comes.
func TestMutedPeer(t *testing.T) {
	e, w := listen(t), newWatcher()
	e.SetPatience(500 * time.Millisecond)
	c := camera.New(t, camera.Options{})
	answer, p, err := e.Answer(c.Offer(), w)
	if err != nil {
		t.Fatal(err)
	}
	p.Mute()
	if err := c.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	if why := w.end(t); !errors.Is(why, rtc.ErrNeverCame) || w.connected > 0 {
		t.Errorf("it ended because of %v, connected %d times", why, w.connected)
	}
}

// Who has another certificate than the offer says is somebody else.
func TestSomebodyElsesCertificate(t *testing.T) {
	e, w := listen(t), newWatcher()
	c := camera.New(t, camera.Options{})
	digest := regexp.MustCompile(`a=fingerprint:sha-256 ..`)
	answer, _, err := e.Answer(digest.ReplaceAllString(c.Offer(), "a=fingerprint:sha-256 XX"), w)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	if why := w.end(t); why == nil || !strings.Contains(why.Error(), "certificate") || w.connected > 0 {
		t.Errorf("it ended because of %v, connected %d times", why, w.connected)
	}
}

// A browser sends key pictures only when it is asked to.
func TestKeyPictureIsAskedFor(t *testing.T) {
	w := newWatcher()
	c, p := connect(t, listen(t), w, camera.Options{Audio: "none"})
	f := &film.Film{Width: 320, Height: 180}
	f.Next()
	deadline := time.Now().Add(time.Minute)
	for at := int64(0); c.Keys.Load() == 0; at += 3000 {
		if time.Now().After(deadline) {
			t.Fatal("no key picture is asked for")
		}
		c.Shoot(f.Next(), at)
	}
	p.Close()
	if len(w.pictures) > 0 && !w.pictures[0].Key() {
		t.Error("it hands over a picture that nobody can decode")
	}
}

// A handler that wants a key picture has it asked for, even if one came just now.
func TestKeyPictureIsWanted(t *testing.T) {
	w := newWatcher()
	w.waits = true
	c, p := connect(t, listen(t), w, camera.Options{Audio: "none"})
	const most = 2000 // key pictures, of which each is reason enough to ask for none
	for n := range most {
		f := &film.Film{Width: 320, Height: 180}
		c.Shoot(f.Next(), int64(n)*3000)
		for w.seen() <= n && len(w.closed) == 0 {
			time.Sleep(time.Millisecond)
		}
		if c.Keys.Load() > 0 {
			p.Close()
			return
		}
	}
	t.Error("no key picture is asked for")
}

// Everything is on this machine.
func TestCandidatesAreLoopback(t *testing.T) {
	answer, _, err := listen(t).Answer(camera.New(t, camera.Options{}).Offer(), newWatcher())
	if err != nil {
		t.Fatal(err)
	}
	candidates := regexp.MustCompile(`a=candidate:\d 1 udp \d+ (\S+) \d+ typ host\r\n`).FindAllStringSubmatch(answer, -1)
	for _, c := range candidates {
		if ip := net.ParseIP(c[1]); ip == nil || !ip.IsLoopback() {
			t.Errorf("the candidate %s", c[1])
		}
	}
	if len(candidates) == 0 || strings.Count(answer, "a=candidate") != len(candidates) || !strings.Contains(answer, "a=ice-lite\r\n") {
		t.Errorf("%d candidates in\n%s", len(candidates), answer)
	}
}

// What strangers send to the port changes nothing.
func TestStrangers(t *testing.T) {
	e, w := listen(t), newWatcher()
	c := camera.New(t, camera.Options{Audio: "none"})
	answer, p, err := e.Answer(c.Offer(), w)
	if err != nil {
		t.Fatal(err)
	}
	port := regexp.MustCompile(`m=video (\d+)`).FindStringSubmatch(answer)[1]
	stranger, err := net.Dial("udp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	ufrag := regexp.MustCompile(`a=ice-ufrag:(\S+)`).FindStringSubmatch(answer)[1]
	guess := stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername(ufrag+":x"), stun.NewShortTermIntegrity("guess"), stun.Fingerprint)
	nameless := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	for _, datagram := range [][]byte{guess.Raw, nameless.Raw, {}, {22}, {0x80}, {0x80, 0xc8}, make([]byte, 2000), guess.Raw[:20]} {
		if _, err := stranger.Write(datagram); err != nil {
			t.Fatal(err)
		}
	}
	c.Accept(answer)
	c.Roll(&film.Film{Width: 320, Height: 180}, time.Second)
	p.Close()
	if len(w.pictures) != 30 {
		t.Errorf("%d pictures, want 30", len(w.pictures))
	}
}
