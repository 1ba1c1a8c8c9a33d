package emulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// get reads what a browser would.
func get(t *testing.T, url string) (answer *http.Response, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err = http.DefaultClient.Do(request); err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// recorded is a show of five seconds, and where its recording is.
func recorded(t *testing.T) (s *show, prefix string) {
	t.Helper()
	s = newShow(t, start(t, emulator.Options{Clock: standing()}))
	c, leave := s.publisher()
	composition := s.compose()
	c.Roll(s.film(), 5*time.Second)
	leave()
	s.stop(composition)
	return s, *composition.Destinations[0].Detail.S3.RecordingPrefix
}

func TestRecordingForPlayers(t *testing.T) {
	s, prefix := recorded(t)
	base := s.URL + "/_yolo/recordings/" + recordings + "/" + prefix
	for _, test := range []struct {
		url    string
		status int
		kind   string
		begins string
	}{
		{s.URL + "/_yolo/play?bucket=b&prefix=p", 200, "text/html; charset=utf-8", "<!doctype html>"},
		{s.URL + "/_yolo/player.js", 200, "text/javascript; charset=utf-8", "// Plays"},
		{base + "/media/hls/multivariant.m3u8", 200, "application/vnd.apple.mpegurl", "#EXTM3U"},
		{base + "/events/recording-ended.json", 200, "application/json", `{"version":"v1"`},
		{base + "/events/recording-failed.json", 404, "text/plain; charset=utf-8", "there is no such object"},
		{s.URL + "/_yolo/recordings/nothing/x", 404, "text/plain; charset=utf-8", "there is no such object"},
	} {
		answer, text := get(t, test.url)
		if answer.StatusCode != test.status || answer.Header.Get("Content-Type") != test.kind || !strings.HasPrefix(text, test.begins) {
			t.Errorf("%s: %s %s %.40q", test.url, answer.Status, answer.Header.Get("Content-Type"), text)
		}
	}
}

// tellEnd has the page tell the test when it has played to its end, in less time
// than that takes.
const tellEnd = `
const state = document.getElementById('state')
document.getElementById('video').defaultPlaybackRate = 4
new MutationObserver(() => {
  if (/^(Played|It|There)/.test(state.textContent)) fetch('told', { method: 'POST', body: state.textContent })
}).observe(state, { childList: true })
`

// between is the emulator, but what its page says at the end comes to told.
func between(t *testing.T, target string, told chan<- string) string {
	t.Helper()
	at, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", httputil.NewSingleHostReverseProxy(at))
	mux.HandleFunc("POST /_yolo/told", func(_ http.ResponseWriter, h *http.Request) {
		body, _ := io.ReadAll(h.Body)
		told <- string(body)
	})
	mux.HandleFunc("GET /_yolo/player.js", func(w http.ResponseWriter, _ *http.Request) {
		_, script := get(t, target+"/_yolo/player.js")
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, script+tellEnd)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// browse has a browser show a page until the test ends, if there is one here.
func browse(t *testing.T, page string, options ...string) {
	t.Helper()
	var browser string
	for _, name := range []string{"chromium", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
		}
	}
	if browser == "" {
		t.Skip("no browser here")
	}
	dir, err := os.MkdirTemp("", "yolo-browser-")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	options = append(options, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+dir,
		"--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", page)
	cmd := exec.CommandContext(ctx, browser, options...)
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
}

// Where there is a browser, it plays the recording to the end.
func TestRecordingInABrowser(t *testing.T) {
	s, prefix := recorded(t)
	told := make(chan string, 10)
	page := between(t, s.URL, told) + "/_yolo/play?" + url.Values{"bucket": {recordings}, "prefix": {prefix}}.Encode()
	browse(t, page)
	select {
	case got := <-told:
		if want := "Played to the end: 5.0 s, 150 pictures of 320 × 180."; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	case <-time.After(3 * time.Minute):
		t.Error("it does not play to the end")
	}
}

// publishPage publishes what a browser without a camera has instead of one.
const publishPage = `<!doctype html><script>
(async () => {
  const pc = new RTCPeerConnection()
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180, frameRate: 30 }, audio: true })
  media.getVideoTracks()[0].contentHint = 'detail' // rather fewer pictures than smaller ones
  for (const track of media.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [media] })
  await pc.setLocalDescription()
  await new Promise(done => { pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done() })
  const asked = new URL(location.href).searchParams
  const answer = await fetch(asked.get('whip'), {
    method: 'POST', body: pc.localDescription.sdp, headers: { 'Content-Type': 'application/sdp', Authorization: 'Bearer ' + asked.get('token') },
  })
  const sdp = await answer.text()
  if (answer.status !== 201) throw new Error(answer.status + ' ' + sdp)
  pc.onconnectionstatechange = () => fetch('/told', { method: 'POST', body: pc.connectionState + ' ' + answer.headers.get('Location') })
  await pc.setRemoteDescription({ type: 'answer', sdp })
})().catch(e => fetch('/told', { method: 'POST', body: String(e) }))
</script>`

// Where there is a browser, a page on this machine can publish with it.
func TestBrowserPublishes(t *testing.T) {
	s := newShow(t, start(t, emulator.Options{}))
	told := make(chan string, 10)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, publishPage)
	})
	mux.HandleFunc("POST /told", func(_ http.ResponseWriter, h *http.Request) {
		body, _ := io.ReadAll(h.Body)
		told <- string(body)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	token := s.token()
	browse(t, server.URL+"/?"+url.Values{"whip": {s.whip + "/us-east-1"}, "token": {token}}.Encode(),
		"--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
	location := ""
	for location == "" {
		select {
		case got := <-told:
			if _, at, ok := strings.Cut(got, "connected http"); ok {
				location = "http" + at
			} else if !strings.HasPrefix(got, "connecting") {
				t.Fatal(got)
			}
		case <-time.After(3 * time.Minute):
			t.Fatal("the page does not connect")
		}
	}
	composition := s.compose()
	s.waitFor(func() bool { return len(s.recording(composition)) > 4 })
	if answer, _ := whipRequest(t, http.MethodDelete, location, token, ""); answer.StatusCode != 200 {
		t.Errorf("leaving answers %s", answer.Status)
	}
	s.stop(composition)
	stream, playlist := s.recording(composition).play(t)
	if len(stream.Pictures) < 20 || len(stream.Sounds) < 50 {
		t.Errorf("%d pictures and %d sounds\n%s", len(stream.Pictures), len(stream.Sounds), playlist)
	}
}
