package resource

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// shelf is an IVS that many runs use at once. What its lists show may be up to
// lag old, each time another bit.
type shelf struct {
	mu       sync.Mutex
	rng      *rand.Rand
	next     int
	waits    waits
	lag      time.Duration
	pace     time.Duration // the longest that a request takes, each way
	past     []moment
	returned map[string]bool // what a run gave out as its winner
	deleted  []string        // what was given out and then deleted
	problems []string
}

// moment is the whole shelf from a point in time on.
type moment struct {
	at   time.Time
	tags map[string]map[string]string // by ARN
}

func newShelf(seed uint64, longestLag, lookAfter time.Duration) *shelf {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := patience
	w.lookAfter = lookAfter
	return &shelf{
		rng: rng, waits: w, pace: 300 * time.Millisecond, lag: time.Duration(rng.Int64N(int64(longestLag) + 1)),
		past: []moment{{at: time.Now(), tags: map[string]map[string]string{}}}, returned: map[string]bool{},
	}
}

func (s *shelf) now() moment { return s.past[len(s.past)-1] }

// change makes the next moment. It is called with mu held.
func (s *shelf) change(edit func(map[string]map[string]string)) {
	tags := map[string]map[string]string{}
	for arn, t := range s.now().tags {
		tags[arn] = maps.Clone(t)
	}
	edit(tags)
	s.past = append(s.past, moment{time.Now(), tags})
}

// travel takes the time of one way of a request.
func (s *shelf) travel(ctx context.Context) error {
	s.mu.Lock()
	d := time.Duration(s.rng.Int64N(int64(s.pace) + 1))
	s.mu.Unlock()
	return reconcile.Pause(ctx, d, "")
}

// hand is one run's way to the shelf. It dies before its request number dies
// takes effect, or after it.
type hand struct {
	*shelf
	requests, dies int
	after          bool
}

var errDead = errors.New("the run has died")

// request makes one: there, the effect, and back.
func (h *hand) request(ctx context.Context, effect func()) error {
	h.requests++
	if h.requests > h.dies || h.requests == h.dies && !h.after {
		return errDead
	}
	if err := h.travel(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	effect()
	h.mu.Unlock()
	if h.requests == h.dies {
		return errDead
	}
	return h.travel(ctx)
}

func (h *hand) list(ctx context.Context) (found []candidate, err error) {
	err = h.request(ctx, func() {
		seen := time.Now()
		if h.lag > 0 {
			seen = seen.Add(-time.Duration(h.rng.Int64N(int64(h.lag) + 1)))
		}
		shown := h.past[0]
		for _, m := range h.past {
			if !m.at.After(seen) {
				shown = m
			}
		}
		for arn, tags := range shown.tags {
			found = append(found, candidate{arn, tags})
		}
	})
	return found, err
}

func (h *hand) create(ctx context.Context, _ reconcile.Lookup, tags map[string]string) (arn string, err error) {
	err = h.request(ctx, func() {
		h.next++
		arn = fmt.Sprintf("arn-%03d-%d", h.rng.IntN(1000), h.next)
		h.change(func(all map[string]map[string]string) { all[arn] = tags })
	})
	return arn, err
}

func (h *hand) remove(ctx context.Context, arn string) error {
	return h.request(ctx, func() {
		if h.returned[arn] {
			h.deleted = append(h.deleted, arn)
		}
		h.change(func(all map[string]map[string]string) { delete(all, arn) })
	})
}

func (h *hand) unpend(ctx context.Context, arn string) error {
	return h.request(ctx, func() {
		if h.now().tags[arn] == nil {
			h.problems = append(h.problems, arn+" is claimed and not there")
			return
		}
		h.change(func(all map[string]map[string]string) { delete(all[arn], tagPending) })
	})
}

func (h *hand) full(_ context.Context, err error) error { return err }

func (h *hand) configuration(w *world) *configuration {
	return &configuration{world: w, region: "us-east-1", kind: "encoder-configuration", step: StepEncoder, name: "x", ops: h, unpend: h.unpend}
}

// sync is what one run does for a configuration: what Compare plans, carried
// out as the engine does.
func (h *hand) sync(t *testing.T, number int) (arn string, err error) {
	w := &world{env: &manifest.Environment{Name: "production", App: "app"}, runID: fmt.Sprintf("run-%d", number), waits: h.waits}
	c := h.configuration(w)
	found, err := h.list(t.Context())
	if err != nil {
		return "", err
	}
	made, err := c.compare(found, nil)
	if err != nil {
		return "", err
	}
	arn = made.ARN
	outputs := made.Outputs
	for _, step := range made.Steps {
		outcome, err := step.Do(t.Context(), nil)
		if err != nil {
			return "", err
		}
		outputs = outcome.Outputs
		arn = outcome.ARN
	}
	if outputs[outMine] == "" {
		return arn, nil
	}
	settle := settlingStep(c.key(), func(context.Context) (*configuration, error) { return c, nil })
	outcome, err := settle.Do(t.Context(), func(_ reconcile.Key, name string) string { return outputs[name] })
	return outcome.ARN, err
}

// schedule is one random meeting of runs.
type schedule struct {
	runs   int
	spread time.Duration // between the first run's begin and the last one's
	dying  bool
}

// play runs a schedule, then one more run when all is quiet, and returns the
// ARNs that the runs gave out.
func (s *shelf) play(t *testing.T, plan schedule) map[string]int {
	winners := map[string]int{}
	var wg sync.WaitGroup
	one := func(number int, h *hand) {
		arn, err := h.sync(t, number)
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case errors.Is(err, errDead):
		case err != nil:
			s.problems = append(s.problems, fmt.Sprintf("run %d: %v", number, err))
		default:
			winners[arn]++
			s.returned[arn] = true
		}
	}
	hands, begins := make([]*hand, plan.runs), make([]time.Duration, plan.runs)
	for number := range plan.runs {
		hands[number] = &hand{shelf: s, dies: 1 << 30}
		if plan.dying && s.rng.IntN(2) == 0 {
			hands[number].dies, hands[number].after = 1+s.rng.IntN(6), s.rng.IntN(2) == 0
		}
		begins[number] = time.Duration(s.rng.Int64N(int64(plan.spread) + 1))
	}
	for number, h := range hands {
		wg.Go(func() {
			time.Sleep(begins[number])
			one(number, h)
		})
	}
	wg.Wait()
	time.Sleep(time.Minute)
	one(plan.runs, &hand{shelf: s, dies: 1 << 30})
	return winners
}

// settledNow counts what no run's tag is on any more.
func (s *shelf) settledNow() (settled, pending int) {
	for _, tags := range s.now().tags {
		if tags[tagPending] == "" {
			settled++
		} else {
			pending++
		}
	}
	return settled, pending
}
