// Package whip publishes one H.264 and one Opus track to a WebRTC server with
// WHIP (RFC 9725): the offer over HTTP, the media over UDP, and the end over HTTP
// again. It knows neither the picture nor the sound.
//
// It is built on DTLS and SRTP directly and not on a whole WebRTC library: that
// one brings data channels, TURN and congestion control, and with them 2.8 MB
// more of binary. Start at Dial.
package whip

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/show/ice"
)

// Options say where and what to publish.
type Options struct {
	// Endpoint is the WHIP URL, Token the bearer token that it wants.
	Endpoint, Token string
	// Hosts are those beside the endpoint's own to which redirects and the
	// session's URL may lead, and the token be sent: names, or "*." and a name for
	// all below it.
	Hosts []string
	// ProfileLevelID is the H.264 stream's, as in SDP; "" is 42e01f.
	ProfileLevelID string
	// HTTP makes the requests; nil is a transport of net/http's defaults.
	HTTP http.RoundTripper
	// AnswerTimeout bounds each HTTP request, ConnectTimeout the way to the first
	// packet. 0 is 10 and 15 s.
	AnswerTimeout, ConnectTimeout time.Duration
	// Now is the clock of the reports that tie audio to video; nil is time.Now.
	Now func() time.Time
}

const (
	defaultAnswerTimeout  = 10 * time.Second
	defaultConnectTimeout = 15 * time.Second
	// farewellTimeout bounds the requests that end a session, whatever happened
	// before.
	farewellTimeout = 5 * time.Second
)

// Session is a session at the server. Its methods are safe for concurrent use,
// but the writes of one track must follow each other.
type Session struct {
	http     *requester
	resource *url.URL // nil before the server named it
	agent    *ice.Agent
	link     *link
	over     chan struct{}

	mu    sync.Mutex
	ended bool
	err   error
}

// Dial offers the tracks, connects and returns the session when media can be
// written. It must be closed. Errors are *Error; a session that the server had
// begun by then has been ended again.
func Dial(ctx context.Context, o Options) (*Session, error) {
	o = o.withDefaults()
	requests, err := newRequester(o)
	if err != nil {
		return nil, err
	}
	certificate, err := newCertificate()
	if err != nil {
		return nil, problem(CodeNotSent, "make a certificate", err)
	}
	s := &Session{http: requests, over: make(chan struct{})}
	s.link = newLink(o.Now)
	if s.agent, err = ice.Open(s.link.receive); err != nil {
		return nil, problem(CodeNotSent, "open a UDP socket", err)
	}
	if err := s.begin(ctx, o, certificate); err != nil {
		s.endQuietly(ctx)
		return nil, err
	}
	go s.watch()
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.ProfileLevelID == "" {
		o.ProfileLevelID = "42e01f"
	}
	if o.AnswerTimeout == 0 {
		o.AnswerTimeout = defaultAnswerTimeout
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = defaultConnectTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (s *Session) begin(ctx context.Context, o Options, certificate tls.Certificate) error {
	local := offer{
		credentials: s.agent.Local(), candidates: s.agent.Candidates(s.http.onLoopback()),
		fingerprint: fingerprintOf(certificate.Certificate[0]), profileLevelID: o.ProfileLevelID,
		audioSSRC: s.link.audio.ssrc, videoSSRC: s.link.video.ssrc, name: s.link.name,
	}
	text, resource, err := s.http.post(ctx, local.String())
	s.resource = resource
	if err != nil {
		return err
	}
	remote, err := parseAnswer(text)
	if err != nil {
		return problem(CodeInvalidAnswer, "read the answer of "+s.http.endpoint.Host, err)
	}
	if remote.refused != "" {
		return problem(CodeOfferRefused, "publish to "+s.http.endpoint.Host, errors.New(remote.refused))
	}
	connecting, cancel := context.WithTimeout(ctx, o.ConnectTimeout)
	defer cancel()
	if err := s.agent.Connect(connecting, remote.credentials, remote.candidates); err != nil {
		return connectProblem(ctx, err)
	}
	if err := s.link.secure(connecting, s.agent.Write, certificate, remote); err != nil {
		return securityProblem(ctx, err)
	}
	return nil
}

// watch waits for the session's end from outside.
func (s *Session) watch() {
	var err error
	select {
	case <-s.agent.Done():
		err = s.agent.Err()
	case <-s.link.over:
		err = errors.New("the server ended the session")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.err = problem(CodeBrokenOff, "publish to "+s.resource.Host, err)
	}
	close(s.over)
}

// Done is closed when nothing more can be sent. Err then says why.
func (s *Session) Done() <-chan struct{} { return s.over }

// Err is the *Error that broke the session off, nil while it goes on and after
// Close.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// WriteVideo sends an access unit with start codes (Annex B) that is shown at
// that time of the session; WriteAudio sends an Opus packet. Packets that are
// lost on the way are no error; see Stats.
func (s *Session) WriteVideo(accessUnit []byte, at time.Duration) error {
	return s.written(s.link.writeVideo(accessUnit, at))
}

// WriteAudio is described at WriteVideo.
func (s *Session) WriteAudio(packet []byte, at time.Duration) error {
	return s.written(s.link.writeAudio(packet, at))
}

func (s *Session) written(err error) error {
	if err == nil {
		return nil
	}
	if broken := s.Err(); broken != nil {
		return broken
	}
	return problem(CodeBrokenOff, "send to "+s.resource.Host, err)
}

// KeyframeWanted reports whether the server asked for a keyframe since the last
// call.
func (s *Session) KeyframeWanted() bool { return s.link.keyframe.Swap(false) }

// Stats returns what was sent so far.
func (s *Session) Stats() Stats { return s.link.stats() }

// Close says goodbye and ends the session at the server, also when ctx is done
// already. The error, an *Error, is that the server may still hold the session;
// a session that it does not know any more is ended.
func (s *Session) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return nil
	}
	s.ended = true
	s.mu.Unlock()
	return s.end(ctx)
}

// end sends the DELETE last, so that what was written before is still played.
func (s *Session) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTimeout)
	defer cancel()
	s.link.farewell()
	var err error
	if s.resource != nil {
		err = s.http.delete(ctx, s.resource)
	}
	s.link.close()
	s.agent.Close()
	return err
}

// endQuietly ends a session that did not come to be. Its own error is what
// counts.
func (s *Session) endQuietly(ctx context.Context) { _ = s.end(ctx) }
