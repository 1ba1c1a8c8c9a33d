package rtc

import (
	"time"

	"github.com/pion/rtcp"
)

// How often a client is told something. A key picture is asked for when one is
// needed to begin with, and so often that a recording can be cut: who films
// with a browser sends none by itself.
const (
	reportEvery = tick
	reportAfter = 64 // packets, so that a sender can see how fast it may be
	askEvery    = 500 * time.Millisecond
	keyEvery    = 2500 * time.Millisecond
)

// askForKey asks for a key picture (RFC 4585, section 6.3.1).
func (in *incoming) askForKey() {
	if now := time.Now(); in.video.came && now.Sub(in.asked) >= askEvery {
		in.asked = now
		in.tell(&rtcp.PictureLossIndication{MediaSSRC: in.video.ssrc})
	}
}

// report tells what came, and how much may come, when it is time to.
func (in *incoming) report() {
	now := time.Now()
	if in.shown && now.Sub(in.keyed) >= keyEvery {
		in.askForKey()
	}
	packets := in.video.packets + in.audio.packets
	if fresh := packets - in.reported; fresh == 0 || now.Sub(in.told) < reportEvery && fresh < reportAfter {
		return
	}
	in.told, in.reported = now, packets
	report := &rtcp.ReceiverReport{}
	limit := &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: maxReceived}
	for _, s := range []*source{&in.video, &in.audio} {
		if s.came {
			report.Reports = append(report.Reports, s.report())
			limit.SSRCs = append(limit.SSRCs, s.ssrc)
		}
	}
	if report.Reports != nil {
		in.tell(report, limit)
	}
}

// tell sends RTCP.
func (in *incoming) tell(packets ...rtcp.Packet) {
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		return
	}
	if secret, err := in.keys.out.EncryptRTCP(nil, plain, nil); err == nil {
		in.send(secret)
	}
}
