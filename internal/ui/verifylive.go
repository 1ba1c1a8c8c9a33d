package ui

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
)

// ProofNow is what a proof is at in a region.
type ProofNow struct {
	Region, Step string
	// Doing is "" when the step is over there, which Verdict then is of.
	Doing   string
	Verdict proof.Verdict
	// Until is when it ends by itself; zero where that is not known.
	Until time.Time
}

// ProofProgress shows people how a show and the search for it go on: live on a
// terminal, a line for what has happened elsewhere, nothing when that was asked
// for. It is safe for concurrent use.
type ProofProgress struct {
	s     *Streams
	begun time.Time
	stop  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup

	mu     sync.Mutex
	closed bool
	board  *proofBoard // nil where lines are printed
	place  place       // only watch touches it
}

// NewProofProgress begins to show a proof in regions. Without regions there are
// lines on a terminal too.
func NewProofProgress(s *Streams, title string, regions []string) *ProofProgress {
	p := &ProofProgress{s: s, begun: time.Now(), stop: make(chan struct{})}
	if s.Live && !s.Quiet && len(regions) > 0 {
		p.board = newProofBoard(style(s.Color), title, regions, p.begun)
		p.wg.Go(p.watch)
	}
	return p
}

// At brings the picture up to date. Without a terminal only the search is told
// of: Tell has the rest.
func (p *ProofProgress) At(now ProofNow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.board != nil:
		p.board.take(now, time.Now())
	case now.Doing != "" && (now.Step == proof.StepRecording || now.Step == proof.StepLog):
		p.line(now.Region, now.Doing)
	}
}

// Tell says what has happened in a region; the picture has no room for it.
func (p *ProofProgress) Tell(region, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.board == nil {
		p.line(region, text)
	}
}

// Stopping says that what was made is taken away now.
func (p *ProofProgress) Stopping() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.board != nil {
		p.board.stopping = true
		return
	}
	p.line("", stoppingProof)
}

const stoppingProof = "interrupted: taking away what was made; Ctrl-C again ends at once"

// Close ends the picture. Nothing is shown afterwards.
func (p *ProofProgress) Close() {
	p.once.Do(func() { close(p.stop) })
	p.wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

func (p *ProofProgress) line(region, text string) {
	if p.s.Quiet || p.closed {
		return
	}
	if region != "" {
		text = region + ": " + text
	}
	page := p.s.layout().page()
	page.line(2, 2, page.style.paint(dim, fmt.Sprintf("%6s", seconds(time.Since(p.begun))))+" "+clean(text))
	p.s.print(page)
}

func (p *ProofProgress) watch() {
	write := func(text string) { _, _ = io.WriteString(p.s.Err, text) }
	write(hideCursor)
	ticker := time.NewTicker(spin)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			width, height := p.s.Size()
			p.mu.Lock()
			frame := p.board.frame(width, height, now)
			p.mu.Unlock()
			write(p.place.replace(frame, width, height))
		case <-p.stop:
			write(p.place.wipe(p.s.Size()) + showCursor)
			return
		}
	}
}
