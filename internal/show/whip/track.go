package whip

import (
	"net"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	// maxPayload keeps a packet with all headers below the 1,280 bytes that IPv6
	// carries everywhere.
	maxPayload = 1150
	// kept is how many packets of a track are kept to be sent again.
	kept = 512
	// reportEvery is the time between two sender reports of a track.
	reportEvery = time.Second
)

// Stats is what a session sent, and what the server said of it.
type Stats struct {
	// VideoFrames are access units, AudioFrames Opus packets.
	VideoFrames, AudioFrames int
	// Packets and Bytes are RTP's, with its headers, without what was sent again.
	Packets, Bytes int
	// Resent are packets that the server asked for a second time.
	Resent int
	// Reports are receiver reports. As long as there is none, Lost tells nothing.
	Reports int
	// Lost are packets that the server missed, by its last report of each track.
	Lost int
	// KeyframeRequests are those of the server (PLI and FIR).
	KeyframeRequests int
}

// track is one stream of RTP packets. The link's lock guards it.
type track struct {
	section
	ssrc       uint32
	clockRate  int64
	offset     uint32 // timestamp of time 0
	sequence   uint16
	packets    uint32
	octets     uint32 // of payload
	lost       int
	lastReport time.Time
	sent       [kept]sentPacket
}

type sentPacket struct {
	sequence uint16
	datagram []byte // as it was encrypted; nil for none
}

func newTrack(clockRate int64, random uint32) *track {
	// The offset and the first number come from the SSRC's bits: they need to
	// differ between sessions, not to be secret.
	return &track{ssrc: random, clockRate: clockRate, offset: random*2_654_435_761 + 1, sequence: uint16(random>>7) & 0x7FFF}
}

func (t *track) timestamp(at time.Duration) uint32 {
	whole, rest := int64(at/time.Second), int64(at%time.Second)
	return t.offset + uint32(whole*t.clockRate+(rest*t.clockRate+int64(time.Second)/2)/int64(time.Second))
}

func (l *link) writeVideo(accessUnit []byte, at time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	payloads := l.payloader.Payload(maxPayload, accessUnit)
	for i, payload := range payloads {
		if err := l.writePacket(l.video, payload, at, i == len(payloads)-1); err != nil {
			return err
		}
	}
	l.tally.VideoFrames++
	return nil
}

func (l *link) writeAudio(packet []byte, at time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	// The marker begins a talkspurt (RFC 7587 4.1), and this is one.
	if err := l.writePacket(l.audio, packet, at, l.audio.packets == 0); err != nil {
		return err
	}
	l.tally.AudioFrames++
	return nil
}

// writePacket encrypts, keeps and sends a packet, and a report before it when one
// is due. The caller holds mu.
func (l *link) writePacket(t *track, payload []byte, at time.Duration, marker bool) error {
	if l.out == nil {
		return net.ErrClosed
	}
	if now := l.now(); t.lastReport.IsZero() || now.Sub(t.lastReport) >= reportEvery {
		t.lastReport = now
		if err := l.report(t, now, at); err != nil {
			return err
		}
	}
	packet := rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: marker, PayloadType: t.payloadType, SequenceNumber: t.sequence,
			Timestamp: t.timestamp(at), SSRC: t.ssrc,
		},
		Payload: payload,
	}
	if t.mid != 0 {
		mid := audioMid
		if t == l.video {
			mid = videoMid
		}
		if err := packet.SetExtension(t.mid, []byte(mid)); err != nil {
			return err
		}
	}
	plain, err := packet.Marshal()
	if err != nil {
		return err
	}
	datagram, err := l.out.EncryptRTP(nil, plain, nil)
	if err != nil {
		return err
	}
	t.sent[t.sequence%kept] = sentPacket{t.sequence, datagram}
	t.sequence++
	t.packets++
	t.octets += uint32(len(payload))
	l.tally.Packets++
	l.tally.Bytes += len(plain)
	return l.send(datagram)
}

// report sends a sender report: which time of the clock is which timestamp (RFC
// 3550 6.4.1). The caller holds mu.
func (l *link) report(t *track, now time.Time, at time.Duration) error {
	return l.writeReports(
		&rtcp.SenderReport{SSRC: t.ssrc, NTPTime: ntp(now), RTPTime: t.timestamp(at), PacketCount: t.packets, OctetCount: t.octets},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
			Source: t.ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: l.name}},
		}}},
	)
}

// ntp is a time in units of 2^-32 s since 1900.
func ntp(t time.Time) uint64 {
	const from1900 = 2_208_988_800
	return uint64(t.Unix()+from1900)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// writeReports sends RTCP packets as one. The caller holds mu.
func (l *link) writeReports(packets ...rtcp.Packet) error {
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		return err
	}
	datagram, err := l.out.EncryptRTCP(nil, plain, nil)
	if err != nil {
		return err
	}
	return l.send(datagram)
}

// farewell tells the server that no more media comes (BYE), if it can.
func (l *link) farewell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil {
		return
	}
	_ = l.writeReports(
		&rtcp.ReceiverReport{SSRC: l.video.ssrc},
		&rtcp.Goodbye{Sources: []uint32{l.audio.ssrc, l.video.ssrc}},
	)
}

// receiveReports takes an RTCP packet of the server's. One that is not authentic
// or not readable is as good as lost.
func (l *link) receiveReports(datagram []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.in == nil {
		return
	}
	plain, err := l.in.DecryptRTCP(nil, datagram, nil)
	if err != nil {
		return
	}
	var header rtcp.Header
	for len(plain) > 0 && header.Unmarshal(plain) == nil {
		end := 4 * (int(header.Length) + 1)
		if end > len(plain) {
			return
		}
		l.receiveReport(header, plain[:end])
		plain = plain[end:]
	}
}

// receiveReport takes one report; those that say nothing to us are not opened,
// since rtcp.Unmarshal would bring the types of all into the binary. The caller
// holds mu.
func (l *link) receiveReport(header rtcp.Header, packet []byte) {
	format := header.Count
	switch header.Type { //nolint:exhaustive // the others say nothing to a publisher
	case rtcp.TypeReceiverReport:
		var report rtcp.ReceiverReport
		if report.Unmarshal(packet) == nil {
			l.noteLosses(report.Reports)
		}
	case rtcp.TypeSenderReport:
		var report rtcp.SenderReport
		if report.Unmarshal(packet) == nil {
			l.noteLosses(report.Reports)
		}
	case rtcp.TypePayloadSpecificFeedback:
		if format == rtcp.FormatPLI || format == rtcp.FormatFIR {
			l.tally.KeyframeRequests++
			l.keyframe.Store(true)
		}
	case rtcp.TypeTransportSpecificFeedback:
		var nack rtcp.TransportLayerNack
		if format == rtcp.FormatTLN && nack.Unmarshal(packet) == nil {
			l.resend(&nack)
		}
	}
}

func (l *link) noteLosses(reports []rtcp.ReceptionReport) {
	for _, report := range reports {
		for _, t := range []*track{l.audio, l.video} {
			if report.SSRC == t.ssrc {
				l.tally.Reports++
				t.lost = int(int32(report.TotalLost<<8) >> 8) // 24 bits, below 0 for duplicates
			}
		}
	}
}

// resend sends packets again as they were; those too old are gone. The caller
// holds mu.
func (l *link) resend(nack *rtcp.TransportLayerNack) {
	for _, t := range []*track{l.audio, l.video} {
		if nack.MediaSSRC != t.ssrc {
			continue
		}
		for _, pair := range nack.Nacks {
			for _, number := range pair.PacketList() {
				if p := t.sent[number%kept]; p.datagram != nil && p.sequence == number && l.out != nil {
					l.tally.Resent++
					_ = l.send(p.datagram)
				}
			}
		}
	}
}

func (l *link) stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.tally
	s.Lost = max(l.audio.lost, 0) + max(l.video.lost, 0)
	return s
}
