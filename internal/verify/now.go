package verify

import (
	"time"

	"github.com/yolo-live/yolo/internal/proof"
)

// Now is what a run is at in a region, for whoever watches it.
type Now struct {
	Region string
	// Step is the ID of a step of the proof.
	Step string
	// Doing is what goes on, as in "the picture is on"; "" when the step is over
	// in that region, which Verdict then is of.
	Doing   string
	Verdict proof.Verdict
	// Until is when it ends by itself; zero where that is not known.
	Until time.Time
}

// at tells what a step is at in a region; left is zero where it is not known.
func (r *run) at(region, step, doing string, left time.Duration) {
	if r.At == nil {
		return
	}
	now := Now{Region: region, Step: step, Doing: doing}
	if left > 0 {
		now.Until = time.Now().Add(left)
	}
	r.At(now)
}

// over tells that a step is over in a region.
func (r *run) over(region, step string) {
	if r.At == nil {
		return
	}
	r.mu.Lock()
	in := proof.Step{}
	for _, f := range r.steps[step] {
		if f.Region == region {
			in.Findings = append(in.Findings, f)
		}
	}
	r.mu.Unlock()
	r.At(Now{Region: region, Step: step, Verdict: in.Verdict()})
}
