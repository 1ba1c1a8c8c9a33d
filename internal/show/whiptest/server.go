// Package whiptest is a WHIP server for tests, made of a complete WebRTC library,
// so that the client meets an implementation that is not ours.
//
// Start at New.
package whiptest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
)

// Options change what a server does.
type Options struct {
	// Token is what it wants; "" is "secret".
	Token string
	// OnlyVP8 makes a server that knows no H.264.
	OnlyVP8 bool
	// Active makes it begin the DTLS handshake.
	Active bool
	// Lite makes it wait for checks and send none (ICE lite).
	Lite bool
	// Drop tells which received packets of media are lost.
	Drop func(*rtp.Header) bool
	// Answer changes the SDP that is sent back.
	Answer func(sdp string) string
}

// Server receives one session.
type Server struct {
	// URL is the endpoint: it redirects twice, the second time to another host
	// name of loopback.
	URL string

	options Options
	api     *webrtc.API
	tb      testing.TB

	mu        sync.Mutex
	peer      *webrtc.PeerConnection
	requests  []string
	auths     []string
	unit      []byte // the access unit that is arriving
	video     []byte
	frames    int
	times     []uint32
	audio     [][]byte
	videoSSRC uint32
	deleted   chan struct{}
}

// New starts a server, which ends with the test.
func New(tb testing.TB, o Options) *Server {
	tb.Helper()
	if o.Token == "" {
		o.Token = "secret"
	}
	s := &Server{options: o, tb: tb, deleted: make(chan struct{})}
	s.api = newAPI(tb, o)
	web := httptest.NewServer(s)
	s.URL = web.URL + "/global"
	tb.Cleanup(func() {
		web.Close()
		s.mu.Lock()
		peer := s.peer
		s.mu.Unlock()
		if peer != nil {
			_ = peer.Close()
		}
	})
	return s
}

func newAPI(tb testing.TB, o Options) *webrtc.API {
	tb.Helper()
	media := &webrtc.MediaEngine{}
	register := func(kind webrtc.RTPCodecType, mime, fmtp string, rate uint32, channels uint16, payloadType webrtc.PayloadType) {
		codec := webrtc.RTPCodecCapability{MimeType: mime, ClockRate: rate, Channels: channels, SDPFmtpLine: fmtp}
		if kind == webrtc.RTPCodecTypeVideo {
			codec.RTCPFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
		}
		must(tb, media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: codec, PayloadType: payloadType}, kind))
	}
	register(webrtc.RTPCodecTypeAudio, webrtc.MimeTypeOpus, "", 48_000, 2, 96)
	if o.OnlyVP8 {
		register(webrtc.RTPCodecTypeVideo, webrtc.MimeTypeVP8, "", 90_000, 0, 97)
	} else {
		register(webrtc.RTPCodecTypeVideo, webrtc.MimeTypeH264,
			"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 90_000, 0, 97)
	}
	must(tb, media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: "urn:ietf:params:rtp-hdrext:sdes:mid"}, webrtc.RTPCodecTypeVideo))
	interceptors := &interceptor.Registry{}
	if o.Drop != nil {
		interceptors.Add(dropper{drop: o.Drop})
	}
	must(tb, webrtc.ConfigureNack(media, interceptors))
	must(tb, webrtc.ConfigureRTCPReports(interceptors))
	engine := webrtc.SettingEngine{}
	engine.SetIncludeLoopbackCandidate(true)
	engine.SetLite(o.Lite)
	// What is dropped here was seen by SRTP already, which would take a second
	// one for an attack.
	engine.DisableSRTPReplayProtection(o.Drop != nil)
	if o.Active {
		must(tb, engine.SetAnsweringDTLSRole(webrtc.DTLSRoleClient))
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(engine))
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// ServeHTTP is the two redirects, the endpoint and the session.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	s.auths = append(s.auths, r.Header.Get("Authorization"))
	s.mu.Unlock()
	port := r.Host[strings.LastIndex(r.Host, ":"):]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.options.Token:
		http.Error(w, "the token has expired", http.StatusUnauthorized)
	case r.Method == http.MethodPost && r.URL.Path == "/global":
		http.Redirect(w, r, "/regional", http.StatusTemporaryRedirect)
	case r.Method == http.MethodPost && r.URL.Path == "/regional":
		http.Redirect(w, r, "http://localhost"+port+"/whip", http.StatusPermanentRedirect)
	case r.Method == http.MethodPost && r.URL.Path == "/whip":
		s.begin(w, r)
	case r.Method == http.MethodDelete && r.URL.Path == "/session/1":
		s.end(w)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request) {
	offer, err := io.ReadAll(r.Body)
	if err == nil {
		var answer string
		if answer, err = s.answer(string(offer)); err == nil {
			if s.options.Answer != nil {
				answer = s.options.Answer(answer)
			}
			w.Header().Set("Content-Type", "application/sdp")
			w.Header().Set("Location", "/session/1")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, answer)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusUnprocessableEntity)
}

func (s *Server) answer(offer string) (string, error) {
	peer, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.peer = peer
	s.mu.Unlock()
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { s.receive(track) })
	if err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := peer.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return peer.LocalDescription().SDP, nil
}

func (s *Server) end(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peer == nil {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	select {
	case <-s.deleted:
		http.Error(w, "no such session", http.StatusNotFound)
	default:
		close(s.deleted)
	}
}

// receive takes a track's packets, in order: what is not yet resent is waited
// for by holding back what comes after it.
func (s *Server) receive(track *webrtc.TrackRemote) {
	video := track.Kind() == webrtc.RTPCodecTypeVideo
	if video {
		s.mu.Lock()
		s.videoSSRC = uint32(track.SSRC())
		s.mu.Unlock()
	}
	depacketizer := &codecs.H264Packet{}
	held := map[uint16]*rtp.Packet{}
	var next uint16
	for first := true; ; first = false {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if first {
			next = packet.SequenceNumber
		}
		held[packet.SequenceNumber] = packet
		for held[next] != nil {
			s.take(video, depacketizer, held[next])
			delete(held, next)
			next++
		}
	}
}

func (s *Server) take(video bool, depacketizer *codecs.H264Packet, packet *rtp.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !video {
		s.audio = append(s.audio, packet.Payload)
		return
	}
	part, err := depacketizer.Unmarshal(packet.Payload)
	if err != nil {
		s.tb.Errorf("video packet %d: %v", packet.SequenceNumber, err)
		return
	}
	s.unit = append(s.unit, part...)
	if packet.Marker {
		s.video = append(s.video, s.unit...)
		s.unit = nil
		s.frames++
		s.times = append(s.times, packet.Timestamp)
	}
}

// Video returns the H.264 stream received so far (Annex B) in whole access units,
// how many they are and their timestamps.
func (s *Server) Video() (stream []byte, frames int, times []uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.video...), s.frames, append([]uint32(nil), s.times...)
}

// Audio returns the Opus packets received so far.
func (s *Server) Audio() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.audio...)
}

// Requests returns the requests so far, and the Authorization header of each.
func (s *Server) Requests() (requests, authorizations []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...), append([]string(nil), s.auths...)
}

// RequestKeyframe sends a picture loss indication.
func (s *Server) RequestKeyframe() {
	s.mu.Lock()
	peer, ssrc := s.peer, s.videoSSRC
	s.mu.Unlock()
	if err := peer.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}); err != nil {
		s.tb.Error(err)
	}
}

// Hangup ends the session as a server does that deletes the participant.
func (s *Server) Hangup() {
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	if err := peer.Close(); err != nil {
		s.tb.Error(err)
	}
}

// Deleted reports whether the session was ended by DELETE, now or within a
// second.
func (s *Server) Deleted() error {
	select {
	case <-s.deleted:
		return nil
	case <-time.After(time.Second):
		requests, _ := s.Requests()
		return fmt.Errorf("the session was not deleted: %q", requests)
	}
}

// dropper loses received packets before anything else sees them.
type dropper struct {
	interceptor.NoOp
	drop func(*rtp.Header) bool
}

// NewInterceptor makes a dropper its own factory.
func (d dropper) NewInterceptor(string) (interceptor.Interceptor, error) { return &d, nil }

// BindRemoteStream wraps the reader of a track.
func (d *dropper) BindRemoteStream(_ *interceptor.StreamInfo, next interceptor.RTPReader) interceptor.RTPReader {
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		for {
			n, attributes, err := next.Read(b, a)
			header := &rtp.Header{}
			if err != nil {
				return n, attributes, err
			}
			if _, err := header.Unmarshal(b[:n]); err == nil && d.drop(header) {
				continue
			}
			return n, attributes, nil
		}
	})
}
