package rtc_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/camera"
	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/rtc"
)

func TestOffersThatAreRefused(t *testing.T) {
	whole := camera.New(t, camera.Options{}).Offer()
	replaced := func(from, to string) string {
		changed := regexp.MustCompile(from).ReplaceAllString(whole, to)
		if changed == whole {
			t.Fatalf("there is no %s", from)
		}
		return changed
	}
	for name, test := range map[string]struct {
		offer     string
		malformed bool
		says      string
	}{
		"VP8":                      {camera.New(t, camera.Options{Video: "video/VP8"}).Offer(), false, "of video it offers VP8"},
		"the high profile":         {camera.New(t, camera.Options{Format: "packetization-mode=1;profile-level-id=64001f"}).Offer(), false, "of video it offers H264"},
		"interleaved packets":      {camera.New(t, camera.Options{Format: "packetization-mode=2;profile-level-id=42e01f"}).Offer(), false, "of video it offers H264"},
		"PCMU":                     {camera.New(t, camera.Options{Audio: "audio/PCMU"}).Offer(), false, "of audio it offers PCMU"},
		"audio alone":              {camera.New(t, camera.Options{Video: "none"}).Offer(), false, "no video of H.264"},
		"a viewer":                 {replaced("a=sendrecv|a=sendonly", "a=recvonly"), false, "no video of H.264"},
		"inactive":                 {replaced("a=sendrecv|a=sendonly", "a=inactive"), false, "no video of H.264"},
		"rejected video":           {replaced("m=video 9", "m=video 0"), false, "no video of H.264"},
		"a server":                 {replaced("a=setup:actpass", "a=setup:passive"), false, "a=setup:passive"},
		"a connection for each":    {replaced("a=group:BUNDLE 0 1\r\n", ""), false, "do not share one connection"},
		"audio on its own":         {replaced("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"), false, "do not share one connection"},
		"lip synchronisation only": {replaced("a=group:BUNDLE 0 1", "a=group:LS 0 1"), false, "do not share one connection"},
		"no certificate":           {replaced("a=fingerprint:[^\r]*\r\n", ""), true, "a=fingerprint"},
		"no ICE":                   {replaced("a=ice-ufrag:[^\r]*\r\n", ""), true, "a=ice-ufrag"},
		"no password":              {replaced("a=ice-pwd:[^\r]*\r\n", ""), true, "a=ice-pwd"},
		"no SDP":                   {"hello", true, "v=0"},
		"nothing":                  {"", true, "no media"},
		"no media":                 {"v=0\r\ns=-\r\n", true, "no media"},
		"half a medium":            {"v=0\r\nm=video 9\r\n", true, "no medium"},
		"half a line":              {"v=0\r\nm", true, "no line"},
		"too many media":           {"v=0\r\n" + strings.Repeat("m=video 9 RTP/AVP 96\r\n", 33), true, "one too many"},
		"a line without end":       {"v=0\r\na=" + strings.Repeat("x", 1<<17), true, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := listen(t).Answer(test.offer, newWatcher())
			refused, ok := errors.AsType[*rtc.OfferError](err)
			if !ok || refused.Malformed != test.malformed || !strings.Contains(refused.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}

// Each medium of an offer is answered in its place, and what is not taken is
// refused.
func TestAnswerInTheOffersOrder(t *testing.T) {
	offer := camera.New(t, camera.Options{Data: true}).Offer()
	second := offer[strings.Index(offer, "m=video"):]
	second = second[:strings.Index(second[1:], "m=")+1]
	answer, _, err := listen(t).Answer(offer+strings.Replace(second, "a=mid:0", "a=mid:3", 1), newWatcher())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range regexp.MustCompile(`(?m)^(m=\w+ |a=(mid:|recvonly|inactive|group)).*\r$`).FindAllString(answer, -1) {
		got = append(got, regexp.MustCompile(`^(m=\w+) [1-9]\d*`).ReplaceAllString(strings.TrimSpace(line), "$1 PORT"))
	}
	want := []string{
		"a=group:BUNDLE 0 1",
		"m=video PORT UDP/TLS/RTP/SAVPF 102", "a=mid:0", "a=recvonly",
		"m=audio PORT UDP/TLS/RTP/SAVPF 111", "a=mid:1", "a=recvonly",
		"m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2", "a=inactive",
		"m=video 0 UDP/TLS/RTP/SAVPF 102", "a=mid:3", "a=inactive",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s\n%s", diff, answer)
	}
	for _, line := range []string{"a=rtpmap:102 H264/90000", "a=rtcp-fb:102 nack pli", "a=rtcp-fb:102 goog-remb", "a=rtpmap:111 opus/48000/2", "a=setup:passive", "a=rtcp-mux"} {
		if !strings.Contains(answer, line+"\r\n") {
			t.Errorf("%s is not in\n%s", line, answer)
		}
	}
}

// Some clients send their parameter sets in the offer only.
func TestParameterSetsOfTheOffer(t *testing.T) {
	f := film.Film{Width: 640, Height: 360}
	format := "packetization-mode=1; profile-level-id=42e01f; sprop-parameter-sets="
	for text, want := range map[string][][]byte{
		encode(f.SPS()) + "," + encode(f.PPS()): {f.SPS(), f.PPS()},
		"!!," + encode([]byte{0x65, 1}) + ",":   nil,
	} {
		got, err := rtc.ParameterSets(camera.New(t, camera.Options{Format: format + text}).Offer())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func FuzzOffer(f *testing.F) {
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\na=group:BUNDLE 0\r\na=fingerprint:sha-256 AA\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\na=setup:active\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 h264/90000\r\na=fmtp:97 packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=\r\na=rtcp-fb:* nack pli\r\n")
	f.Add("v=0\nm=audio 9 x 0\nm=application 9 x y\na=mid:\n")
	e, err := rtc.Listen()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(e.Close)
	f.Fuzz(func(t *testing.T, offer string) {
		answer, p, err := e.Answer(offer, newWatcher())
		if err != nil {
			if _, ok := errors.AsType[*rtc.OfferError](err); !ok {
				t.Errorf("%q: %v", offer, err)
			}
			return
		}
		p.Close()
		if strings.Count(answer, "\r\nm=") != len(regexp.MustCompile(`(?m)^m=`).FindAllString(offer, -1)) {
			t.Errorf("%q is answered\n%s", offer, answer)
		}
	})
}
