package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/camera"
	"github.com/yolo-live/yolo/internal/emulator/film"
)

// noRedirect shows a redirect instead of following it.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// whipRequest sends a request to the WHIP endpoint, and returns the answer and
// its text.
func whipRequest(t *testing.T, method, url, token, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for n := 0; n < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	client := http.Client{CheckRedirect: noRedirect}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text := new(strings.Builder)
	if _, err := io.Copy(text, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer, text.String()
}

func TestWHIPOverHTTP(t *testing.T) {
	s := newShow(t, start(t, emulator.Options{Clock: standing()}))
	out, err := s.ivs.CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{
		StageArn: &s.stage, Capabilities: []ivstypes.ParticipantTokenCapability{"SUBSCRIBE"},
	})
	s.must(err)
	token, viewer := s.token(), *out.ParticipantToken.Token
	offer := camera.New(t, camera.Options{}).Offer()
	local := []string{"Origin", "http://localhost:3000"}
	for name, test := range map[string]struct {
		method, path, token, body string
		headers                   []string
		status                    int
		header, value             string
		says                      string
	}{
		"the global endpoint":         {"POST", "", token, offer, nil, 307, "Location", s.URL + "/_whip/us-east-1", ""},
		"without a token":             {"POST", "", "", offer, nil, 401, "Www-Authenticate", "Bearer", "a participant token of IVS"},
		"with another scheme":         {"POST", "", "", offer, []string{"Authorization", "Basic " + token}, 401, "", "", "a participant token of IVS"},
		"with a token of no stage":    {"POST", "", "x.y.z", offer, nil, 401, "", "", "a participant token of IVS"},
		"the region, without a token": {"POST", "/us-east-1", "", offer, nil, 401, "Www-Authenticate", "Bearer", "no participant token"},
		"another region":              {"POST", "/eu-west-1", token, offer, nil, 401, "", "", "is in us-east-1, not in eu-west-1"},
		"a viewer's token":            {"POST", "/us-east-1", viewer, offer, nil, 401, "", "", "does not allow publishing"},
		"another type":                {"POST", "/us-east-1", token, offer, []string{"Content-Type", "application/json"}, 415, "", "", "application/sdp"},
		"no type":                     {"POST", "/us-east-1", token, offer, []string{"Content-Type", ""}, 415, "", "", "application/sdp"},
		"no SDP":                      {"POST", "/us-east-1", token, "hello", nil, 400, "Content-Type", "text/plain; charset=utf-8", "v=0"},
		"VP8":                         {"POST", "/us-east-1", token, camera.New(t, camera.Options{Video: "video/VP8"}).Offer(), nil, 422, "", "", "offers VP8"},
		"PCMU":                        {"POST", "/us-east-1", token, camera.New(t, camera.Options{Audio: "audio/PCMU"}).Offer(), nil, 422, "", "", "offers PCMU"},
		"the type with parameters":    {"POST", "/us-east-1", token, "hello", []string{"Content-Type", "application/sdp; charset=utf-8"}, 400, "", "", "v=0"},
		"reading it":                  {"GET", "", token, "", nil, 405, "Allow", "POST, DELETE, OPTIONS", ""},
		"candidates one by one":       {"PATCH", "/us-east-1/x", token, "a=candidate", nil, 405, "Allow", "POST, DELETE, OPTIONS", ""},
		"ending what is not there":    {"DELETE", "/us-east-1/x", token, "", nil, 404, "", "", "no such connection"},
		"ending without a token":      {"DELETE", "/us-east-1/x", "", "", nil, 401, "", "", ""},
		"ending a region":             {"DELETE", "/us-east-1", token, "", nil, 405, "", "", ""},
		"too deep":                    {"POST", "/us-east-1/x/y", token, offer, nil, 405, "", "", ""},
		"a page asks first":           {"OPTIONS", "", "", "", local, 204, "Access-Control-Allow-Headers", "Authorization, Content-Type", ""},
		"a page is let in":            {"OPTIONS", "/us-east-1", "", "", local, 204, "Access-Control-Allow-Origin", "http://localhost:3000", ""},
		"a page may read the errors":  {"POST", "", "", offer, local, 401, "Access-Control-Allow-Origin", "http://localhost:3000", ""},
		"a page under another name":   {"OPTIONS", "/us-east-1", "", "", append(local, "Sec-Fetch-Site", "cross-site"), 204, "Access-Control-Allow-Origin", "http://localhost:3000", ""},
		"a link of another site":      {"POST", "/us-east-1", token, offer, []string{"Sec-Fetch-Site", "cross-site"}, 403, "", "", ""},
		"a page of another site":      {"POST", "/us-east-1", token, offer, []string{"Origin", "https://evil.example"}, 403, "Access-Control-Allow-Origin", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer, text := whipRequest(t, test.method, s.whip+test.path, test.token, test.body, test.headers...)
			if answer.StatusCode != test.status || test.header != "" && answer.Header.Get(test.header) != test.value || !strings.Contains(text, test.says) {
				t.Errorf("%s %v: %s", answer.Status, answer.Header, text)
			}
		})
	}
}

func TestLeavingByWHIP(t *testing.T) {
	s := newShow(t, start(t, emulator.Options{Clock: standing()}))
	c, token := camera.New(t, camera.Options{}), s.token()
	location := c.Publish(s.whip, token)
	s.waitFor(s.session)
	if !strings.HasPrefix(location, s.URL+"/_whip/us-east-1/") {
		t.Errorf("it is at %s", location)
	}
	other := camera.New(t, camera.Options{})
	if answer := other.Post(s.whip, token, other.Offer()); answer.Status != http.StatusConflict || !strings.Contains(answer.Body, "publishes already") {
		t.Errorf("with the same token: %+v", answer)
	}
	for _, step := range []struct {
		location, token string
		want            int
	}{
		{location, s.token(), 401},
		{location + "x", token, 404},
		{location, token, 200},
		{location, token, 404},
	} {
		if got := c.Leave(step.location, step.token); got != step.want {
			t.Errorf("leaving answers %d, want %d", got, step.want)
		}
	}
	c.Ended()
	if again := camera.New(t, camera.Options{}).Publish(s.whip, token); again == location {
		t.Error("the next connection is where the last one was")
	}
}

// session tells whether anybody is on the stage.
func (s *show) session() bool {
	s.t.Helper()
	out, err := s.ivs.GetStage(s.t.Context(), &ivsrealtime.GetStageInput{Arn: &s.stage})
	s.must(err)
	return out.Stage.ActiveSessionId != nil
}

// empty tells that nobody is on the stage.
func (s *show) empty() bool { return !s.session() }

// Whoever ends it, the other side knows, and the stage is empty.
func TestEndsOfPublishing(t *testing.T) {
	for name, end := range map[string]func(s *show, c *camera.Camera){
		"the client goes": func(_ *show, c *camera.Camera) { _ = c.PC.Close() },
		"it is disconnected": func(s *show, _ *camera.Camera) {
			stage, err := s.ivs.GetStage(s.t.Context(), &ivsrealtime.GetStageInput{Arn: &s.stage})
			s.must(err)
			who, err := s.ivs.ListParticipants(s.t.Context(), &ivsrealtime.ListParticipantsInput{StageArn: &s.stage, SessionId: stage.Stage.ActiveSessionId})
			s.must(err)
			_, err = s.ivs.DisconnectParticipant(s.t.Context(), &ivsrealtime.DisconnectParticipantInput{StageArn: &s.stage, ParticipantId: who.Participants[0].ParticipantId})
			s.must(err)
		},
		"B-frames": func(s *show, c *camera.Camera) {
			c.Roll(&film.Film{Width: showWidth, Height: showHeight, B: true}, time.Second)
		},
		"1080p": func(s *show, c *camera.Camera) { c.Roll(&film.Film{Width: 1920, Height: 1080}, time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShow(t, start(t, emulator.Options{Clock: standing()}))
			c, _ := s.publisher()
			end(s, c)
			s.waitFor(s.empty)
			c.Ended()
		})
	}
}

func TestStageIsDeletedDuringTheShow(t *testing.T) {
	s := newShow(t, start(t, emulator.Options{Clock: standing()}))
	c, _ := s.publisher()
	composition := s.compose()
	c.Roll(s.film(), 5*time.Second)
	_, err := s.ivs.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{Arn: &s.stage})
	s.must(err)
	c.Ended()
	if got := s.statesOf(composition); got != "FAILED STOPPED" {
		t.Errorf("it is %s", got)
	}
	if m := s.recording(composition).metadata(t, "ended"); m.Media.HLS.Duration != 5000 {
		t.Errorf("%+v", m)
	}
}

// Media come to the process that took them in; any process over the folder ends
// them, and sees what is recorded.
func TestShowOfTwoProcesses(t *testing.T) {
	options := emulator.Options{Dir: t.TempDir(), Clock: standing()}
	s := newShow(t, start(t, options))
	other := start(t, options)
	stage, err := other.ivs.GetStage(t.Context(), &ivsrealtime.GetStageInput{Arn: &s.stage})
	s.must(err)
	if whip := *stage.Stage.Endpoints.Whip; whip != other.URL+"/_whip" || whip == s.whip {
		t.Errorf("the other process is at %s and says %s", other.URL, whip)
	}
	c, token := camera.New(t, camera.Options{}), s.token()
	location := c.Publish(*stage.Stage.Endpoints.Whip, token)
	s.waitFor(s.session)
	composition := s.compose()
	c.Roll(s.film(), 5*time.Second)
	if got := c.Leave(strings.Replace(location, other.URL, s.URL, 1), token); got != 200 {
		t.Errorf("leaving answers %d", got)
	}
	c.Ended()
	s.waitFor(s.empty)
	s.stop(composition)
	if m := s.recording(composition).metadata(t, "ended"); m.Media.HLS.Duration != 5000 {
		t.Errorf("%+v", m)
	}
}

// Faults strike WHIP as they strike AWS.
func TestFaultsOfWHIP(t *testing.T) {
	s := newShow(t, start(t, emulator.Options{Clock: standing()}))
	offer, token := camera.New(t, camera.Options{}).Offer(), s.token()
	s.Fault("service=whip op=Publish code=InternalFailure times=1")
	if answer, text := whipRequest(t, http.MethodPost, s.whip+"/us-east-1", token, offer); answer.StatusCode != 500 || text == "" {
		t.Errorf("%s %s", answer.Status, text)
	}
	s.Fault("service=whip op=GetRegion region=us-east-1 code=Throttling status=429 times=1")
	if answer, _ := whipRequest(t, http.MethodPost, s.whip, token, offer); answer.StatusCode != 429 {
		t.Errorf("%s, want 429", answer.Status)
	}
	s.Fault("op=Publish no-media times=1")
	lost := camera.New(t, camera.Options{})
	if answer := lost.Post(s.whip, token, lost.Offer()); answer.Status != 201 {
		t.Errorf("%+v", answer)
	} else if s.session() {
		t.Error("somebody is on the stage whose media are lost")
	}
	var called []string
	for _, call := range s.Calls() {
		if call.Service == "whip" {
			called = append(called, call.Operation)
		}
	}
	if got := strings.Join(called, " "); got != "Publish GetRegion GetRegion Publish" {
		t.Errorf("called %s", got)
	}
}

// The emulator ends while somebody publishes, and a composition goes on.
func TestEndOfTheEmulatorDuringAShow(t *testing.T) {
	options := emulator.Options{Dir: t.TempDir(), Clock: standing()}
	server, err := emulator.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newShow(t, start(t, options))
	c := camera.New(t, camera.Options{})
	c.Publish(listener.URL+"/_whip", s.token())
	s.waitFor(s.session)
	composition := s.compose()
	c.Roll(s.film(), 3*time.Second)
	if err := errors.Join(listener.Shutdown(t.Context()), server.Close()); err != nil {
		t.Fatal(err)
	}
	c.Ended()
	if s.session() {
		t.Error("somebody is on the stage")
	}
	s.Advance(62 * time.Second)
	if got := s.statesOf(composition); got != "STOPPED STOPPED" {
		t.Errorf("it is %s", got)
	}
	if m := s.recording(composition).metadata(t, "ended"); m.Media.HLS.Duration != 3000 {
		t.Errorf("%+v", m)
	}
}

// A process that is killed in mid-show leaves nobody on the stage.
func TestKilledDuringAShow(t *testing.T) {
	dir := t.TempDir()
	s := newShow(t, start(t, emulator.Options{Dir: dir}))
	child := startProcess(t, dir)
	c := camera.New(t, camera.Options{})
	c.Publish(child.url+"/_whip", s.token())
	s.waitFor(s.session)
	composition := s.compose()
	c.Roll(s.film(), 5*time.Second)
	_ = child.kill()
	child.wait()
	s.waitFor(s.empty)
	s.Advance(63 * time.Second)
	if got := s.statesOf(composition); got != "STOPPED STOPPED" {
		t.Errorf("it is %s", got)
	}
	if m := s.recording(composition).metadata(t, "ended"); m.Media.HLS.Duration < 2000 || m.Media.HLS.Duration > 5000 {
		t.Errorf("%+v", m)
	}
}

// What IVS writes goes through faults, too.
func TestFaultsOfARecording(t *testing.T) {
	s := newShow(t, start(t, emulator.Options{Clock: standing()}))
	c, leave := s.publisher()
	composition := s.compose()
	c.Roll(s.film(), 3*time.Second)
	s.Fault("service=s3 op=PutObject code=SlowDown times=1")
	s.Fault("service=s3 op=PutObject reset skip=1 times=1")
	c.Roll(s.film(), 6*time.Second)
	leave()
	s.stop(composition)
	for _, f := range s.Server.Faults() {
		if f.Struck != 1 {
			t.Errorf("%s struck %d times", f.Kind, f.Struck)
		}
	}
	if m := s.recording(composition).metadata(t, "ended"); m.Media.HLS.Duration != 9000 {
		t.Errorf("%+v", m)
	}
	other := s.compose()
	s.Fault("service=s3 op=PutObject code=AccessDenied")
	d, _ := s.publisher()
	d.Roll(s.film(), 3*time.Second)
	if got := s.statesOf(other); got != "FAILED FAILED" {
		t.Errorf("it is %s", got)
	}
}

// FuzzWHIP sends what no client would. It is the client's mistake, and answered
// as such.
func FuzzWHIP(f *testing.F) {
	f.Add("POST", "", "Bearer eyJ9.eyJyZXNvdXJjZSI6ImFybjphd3M6aXZzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6c3RhZ2UveCIsImp0aSI6IngifQ.x", "v=0", "application/sdp")
	f.Add("POST", "/us-east-1", "Bearer a.b.c", "v=0", "application/sdp")
	f.Add("DELETE", "/us-east-1/x", "bearer x", "", "")
	f.Add("OPTIONS", "/%00/", "Basic", "", ";")
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = server.Close() })
	f.Fuzz(func(t *testing.T, method, path, authorization, body, kind string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost/_whip"+path, strings.NewReader(body))
		if err != nil || request.URL.Host != "localhost" || !strings.HasPrefix(request.URL.Path, "/_whip") {
			t.Skip("no request for WHIP")
		}
		request.Header.Set("Authorization", authorization)
		request.Header.Set("Content-Type", kind)
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		if recorder.Code >= http.StatusInternalServerError && recorder.Code != http.StatusNotImplemented {
			t.Errorf("%s %q %q %q: %d %s", method, path, authorization, body, recorder.Code, recorder.Body)
		}
	})
}
