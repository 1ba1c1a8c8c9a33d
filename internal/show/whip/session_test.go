package whip_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/show/whip"
	"github.com/yolo-live/yolo/internal/show/whiptest"
)

// TestToken: the token is sent with every request, to the end of the redirects
// and with the DELETE.
func TestToken(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{Token: "secret"})
	s, err := whip.Dial(t.Context(), whip.Options{Endpoint: server.URL, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("a second close: %v", err)
	}
	requests, tokens := server.Requests()
	if got := strings.Join(requests, ", "); got != "POST /global, POST /regional, POST /whip, DELETE /session/1" {
		t.Errorf("requests %s", got)
	}
	for i, token := range tokens {
		if token != "Bearer secret" {
			t.Errorf("request %d carries %q", i, token)
		}
	}
	if err := s.WriteVideo([]byte{0, 0, 0, 1, 0x65, 1}, 0); err == nil {
		t.Error("written to a session that was ended")
	}
}

// TestExpiredToken: the server's own words come back.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{Token: "another"})
	problem := dial(t, t.Context(), whip.Options{Endpoint: server.URL})
	if problem.Code() != whip.CodeTokenRefused || !strings.Contains(problem.Error(), "the token has expired") {
		t.Errorf("%s: %v", problem.Code(), problem)
	}
}

// TestOtherCodec: a server without H.264 refuses the offer.
func TestOtherCodec(t *testing.T) {
	t.Parallel()
	server := whiptest.New(t, whiptest.Options{OnlyVP8: true})
	problem := dial(t, t.Context(), whip.Options{Endpoint: server.URL})
	if problem.Code() != whip.CodeOfferRefused {
		t.Errorf("%s: %v", problem.Code(), problem)
	}
}

// TestBrokenAnswers: an answer that leads nowhere ends with its reason, and the
// session is deleted.
func TestBrokenAnswers(t *testing.T) {
	nobody, err := net.ListenPacket("udp4", "127.0.0.1:0") // takes packets, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nobody.Close() })
	_, port, _ := net.SplitHostPort(nobody.LocalAddr().String())
	replace := func(pattern, with string) func(string) string {
		return func(sdp string) string { return regexp.MustCompile(pattern).ReplaceAllString(sdp, with) }
	}
	candidate := `a=candidate:[^\r\n]*\r\n`
	for name, c := range map[string]struct {
		answer func(string) string
		code   string
		says   string
	}{
		"UDP blocked": {func(sdp string) string {
			sdp = replace(candidate, "")(sdp)
			return replace(`(a=ice-ufrag)`, "a=candidate:1 1 udp 1 127.0.0.1 "+port+" typ host\r\n$1")(sdp)
		}, whip.CodeUDPBlocked, "no answer over UDP from 127.0.0.1:" + port},
		"another password":    {replace(`a=ice-pwd:.*`, "a=ice-pwd:0123456789012345678901"), whip.CodeUDPBlocked, "no answer over UDP"},
		"no candidate":        {replace(candidate, ""), whip.CodeInvalidAnswer, "no UDP address"},
		"another certificate": {replace(`(sha-256 )..:`, "${1}00:00:"), whip.CodeNotSecured, "certificate is not the one"},
		"no H.264":            {replace(`m=video 9`, "m=video 0"), whip.CodeOfferRefused, "takes no H.264"},
		"no Opus":             {replace(`m=audio 9`, "m=audio 0"), whip.CodeOfferRefused, "takes no Opus"},
		"sends itself":        {replace(`a=recvonly`, "a=sendonly"), whip.CodeOfferRefused, "does not want to receive"},
		"one track":           {replace(`(?s)m=video.*`, ""), whip.CodeInvalidAnswer, "one audio and one video"},
		"mode 0":              {replace(`packetization-mode=1`, "packetization-mode=0"), whip.CodeInvalidAnswer, "no payload type for h264"},
		"two connections":     {replace(`a=group:BUNDLE 0 1`, "a=group:BUNDLE 0"), whip.CodeInvalidAnswer, "for each track"},
		"RTCP apart":          {replace(`a=rtcp-mux`, "a=x"), whip.CodeInvalidAnswer, "RTCP"},
		"no fingerprint":      {replace(`a=fingerprint`, "a=x"), whip.CodeInvalidAnswer, "fingerprint"},
		"no credentials":      {replace(`a=ice-ufrag`, "a=x"), whip.CodeInvalidAnswer, "ICE credentials"},
		"no role":             {replace(`a=setup:.*`, "a=setup:actpass"), whip.CodeInvalidAnswer, `setup "actpass`},
		"endless":             {func(sdp string) string { return sdp + strings.Repeat("a=x\r\n", 2000) }, whip.CodeInvalidAnswer, "lines"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := whiptest.New(t, whiptest.Options{Answer: c.answer, Lite: true}) // or it would find the way itself
			problem := dial(t, t.Context(), whip.Options{Endpoint: server.URL, ConnectTimeout: 500 * time.Millisecond})
			if problem.Code() != c.code || !strings.Contains(problem.Error(), c.says) {
				t.Errorf("%s: %v, want %s, %q", problem.Code(), problem, c.code, c.says)
			}
			if err := server.Deleted(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestUnended: that the session may still be there is told; that it is gone
// already is no matter.
func TestUnended(t *testing.T) {
	for status, code := range map[int]string{204: "", 404: "", 410: "", 500: whip.CodeServerError, 401: whip.CodeTokenRefused} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := whiptest.New(t, whiptest.Options{})
			target, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			target.Path = ""
			through := httputil.NewSingleHostReverseProxy(target)
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					w.WriteHeader(status)
					return
				}
				through.ServeHTTP(w, r)
			}))
			t.Cleanup(web.Close)
			s, err := whip.Dial(t.Context(), whip.Options{Endpoint: web.URL + "/whip", Token: "secret"})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			err = s.Close(t.Context())
			if problem, ok := errors.AsType[*whip.Error](err); ok {
				got = problem.Code()
			}
			if got != code {
				t.Errorf("%v, want %q", err, code)
			}
		})
	}
}
