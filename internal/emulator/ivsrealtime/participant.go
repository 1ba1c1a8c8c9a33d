package ivsrealtime

import (
	"iter"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// tableParticipants holds who was on a stage, by account, region, stage,
// session and participant. A session lasts from its first participant's coming
// to its last one's leaving (RealTimeAPIReference, StageSession).
const tableParticipants = "ivs.participant"

// participant is somebody who publishes to a stage, or did. Zero times have
// not come yet.
type participant struct {
	ID         string
	Session    string
	UserID     string
	Attributes map[string]string
	Joined     time.Time
	Left       time.Time
}

// participants yields those of a stage's sessions, with their keys.
func participants(tx *store.Tx, stage id) iter.Seq2[string, participant] {
	return store.Scan[participant](tx, tableParticipants, store.Key(stage.key(), ""), "")
}

// publishing tells whether anybody publishes to the stage.
func publishing(tx *store.Tx, stage id) bool { return activeSession(tx, stage) != "" }

// activeSession is the session that lasts; "" when nobody is on the stage.
func activeSession(tx *store.Tx, stage id) string {
	for _, p := range participants(tx, stage) {
		if p.Left.IsZero() {
			return p.Session
		}
	}
	return ""
}

// clearStage forgets everybody who was or could come onto a stage.
func clearStage(tx *store.Tx, stage id) {
	var keys []string
	for key := range participants(tx, stage) {
		keys = append(keys, key)
	}
	for _, key := range keys {
		tx.Delete(tableParticipants, key)
	}
	keys = nil
	for key := range store.Scan[participantToken](tx, tableTokens, store.Key(stage.key(), ""), "") {
		keys = append(keys, key)
	}
	for _, key := range keys {
		tx.Delete(tableTokens, key)
	}
}

// quietFrom is when nobody had published to the stage for a time limit, at
// first since from; zero while somebody does.
func quietFrom(tx *store.Tx, stage id, from time.Time, limit time.Duration) time.Time {
	var all []participant
	for _, p := range participants(tx, stage) {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b participant) int { return a.Joined.Compare(b.Joined) })
	for _, p := range all {
		if p.Joined.After(from.Add(limit)) {
			break
		}
		if p.Left.IsZero() {
			return time.Time{}
		}
		if p.Left.After(from) {
			from = p.Left
		}
	}
	return from.Add(limit)
}
