package resource

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// shelf is an IVS that many runs use at once. What its lists show may be up to
// lag old, each time another bit. All that is random comes from the seed, for
// each run apart, so that a seed is the same schedule every time.
type shelf struct {
	mu       sync.Mutex
	seed     uint64
	rng      *rand.Rand // of the schedule
	next     int
	quota    int
	waits    waits
	lag      time.Duration
	pace     time.Duration // the longest that a request takes, each way
	answers  refusals
	past     []moment
	told     strings.Builder // what happened, for a person who looks at a seed
	returned map[string]bool // what a run gave out as its winner
	deleted  []string        // what was given out and then deleted
	problems []string
}

// moment is the whole shelf from a point in time on.
type moment struct {
	at   time.Time
	tags map[string]map[string]string // by ARN
}

func newShelf(seed uint64, longestLag time.Duration) *shelf {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &shelf{
		seed: seed, rng: rng, quota: storageQuota.byDefault,
		waits: patience, pace: 300 * time.Millisecond, lag: time.Duration(rng.Int64N(int64(longestLag) + 1)),
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

// refusals are errors as cloud makes them.
type refusals struct{ quota, inside error }

// genuine has the emulator refuse creates, since only cloud makes its errors.
func genuine(t *testing.T) refusals {
	t.Helper()
	a := start(t, layoutOf("shared", driftRegion))
	refused := func(code string) error {
		a.fault("op=CreateEncoderConfiguration times=1 code=" + code)
		_, err := cloud.Call(t.Context(), a.clients(driftRegion).IVS.CreateEncoderConfiguration, &ivsrealtime.CreateEncoderConfigurationInput{}, cloud.Unrepeated)
		if !cloud.Is(err, code) {
			t.Fatalf("%s is %v", code, err)
		}
		return err
	}
	return refusals{refused("ServiceQuotaExceededException"), refused("InternalServerException")}
}

// hand is one run's way to the shelf.
type hand struct {
	*shelf
	number         int
	rng            *rand.Rand
	requests, dies int  // it dies before this request of its takes effect,
	after          bool // or after it
	// sleeps is the request before which its machine sleeps for asleep.
	sleeps int
	asleep time.Duration
	// naps is how long its machine sleeps right before every other of its
	// deletes, and of what settles one.
	naps time.Duration
	// loses has its first create get no clear answer, though it takes effect.
	loses bool
	// unclear is how many in ten of its creates get no clear answer.
	unclear int
	off     time.Duration // its reading of AWS's clock
}

const never = 1 << 30

func (s *shelf) hand(number int) *hand {
	return &hand{shelf: s, number: number, rng: rand.New(rand.NewPCG(s.seed, uint64(10+number))), dies: never}
}

var errDead = errors.New("the run has died")

// request makes one: there, the effect, and back. Once it is sent, it has its
// effect, whether the run still waits for it or not.
func (h *hand) request(ctx context.Context, what string, effect func() error) error {
	h.requests++
	if h.requests > h.dies || h.requests == h.dies && !h.after {
		return errDead
	}
	if h.requests == h.sleeps {
		time.Sleep(h.asleep)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if cloud.TooLate(ctx) {
		return cloud.ErrTooLate
	}
	h.travel()
	h.mu.Lock()
	err := effect()
	fmt.Fprintf(&h.told, "%12v run %d %s, %v: %v\n", time.Since(h.past[0].at).Round(time.Millisecond), h.number, what, err, h.now().tags)
	h.mu.Unlock()
	if h.requests == h.dies {
		return errDead
	}
	h.travel()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// travel takes the time of one way of a request.
func (h *hand) travel() { time.Sleep(time.Duration(h.rng.Int64N(int64(h.pace) + 1))) }

func (h *hand) list(ctx context.Context) (found []candidate, err error) {
	err = h.request(ctx, "lists", func() error {
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
		return nil
	})
	return found, err
}

func (h *hand) create(ctx context.Context, _ reconcile.Lookup, tags map[string]string) (arn string, err error) {
	err = h.request(ctx, "creates", func() error {
		fate := h.rng.IntN(20)
		switch {
		case len(h.now().tags) >= h.quota:
			return h.answers.quota
		case fate < h.unclear:
			return h.answers.inside
		}
		h.next++
		made := fmt.Sprintf("arn-%03d-%d", h.rng.IntN(1000), h.next)
		h.change(func(all map[string]map[string]string) { all[made] = tags })
		if fate < 2*h.unclear || h.loses {
			h.loses = false
			return h.answers.inside
		}
		arn = made
		return nil
	})
	return arn, err
}

func (h *hand) nap() {
	if h.naps > 0 && h.rng.IntN(2) == 0 {
		time.Sleep(h.naps)
	}
}

func (h *hand) remove(ctx context.Context, arn string) error {
	h.nap()
	return h.request(ctx, "deletes "+arn, func() error {
		if h.returned[arn] {
			h.deleted = append(h.deleted, arn)
		}
		h.change(func(all map[string]map[string]string) { delete(all, arn) })
		return nil
	})
}

func (h *hand) unpend(ctx context.Context, arn string) error {
	h.nap()
	return h.request(ctx, "settles "+arn, func() error {
		if h.now().tags[arn] == nil {
			h.problems = append(h.problems, arn+" is settled and not there")
			return nil
		}
		h.change(func(all map[string]map[string]string) { delete(all[arn], tagPending) })
		return nil
	})
}

// world is what a run of that ID knows.
func (h *hand) world(runID string) *world {
	return &world{
		env: &manifest.Environment{Name: "production", App: "app"}, runID: runID, waits: h.waits,
		clock: func() (time.Time, bool) { return time.Now().Add(h.off), true },
	}
}

func (h *hand) full(_ context.Context, err error) error { return err }

func (h *hand) configuration(w *world) *configuration {
	return &configuration{world: w, region: "us-east-1", kind: "encoder-configuration", step: StepEncoder, name: "x", ops: h, unpend: h.unpend}
}

// sync is what one run does for a configuration: what Compare plans, carried
// out as the engine does.
func (h *hand) sync(t *testing.T, number int) (arn string, err error) {
	w := h.world(fmt.Sprintf("run-%d", number))
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
	// sleeping has machines sleep for up to an hour.
	sleeping bool
	// waking has one run die long before, and half of the others sleep from
	// before that until the rest comes.
	waking bool
	// napping has creates done twice, and machines sleep right before they
	// delete one or settle on it, until others have gone on.
	napping bool
	unclear int           // in ten creates that get no clear answer
	pace    time.Duration // the longest that a request takes, each way; 0 is 300 ms
	others  int           // configurations of others that take up the quota
}

// even tells that nothing keeps a run from deleting its own in time.
func (p schedule) even() bool {
	return !p.dying && !p.sleeping && !p.waking && !p.napping && p.unclear == 0 && p.pace == 0
}

// hands are those of a schedule's runs, each with its fate.
func (s *shelf) hands(plan schedule) (hands []*hand, begins []time.Duration) {
	for number := range plan.runs {
		h := s.hand(number)
		h.unclear, h.off = plan.unclear, time.Duration(h.rng.Int64N(int64(3*time.Second)))-1500*time.Millisecond
		if plan.dying && h.rng.IntN(2) == 0 {
			h.dies, h.after = 1+h.rng.IntN(6), h.rng.IntN(2) == 0
		}
		if plan.sleeping && h.rng.IntN(2) == 0 {
			longest := []time.Duration{10 * time.Second, time.Minute, time.Hour}[h.rng.IntN(3)]
			h.sleeps, h.asleep = 1+h.rng.IntN(6), time.Duration(h.rng.Int64N(int64(longest)))
		}
		if plan.napping {
			h.loses, h.naps = true, 20*time.Second+time.Duration(h.rng.Int64N(int64(20*time.Second)))
		}
		begin := time.Duration(s.rng.Int64N(int64(plan.spread) + 1))
		switch long := 40 * time.Second; {
		case plan.waking && number == 0:
			h.dies, h.after, begin = 2, true, s.pace
		case plan.waking && number%2 == 1:
			h.sleeps, h.asleep, begin = 2, long+begin, 0
		case plan.waking:
			begin += long
		}
		hands, begins = append(hands, h), append(begins, begin)
	}
	return hands, begins
}

// play runs a schedule, then, when all is quiet, one run that mends what is left
// and one more, whose requests it counts. It returns the ARNs that the runs gave
// out.
func (s *shelf) play(t *testing.T, plan schedule) (winners map[string]int, lastRequests int) {
	if plan.pace > 0 {
		s.pace = plan.pace
	}
	s.quota -= plan.others
	winners = map[string]int{}
	one := func(h *hand) {
		arn, err := h.sync(t, h.number)
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case errors.Is(err, errDead), cloud.Is(err, "InternalServerException"):
		case err != nil:
			s.problems = append(s.problems, fmt.Sprintf("run %d: %v", h.number, err))
		default:
			winners[arn]++
			s.returned[arn] = true
		}
	}
	var wg sync.WaitGroup
	hands, begins := s.hands(plan)
	for number, h := range hands {
		wg.Go(func() {
			time.Sleep(begins[number])
			one(h)
		})
	}
	wg.Wait()
	time.Sleep(time.Minute)
	one(s.hand(plan.runs))
	time.Sleep(time.Minute) // lists lag
	last := s.hand(plan.runs + 1)
	one(last)
	return winners, last.requests
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
