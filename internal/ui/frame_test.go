package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// boardAfter is the board of a run d after its start.
func boardAfter(t *testing.T, w *world, d time.Duration) (b *board, now time.Time) {
	synctest.Test(t, func(t *testing.T) {
		b = newBoard(false, "sync production", sevenRegions, time.Now())
		index := map[string]*progressGroup{}
		for _, g := range w.groups {
			index[g.ID] = &progressGroup{title: g.Title}
			b.groups = append(b.groups, index[g.ID])
		}
		now = b.begun.Add(d)
		e := w.engine()
		e.Observe = func(event reconcile.Event) {
			if !event.At.After(now) {
				b.take(index[event.Report.Group], event)
			}
		}
		e.Run(t.Context())
	})
	return b, now
}

func TestFrame(t *testing.T) {
	moments := map[string]struct {
		world *world
		after time.Duration
	}{
		"begun":   {empty(sevenRegions), 150 * time.Millisecond},
		"reading": {empty(sevenRegions), 450 * time.Millisecond},
		"busy":    {empty(sevenRegions), 1250 * time.Millisecond},
		"late":    {failing(), 2 * time.Second},
		"over":    {failing(), time.Minute},

		"regional": {regional(sevenRegions), 1250 * time.Millisecond},
		"deleting": {purging(sevenRegions), 20 * time.Second},
		"slow":     {sluggish(), 10 * time.Second},
	}
	sizes := []struct{ width, height, rows int }{
		{80, 24, 23},
		{40, 24, 23},
		{30, 24, 23},
		{120, 24, 23},
		{80, 60, 24},
		{80, 10, 9},
		{40, 10, 9},
		{60, 6, 5},
		{80, 3, 2},
		{80, 2, 1},
		{80, 1, 0},
		{0, 0, 23},
		{5, 24, 23},
	}
	for name, m := range moments {
		t.Run(name, func(t *testing.T) {
			b, now := boardAfter(t, m.world, m.after)
			var all strings.Builder
			for _, size := range sizes {
				frame := b.frame(size.width, size.height, now)
				if len(frame) > size.rows {
					t.Errorf("%dx%d: %d rows, want at most %d", size.width, size.height, len(frame), size.rows)
				}
				width := size.width
				if width == 0 {
					width = 80
				}
				for _, line := range frame {
					if ansi.StringWidth(line) > width {
						t.Errorf("%dx%d: %q is too wide", size.width, size.height, line)
					}
				}
				fmt.Fprintf(&all, "--- %dx%d\n%s\n", size.width, size.height, strings.Join(frame, "\n"))
			}
			golden(t, "frame-"+name+".txt", all.String())
		})
	}
}

// On the usual screen every region of every step is named, whatever goes on.
func TestFrameNamesEveryRegion(t *testing.T) {
	b, now := boardAfter(t, empty(sevenRegions), 450*time.Millisecond)
	text := strings.Join(b.frame(80, 24, now), "\n")
	for _, region := range sevenRegions {
		if got := strings.Count(text, region); got < 5 {
			t.Errorf("%s is named %d times, want in all 5 steps:\n%s", region, got, text)
		}
	}
}

// sluggish is an account in which everything takes long, and one step waits for
// something again and again.
func sluggish() *world {
	w := empty(twoRegions)
	for _, t := range w.things {
		t.takes = time.Minute
	}
	w.at("eu-west-1", "rule").reads = time.Minute
	s := w.at("us-east-1", "encoder-configuration")
	s.found.Steps[0].Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
		for range 60 {
			if err := reconcile.Pause(ctx, time.Second, "IVS to list the new configuration"); err != nil {
				return reconcile.Outcome{}, err
			}
			time.Sleep(200 * time.Millisecond)
		}
		return reconcile.Outcome{}, nil
	}
	w.at("eu-west-1", "encoder-configuration").found.Steps[0].Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
		return reconcile.Outcome{}, reconcile.Pause(ctx, time.Minute, "")
	}
	return w
}
