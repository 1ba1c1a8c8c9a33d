package ivsrealtime

import (
	"iter"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// tableSessions holds the sessions of stages by account, region, stage and
// session. One lasts from its first participant's coming to its last one's
// leaving (RealTimeAPIReference, StageSession); tableParticipants holds who was
// in it.
const (
	tableSessions     = "ivs.stage-session"
	tableParticipants = "ivs.participant"
)

// session is a session as it is kept and shown.
type session struct {
	ID    string    `json:"sessionId"`
	Start time.Time `json:"startTime"`
	End   time.Time `json:"endTime,omitzero"` // zero while it lasts
}

// participant is somebody who is on a stage, or was.
type participant struct {
	ID         string
	Session    string
	UserID     string
	Attributes map[string]string
	Protocol   string // by which media come; "" for none
	Spans      []span // when, at least one
	// Recording is the individual recording; nil for none.
	Recording *participantRecording `json:",omitempty"`
}

// span is a time on the stage. Its end is zero while it lasts, and Published as
// long as nothing was published in it.
type span struct{ From, Published, To time.Time }

type participantRecording struct {
	Bucket, Prefix string
	Failed         bool // IVS cannot write to the bucket
}

func (p *participant) key(stage id) string { return store.Key(stage.key(), p.Session, p.ID) }

// last is the latest time that the participant was, or is, on the stage.
func (p *participant) last() *span { return &p.Spans[len(p.Spans)-1] }

func (p *participant) connected() bool { return p.last().To.IsZero() }

// publishes tells whether the participant does so at present.
func (p *participant) publishes() bool { return p.connected() && !p.last().Published.IsZero() }

// published tells whether the participant ever did.
func (p *participant) published() bool {
	return slices.ContainsFunc(p.Spans, func(s span) bool { return !s.Published.IsZero() })
}

// participants yields those of a stage's sessions.
func participants(tx *store.Tx, stage id) iter.Seq2[string, participant] {
	return store.Scan[participant](tx, tableParticipants, store.Key(stage.key(), ""), "")
}

// active is the session that lasts; not ok when nobody is on the stage.
func active(tx *store.Tx, stage id) (s session, ok bool) {
	for _, s := range store.Scan[session](tx, tableSessions, store.Key(stage.key(), ""), "") {
		if s.End.IsZero() {
			return s, true
		}
	}
	return session{}, false
}

// clearStage forgets everybody who was or could come onto a stage.
func clearStage(tx *store.Tx, stage id) {
	for _, table := range []string{tableSessions, tableParticipants, tableTokens, tableConnections} {
		var keys []string
		for key := range store.Scan[struct{}](tx, table, store.Key(stage.key(), ""), "") {
			keys = append(keys, key)
		}
		for _, key := range keys {
			tx.Delete(table, key)
		}
	}
}

// quietFrom is when nobody had published to the stage for as long as limit, for
// the first time since from; zero while somebody does.
func quietFrom(tx *store.Tx, stage id, from time.Time, limit time.Duration) time.Time {
	var spans []span
	for _, p := range participants(tx, stage) {
		for _, s := range p.Spans {
			if !s.Published.IsZero() {
				spans = append(spans, s)
			}
		}
	}
	for longer := true; longer; {
		longer = false
		for _, s := range spans {
			switch {
			case s.Published.After(from.Add(limit)):
			case s.To.IsZero():
				return time.Time{}
			case s.To.After(from):
				from, longer = s.To, true
			}
		}
	}
	return from.Add(limit)
}
