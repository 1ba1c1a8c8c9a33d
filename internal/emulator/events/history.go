package events

import (
	"encoding/json"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Tables of what was sent, by number, and of what rules did, by account, region
// and rule.
const (
	historyTable = "events.history"
	countTable   = "events.count"
)

// remembered is how many events the history holds.
const remembered = 1000

// Record is an event and what became of it.
type Record struct {
	Number int             `json:"number"` // in the order of sending
	Name   string          `json:"name"`
	Event  json.RawMessage `json:"event"`
	// Due is when it comes to the bus, without a meaning for one that is lost or
	// waits for the next.
	Due       time.Time `json:"due"`
	Lost      bool      `json:"lost,omitempty"`
	Twice     bool      `json:"twice,omitempty"`
	AfterNext bool      `json:"afterNext,omitempty"`
	// Arrival is nil as long as it has not come to the bus.
	Arrival *Arrival `json:"arrival"`
}

// Arrival is what the bus made of an event. No deliveries mean that no rule with
// a target matched.
type Arrival struct {
	At         time.Time `json:"at"`
	Deliveries []Attempt `json:"deliveries"`
}

// Attempt is one delivery to a target of a rule.
type Attempt struct {
	Rule   string `json:"rule"`
	Target string `json:"target"` // its id
	ARN    string `json:"arn"`
	Stream string `json:"stream,omitempty"` // that it was written to
	Error  string `json:"error,omitempty"`  // why it was not
}

// Counts are what CloudWatch would count of a rule (EventBridge user guide,
// Monitoring), and the deliveries to targets that the emulator does not have.
type Counts struct {
	Account           string `json:"account"`
	Region            string `json:"region"`
	Rule              string `json:"rule"`
	Triggered         int    `json:"triggeredRules"`
	Invocations       int    `json:"invocations"`
	FailedInvocations int    `json:"failedInvocations"`
	Unsupported       int    `json:"unsupported"`
}

// note begins the record of an event, and forgets the oldest one.
func note(tx *store.Tx, e *sent, fate Fate) {
	store.Put(tx, historyTable, numbered(e.Number), Record{
		Number: e.Number, Name: e.Name, Event: json.RawMessage(e.Text), Due: e.Due, Lost: fate.Lost, Twice: fate.Twice, AfterNext: fate.AfterNext,
	})
	tx.Delete(historyTable, numbered(e.Number-remembered))
}

// arrived completes the record.
func arrived(tx *store.Tx, e *sent, came Arrival) {
	record, ok := store.Get[Record](tx, historyTable, numbered(e.Number))
	if !ok {
		return
	}
	record.Arrival = &came
	store.Put(tx, historyTable, numbered(e.Number), record)
}

func count(tx *store.Tx, r *wire.Request, ruleName string, change func(*Counts)) {
	c, _ := store.Get[Counts](tx, countTable, here(r, ruleName))
	c.Account, c.Region, c.Rule = r.Account, r.Region, ruleName
	change(&c)
	store.Put(tx, countTable, here(r, ruleName), c)
}

// History is what was sent and delivered since Forget.
type History struct {
	Events []Record `json:"events"` // the last thousand, the oldest first
	Rules  []Counts `json:"rules"`
}

// History returns what was sent and delivered so far.
func (s *Service) History() (h History, err error) {
	h = History{Events: []Record{}, Rules: []Counts{}}
	return h, s.store.View(func(tx *store.Tx) error {
		for _, record := range store.Scan[Record](tx, historyTable, "", "") {
			h.Events = append(h.Events, record)
		}
		for _, counts := range store.Scan[Counts](tx, countTable, "", "") {
			h.Rules = append(h.Rules, counts)
		}
		return nil
	})
}

// Forget empties the history; what is on its way goes on.
func (s *Service) Forget() error {
	return s.store.Update(func(tx *store.Tx) error {
		for _, table := range []string{historyTable, countTable} {
			var keys []string
			for key := range store.Scan[json.RawMessage](tx, table, "", "") {
				keys = append(keys, key)
			}
			for _, key := range keys {
				tx.Delete(table, key)
			}
		}
		return nil
	})
}
