// Package camera is somebody who publishes, for tests: a WebRTC client that is
// pion's own, with a film to send. Time in what it sends is the film's, not the
// clock's, so it sends as fast as it is received.
//
// Only tests import it. Start at New.
package camera

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/yolo-live/yolo/internal/emulator/film"
)

// Options are what a camera offers. The zero value is what IVS takes: H.264 of
// the constrained baseline profile, and Opus.
type Options struct {
	// Video and Audio are MIME types; "" is that of H.264 and of Opus, "none" is
	// no such medium.
	Video, Audio string
	// Format is the a=fmtp of the video; "" for what Video is usually sent with.
	Format string
	// Data asks for a data channel besides.
	Data bool
}

// TB is the part of testing.TB that a camera needs.
type TB interface {
	Context() context.Context
	Helper()
	Cleanup(f func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Camera is a client with one connection.
type Camera struct {
	PC *webrtc.PeerConnection
	// Rate is how many pictures there are in a second; 30 at first.
	Rate float64
	// Keys counts how often a key picture was asked for.
	Keys atomic.Int64

	t         TB
	connected chan struct{}
	failed    chan struct{}
	video     *medium
	audio     *medium
	shot      int   // pictures
	heard     int   // packets of sound
	offset    int64 // of the pictures' times, in ticks of 90 kHz
}

// medium is one track, and what the other side says of it.
type medium struct {
	track  *webrtc.TrackLocalStaticRTP
	packer rtp.Packetizer
	sent   uint32
	got    atomic.Uint32
	news   chan struct{}
}

// New makes a camera that goes with its test.
func New(t TB, o Options) *Camera {
	t.Helper()
	engine := &webrtc.MediaEngine{}
	c := &Camera{t: t, Rate: 30, connected: make(chan struct{}), failed: make(chan struct{})}
	c.must(o.register(engine))
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	c.must(err)
	c.PC = pc
	t.Cleanup(func() { _ = pc.Close() })
	connected, failed := sync.OnceFunc(func() { close(c.connected) }), sync.OnceFunc(func() { close(c.failed) })
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			connected()
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			failed()
		default:
		}
	})
	if o.Data {
		_, err := pc.CreateDataChannel("data", nil)
		c.must(err)
	}
	if o.Video != "none" {
		c.video = c.add(o.videoCodec(), &codecs.H264Payloader{})
	}
	if o.Audio != "none" {
		c.audio = c.add(o.audioCodec(), &codecs.OpusPayloader{})
	}
	return c
}

func (o Options) videoCodec() webrtc.RTPCodecCapability {
	c := webrtc.RTPCodecCapability{
		MimeType: o.Video, ClockRate: 90000, SDPFmtpLine: o.Format,
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack", Parameter: "pli"}, {Type: "goog-remb"}},
	}
	if c.MimeType == "" {
		c.MimeType = webrtc.MimeTypeH264
	}
	if c.MimeType == webrtc.MimeTypeH264 && c.SDPFmtpLine == "" {
		c.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
	}
	return c
}

func (o Options) audioCodec() webrtc.RTPCodecCapability {
	if o.Audio == "" {
		return webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	}
	return webrtc.RTPCodecCapability{MimeType: o.Audio, ClockRate: 8000}
}

func (o Options) register(engine *webrtc.MediaEngine) error {
	return errors.Join(
		engine.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: o.videoCodec(), PayloadType: 102}, webrtc.RTPCodecTypeVideo),
		engine.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: o.audioCodec(), PayloadType: 111}, webrtc.RTPCodecTypeAudio),
	)
}

func (c *Camera) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("camera: %v", err)
	}
}

// maxPacket is what fits into a packet after all headers.
const maxPacket = 1200

func (c *Camera) add(codec webrtc.RTPCodecCapability, payloader rtp.Payloader) *medium {
	track, err := webrtc.NewTrackLocalStaticRTP(codec, codec.MimeType, "camera")
	c.must(err)
	sender, err := c.PC.AddTrack(track)
	c.must(err)
	m := &medium{
		track: track, news: make(chan struct{}, 1),
		packer: rtp.NewPacketizer(maxPacket, 0, 0, payloader, rtp.NewFixedSequencer(1), codec.ClockRate),
	}
	go func() {
		for {
			packets, _, err := sender.ReadRTCP()
			if err != nil {
				return
			}
			c.listen(m, sender, packets)
		}
	}()
	return m
}

// listen notes what the other side says of a medium.
func (c *Camera) listen(m *medium, sender *webrtc.RTPSender, packets []rtcp.Packet) {
	ssrc := uint32(sender.GetParameters().Encodings[0].SSRC)
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.PictureLossIndication:
			c.Keys.Add(1)
		case *rtcp.ReceiverReport:
			for _, r := range p.Reports {
				if r.SSRC == ssrc {
					m.got.Store(r.LastSequenceNumber)
				}
			}
		}
	}
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// Offer is the SDP that asks to send, with all candidates.
func (c *Camera) Offer() string {
	c.t.Helper()
	offer, err := c.PC.CreateOffer(nil)
	c.must(err)
	gathered := webrtc.GatheringCompletePromise(c.PC)
	c.must(c.PC.SetLocalDescription(offer))
	<-gathered
	return c.PC.LocalDescription().SDP
}

// Accept takes the answer, and waits until the connection is there.
func (c *Camera) Accept(answer string) {
	c.t.Helper()
	c.must(c.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	ctx, cancel := context.WithTimeout(c.t.Context(), longest)
	defer cancel()
	select {
	case <-c.connected:
	case <-c.failed:
		c.t.Fatalf("camera: the connection failed")
	case <-ctx.Done():
		c.t.Fatalf("camera: the connection did not come about")
	}
}

// longest is how long anything may take that takes milliseconds.
const longest = time.Minute

// Ended waits until the other side has ended the connection.
func (c *Camera) Ended() {
	c.t.Helper()
	select {
	case <-c.failed:
	case <-time.After(longest):
		c.t.Fatalf("camera: the connection is still there")
	}
}

// Roll sends so much more of a film and of silence, as far as it has them, and
// waits until all of it is received.
func (c *Camera) Roll(f *film.Film, d time.Duration) {
	c.t.Helper()
	for range int(math.Round(d.Seconds() * c.Rate)) {
		at := c.offset + int64(math.Round(float64(c.shot)*90000/c.Rate))
		c.Shoot(f.Next(), at)
		for c.shot++; c.audio != nil && int64(c.heard)*1800 < at+3000; c.heard++ {
			c.Sound(film.Silence(), int64(c.heard)*960)
		}
	}
	for _, m := range []*medium{c.video, c.audio} {
		if m != nil {
			c.keepPace(m, 0)
		}
	}
}

// Skip lets so much of the film's time pass without sending anything.
func (c *Camera) Skip(d time.Duration) {
	ticks := int64(d.Seconds() * 90000)
	c.offset += ticks
	c.heard += int(ticks / 1800)
}

// Shoot sends one picture, for a time in ticks of 90 kHz.
func (c *Camera) Shoot(nals [][]byte, at int64) {
	var stream []byte
	for _, nal := range nals {
		stream = append(append(stream, 0, 0, 0, 1), nal...)
	}
	c.send(c.video, stream, uint32(at))
}

// Sound sends one packet of Opus, for a time in samples of 48 kHz.
func (c *Camera) Sound(data []byte, at int64) { c.send(c.audio, data, uint32(at)) }

// window is how many packets may be under way, so that none gets lost in this
// machine's buffers.
const window = 160

func (c *Camera) send(m *medium, payload []byte, timestamp uint32) {
	for _, packet := range m.packer.Packetize(payload, 0) {
		packet.Timestamp = timestamp
		// The connection may be ended by the other side, which is for the test to see.
		if m.track.WriteRTP(packet) != nil {
			return
		}
		m.sent = uint32(packet.SequenceNumber)
		c.keepPace(m, window)
	}
}

// keepPace waits until the other side has all but so many packets.
func (c *Camera) keepPace(m *medium, window uint32) {
	if m.got.Load()+window >= m.sent {
		return
	}
	deadline := time.After(longest)
	for m.got.Load()+window < m.sent {
		select {
		case <-m.news:
		case <-c.failed:
			return
		case <-deadline:
			c.t.Errorf("camera: the other side does not say that it gets anything")
			return
		}
	}
}
