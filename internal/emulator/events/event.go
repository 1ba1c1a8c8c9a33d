package events

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Event is something that happened, on its way to the default bus of an account
// and region.
type Event struct {
	Account, Region string
	Source          string // such as aws.ivs
	DetailType      string
	Time            time.Time
	Resources       []string // ARNs
	Detail          any      // what its JSON is has to be an object
}

// Fate is what becomes of an event on its way. The zero value brings it to the
// bus once, at its time.
type Fate struct {
	Lost bool
	// Twice has EventBridge deliver it two times, as it may.
	Twice bool
	// Late is how long after its time it comes.
	Late time.Duration
	// AfterNext holds it back until the next event of its account and region
	// has come.
	AfterNext bool
}

// sent is an event as it goes over the bus, and is kept on its way there.
type sent struct {
	Account, Region string
	Number          int // in the order of sending
	ID              string
	Name            string // by which a fault can be for it
	Due             time.Time
	Twice           bool
	Text            string // of the whole event; as JSON in JSON it would be written anew
}

// envelope is the event as targets get it (EventBridge user guide, Events),
// members in that order.
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail,omitempty"`
}

// timeForm is how events tell their time: to the second, in UTC.
const timeForm = "2006-01-02T15:04:05Z"

// onTheWay makes what goes over the bus.
func (e *Event) onTheWay() sent {
	detail := encode(e.Detail)
	out := envelope{
		Version: "0", ID: newID(), DetailType: e.DetailType, Source: e.Source, Account: e.Account,
		Time: e.Time.UTC().Format(timeForm), Region: e.Region, Resources: append([]string{}, e.Resources...), Detail: detail,
	}
	return sent{Account: e.Account, Region: e.Region, ID: out.ID, Name: e.name(detail), Text: string(encode(out))}
}

// name is the event's own name, which most of IVS's have, or else its type.
func (e *Event) name(detail json.RawMessage) string {
	var named struct {
		Name string `json:"event_name"`
	}
	if json.Unmarshal(detail, &named) == nil && named.Name != "" {
		return named.Name
	}
	return e.DetailType
}

// encode is JSON that leaves <, > and & as they are.
func encode(value any) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // texts, numbers and what was JSON always encode
	}
	return bytes.TrimSpace(b.Bytes())
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // version 4 (RFC 9562)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Tables of what is on its way: events by when they are due, and those that
// wait for the next one, by account and region. Keys end in the number.
const (
	dueTable    = "events.due"
	heldTable   = "events.held"
	numberTable = "events.number"
)

func numbered(n int) string { return fmt.Sprintf("%010d", n) }

func dueKey(due time.Time, number int) string {
	return store.Key(fmt.Sprintf("%020d", due.UnixNano()), numbered(number))
}

// Send puts an event on its way, in the transaction in which it happened. It
// comes to the bus with the first Settle at or after its time, and never if the
// transaction is not kept.
func (s *Service) Send(tx *store.Tx, e Event) { s.send(tx, e, e.Time) }

// send is Send of an event that happens at a time, whatever its own says.
func (s *Service) send(tx *store.Tx, e Event, happens time.Time) (id string) {
	out := e.onTheWay()
	last, _ := store.Get[int](tx, numberTable, "")
	out.Number = last + 1
	store.Put(tx, numberTable, "", out.Number)
	var fate Fate
	if s.options.Fate != nil {
		fate = s.options.Fate(e, out.Name)
	}
	out.Twice = fate.Twice
	out.Due = happens.Add(fate.Late)
	note(tx, &out, fate)
	switch {
	case fate.Lost:
	case fate.AfterNext:
		store.Put(tx, heldTable, store.Key(e.Account, e.Region, numbered(out.Number)), out)
	default:
		store.Put(tx, dueTable, dueKey(out.Due, out.Number), out)
	}
	return out.ID
}

// Settle brings to the bus what is due by now, in that order, as if it had come
// when it was due. It is to be called before each request, of whatever service,
// after those that send events have settled.
func (s *Service) Settle(now time.Time) error {
	due := false
	err := s.store.Peek(func(tx *store.Tx) error {
		_, _, due = nextDue(tx, now)
		return nil
	})
	if err != nil || !due {
		return err
	}
	return s.store.Update(func(tx *store.Tx) error { return s.settle(tx, now) })
}

func (s *Service) settle(tx *store.Tx, now time.Time) error {
	for {
		key, next, due := nextDue(tx, now)
		if !due {
			return nil
		}
		tx.Delete(dueTable, key)
		s.arrive(tx, &next, next.Due)
		for _, held := range takeHeld(tx, &next) {
			s.arrive(tx, &held, next.Due.Add(time.Millisecond))
		}
	}
}

func nextDue(tx *store.Tx, now time.Time) (key string, next sent, due bool) {
	for key, next := range store.Scan[sent](tx, dueTable, "", "") {
		return key, next, !next.Due.After(now)
	}
	return "", sent{}, false
}

// takeHeld takes out the events that were held back until this one came.
func takeHeld(tx *store.Tx, next *sent) (held []sent) {
	for _, one := range store.Scan[sent](tx, heldTable, store.Key(next.Account, next.Region, ""), "") {
		held = append(held, one)
	}
	for _, one := range held {
		tx.Delete(heldTable, store.Key(one.Account, one.Region, numbered(one.Number)))
	}
	return held
}
