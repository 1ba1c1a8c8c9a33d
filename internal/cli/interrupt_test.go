package cli

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A signal that comes twice at once, as timeout(1) sends it, is one request to
// stop. One that comes later is a second.
func TestSignalThatComesTwice(t *testing.T) {
	tests := map[string]struct {
		after []time.Duration // between one signal and the next
		want  string
	}{
		"none":                        {nil, ""},
		"one":                         {[]time.Duration{0}, "stop"},
		"two at once":                 {[]time.Duration{0, 0}, "stop"},
		"many at once":                {[]time.Duration{0, 0, time.Millisecond, 50 * time.Millisecond}, "stop"},
		"a second one":                {[]time.Duration{0, time.Second}, "stop quit"},
		"two at once and a second":    {[]time.Duration{0, 0, time.Second}, "stop quit"},
		"one that is pressed often":   {[]time.Duration{0, 200 * time.Millisecond, 200 * time.Millisecond, 200 * time.Millisecond}, "stop quit"},
		"nothing is heeded behind it": {[]time.Duration{0, time.Second, time.Second}, "stop quit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				signals, over := make(chan os.Signal, 2), make(chan struct{})
				var done []string
				act := func(what string) func() { return func() { done = append(done, what) } }
				go heed(signals, over, act("stop"), act("quit"))
				for _, pause := range tt.after {
					time.Sleep(pause)
					signals <- os.Interrupt
					synctest.Wait()
				}
				close(over)
				synctest.Wait()
				if got := strings.Join(done, " "); got != tt.want {
					t.Errorf("did %q, want %q", got, tt.want)
				}
			})
		})
	}
}
