package media

import (
	"errors"
	"fmt"
	"time"
)

// aacRates are the sample rates by their index (ISO/IEC 14496-3 Table 1.18).
var aacRates = []int{96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350}

// aacName names an audio object type (ISO/IEC 14496-3 Table 1.17).
func aacName(objectType uint32) string {
	switch objectType {
	case 1:
		return "AAC Main"
	case 2:
		return "AAC-LC"
	case 5:
		return "HE-AAC"
	case 29:
		return "HE-AACv2"
	}
	return fmt.Sprintf("AAC of type %d", objectType)
}

// samplesPerFrame is how many samples an AAC frame holds.
const samplesPerFrame = 1024

// readADTS counts the frames of an AAC stream (ISO/IEC 13818-7 6.2). What comes
// after the last whole frame is told by rest.
func readADTS(stream []byte) (audio *Audio, rest int, err error) {
	audio = &Audio{}
	samples := 0
	for len(stream) >= 7 {
		if stream[0] != 0xFF || stream[1]&0xF6 != 0xF0 {
			return nil, 0, fmt.Errorf("AAC frame %d: no ADTS header", audio.Frames)
		}
		length := int(stream[3]&3)<<11 | int(stream[4])<<3 | int(stream[5])>>5
		if length < 7 {
			return nil, 0, fmt.Errorf("AAC frame %d: %d bytes long", audio.Frames, length)
		}
		if length > len(stream) {
			break
		}
		rate := int(stream[2] >> 2 & 0xF)
		if rate >= len(aacRates) {
			return nil, 0, fmt.Errorf("AAC frame %d: no such sample rate", audio.Frames)
		}
		audio.Codec = aacName(uint32(stream[2]>>6) + 1)
		audio.SampleRate = aacRates[rate]
		audio.Channels = channels(int(stream[2]&1)<<2 | int(stream[3]>>6))
		audio.Frames++
		samples += samplesPerFrame * (int(stream[6]&3) + 1)
		stream = stream[length:]
	}
	if audio.Frames == 0 {
		return nil, 0, errors.New("no AAC frame")
	}
	audio.Lasts = time.Duration(samples) * time.Second / time.Duration(audio.SampleRate)
	return audio, len(stream), nil
}

// channels are those of a channel configuration (ISO/IEC 14496-3 Table 1.19).
func channels(configuration int) int {
	if configuration == 7 {
		return 8
	}
	return configuration
}

// readAudioConfig reads an AudioSpecificConfig as far as it is wanted (ISO/IEC
// 14496-3 1.6.2.1).
func readAudioConfig(config []byte) (*Audio, error) {
	b := &bits{bytes: config}
	objectType := b.read(5)
	if objectType == 31 {
		objectType = 32 + b.read(6)
	}
	audio := &Audio{Codec: aacName(objectType)}
	rate := int(b.read(4))
	if rate == 15 {
		audio.SampleRate = int(b.read(24))
	} else if rate < len(aacRates) {
		audio.SampleRate = aacRates[rate]
	}
	audio.Channels = channels(int(b.read(4)))
	return audio, b.err
}

// opusLasts is the length of an Opus packet by its first bytes (RFC 6716 3.1).
func opusLasts(packet []byte) (time.Duration, error) {
	if len(packet) == 0 {
		return 0, errors.New("an empty Opus packet")
	}
	frames := 1
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0, errors.New("an Opus packet of one byte that has several frames")
		}
		frames = int(packet[1] & 0x3F)
	}
	return time.Duration(frames) * opusFrame(packet[0]>>3), nil
}

// opusFrame is the length of one frame of a configuration (RFC 6716 Table 2).
func opusFrame(configuration byte) time.Duration {
	size := configuration & 3
	switch {
	case configuration < 12: // SILK
		return []time.Duration{10, 20, 40, 60}[size] * time.Millisecond
	case configuration < 16: // hybrid
		return []time.Duration{10, 20}[size&1] * time.Millisecond
	}
	return []time.Duration{2_500, 5_000, 10_000, 20_000}[size] * time.Microsecond // CELT
}

// readOpusUnits counts the Opus packets of a PES payload, each after its control
// header (ETSI TS 103 491 annex B).
func readOpusUnits(payload []byte, audio *Audio) error {
	for len(payload) > 0 {
		packet, rest, err := opusUnit(payload)
		if err != nil {
			return err
		}
		lasts, err := opusLasts(packet)
		if err != nil {
			return err
		}
		audio.Frames++
		audio.Lasts += lasts
		payload = rest
	}
	return nil
}

// opusUnit splits the first packet off.
func opusUnit(b []byte) (packet, rest []byte, err error) {
	if len(b) < 3 || b[0] != 0x7F || b[1]&0xE0 != 0xE0 {
		return nil, nil, errors.New("an Opus packet without its control header")
	}
	flags := b[1]
	b = b[2:]
	size := 0
	for {
		if len(b) == 0 {
			return nil, nil, errShort
		}
		next := int(b[0])
		size, b = size+next, b[1:]
		if next != 255 {
			break
		}
	}
	skip := 0
	for _, trimmed := range []byte{0x10, 0x08} { // from the start, from the end
		if flags&trimmed != 0 {
			skip += 2
		}
	}
	if flags&0x04 != 0 { // an extension, after its length
		if len(b) <= skip {
			return nil, nil, errShort
		}
		skip += 1 + int(b[skip])
	}
	if len(b) < skip+size {
		return nil, nil, errShort
	}
	b = b[skip:]
	return b[:size], b[size:], nil
}
