package verify

import (
	"context"
	"time"

	"github.com/yolo-live/yolo/internal/show"
	"github.com/yolo-live/yolo/internal/show/testcard"
	"github.com/yolo-live/yolo/internal/show/whip"
)

// publication is what is put on, and where.
type publication struct {
	Endpoint, Token, StageARN, Run string
	Width, Height                  int // the encoder's
}

// airing is a picture that is on.
type airing interface {
	// Wait waits until that much picture was sent, or returns why it will not be.
	Wait(ctx context.Context, length time.Duration) error
	Sent() time.Duration
	End(ctx context.Context)
}

// publisher puts a picture on.
type publisher func(ctx context.Context, p publication) (airing, error)

// ivsHosts are those that the token may be sent to beside the stage's own
// (RealTimeUserGuide, "Network requirements").
func ivsHosts() []string { return []string{"*.live-video.net"} }

// putOn publishes over WHIP.
func putOn(ctx context.Context, p publication) (airing, error) {
	width, height := testcard.Fit(p.Width, p.Height)
	on, err := show.Begin(ctx, show.Options{
		WHIP:  whip.Options{Endpoint: p.Endpoint, Token: p.Token, Hosts: ivsHosts()},
		Width: width, Height: height, Run: p.Run,
	})
	if err != nil {
		return nil, err
	}
	return &aired{on}, nil
}

type aired struct{ *show.Show }

// End ends the show. What the server may still hold of it goes with the stage.
func (a *aired) End(ctx context.Context) { a.Show.End(ctx) }
