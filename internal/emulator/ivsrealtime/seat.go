package ivsrealtime

import (
	"errors"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Seat is a participant's place on a stage, while its media come through this
// process. Its methods are safe for concurrent use.
type Seat struct {
	service   *Service
	admission Admission
	id        string // of the connection
	audio     bool   // it may send audio, too

	mu        sync.Mutex
	joined    bool
	published bool
	session   string
	check     media.Check
	takes     map[string]*take // by destination
}

// ErrGone says that a participant is not on its stage any more: it was
// disconnected, or the stage deleted.
var ErrGone = errors.New("the participant is not on the stage any more")

// Seat keeps a place for who was admitted. The id names the connection.
func (s *Service) Seat(a Admission, id string) *Seat {
	return &Seat{service: s, admission: a, id: id, takes: map[string]*take{}}
}

// seated are those who publish through this process.
func (s *Service) seated() []*Seat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Seat
	for seat := range s.seats {
		all = append(all, seat)
	}
	return all
}

func (s *Service) seat(t *Seat, there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if there {
		s.seats[t] = true
		return
	}
	delete(s.seats, t)
}

// update runs fn over the seat's participant, and keeps what it made of it.
func (t *Seat) update(fn func(tx *store.Tx, p *participant, now time.Time) error) error {
	now, err := t.service.store.Now()
	if err != nil {
		return err
	}
	return t.service.store.Update(func(tx *store.Tx) error {
		p, ok := t.participant(tx)
		if !ok {
			return ErrGone
		}
		return fn(tx, &p, now)
	})
}

// participant is who sits there; not ok for one who is not on the stage any more.
func (t *Seat) participant(tx *store.Tx) (p participant, ok bool) {
	key := store.Key(t.admission.stage.key(), t.session, t.admission.token.ParticipantID)
	p, ok = store.Get[participant](tx, tableParticipants, key)
	return p, ok && p.connected()
}

// Join has the participant come onto the stage, who may send audio or not.
func (t *Seat) Join(audio bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.audio = audio
	process, err := t.service.presence.Name()
	if err != nil {
		return err
	}
	now, err := t.service.store.Now()
	if err != nil {
		return err
	}
	stage := t.admission.stage
	err = t.service.store.Update(func(tx *store.Tx) error {
		if _, ok := store.Get[resource](tx, table(kindStage), stage.key()); !ok {
			return ErrGone
		}
		p, err := join(tx, stage, &t.admission.token, now)
		if err != nil {
			return err
		}
		p.Protocol, t.session = "WHIP", p.Session
		store.Put(tx, tableParticipants, p.key(stage), p)
		store.Put(tx, tableConnections, connectionKey(stage, p.ID), connection{
			ID: t.id, Token: t.admission.token.Token, Stage: stage.arn(), Session: p.Session, Who: p.ID, Process: process,
		})
		return nil
	})
	if err == nil {
		t.joined = true
		t.service.seat(t, true)
	}
	return err
}

// Picture takes in a picture, and tells whether a recording waits for a key
// picture. The error is a media.Refusal for a picture that IVS does not take.
func (t *Seat) Picture(p media.Picture) (wantsKey bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.check.Picture(p); err != nil {
		return false, err
	}
	if err := t.publish(); err != nil {
		return false, err
	}
	now, err := t.service.store.Now()
	if err != nil {
		return false, err
	}
	err = t.record(p, now)
	for _, k := range t.takes {
		wantsKey = wantsKey || k.cutter.Waits()
	}
	return wantsKey, err
}

// Sound takes in a packet of sound.
func (t *Seat) Sound(s media.Sound) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.check.Sound(s)
	if err := t.publish(); err != nil {
		return err
	}
	for _, k := range t.takes {
		k.cutter.Sound(s)
	}
	return nil
}

// publish notes that the participant publishes, once.
func (t *Seat) publish() error {
	if t.published {
		return nil
	}
	t.published = true
	return t.update(func(tx *store.Tx, p *participant, now time.Time) error {
		t.service.publish(tx, t.admission.stage, p, now)
		return nil
	})
}

// Tick is to be called a few times a second, for what happens by the clock or
// through other processes. It returns ErrGone for who is to leave.
func (t *Seat) Tick() error {
	t.mu.Lock()
	there := false
	err := t.service.store.View(func(tx *store.Tx) error {
		_, there = t.participant(tx)
		return nil
	})
	t.mu.Unlock()
	if err == nil && !there {
		err = ErrGone
	}
	now, errNow := t.service.store.Now()
	if err := errors.Join(err, errNow); err != nil {
		return err
	}
	return t.service.Settle(now)
}

// Leave has the participant leave the stage, because of a media.Refusal or for
// any other reason, which nobody is told. It is the last call.
func (t *Seat) Leave(why error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.joined {
		return nil
	}
	// Until all is written it is waited for by who settles, and would close the
	// recording without its last segment.
	defer t.service.seat(t, false)
	now, err := t.service.store.Now()
	if err != nil {
		return err
	}
	return errors.Join(t.settleTakes(nil, now), t.service.write(func(tx *store.Tx, _ *s3.Batch) error {
		stage := t.admission.stage
		p, there := t.participant(tx)
		if refusal, ok := errors.AsType[*media.Refusal](why); ok && there {
			t.service.tellStage(tx, stage, &p, "Participant Publish Error", refusal.Code, now)
		}
		if there {
			t.service.leave(tx, stage, p.ID, now)
		}
		tx.Delete(tableConnections, connectionKey(stage, t.admission.token.ParticipantID))
		return nil
	}))
}
