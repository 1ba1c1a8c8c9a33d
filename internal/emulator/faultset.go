package emulator

import (
	"fmt"
	"slices"
	"sync"

	"github.com/yolo-live/yolo/internal/emulator/events"
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
	a := &armed{ArmedFault{ID: s.last, Fault: f}, make(chan struct{})}
	s.armed = append(s.armed, a)
	return a.ArmedFault, nil
}

// strike returns the fault that strikes this request; nil for none. Disarmed is
// closed once it is removed.
func (s *faultSet) strike(service string, r *wire.Request) (f *Fault, disarmed <-chan struct{}) {
	return s.first(func(f Fault) bool { return f.matches(service, r) })
}

// strikeEvent returns the fault that strikes this event; nil for none.
func (s *faultSet) strikeEvent(e events.Event, name string) *Fault {
	f, _ := s.first(func(f Fault) bool { return f.matchesEvent(e, name) })
	return f
}

// first returns the oldest armed fault that strikes what matches, and counts it.
func (s *faultSet) first(matches func(Fault) bool) (f *Fault, disarmed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.armed {
		if !matches(a.Fault) || (a.Times > 0 && a.Struck == a.Times) {
			continue
		}
		a.Matched++
		if a.Matched > a.Skip {
			a.Struck++
			struck := a.Fault
			return &struck, a.disarmed
		}
	}
	return nil, nil
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
