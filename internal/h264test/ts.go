package h264test

import (
	"errors"
	"fmt"
)

// FromTS takes the H.264 stream (Annex B) out of a transport stream (ISO/IEC
// 13818-1) of one program whose tables fit into a packet each.
func FromTS(segment []byte) ([]byte, error) {
	var stream []byte
	mapID, videoID := -1, -1
	for at := 0; at < len(segment); at += 188 {
		if len(segment)-at < 188 || segment[at] != 0x47 {
			return nil, fmt.Errorf("packet %d: no transport packet", at/188)
		}
		p := segment[at : at+188]
		id, begins := int(p[1])&0x1F<<8|int(p[2]), p[1]&0x40 != 0
		payload := p[4:]
		if p[3]&0x20 != 0 {
			payload = payload[1+int(payload[0]):]
		}
		if p[3]&0x10 == 0 {
			continue
		}
		switch {
		case id == 0:
			table := payload[1+int(payload[0]):]
			mapID = int(table[10])&0x1F<<8 | int(table[11])
		case id == mapID && videoID < 0:
			videoID = videoIn(payload[1+int(payload[0]):])
		case id == videoID && begins:
			stream = append(stream, payload[9+int(payload[8]):]...)
		case id == videoID:
			stream = append(stream, payload...)
		}
	}
	if videoID < 0 {
		return nil, errors.New("no H.264 in the program map")
	}
	return stream, nil
}

// videoIn is the packet identifier of H.264 in a program map, -1 for none.
func videoIn(table []byte) int {
	const h264 = 0x1B
	end := 3 + (int(table[1])&0x0F<<8 | int(table[2])) - 4
	at := 12 + (int(table[10])&0x0F<<8 | int(table[11]))
	for at < end {
		if table[at] == h264 {
			return int(table[at+1])&0x1F<<8 | int(table[at+2])
		}
		at += 5 + (int(table[at+3])&0x0F<<8 | int(table[at+4]))
	}
	return -1
}
