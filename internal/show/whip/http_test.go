package whip_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/show/whip"
)

// web answers requests by URL, on hosts that are not there, and keeps what it was
// asked.
type web struct {
	answers map[string]*http.Response
	asked   []string
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	line := r.Method + " " + r.URL.String()
	if r.Header.Get("Authorization") == "Bearer secret" {
		line += " +token"
	}
	w.asked = append(w.asked, line)
	response, ok := w.answers[r.Method+" "+r.URL.String()]
	if !ok {
		return nil, errors.New("no such host")
	}
	response.Request = r
	return response, nil
}

func respond(status int, header, body string) *http.Response {
	r := &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for line := range strings.Lines(header) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		r.Header.Set(name, value)
	}
	return r
}

// dial dials and expects an error.
func dial(t *testing.T, ctx context.Context, o whip.Options) *whip.Error {
	t.Helper()
	if o.Token == "" {
		o.Token = "secret"
	}
	s, err := whip.Dial(ctx, o)
	if err == nil {
		_ = s.Close(ctx)
		t.Fatal("there is a session")
	}
	problem, ok := errors.AsType[*whip.Error](err)
	if !ok {
		t.Fatalf("%T %v", err, err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the token is in %q", err)
	}
	return problem
}

const global = "https://global.whip.live-video.net/v1"

// TestRedirects: the token goes where it may, and nowhere else.
func TestRedirects(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint, location string
		followed           bool
	}{
		"a named host":          {global, "https://a1.us-east-1.live-video.net/x", true},
		"its port":              {global, "https://a1.live-video.net:443/x", true},
		"other case":            {global, "https://A1.LIVE-VIDEO.NET/x", true},
		"the same host":         {global, "/x", true},
		"an exact name":         {global, "https://other.example/x", true},
		"another host":          {global, "https://evil.example/x", false},
		"a name within":         {global, "https://live-video.net.evil.example/x", false},
		"a name that ends so":   {global, "https://evil-live-video.net/x", false},
		"the name itself":       {global, "https://live-video.net/x", false},
		"below an exact name":   {global, "https://a.other.example/x", false},
		"http":                  {global, "http://a1.live-video.net/x", false},
		"another port":          {global, "https://a1.live-video.net:8443/x", false},
		"a user":                {global, "https://u:p@a1.live-video.net/x", false},
		"a user who is a host":  {global, "https://a1.live-video.net@evil.example/x", false},
		"loopback from outside": {global, "http://127.0.0.1:8080/x", false},
		"localhost":             {global, "https://localhost/x", false},
		"another scheme":        {global, "file:///x", false},
		"loopback to loopback":  {"http://127.0.0.1:1/v1", "http://[::1]:2/x", true},
		"loopback to localhost": {"http://127.0.0.1:1/v1", "http://localhost:2/x", true},
		"loopback to outside":   {"http://127.0.0.1:1/v1", "http://evil.example/x", false},
		"loopback to a host":    {"http://127.0.0.1:1/v1", "https://a1.live-video.net/x", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := &web{answers: map[string]*http.Response{
				"POST " + c.endpoint: respond(307, "Location: "+c.location, ""),
			}}
			problem := dial(t, t.Context(), whip.Options{
				Endpoint: c.endpoint, HTTP: w, Hosts: []string{"*.live-video.net", "other.example"},
			})
			want := []string{"POST " + c.endpoint + " +token"}
			code := whip.CodeRedirectRefused
			if c.followed {
				location := c.location
				if location == "/x" {
					location = "https://global.whip.live-video.net/x"
				}
				want = append(want, "POST "+location+" +token")
				code = whip.CodeUnreachable
			}
			if !slices.Equal(w.asked, want) {
				t.Errorf("asked %q, want %q", w.asked, want)
			}
			if problem.Code() != code {
				t.Errorf("%s: %v, want %s", problem.Code(), problem, code)
			}
		})
	}
}

// TestSessionElsewhere: a session's URL that leads astray is not even asked to
// end the session.
func TestSessionElsewhere(t *testing.T) {
	w := &web{answers: map[string]*http.Response{
		"POST " + global: respond(201, "Content-Type: application/sdp\nLocation: https://evil.example/s", "v=0"),
	}}
	problem := dial(t, t.Context(), whip.Options{Endpoint: global, HTTP: w})
	if problem.Code() != whip.CodeRedirectRefused || len(w.asked) != 1 {
		t.Errorf("%v, asked %q", problem, w.asked)
	}
}

// TestTokenInAURL: nor is it told where a server wants it to go.
func TestTokenInAURL(t *testing.T) {
	w := &web{answers: map[string]*http.Response{"POST " + global: respond(307, "Location: https://evil.example/secret", "")}}
	if problem := dial(t, t.Context(), whip.Options{Endpoint: global, HTTP: w}); !strings.Contains(problem.Error(), "evil.example/[token]") {
		t.Error(problem)
	}
}

// TestAnswers: each answer that is no success has its code, and a session that
// was begun is ended.
func TestAnswers(t *testing.T) {
	session := "Content-Type: application/sdp\nLocation: s/1?x=y"
	for name, c := range map[string]struct {
		response *http.Response
		code     string
		says     string
		deleted  bool
	}{
		"token":          {respond(401, "x-amzn-RequestId: r-1", "the token\n\x1b[31m expired"), whip.CodeTokenRefused, "Unauthorized: the token [31m expired", false},
		"echo":           {respond(400, "", "POST /v1 Authorization: Bearer secret"), whip.CodeOfferRefused, "Bearer [token]", false},
		"forbidden":      {respond(403, "", ""), whip.CodeTokenRefused, "HTTP Forbidden", false},
		"codec":          {respond(406, "", "no H.264"), whip.CodeOfferRefused, "no H.264", false},
		"type":           {respond(415, "", ""), whip.CodeOfferRefused, "", false},
		"not there":      {respond(404, "", ""), whip.CodeRequestRefused, "", false},
		"too many":       {respond(429, "", ""), whip.CodeServerError, "", false},
		"server":         {respond(503, "", strings.Repeat("long ", 100)), whip.CodeServerError, "…", false},
		"only OK":        {respond(200, session, "v=0"), whip.CodeInvalidAnswer, "OK", false},
		"moved":          {respond(302, "Location: /x", ""), whip.CodeInvalidAnswer, "Found", false},
		"loop":           {respond(307, "Location: "+global, ""), whip.CodeInvalidAnswer, "more than 10 redirects", false},
		"nowhere":        {respond(307, "", ""), whip.CodeInvalidAnswer, "where to", false},
		"no session URL": {respond(201, "Content-Type: application/sdp", "v=0"), whip.CodeInvalidAnswer, "Location", false},
		"another type":   {respond(201, "Content-Type: text/html\nLocation: s/1?x=y", "v=0"), whip.CodeInvalidAnswer, "text/html", true},
		"too long":       {respond(201, session, strings.Repeat("a", 70_000)), whip.CodeInvalidAnswer, "more than 65536 bytes", false},
		"no SDP":         {respond(201, session, "hello"), whip.CodeInvalidAnswer, "no SDP", true},
	} {
		t.Run(name, func(t *testing.T) {
			end := "DELETE https://global.whip.live-video.net/s/1?x=y"
			w := &web{answers: map[string]*http.Response{
				"POST " + global: c.response,
				end:              respond(200, "", ""),
			}}
			problem := dial(t, t.Context(), whip.Options{Endpoint: global, HTTP: w})
			if problem.Code() != c.code || !strings.Contains(problem.Error(), c.says) {
				t.Errorf("%s: %v, want %s, %q", problem.Code(), problem, c.code, c.says)
			}
			if got := slices.Contains(w.asked, end+" +token"); got != c.deleted {
				t.Errorf("asked %q, want the session deleted: %t", w.asked, c.deleted)
			}
			if problem.Status != 0 && problem.Status != c.response.StatusCode {
				t.Errorf("status %d", problem.Status)
			}
			if name == "token" && (problem.RequestID() != "r-1" || problem.Hint() == "") {
				t.Errorf("request id %q, hint %q", problem.RequestID(), problem.Hint())
			}
		})
	}
}

// TestNoConnection: what cannot be asked is told apart.
func TestNoConnection(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that the client has gone
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		o    whip.Options
		code string
		says string
	}{
		"no answer":   {t.Context(), whip.Options{Endpoint: silent.URL, AnswerTimeout: 30 * time.Millisecond}, whip.CodeNoAnswer, "no answer in 30ms"},
		"nobody":      {t.Context(), whip.Options{Endpoint: "http://" + closed.Addr().String()}, whip.CodeUnreachable, "refused"},
		"canceled":    {canceled, whip.Options{Endpoint: silent.URL}, whip.CodeCanceled, "given up"},
		"expired":     {expired, whip.Options{Endpoint: silent.URL}, whip.CodeNoAnswer, "not done in the time given"},
		"no URL":      {t.Context(), whip.Options{Endpoint: "whip"}, whip.CodeNotSent, "no URL"},
		"bad URL":     {t.Context(), whip.Options{Endpoint: "http://[::1"}, whip.CodeNotSent, "no URL"},
		"plain http":  {t.Context(), whip.Options{Endpoint: "http://whip.example/v1"}, whip.CodeRedirectRefused, "not https"},
		"a bad token": {t.Context(), whip.Options{Endpoint: global, Token: "a\r\nb"}, whip.CodeNotSent, "characters"},
	} {
		t.Run(name, func(t *testing.T) {
			problem := dial(t, c.ctx, c.o)
			if problem.Code() != c.code || !strings.Contains(problem.Error(), c.says) {
				t.Errorf("%s: %v, want %s, %q", problem.Code(), problem, c.code, c.says)
			}
			if strings.Contains(problem.Error(), "POST") {
				t.Errorf("%q tells the request twice", problem)
			}
		})
	}
}
