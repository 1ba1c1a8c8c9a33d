package ui

import (
	"errors"
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// failures are what went wrong in a run, sorted by what to do about it.
type failures struct {
	causes  []saying
	blocked map[reconcile.Key][]reconcile.Key // by their cause
	undone  []reconcile.Key                   // because of an interruption
	halves  []saying                          // begun, and then interrupted
}

func failuresOf(r *reconcile.Report) failures {
	f := failures{blocked: map[reconcile.Key][]reconcile.Key{}}
	for n := range r.All {
		for _, err := range causes(n.Err) {
			f.add(r, n, err)
		}
	}
	return f
}

func (f *failures) add(r *reconcile.Report, n *reconcile.NodeReport, err error) {
	key := named(n)
	said := sayingOf(key, err)
	because := r.Cause(err)
	switch {
	case said.code == reconcile.CodeInterrupted && n.Begun:
		f.halves = append(f.halves, said)
	case r.Undone(err):
		f.undone = append(f.undone, key)
	case because == nil:
		f.causes = append(f.causes, said)
	default:
		by := named(because)
		f.blocked[by] = append(f.blocked[by], key)
	}
}

// causes are the errors that a step's failure was joined from.
func causes(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, causes(e)...)
	}
	return all
}

func sayingOf(key reconcile.Key, err error) saying {
	s := saying{key: key, text: err.Error()}
	if c, ok := errors.AsType[reconcile.Coded](err); ok {
		s.code, s.id = c.Code(), c.RequestID()
	}
	if h, ok := errors.AsType[hinter](err); ok {
		s.fix = h.Hint()
	}
	if a, ok := errors.AsType[interface {
		error
		Alike() string
	}](err); ok && err.Error() == a.Error() {
		s.alike = a.Alike()
	}
	return s
}

func interrupted(err error) bool {
	c, ok := errors.AsType[reconcile.Coded](err)
	return ok && c.Code() == reconcile.CodeInterrupted
}

// someOf lists ids, of many the first ones.
func someOf(ids []string) string {
	const most = 7
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}

// failures adds what was not done, and every error with what it held up.
func (p *page) failures(f failures) {
	if len(f.undone)+len(f.halves) > 0 {
		p.blank()
		p.line(0, 0, p.style.paint(bold, "Not done"))
		for _, b := range bundled(f.halves) {
			p.line(2, 2, clean(strings.Join(byKind(b.keys), "; ")+": "+b.text))
		}
		for _, line := range byKind(f.undone) {
			p.line(2, 2, clean(line))
		}
	}
	for _, b := range bundled(f.causes) {
		p.blank()
		p.line(0, 2, p.style.paint(fail, "error:")+" "+clean(b.subject()+": "+b.text))
		for _, line := range b.details() {
			p.line(2, 2, p.style.paint(dim, clean(line)))
		}
		if b.fix != "" {
			p.line(2, 2, p.style.paint(bold, "hint:")+" "+clean(b.fix))
		}
		if len(b.ids) > 0 {
			p.line(2, 2, p.style.paint(dim, clean("request id: "+someOf(b.ids))))
		}
		var held []reconcile.Key
		for _, key := range b.keys {
			held = append(held, f.blocked[key]...)
		}
		if len(held) > 0 {
			p.line(2, 2, "not tried because of it: "+clean(strings.Join(byKind(held), "; ")))
		}
	}
}
