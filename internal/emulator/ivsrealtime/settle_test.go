package ivsrealtime_test

import (
	"sync"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
)

// Who leaves writes the last segment, although others look meanwhile, and would
// have the recording closed by then.
func TestLastSegmentIsWaitedFor(t *testing.T) {
	for range 10 {
		w := newWorld(t, "")
		p := w.publish()
		c := w.compose()
		w.must(p.roll(3 * time.Second))
		now := w.now()
		stop := make(chan struct{})
		var lookers sync.WaitGroup
		for range 2 {
			lookers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						if err := w.ivs.Settle(now); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		w.ask("DeleteStage", `{"arn":"`+w.stage+`"}`, "")
		p.leave(ivsrealtime.ErrGone)
		close(stop)
		lookers.Wait()
		if got, want := c.summary(), "ended 3000 ms 60 30"; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
