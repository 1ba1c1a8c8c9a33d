package emulator

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/yolo-live/yolo/internal/emulator/events"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// ArmedFault is a Fault and what became of it so far.
type ArmedFault struct {
	ID int `json:"id"`
	Fault
	Matched int `json:"matched"` // requests that it was for, the skipped ones included
	Struck  int `json:"struck"`
}

// faultSet are the faults of one Server.
type faultSet struct {
	mu    sync.Mutex
	last  int
	armed []*armed
}

// armed is an ArmedFault with what tells those that hang by it of its end.
type armed struct {
	ArmedFault
	disarmed chan struct{}
	seen     map[string]int // of those with a share, by what they ask for
}

// add arms a fault. One that names a code need not name its kind.
func (s *faultSet) add(f Fault) (ArmedFault, error) {
	if f.Kind == "" && f.Code != "" {
		f.Kind = KindCode
	}
	if err := f.check(); err != nil {
		return ArmedFault{}, fmt.Errorf("fault: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	a := &armed{ArmedFault{ID: s.last, Fault: f}, make(chan struct{}), map[string]int{}}
	s.armed = append(s.armed, a)
	return a.ArmedFault, nil
}

// strike returns the fault that strikes this request; nil for none. Disarmed is
// closed once it is removed.
func (s *faultSet) strike(service string, r *wire.Request) (f *Fault, disarmed <-chan struct{}) {
	asked := store.Key(r.Account, r.Region, service, r.Operation)
	return s.first(asked, func(f Fault) bool { return f.matches(service, r) })
}

// strikeEvent returns the fault that strikes this event; nil for none.
func (s *faultSet) strikeEvent(e events.Event, name string) *Fault {
	f, _ := s.first(store.Key(e.Account, e.Region, name), func(f Fault) bool { return f.matchesEvent(e, name) })
	return f
}

// first returns the oldest armed fault that strikes what matches, and counts it.
// Asked is the same for requests, or events, of one kind.
func (s *faultSet) first(asked string, matches func(Fault) bool) (f *Fault, disarmed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.armed {
		if !matches(a.Fault) || (a.Times > 0 && a.Struck == a.Times) {
			continue
		}
		a.Matched++
		if a.Matched > a.Skip && a.drawn(asked) {
			a.Struck++
			struck := a.Fault
			return &struck, a.disarmed
		}
	}
	return nil, nil
}

// drawn tells whether the next request that asks for this is of those that the
// fault strikes.
func (a *armed) drawn(asked string) bool {
	if a.Share == 0 {
		return true
	}
	a.seen[asked]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%d\x00%d\x00%s", a.Seed, a.seen[asked], asked)
	pick := rand.New(rand.NewPCG(h.Sum64(), uint64(a.Seed))).IntN(100)
	return pick < a.Share
}

func (s *faultSet) list() []ArmedFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []ArmedFault{}
	for _, a := range s.armed {
		list = append(list, a.ArmedFault)
	}
	return list
}

// remove disarms one fault, or all when id is 0.
func (s *faultSet) remove(id int) (found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.armed)
	s.armed = slices.DeleteFunc(s.armed, func(a *armed) bool {
		gone := id == 0 || a.ID == id
		if gone {
			close(a.disarmed)
		}
		return gone
	})
	return id == 0 || len(s.armed) < before
}
