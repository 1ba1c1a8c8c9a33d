// Package rtc is the receiving side of WebRTC on this machine: it answers the
// offer of somebody who wants to send one video of H.264 and one audio of Opus,
// and hands over what comes as pictures and sounds.
//
// ICE is lite (RFC 8445, section 2.5): one UDP port on each loopback address,
// and who speaks first is answered. pion's DTLS and SRTP do the rest; its ICE
// and PeerConnection would make the program larger than it may be. Start at
// Listen and Endpoint.Answer.
package rtc

import (
	"errors"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// Handler takes what comes of one Peer. Its methods are called one after the
// other. An error that one of them returns ends the peer with it.
type Handler interface {
	// Connected is called once, before any media. Audio tells whether there may
	// be some.
	Connected(audio bool) error
	// Picture also tells whether a key picture is wanted next, without which
	// nothing can begin.
	Picture(p media.Picture) (wantsKey bool, err error)
	Sound(s media.Sound) error
	// Tick is called about ten times a second while the peer lasts.
	Tick() error
	// Closed is called once, as the last one: nil after Peer.Close.
	Closed(why error)
}

// How a peer ends by itself.
var (
	// ErrLeft says that the other side has ended the connection.
	ErrLeft = errors.New("the client ended the connection")
	// ErrSilent says that nothing came from the other side for too long.
	ErrSilent = errors.New("nothing came from the client any more")
	// ErrNeverCame says that the other side did not connect.
	ErrNeverCame = errors.New("the client did not connect")
)

// patience is how long nothing may come from a peer, by this machine's clock.
// Consent to send lasts for 30 seconds (RFC 7675); on one machine nothing is
// that late.
const patience = 10 * time.Second

const tick = 100 * time.Millisecond
