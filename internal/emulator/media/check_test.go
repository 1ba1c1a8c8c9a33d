package media_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/media"
)

// code is that of the first refusal in ten seconds of film at a rate, with
// sound of so many bytes in each 20 ms; "" for none.
func code(t *testing.T, f film.Film, rate float64, sound int) string {
	t.Helper()
	var check media.Check
	for n := range int(10 * rate) {
		at := int64(math.Round(float64(n) * media.Rate / rate))
		for range int(50 / rate) {
			check.Sound(media.Sound{At: at, Data: make([]byte, sound)})
		}
		err := check.Picture(media.Picture{At: at, NALs: f.Next()})
		if refusal, ok := errors.AsType[*media.Refusal](err); ok {
			return refusal.Code
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return ""
}

func TestWhatIVSTakes(t *testing.T) {
	for name, test := range map[string]struct {
		film  film.Film
		rate  float64
		sound int
		want  string
	}{
		"720p30":              {film.Film{Width: 1280, Height: 720}, 30, 0, ""},
		"720p60":              {film.Film{Width: 1280, Height: 720}, 60, 0, ""},
		"portrait":            {film.Film{Width: 720, Height: 1280}, 30, 0, ""},
		"160p10":              {film.Film{Width: 284, Height: 160}, 10, 0, ""},
		"59.94 a second":      {film.Film{Width: 640, Height: 360}, 60000.0 / 1001, 0, ""},
		"parameters once":     {film.Film{Width: 640, Height: 360, Bare: true}, 30, 0, ""},
		"8 Mbps":              {film.Film{Width: 640, Height: 360, Filler: 33_000}, 30, 0, ""},
		"audio of 128 kbps":   {film.Film{Width: 640, Height: 360}, 25, 320, ""},
		"1080p":               {film.Film{Width: 1920, Height: 1080}, 30, 0, media.CodeResolution},
		"as wide as 1920":     {film.Film{Width: 1920, Height: 540}, 30, 0, media.CodeResolution},
		"158p":                {film.Film{Width: 280, Height: 158}, 30, 0, media.CodeInput},
		"5 a second":          {film.Film{Width: 640, Height: 360}, 5, 0, media.CodeInput},
		"75 a second":         {film.Film{Width: 640, Height: 360}, 75, 0, media.CodeInput},
		"10 Mbps":             {film.Film{Width: 640, Height: 360, Filler: 41_000}, 30, 0, media.CodeBitrate},
		"audio of 200 kbps":   {film.Film{Width: 640, Height: 360}, 25, 500, media.CodeBitrate},
		"the high profile":    {film.Film{Width: 640, Height: 360, Profile: 100}, 30, 0, media.CodeVideoCodec},
		"B-frames":            {film.Film{Width: 640, Height: 360, B: true}, 30, 0, media.CodeBFrame},
		"a picture a second":  {film.Film{Width: 640, Height: 360}, 1, 0, media.CodeInput},
		"one in five seconds": {film.Film{Width: 640, Height: 360}, 0.2, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := code(t, test.film, test.rate, test.sound); got != test.want {
				t.Errorf("refused with %q, want %q", got, test.want)
			}
		})
	}
}

func TestKeyPictureWithoutParameters(t *testing.T) {
	f := film.Film{Width: 640, Height: 360}
	whole := media.Picture{NALs: f.Next()}
	bare := media.Picture{NALs: whole.NALs[2:]}
	if !whole.Key() || !bare.Key() || (media.Picture{NALs: f.Next()}).Key() {
		t.Error("a key picture is not known as one, or another one is")
	}
	var check media.Check
	if refusal, ok := errors.AsType[*media.Refusal](check.Picture(bare)); !ok || refusal.Code != media.CodeInput {
		t.Errorf("%v, want %s", refusal, media.CodeInput)
	}
	if err := check.Picture(whole); err != nil {
		t.Error(err)
	}
	if err := check.Picture(bare); err != nil {
		t.Errorf("the parameters of before are forgotten: %v", err)
	}
	if refusal, ok := errors.AsType[*media.Refusal](check.Picture(media.Picture{NALs: [][]byte{{0x67, 66}}})); !ok || refusal.Code != media.CodeInput {
		t.Errorf("broken parameters: %v, want %s", refusal, media.CodeInput)
	}
}

// After a break the rates are measured anew.
func TestBreakIsNoLowRate(t *testing.T) {
	f := film.Film{Width: 640, Height: 360}
	var check media.Check
	at := int64(0)
	for n := range 300 {
		if at += media.Rate / 30; n%45 == 0 {
			at += media.Ticks(3 * time.Second)
		}
		if err := check.Picture(media.Picture{At: at, NALs: f.Next()}); err != nil {
			t.Fatalf("picture %d: %v", n, err)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, d := range []time.Duration{0, time.Second, 20 * time.Millisecond, 24 * time.Hour} {
		if got := media.Duration(media.Ticks(d)); got != d {
			t.Errorf("%v is %v in ticks", d, got)
		}
	}
}
