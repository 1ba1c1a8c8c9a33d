package ivsrealtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/hls"
	"github.com/yolo-live/yolo/internal/emulator/media"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// take is what is recorded of one seat for one destination of a composition.
type take struct {
	composition id
	destination string
	video       video // as the encoder configuration wants it
	length      time.Duration
	cutter      *hls.Cutter
	codecs      string
	fresh       bool // nothing of it is written yet
	rolling     bool // there may be more to write
	waiting     []waiting
}

// waiting is a segment that is not written yet.
type waiting struct {
	segment
	data []byte
}

// wanted are the takes that are to be made of the seat at a time, by
// destination. Not ready is that a recording is to begin first.
func (t *Seat) wanted(tx *store.Tx, now time.Time) (takes map[string]*take, ready bool) {
	takes, ready = map[string]*take{}, true
	stage := t.admission.stage
	for _, c := range compositions(tx, stage.account, stage.region) {
		if c.StageARN != stage.arn() || !c.begins(now) || c.ends(now) {
			continue
		}
		ready = ready && !c.unbegun(now)
		for _, d := range c.Destinations {
			if d.Begun && !d.Closed && d.Failure == nil {
				length := time.Duration(d.Configuration.S3.Recording.HLS.Segment) * time.Second
				takes[d.ID] = &take{composition: c.id(), destination: d.ID, video: d.Video, length: length, fresh: true}
			}
		}
	}
	return takes, ready
}

// look finds the takes to be made, and whether anybody else publishes.
func (t *Seat) look(now time.Time) (takes map[string]*take, others, ready bool, err error) {
	err = t.service.store.View(func(tx *store.Tx) error {
		takes, ready = t.wanted(tx, now)
		for _, p := range participants(tx, t.admission.stage) {
			others = others || p.publishes() && p.ID != t.admission.token.ParticipantID
		}
		return nil
	})
	return takes, others, ready, err
}

// record puts a picture into each take.
func (t *Seat) record(p media.Picture, now time.Time) error {
	wanted, others, ready, err := t.look(now)
	if err == nil && !ready {
		if err = t.service.settleState(now); err == nil {
			wanted, others, _, err = t.look(now)
		}
	}
	if err == nil {
		err = t.settleTakes(wanted, now)
	}
	if err != nil {
		return err
	}
	for key, w := range wanted {
		if reason := t.unfit(w, others, p); reason != "" {
			if made := t.takes[key]; made != nil {
				delete(t.takes, key)
				t.service.wrap(made)
			}
			err = t.service.failTake(w, &failure{At: now.UTC(), Code: wire.CodeNotImplemented, Reason: reason}, now)
		} else {
			err = t.shoot(key, w, p, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unfit is why a take cannot be made without encoding; "" if it can.
func (t *Seat) unfit(w *take, others bool, p media.Picture) string {
	switch sps := t.check.SPS; {
	case others:
		return reasonSeveral
	case p.Key() && (sps.Width != w.video.Width || sps.Height != w.video.Height):
		return fmt.Sprintf(reasonSize, sps.Width, sps.Height, w.video.Width, w.video.Height)
	}
	return ""
}

// shoot puts a picture into a take, which begins if need be.
func (t *Seat) shoot(key string, w *take, p media.Picture, now time.Time) error {
	k := t.takes[key]
	if k == nil {
		k = w
		k.cutter = hls.NewCutter(k.length, t.audio)
		t.takes[key] = k
		t.service.roll(k)
	}
	done := k.cutter.Picture(p)
	if p.Key() {
		k.codecs = t.codecs()
	}
	if done == nil {
		return nil
	}
	return t.service.keep(k, done, false, now)
}

func (t *Seat) codecs() string {
	all := []string{t.check.SPS.Codec()}
	if t.audio {
		all = append(all, "opus")
	}
	return strings.Join(all, ",")
}

// settle ends the takes of compositions that have ended by now.
func (t *Seat) settle(now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.takes) == 0 {
		return nil
	}
	wanted, _, _, err := t.look(now)
	if err != nil {
		return err
	}
	return t.settleTakes(wanted, now)
}

// settleTakes ends the takes that are not wanted any more.
func (t *Seat) settleTakes(wanted map[string]*take, now time.Time) error {
	var errs []error
	for key, k := range t.takes {
		if wanted[key] != nil {
			continue
		}
		delete(t.takes, key)
		if last := k.cutter.Flush(); last != nil {
			errs = append(errs, t.service.keep(k, last, true, now))
		}
		t.service.wrap(k)
	}
	return errors.Join(errs...)
}

// roll has a take begin.
func (s *Service) roll(k *take) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.rolling = true
	s.takes[k.destination]++
}

// wrap has a take end, once.
func (s *Service) wrap(k *take) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !k.rolling {
		return
	}
	k.rolling = false
	if s.takes[k.destination]--; s.takes[k.destination] == 0 {
		delete(s.takes, k.destination)
	}
}

// rolling tells whether a seat of this process has yet to write the last segment
// of a recording.
func (s *Service) rolling(d *destination) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takes[d.ID] > 0
}

// change runs fn over the destination of a take and brings its composition up to
// now. It is not run when nothing more is to be recorded there.
func (s *Service) change(k *take, now time.Time, fn func(tx *store.Tx, batch *s3.Batch, c *composition, d *destination) error) error {
	return s.write(func(tx *store.Tx, batch *s3.Batch) error {
		c, ok := store.Get[composition](tx, table(kindComposition), k.composition.key())
		if !ok {
			return nil
		}
		n := slices.IndexFunc(c.Destinations, func(d destination) bool { return d.ID == k.destination })
		if d := &c.Destinations[n]; d.Failure != nil || d.Closed {
			return nil
		}
		if err := fn(tx, batch, &c, &c.Destinations[n]); err != nil {
			return err
		}
		return s.bring(tx, batch, &c, now)
	})
}

func (s *Service) failTake(k *take, f *failure, now time.Time) error {
	return s.change(k, now, func(_ *store.Tx, _ *s3.Batch, _ *composition, d *destination) error {
		d.Failure = f
		return nil
	})
}

// maxWaiting is how many segments wait for a bucket that cannot be had, until the
// recording is given up. IVS does not say how long it tries.
const maxWaiting = 5

// keep writes a segment, or puts it behind those that wait until the bucket can
// be had. The last one waits for nothing.
func (s *Service) keep(k *take, done *hls.Segment, last bool, now time.Time) error {
	g := segment{Length: done.Length, Bytes: len(done.Data), Codecs: k.codecs, Break: done.Break}
	k.waiting = append(k.waiting, waiting{g, done.Data})
	return s.change(k, now, func(tx *store.Tx, batch *s3.Batch, c *composition, d *destination) error {
		if last {
			s.wrap(k) // what follows may close the recording
		}
		code, written, err := s.putSegments(tx, batch, c, d, k, now)
		switch {
		case err != nil:
			return err
		case code == codeUnavailable && !last && len(k.waiting)-written < maxWaiting:
			d.lapse(now)
		case code != "":
			d.Failure = &failure{At: now.UTC(), Code: told(code)}
		}
		k.waiting = k.waiting[written:]
		return nil
	})
}

// putSegments writes the segments that wait, each with the playlist that names
// it, and the first one of the recording with the playlist that names that.
func (s *Service) putSegments(tx *store.Tx, batch *s3.Batch, c *composition, d *destination, k *take, now time.Time) (code string, written int, err error) {
	all := d.segments(tx, c)
	for _, w := range k.waiting {
		g := w.segment
		g.Number = len(all)
		// What another publisher sent, or the same one earlier, does not go on.
		g.Break = g.Break || k.fresh && g.Number > 0
		all = append(all, g)
		playlist, multivariant := d.playlists(all, false)
		objects := []object{{mediaFolder + "/" + d.Rendition + "/" + g.name(), typeSegment, w.data}, playlist}
		if g.Number == 0 {
			objects = append(objects, multivariant)
		}
		if code, err = s.putAll(tx, batch, c, d, objects, now); code != "" || err != nil {
			return code, written, err
		}
		store.Put(tx, tableSegments, d.segmentKey(c, g.Number), g)
		k.fresh = false
		written++
	}
	return "", written, nil
}
