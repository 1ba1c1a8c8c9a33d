package rtc

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/packetio"
)

// fingerprint is a certificate's digest as an SDP has it (RFC 8122).
func fingerprint(certificate []byte) (string, error) { return digestOf(sha256.New(), certificate) }

func digestOf(h hash.Hash, certificate []byte) (string, error) {
	if _, err := h.Write(certificate); err != nil {
		return "", fmt.Errorf("media: digest: %w", err)
	}
	var pairs []string
	for _, b := range h.Sum(nil) {
		pairs = append(pairs, strings.ToUpper(hex.EncodeToString([]byte{b})))
	}
	return strings.Join(pairs, ":"), nil
}

// isOf tells whether a fingerprint of an SDP is that of a certificate.
func isOf(certificate []byte, wanted string) bool {
	algorithm, digest, _ := strings.Cut(wanted, " ")
	var h hash.Hash
	switch strings.ToLower(algorithm) {
	case "sha-256":
		h = sha256.New()
	case "sha-384":
		h = sha512.New384()
	case "sha-512":
		h = sha512.New()
	default:
		return false
	}
	got, err := digestOf(h, certificate)
	return err == nil && strings.EqualFold(got, strings.TrimSpace(digest))
}

// keys protect what the peer sends and what it is sent.
type keys struct{ in, out *srtp.Context }

// shake waits for the client's DTLS handshake (RFC 5764) and makes the keys.
// The connection must be read from afterwards: its end is the peer's.
func (p *Peer) shake(ctx context.Context) (*dtls.Conn, *keys, error) {
	conn, err := dtls.ServerWithOptions(&pipe{p.handshakes, p}, nowhere,
		dtls.WithCertificates(p.endpoint.certificate),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		// ICE has shown already that the client is where it says.
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithVerifyPeerCertificate(p.verify),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("DTLS: %w", err)
	}
	err = conn.HandshakeContext(ctx)
	var k *keys
	if err == nil {
		k, err = keysOf(conn)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("DTLS: %w", err), conn.Close())
	}
	return conn, k, nil
}

// verify refuses a client whose certificate is not that of its offer.
func (p *Peer) verify(certificates [][]byte, _ [][]*x509.Certificate) error {
	if len(certificates) == 0 || !isOf(certificates[0], p.offer.fingerprint) {
		return errors.New("the client's certificate is not that of its offer")
	}
	return nil
}

// keysOf takes the keys of SRTP from a handshake that is done (RFC 5764,
// section 4.2): the client's key, this side's, then the salts.
func keysOf(conn *dtls.Conn) (*keys, error) {
	chosen, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return nil, errors.New("the client takes none of the ways to protect media")
	}
	profile := srtp.ProtectionProfile(chosen)
	key, errKey := profile.KeyLen()
	salt, errSalt := profile.SaltLen()
	state, ok := conn.ConnectionState()
	if err := errors.Join(errKey, errSalt); err != nil || !ok {
		return nil, fmt.Errorf("the handshake has no state: %w", err)
	}
	material, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(key+salt))
	if err != nil {
		return nil, err
	}
	salts := material[2*key:]
	in, errIn := srtp.CreateContext(material[:key], salts[:salt], profile, srtp.SRTPReplayProtection(replayWindow))
	out, errOut := srtp.CreateContext(material[key:2*key], salts[salt:], profile)
	return &keys{in, out}, errors.Join(errIn, errOut)
}

// replayWindow is in packets.
const replayWindow = 512

// nowhere is the address that DTLS believes the peer to have. Where it really
// is, ICE says from packet to packet.
var nowhere = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}

// pipe is a peer as the net.PacketConn that DTLS wants.
type pipe struct {
	in   *packetio.Buffer
	peer *Peer
}

// ReadFrom reads the next packet of a handshake.
func (c *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := c.in.Read(b)
	return n, nowhere, err
}

// WriteTo sends a packet to where the peer is.
func (c *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	c.peer.send(b)
	return len(b), nil
}

// Close ends all reading.
func (c *pipe) Close() error { return c.in.Close() }

// LocalAddr is of no meaning.
func (c *pipe) LocalAddr() net.Addr { return nowhere }

// SetDeadline is that of reading, since writing does not wait.
func (c *pipe) SetDeadline(t time.Time) error { return c.in.SetReadDeadline(t) }

// SetReadDeadline ends a read that waits past t.
func (c *pipe) SetReadDeadline(t time.Time) error { return c.in.SetReadDeadline(t) }

// SetWriteDeadline has no effect, since writing does not wait.
func (c *pipe) SetWriteDeadline(time.Time) error { return nil }
