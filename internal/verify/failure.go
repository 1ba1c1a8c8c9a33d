package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/show/testcard"
)

// reason is what IVS says of a destination that failed: GetComposition has no
// words for it. The log tells most; without one, and where the event does not
// come, the recording's metadata may. "" is nothing.
func (g *regionRun) reason(ctx context.Context, failed *showError) string {
	if _, ok := errors.AsType[*destinationError](failed.err); !ok {
		return ""
	}
	var reason string
	_ = g.poll(ctx, g.waits.reason, func(ctx context.Context) (done bool, seen string, err error) {
		if g.Show.Logs {
			reason, err = g.loggedReason(ctx)
		} else {
			reason = g.writtenReason(ctx)
		}
		return reason != "", "", err
	})
	if reason == "" {
		reason = g.writtenReason(ctx)
	}
	return reason
}

func (g *regionRun) loggedReason(ctx context.Context) (string, error) {
	seen, err := g.eventsOf(ctx, g.composition.arn, g.begun)
	for _, e := range seen {
		if e.Detail.Name == "Destination Failure" {
			return fmt.Sprintf("IVS says %s: %s", e.Detail.ErrorCode, e.Detail.Reason), err
		}
	}
	return "", err
}

// writtenReason is what recording-failed.json says, as far as it could be
// written and can be read.
func (g *regionRun) writtenReason(ctx context.Context) string {
	outcome := recording.ReadOutcome(ctx, g.bucket(), g.composition.prefix)
	if outcome.State() != recording.Failed || outcome.Message() == "" {
		return ""
	}
	return "IVS wrote: " + outcome.Message()
}

// emulated tells whether the reason is that an emulator cannot do what IVS does,
// such as to encode: nothing follows from that for the region.
func emulated(reason string) bool { return strings.Contains(reason, ": The emulator ") }

// sizes tells what was sent for which encoder, where the two differ; "" where
// they do not.
func (g *regionRun) sizes() string {
	width, height := testcard.Fit(g.Show.Width, g.Show.Height)
	if width == g.Show.Width && height == g.Show.Height {
		return ""
	}
	return fmt.Sprintf("%dx%d was sent for an encoder of %dx%d, since IVS takes no more than 720p", width, height, g.Show.Width, g.Show.Height)
}
