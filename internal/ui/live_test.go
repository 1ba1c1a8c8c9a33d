package ui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const prompt = "$ yolo sync\r\n"

// showing runs a world before a live progress on a terminal, and lets the test
// look at it meanwhile.
func showing(t *testing.T, w *world, title string, screen *vt, look func(at func(time.Duration), p Progress)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &Streams{Err: &Stream{w: screen}, Size: screen.size, Live: true, Color: true}
		_, _ = screen.Write([]byte(prompt))
		p := NewProgress(s, title, w.groups, sevenRegions)
		e := w.engine()
		e.Observe = p.Observe
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ran := make(chan struct{})
		go func() {
			defer close(ran)
			e.Run(ctx)
		}()
		begun := time.Now()
		look(func(after time.Duration) {
			// Between two frames, when the last one is drawn.
			time.Sleep(time.Until(begun.Add(after.Truncate(spin) + spin/2)))
			synctest.Wait()
		}, p)
		p.Close()
		cancel()
		<-ran
		time.Sleep(time.Hour) // what goes on in steps that were given up
	})
	if len(screen.unknown) > 0 {
		t.Errorf("the terminal was sent the codes %q", screen.unknown)
	}
}

// whole checks that one frame is on the screen, and only that below the prompt.
func whole(t *testing.T, screen *vt, head string, prompted bool) {
	t.Helper()
	text := screen.text()
	if got := strings.Count(text, head); got != 1 {
		t.Errorf("%q is %d times on the screen, want once:\n%s", head, got, text)
	}
	if prompted != strings.Contains(text, "$ yolo") {
		t.Errorf("the line above is on the screen: %v, want %v:\n%s", !prompted, prompted, text)
	}
}

func TestLiveNeverWraps(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing goes on at the same time here, and it takes long")
	}
	worlds := map[string]func() *world{
		"empty":    func() *world { return empty(sevenRegions) },
		"regional": func() *world { return regional(sevenRegions) },
		"purging":  func() *world { return purging(sevenRegions) },
		"slow":     sluggish,
		"failing":  failing,
	}
	for name, w := range worlds {
		for _, size := range []struct{ width, height int }{{80, 24}, {40, 24}, {30, 24}, {80, 10}, {40, 10}, {100, 30}, {20, 5}, {80, 2}} {
			screen := newVT(size.width, size.height)
			showing(t, w(), "Syncing 生産-production", screen, func(at func(time.Duration), _ Progress) {
				for after := time.Duration(0); after < 6*time.Second; after += 300 * time.Millisecond {
					at(after)
					if screen.wrapped > 0 {
						screen.wrapped = 0
						t.Errorf("%s on %dx%d: a line wraps after %v:\n%s", name, size.width, size.height, after, screen.text())
					}
				}
			})
			if got := strings.TrimSpace(screen.text()); got != strings.TrimSpace(prompt) && len(screen.past) == 0 {
				t.Errorf("%s on %dx%d: left on the screen:\n%s", name, size.width, size.height, got)
			}
			if screen.hidden {
				t.Errorf("%s: the cursor is hidden at the end", name)
			}
		}
	}
}

func TestLiveFollowsTheSize(t *testing.T) {
	const head = "sync production:"
	screen := newVT(80, 40)
	showing(t, purging(sevenRegions), "sync production", screen, func(at func(time.Duration), p Progress) {
		after := time.Duration(0)
		for _, size := range []struct{ width, height int }{
			{80, 40}, {40, 40}, {100, 40}, {60, 40}, {61, 40}, {30, 40}, {120, 40}, {80, 40},
		} {
			after += 700 * time.Millisecond
			at(after)
			screen.resize(size.width, size.height)
			at(after + 200*time.Millisecond)
			whole(t, screen, head, true)
		}
		p.Stopping()
		at(after + 500*time.Millisecond)
		whole(t, screen, "interrupted: waiting for the calls in flight", true)
	})
	if got := strings.TrimSpace(screen.text()); got != strings.TrimSpace(prompt) {
		t.Errorf("left on the screen:\n%s", got)
	}
}

// What scrolled off when the window became lower comes back on some terminals
// when it becomes higher, and is none of ours by then.
func TestLiveFollowsTheHeightBack(t *testing.T) {
	for _, returns := range []bool{true, false} {
		screen := newVT(80, 24)
		screen.returns = returns
		showing(t, purging(sevenRegions), "sync production", screen, func(at func(time.Duration), _ Progress) {
			after := 2 * time.Second
			at(after)
			whole(t, screen, "sync production:", true)
			for _, height := range []int{10, 5, 8, 7, 24, 12, 24, 4, 30} {
				after += 200 * time.Millisecond
				at(after)
				screen.resize(80, height)
				at(after + 100*time.Millisecond)
				whole(t, screen, "sync production:", returns && height >= 24)
			}
		})
		if got := strings.TrimSpace(screen.text()); returns && got != strings.TrimSpace(prompt) {
			t.Errorf("left on the screen:\n%s", got)
		}
	}
}

// On a window that becomes lower than the frame, what was above has scrolled
// off; what is left of the window shows one frame.
func TestLiveFollowsTheHeight(t *testing.T) {
	screen := newVT(80, 24)
	showing(t, regional(sevenRegions), "sync production", screen, func(at func(time.Duration), _ Progress) {
		after := time.Duration(0)
		for _, size := range []struct{ width, height int }{{80, 10}, {80, 6}, {40, 6}, {80, 12}, {30, 5}, {80, 3}, {80, 1}, {80, 24}} {
			after += 200 * time.Millisecond
			at(after)
			screen.resize(size.width, size.height)
			at(after + 100*time.Millisecond)
			if size.height > 1 {
				whole(t, screen, "sync production:", false)
			}
		}
	})
	if screen.hidden {
		t.Error("the cursor is hidden at the end")
	}
}

// Whatever becomes of the window, what was on it before stays, and there is one
// frame on a screen to which nothing comes back.
func TestLiveKeepsWhatWasThere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 16 {
		screen := newVT(80, 24)
		screen.returns, screen.breaks = round%2 == 0, round%4 == 0
		var sizes []string
		showing(t, purging(sevenRegions), "sync", screen, func(at func(time.Duration), _ Progress) {
			after := time.Second
			for range 12 {
				after += 200 * time.Millisecond
				at(after)
				width, height := 20+random.IntN(100), 3+random.IntN(30)
				sizes = append(sizes, fmt.Sprintf("%dx%d", width, height))
				screen.resize(width, height)
				at(after + 100*time.Millisecond)
				if got := strings.Count(screen.all(), "$ yolo sync"); got != 1 {
					t.Errorf("after %v the line from before is there %d times:\n%s", sizes, got, screen.all())
				}
				if got := strings.Count(screen.text(), "sync: "); !screen.returns && got != 1 {
					t.Errorf("after %v there are %d frames:\n%s", sizes, got, screen.text())
				}
			}
		})
	}
}

func TestStoppingHasRoomOnANarrowScreen(t *testing.T) {
	for width, want := range map[int]string{
		80: stoppingText + "  0.2s", 72: stoppingText, 40: "stopping; Ctrl-C again ends at once", 30: "stopping  0.2s", 8: "stopping", 5: "stop…",
	} {
		b := newBoard(false, "sync production", twoRegions, time.Now())
		b.stopping = true
		if got := b.frame(width, 10, b.begun.Add(200*time.Millisecond))[0]; got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}
