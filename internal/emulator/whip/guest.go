package whip

import (
	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/rtc"
)

// guest is a client from its offer on.
type guest struct {
	service *Service
	id      string
	token   string
	peer    *rtc.Peer
	seat    *ivsrealtime.Seat
}

// Connected has the client come onto the stage.
func (g *guest) Connected(audio bool) error { return g.seat.Join(audio) }

// Picture hands a picture on.
func (g *guest) Picture(p media.Picture) (wantsKey bool, err error) { return g.seat.Picture(p) }

// Sound hands a packet of sound on.
func (g *guest) Sound(s media.Sound) error { return g.seat.Sound(s) }

// Tick lets time pass.
func (g *guest) Tick() error { return g.seat.Tick() }

// Closed has the client leave the stage. Nobody is there to be told what goes
// wrong with that.
func (g *guest) Closed(why error) {
	_ = g.seat.Leave(why)
	g.service.mu.Lock()
	defer g.service.mu.Unlock()
	delete(g.service.guests, g.id)
}
