package rtc

import (
	"time"

	"github.com/pion/rtp"

	"github.com/yolo-live/yolo/internal/emulator/media"
)

// incoming is what comes from a peer who is connected.
type incoming struct {
	*Peer
	keys  *keys
	begun time.Time // zero before the first packet
	video source
	audio source
	film  pictures
	heard clock
	shown bool      // a picture was handed over
	keyed time.Time // when the last key picture was
	asked time.Time // when a key picture was last asked for
	told  time.Time // when a report was last sent
	// reported is how many packets had come by then.
	reported uint32
}

func (p *Peer) incoming(k *keys) *incoming {
	return &incoming{
		Peer: p, keys: k,
		video: source{payload: p.offer.payload("video")},
		audio: source{payload: p.offer.payload("audio")},
		film:  pictures{clock: clock{ticks: 1, of: 1}, parameters: p.offer.parameters},
		heard: clock{ticks: media.Rate / 1000, of: opusRate / 1000},
	}
}

// opusRate is the rate of Opus's timestamps (RFC 7587).
const opusRate = 48_000

// payload is the number of a medium's format; -1 when it is not taken.
func (o *offer) payload(kind string) int {
	for _, m := range o.media {
		if m.taken && m.section.media[0] == kind {
			return m.payload
		}
	}
	return -1
}

// handle takes in one packet of media. What cannot be read is passed over, as
// nobody but the peer can have sent what can.
func (in *incoming) handle(packet []byte) error {
	if isRTCP(packet) {
		if _, err := in.keys.in.DecryptRTCP(nil, packet, nil); err == nil {
			in.seen.Store(time.Now().UnixNano())
		}
		return nil
	}
	plain, err := in.keys.in.DecryptRTP(nil, packet, nil)
	if err != nil {
		return nil
	}
	var parsed rtp.Packet
	if parsed.Unmarshal(plain) != nil {
		return nil
	}
	now := time.Now()
	in.seen.Store(now.UnixNano())
	if in.begun.IsZero() {
		in.begun = now
	}
	defer in.report()
	return in.sort(&parsed, media.Ticks(now.Sub(in.begun)))
}

// sort hands a packet over as what it is.
func (in *incoming) sort(packet *rtp.Packet, now int64) error {
	switch int(packet.PayloadType) {
	case in.video.payload:
		in.video.note(packet)
		if picture, ok := in.film.push(packet, now); ok {
			return in.show(picture)
		}
		if in.film.lost {
			in.askForKey()
		}
	case in.audio.payload:
		in.audio.note(packet)
		if len(packet.Payload) > 0 {
			return in.handler.Sound(media.Sound{At: in.heard.at(packet.Timestamp, now), Data: packet.Payload})
		}
	}
	return nil
}

// show hands a picture over. Before the first key picture there is nothing to be
// seen.
func (in *incoming) show(picture media.Picture) error {
	switch {
	case picture.Key():
		in.shown, in.keyed = true, time.Now()
	case !in.shown:
		in.askForKey()
		return nil
	}
	wantsKey, err := in.handler.Picture(picture)
	if wantsKey {
		in.askForKey()
	}
	return err
}

// isRTCP tells RTCP from RTP (RFC 5761).
func isRTCP(packet []byte) bool { return len(packet) > 1 && packet[1] >= 192 && packet[1] <= 223 }
