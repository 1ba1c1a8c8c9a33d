package whip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/logging"
	"github.com/pion/rtp/codecs"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/packetio"
)

// link carries the media over the datagrams of an agent: DTLS agrees on keys,
// SRTP uses them.
type link struct {
	audio, video *track
	name         string
	now          func() time.Time
	payloader    codecs.H264Payloader
	keyframe     atomic.Bool
	handshakes   *packetio.Buffer // datagrams of DTLS that came in
	over         chan struct{}    // closed when the server ended DTLS

	mu      sync.Mutex
	send    func([]byte) error
	conn    *dtls.Conn
	out, in *srtp.Context // nil before the handshake
	tally   Stats
}

// maxHandshakes bounds the datagrams of DTLS that wait to be read, in bytes.
const maxHandshakes = 256 << 10

func newLink(now func() time.Time) *link {
	var random [12]byte
	_, _ = rand.Read(random[:]) // it cannot fail
	l := &link{
		name: "yolo-" + rand.Text()[:8], now: now,
		handshakes: packetio.NewBuffer(), over: make(chan struct{}),
	}
	l.handshakes.SetLimitSize(maxHandshakes)
	l.audio = newTrack(48_000, binary.BigEndian.Uint32(random[0:]))
	l.video = newTrack(90_000, binary.BigEndian.Uint32(random[4:]))
	if l.audio.ssrc == l.video.ssrc {
		l.video.ssrc++
	}
	return l
}

// receive takes a datagram that is not ICE's (RFC 7983 7).
func (l *link) receive(datagram []byte) {
	if len(datagram) < 2 {
		return
	}
	switch first := datagram[0]; {
	case first >= 20 && first <= 63:
		_, _ = l.handshakes.Write(datagram) // one too many is sent again
	case first >= 128 && first <= 191 && datagram[1] >= 192 && datagram[1] <= 223:
		l.receiveReports(datagram)
	}
}

// secure agrees on keys with the server, as client or server of DTLS (RFC 5764).
// The server's certificate must be the one of its answer.
func (l *link) secure(ctx context.Context, send func([]byte) error, certificate tls.Certificate, remote *answer) error {
	l.audio.section, l.video.section = remote.audio, remote.video
	options := []dtls.Option{
		dtls.WithCertificates(certificate),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithInsecureSkipVerify(true), // no authority vouches for it; the fingerprint does
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) == 0 {
				return errors.New("the server showed no certificate")
			}
			return verify(raw[0], remote.fingerprints)
		}),
		// It would write to stderr, which is somebody else's.
		dtls.WithLoggerFactory(&logging.DefaultLoggerFactory{Writer: io.Discard}),
	}
	carrier := &carrier{Buffer: l.handshakes, send: send}
	var conn *dtls.Conn
	var err error
	if remote.client {
		conn, err = dtls.ClientWithOptions(carrier, carrier.RemoteAddr(), clientOptions(options)...)
	} else {
		options := append(serverOptions(options), dtls.WithClientAuth(dtls.RequireAnyClientCert))
		conn, err = dtls.ServerWithOptions(carrier, carrier.RemoteAddr(), options...)
	}
	if err != nil {
		return err
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return err
	}
	if err := l.useKeys(conn, remote.client); err != nil {
		_ = conn.Close()
		return err
	}
	l.mu.Lock()
	l.conn, l.send = conn, send
	l.mu.Unlock()
	go l.awaitEnd(conn)
	return nil
}

func clientOptions(options []dtls.Option) (all []dtls.ClientOption) {
	for _, option := range options {
		all = append(all, option)
	}
	return all
}

func serverOptions(options []dtls.Option) (all []dtls.ServerOption) {
	for _, option := range options {
		all = append(all, option)
	}
	return all
}

// useKeys makes SRTP of what the handshake agreed on.
func (l *link) useKeys(conn *dtls.Conn, client bool) error {
	profile, ok := conn.SelectedSRTPProtectionProfile()
	state, known := conn.ConnectionState()
	if !ok || !known {
		return errors.New("the server agreed to no SRTP profile")
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := config.ExtractSessionKeysFromDTLS(&state, client); err != nil {
		return fmt.Errorf("derive the SRTP keys: %w", err)
	}
	k := config.Keys
	out, err := srtp.CreateContext(k.LocalMasterKey, k.LocalMasterSalt, config.Profile)
	if err != nil {
		return err
	}
	in, err := srtp.CreateContext(k.RemoteMasterKey, k.RemoteMasterSalt, config.Profile)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out, l.in = out, in
	return nil
}

// awaitEnd reads what the server sends over DTLS itself, which is nothing but the
// end.
func (l *link) awaitEnd(conn *dtls.Conn) {
	defer close(l.over)
	buffer := make([]byte, 1500)
	for {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
	}
}

// close ends DTLS, which tells the server too.
func (l *link) close() {
	l.mu.Lock()
	conn := l.conn
	l.out = nil
	l.mu.Unlock()
	if conn != nil {
		_ = conn.Close()
	}
	_ = l.handshakes.Close()
}

// carrier is the connection that DTLS sees: its own datagrams in, all out.
type carrier struct {
	*packetio.Buffer
	send func([]byte) error
}

func (c *carrier) ReadFrom(to []byte) (int, net.Addr, error) {
	n, err := c.Read(to)
	return n, c.RemoteAddr(), err
}

func (c *carrier) WriteTo(datagram []byte, _ net.Addr) (int, error) {
	return len(datagram), c.send(datagram)
}

// LocalAddr and RemoteAddr are of use to nobody: the agent knows the way.
func (c *carrier) LocalAddr() net.Addr  { return &net.UDPAddr{} }
func (c *carrier) RemoteAddr() net.Addr { return &net.UDPAddr{} }

func (c *carrier) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *carrier) SetWriteDeadline(time.Time) error { return nil }
