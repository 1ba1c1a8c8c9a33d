package rtc

import (
	"time"

	"github.com/pion/rtp"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// SetPatience is for before the first offer.
func (e *Endpoint) SetPatience(d time.Duration) { e.patience = d }

// Marks is how many it waits for.
func (e *Endpoint) Marks() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.marks)
}

// Pictures makes pictures of packets, without a network.
type Pictures struct{ pictures }

// NewPictures begins with the parameter sets that came with the offer.
func NewPictures(parameters [][]byte) *Pictures {
	return &Pictures{pictures{clock: clock{ticks: 1, of: 1}, parameters: parameters}}
}

// Push takes in a packet.
func (p *Pictures) Push(packet *rtp.Packet) (media.Picture, bool) { return p.push(packet, 0) }

// ParameterSets are those that an offer carries.
func ParameterSets(offer string) ([][]byte, error) {
	o, err := parseOffer(offer)
	if err != nil {
		return nil, err
	}
	return o.parameters, nil
}
