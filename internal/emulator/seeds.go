package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/s3"
)

// Objects are many objects of one size, in one bucket.
type Objects = s3.Objects

// SeedObjects puts objects into a bucket, which must be there, in far less time
// than a client takes for them.
func (s *Server) SeedObjects(o Objects) error {
	now, err := s.store.Now()
	if err != nil {
		return err
	}
	if err := s.services["s3"].(*s3.Service).Seed(o, now); err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	return nil
}

func (s *Server) postObjects(w http.ResponseWriter, h *http.Request) {
	f := readForm(h, "bucket", "prefix", "suffix", "count", "versions", "markers", "size")
	o := Objects{
		Bucket: f.text("bucket"), Prefix: f.text("prefix"), Suffix: f.text("suffix"),
		Count: int(f.number("count")), Versions: int(f.number("versions")), Markers: f.yes("markers"), Size: f.number("size"),
	}
	err := f.err
	if err == nil {
		err = s.SeedObjects(o)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, http.StatusCreated, o)
}

// form is what a request says in its query or, as a form, in its body. Of what
// is wrong with it the first thing is kept.
type form struct {
	values url.Values
	err    error
}

// readForm reads a form that has no other names than these.
func readForm(h *http.Request, names ...string) *form {
	h.Body = http.MaxBytesReader(nil, h.Body, maxBody)
	f := &form{err: h.ParseForm(), values: h.Form}
	for name := range f.values {
		if !slices.Contains(names, name) {
			f.fail(name, "is none of "+strings.Join(names, ", "))
		}
	}
	return f
}

func (f *form) fail(name, why string) {
	if f.err == nil {
		f.err = fmt.Errorf("%s: %s", name, why)
	}
}

func (f *form) text(name string) string { return f.values.Get(name) }

// number is 0 when there is none.
func (f *form) number(name string) int64 {
	text := f.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.fail(name, strconv.Quote(text)+" is not a whole number")
	}
	return n
}

// yes is false when nothing is said.
func (f *form) yes(name string) bool {
	text := f.text(name)
	if text == "" {
		return false
	}
	yes, err := strconv.ParseBool(text)
	if err != nil {
		f.fail(name, strconv.Quote(text)+" is neither true nor false")
	}
	return yes
}

// Publisher is somebody who publishes to a stage of IVS.
type Publisher = ivsrealtime.Publisher

// Publish has somebody publish to a stage, without media: a new participant, or
// the one of a participant token. It returns who that is.
func (s *Server) Publish(p Publisher) (Publisher, error) {
	now, err := s.settledNow()
	if err != nil {
		return p, err
	}
	if p, err = s.ivs.Publish(p, now); err != nil {
		return p, fmt.Errorf("publishers: %w", err)
	}
	return p, nil
}

// Unpublish has a participant leave a stage, or all of them when none is named.
// It returns how many left.
func (s *Server) Unpublish(p Publisher) (int, error) {
	now, err := s.settledNow()
	if err != nil {
		return 0, err
	}
	left, err := s.ivs.Unpublish(p, now)
	if err != nil {
		return 0, fmt.Errorf("publishers: %w", err)
	}
	return left, nil
}

// settledNow is the time, by which IVS is up to date.
func (s *Server) settledNow() (time.Time, error) {
	now, err := s.store.Now()
	if err != nil {
		return now, err
	}
	return now, s.settle(now)
}

func (s *Server) postPublisher(w http.ResponseWriter, h *http.Request) {
	f := readForm(h, "stage", "participant", "user")
	p, err := Publisher{Stage: f.text("stage"), ParticipantID: f.text("participant"), UserID: f.text("user")}, f.err
	if err == nil {
		p, err = s.Publish(p)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, http.StatusCreated, p)
}

func (s *Server) deletePublishers(w http.ResponseWriter, h *http.Request) {
	f := readForm(h, "stage", "participant")
	left, err := 0, f.err
	if err == nil {
		left, err = s.Unpublish(Publisher{Stage: f.text("stage"), ParticipantID: f.text("participant")})
	}
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]int{"left": left})
}
