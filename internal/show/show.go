// Package show puts on a short test show: a picture that proves which run made
// it and that it moves, and a tone, published over WHIP.
//
// It knows no AWS: whoever made the stage gives its endpoint and a token, and
// decides how long the show lasts. Start at Begin.
package show

import (
	"context"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/show/h264"
	"github.com/yolo-live/yolo/internal/show/testcard"
	"github.com/yolo-live/yolo/internal/show/whip"
)

const (
	// Framerate is what a show has unless Options say otherwise.
	Framerate = 30
	// keyframeEvery is what IVS asks of publishers (IVS Real-Time "Stream
	// ingest": every 1 or 2 s).
	keyframeEvery = 2 * time.Second
	// keyframePause is how long a server that asks for keyframes waits for the
	// next one at most, so that asking on and on does not multiply the bitrate.
	keyframePause = 500 * time.Millisecond
	// maxLag is how late a frame may be and still be caught up with. After more,
	// such as a night's sleep of the machine, the show goes on from where it was.
	maxLag = time.Second
)

// Clock paces a show. Tests let one run faster.
type Clock interface {
	Now() time.Time
	// Sleep waits until then, or returns an error as soon as ctx is done.
	Sleep(ctx context.Context, until time.Time) error
}

// Options are what a show consists of and where it goes.
type Options struct {
	// WHIP is where to. ProfileLevelID and Now are set by Begin.
	WHIP whip.Options
	// Width and Height are the picture's, even; see Fit.
	Width, Height int
	// Framerate is in pictures a second, 1 to 60; 0 is 30.
	Framerate int
	// Run is written into the picture; see testcard.New.
	Run string
	// Clock paces the show; nil is the real time.
	Clock Clock
}

// Fit is the size of the picture for an encoder of that size: the same, at most
// 720p.
func Fit(width, height int) (int, int) { return testcard.Fit(width, height) }

// Show is a show that is on. Its methods are safe for concurrent use.
type Show struct {
	session   *whip.Session
	writer    *h264.Writer
	card      *testcard.Card
	clock     Clock
	framerate int
	stop      context.CancelFunc
	lastKey   int           // the last keyframe's number; the sender's own
	stopped   chan struct{} // closed when nothing is sent any more

	mu        sync.Mutex
	sent      time.Duration
	keyframes int
	err       error
	moved     chan struct{} // closed and replaced when sent grows

	ending sync.Once
	result Result
}

// Result is what a show was in the end.
type Result struct {
	whip.Stats
	Width, Height, Framerate int
	// Keyframes are among VideoFrames.
	Keyframes int
	// Lasted is the length of the picture that was sent.
	Lasted time.Duration
	// Unended is why the server may still hold the session, nil when it does not.
	Unended error
}

// Begin connects and begins to send. ctx counts until Begin returns; the show
// goes on until End, which must be called. Errors of the connection are
// *whip.Error.
func Begin(ctx context.Context, o Options) (*Show, error) {
	if o.Framerate == 0 {
		o.Framerate = Framerate
	}
	if o.Clock == nil {
		o.Clock = realTime{}
	}
	s := &Show{clock: o.Clock, framerate: o.Framerate, stopped: make(chan struct{}), moved: make(chan struct{})}
	var err error
	if s.writer, err = h264.NewWriter(o.Width, o.Height, o.Framerate); err != nil {
		return nil, err
	}
	if s.card, err = testcard.New(o.Width, o.Height, o.Framerate, o.Run); err != nil {
		return nil, err
	}
	o.WHIP.ProfileLevelID = s.writer.ProfileLevelID()
	o.WHIP.Now = o.Clock.Now
	if s.session, err = whip.Dial(ctx, o.WHIP); err != nil {
		return nil, err
	}
	var sending context.Context
	sending, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go s.send(sending)
	return s, nil
}

// send sends pictures and sound in the order of their times until ctx is done or
// the session is over.
func (s *Show) send(ctx context.Context) {
	defer close(s.stopped)
	begun := s.clock.Now()
	pictures, packets := 0, 0
	for {
		video := time.Duration(pictures) * time.Second / time.Duration(s.framerate)
		audio := time.Duration(packets) * toneLasts
		due := begun.Add(min(video, audio))
		if lag := s.clock.Now().Sub(due); lag > maxLag {
			begun = begun.Add(lag)
		} else if s.clock.Sleep(ctx, due) != nil {
			return
		}
		var err error
		if video <= audio {
			err = s.sendPicture(pictures, video)
			pictures++
		} else {
			err = s.session.WriteAudio(tone(), audio)
			packets++
		}
		if err == nil {
			err = s.session.Err()
		}
		if err != nil {
			s.breakOff(err)
			return
		}
	}
}

// frames is how many pictures that is, at least one.
func (s *Show) frames(d time.Duration) int {
	return max(int(d*time.Duration(s.framerate)/time.Second), 1)
}

func (s *Show) sendPicture(number int, at time.Duration) error {
	key := number%s.frames(keyframeEvery) == 0 ||
		number-s.lastKey >= s.frames(keyframePause) && s.session.KeyframeWanted()
	unit, err := s.writer.Write(s.card.Draw(number), key)
	if err != nil {
		return err
	}
	if err := s.session.WriteVideo(unit.AnnexB, at); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = at + time.Second/time.Duration(s.framerate)
	if key {
		s.keyframes++
		s.lastKey = number
	}
	close(s.moved)
	s.moved = make(chan struct{})
	return nil
}

func (s *Show) breakOff(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Sent is the length of the picture that was sent so far.
func (s *Show) Sent() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// Err is why the show broke off, nil while it is on and after it was ended.
func (s *Show) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	return s.session.Err()
}

// Wait waits until that much picture was sent. It returns an error when the show
// breaks off before, or ctx is done.
func (s *Show) Wait(ctx context.Context, length time.Duration) error {
	for {
		s.mu.Lock()
		sent, moved := s.sent, s.moved
		s.mu.Unlock()
		if sent >= length {
			return nil
		}
		select {
		case <-moved:
		case <-s.session.Done():
			return s.brokeOff()
		case <-s.stopped:
			return s.brokeOff()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Show) brokeOff() error {
	if err := s.Err(); err != nil {
		return err
	}
	return errEnded
}

// Stats returns what was sent so far.
func (s *Show) Stats() whip.Stats { return s.session.Stats() }

// End stops the show and ends its session, also when ctx is done already. A
// second call gives the same result.
func (s *Show) End(ctx context.Context) Result {
	s.ending.Do(func() {
		s.stop()
		<-s.stopped
		width, height := s.writer.Size()
		s.result = Result{Width: width, Height: height, Framerate: s.framerate, Unended: s.session.Close(ctx)}
		s.result.Stats = s.session.Stats()
		s.result.Keyframes, s.result.Lasted = s.keyframes, s.sent
	})
	return s.result
}
