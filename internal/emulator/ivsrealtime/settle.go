package ivsrealtime

import (
	"time"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Settle has all happen that is due by now, in all accounts and regions: nothing
// runs here between requests but what publishers send. It is to be called before
// each request, of whatever service, so that what a client sees is up to date,
// and what it changes comes after what happened before.
func (s *Service) Settle(now time.Time) error {
	for _, seat := range s.seated() {
		if err := seat.settle(now); err != nil {
			return err
		}
	}
	return s.settleState(now)
}

// settleState is Settle but for what publishers sent through this process and
// nobody has written yet.
func (s *Service) settleState(now time.Time) error {
	due := false
	err := s.store.Peek(func(tx *store.Tx) error {
		due = s.due(tx, now)
		return nil
	})
	if err != nil || !due {
		return err
	}
	return s.write(func(tx *store.Tx, batch *s3.Batch) error {
		s.leaveDead(tx, now)
		for _, c := range unsettled(tx, now) {
			if err := s.bring(tx, batch, &c, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// write runs fn in a transaction in which it may write objects, too.
func (s *Service) write(fn func(tx *store.Tx, batch *s3.Batch) error) error {
	batch := s.objects.Batch()
	err := s.store.Update(func(tx *store.Tx) error { return fn(tx, batch) })
	batch.End(err)
	return err
}

func (s *Service) due(tx *store.Tx, now time.Time) bool {
	return len(s.dead(tx)) > 0 || len(unsettled(tx, now)) > 0
}

// unsettled are the compositions to which something has happened by now that is
// not in their rows.
func unsettled(tx *store.Tx, now time.Time) []composition {
	var all []composition
	for key, c := range store.Scan[composition](tx, table(kindComposition), "", "") {
		if c.unbegun(now) || c.End == nil && c.move(tx, now) || c.unclosed(now) || len(c.untold(now)) > 0 || c.forgotten(now) {
			// What move changed is not yet to be in it.
			c, _ = store.Get[composition](tx, table(kindComposition), key)
			all = append(all, c)
		}
	}
	return all
}

// bring brings a composition's row up to now.
func (s *Service) bring(tx *store.Tx, batch *s3.Batch, c *composition, now time.Time) error {
	if err := s.beginRecordings(tx, batch, c, now); err != nil {
		return err
	}
	if c.End == nil {
		c.move(tx, now)
	}
	if err := s.closeRecordings(tx, batch, c, now); err != nil {
		return err
	}
	s.tell(tx, c, now)
	if !c.forgotten(now) {
		c.put(tx)
		return nil
	}
	tx.Delete(table(kindComposition), c.id().key())
	for _, d := range c.Destinations {
		d.forget(tx, c)
	}
	return nil
}
