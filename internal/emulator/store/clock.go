package store

import "time"

// tableClock holds one row: by how much the state's clock is ahead. It is part
// of the state, so that all processes over one folder agree on the time.
const tableClock = "store.clock"

// SetClock sets the clock that the state's time is counted from; it is the
// machine's until then. Call it before the state is used.
func (s *Store) SetClock(wall func() time.Time) { s.wall = wall }

// Now is the time by the state's clock.
func (s *Store) Now() (time.Time, error) {
	if err := s.catchUp(); err != nil {
		return time.Time{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now(), nil
}

// Advance sets the state's clock forward by d, for all processes, and returns
// the new time.
func (s *Store) Advance(d time.Duration) (time.Time, error) {
	err := s.update(0, func(tx *Tx) error {
		ahead, _ := Get[time.Duration](tx, tableClock, "")
		Put(tx, tableClock, "", ahead+d)
		return nil
	})
	if err != nil {
		return time.Time{}, err
	}
	return s.Now()
}

// now needs the lock.
func (s *state) now() time.Time {
	tx := &Tx{tree: &s.tree, readOnly: true}
	ahead, _ := Get[time.Duration](tx, tableClock, "")
	return s.wall().Add(ahead)
}
