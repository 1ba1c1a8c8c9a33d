package emulator

import (
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/events"
	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/store"
)

// fromIVS makes what IVS tells an event of the bus.
func fromIVS(e ivsrealtime.Event) events.Event {
	return events.Event{
		Account: e.Account, Region: e.Region, Source: ivsrealtime.EventSource, DetailType: e.DetailType,
		Time: e.Time, Resources: e.Resources, Detail: e.Detail,
	}
}

func (s *Server) bus() *events.Service { return s.services["events"].(*events.Service) }

// fate is what the faults that are armed here make of an event.
func (s *Server) fate(e events.Event, name string) (fate events.Fate) {
	f := s.faults.strikeEvent(e, name)
	if f == nil {
		return fate
	}
	switch f.Kind {
	case KindEventLate:
		fate.Late = time.Duration(f.Duration)
	case KindEventTwice:
		fate.Twice = true
	case KindEventAfterNext:
		fate.AfterNext = true
	case KindEventLost:
		fate.Lost = true
	default:
	}
	return fate
}

// matchesEvent tells whether the fault is for an event.
func (f Fault) matchesEvent(e events.Event, name string) bool {
	return f.ofEvents() && matches(f.Event, name) && matches(f.Region, e.Region) && matches(f.Account, e.Account)
}

// Event is something that happened, as services of AWS tell the bus.
type Event = events.Event

// Send has an event happen, of any source; PutEvents refuses those of AWS. One
// without a time happens now.
func (s *Server) Send(e Event) error {
	now, err := s.settledNow()
	if err != nil {
		return err
	}
	if e.Time.IsZero() {
		e.Time = now
	}
	return s.store.Update(func(tx *store.Tx) error {
		s.bus().Send(tx, e)
		return nil
	})
}

// Events tells what was sent over the event buses and what became of it.
func (s *Server) Events() (events.History, error) {
	if _, err := s.settledNow(); err != nil {
		return events.History{}, err
	}
	return s.bus().History()
}

func (s *Server) getEvents(w http.ResponseWriter, _ *http.Request) {
	history, err := s.Events()
	if err != nil {
		reply(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	reply(w, http.StatusOK, history)
}

func (s *Server) deleteEvents(w http.ResponseWriter, _ *http.Request) {
	if err := s.bus().Forget(); err != nil {
		reply(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
