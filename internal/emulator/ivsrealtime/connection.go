package ivsrealtime

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// tableConnections holds who publishes media, by account, region, stage and
// participant: through which process, which alone has the media.
const tableConnections = "ivs.connection"

// connection is one that lasts.
type connection struct {
	ID      string // names it for its participant
	Token   string // with which it was made
	Stage   string // ARN
	Session string
	Who     string // participant id
	Process string // as of store.Presence
}

func connectionKey(stage id, participantID string) string {
	return store.Key(stage.key(), participantID)
}

// Admission is what a participant token is good for.
type Admission struct {
	Account, Region string
	token           participantToken
	stage           id
}

// Unauthorized refuses a token (RFC 9725, section 4.8: 401, with a challenge).
func Unauthorized(format string, args ...any) error {
	e := wire.Errorf(http.StatusUnauthorized, "Unauthorized", fmt.Sprintf(format, args...))
	e.Header = http.Header{"Www-Authenticate": {"Bearer"}}
	return e
}

// RegionOf reads off a token the account and the region of its stage, which are
// not proved by that; not ok for what is no token.
func RegionOf(token string) (account, region string, ok bool) {
	c, err := readClaims(token)
	if err != nil {
		return "", "", false
	}
	i, ok := parseARN(c.Stage)
	return i.account, i.region, ok && i.kind == kindStage
}

func readClaims(token string) (c claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, fmt.Errorf("the token is none of IVS")
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(body, &c)
}

// Admit lets a token in that is good for publishing in the region at a time. The
// error is a wire.Error.
func (s *Service) Admit(token, region string, now time.Time) (a Admission, err error) {
	c, err := readClaims(token)
	stage, ok := parseARN(c.Stage)
	if err != nil || !ok || stage.kind != kindStage {
		return a, Unauthorized("the bearer token is no participant token")
	}
	a = Admission{Account: stage.account, Region: stage.region, stage: stage}
	if stage.region != region {
		return a, Unauthorized("the stage of the token is in %s, not in %s", stage.region, region)
	}
	return a, s.store.View(func(tx *store.Tx) error {
		var ok bool
		a.token, ok = store.Get[participantToken](tx, tableTokens, store.Key(stage.key(), c.Participant))
		if !ok || !equal(a.token.Token, token) {
			return Unauthorized("the token is not known: its stage is gone, its participant was disconnected, or IVS never made it")
		}
		if err := a.token.mayPublish(now); err != nil {
			return Unauthorized("%v", err)
		}
		if _, there := store.Get[connection](tx, tableConnections, connectionKey(stage, c.Participant)); there {
			return conflict(fmt.Sprintf("participant %q publishes already", c.Participant))
		}
		return nil
	})
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Dismiss has the participant leave whose connection has an id, as its token
// asks for. The error is a wire.Error.
func (s *Service) Dismiss(connectionID, token string, now time.Time) error {
	c, err := readClaims(token)
	stage, ok := parseARN(c.Stage)
	if err != nil || !ok {
		return Unauthorized("the bearer token is no participant token")
	}
	return s.store.Update(func(tx *store.Tx) error {
		found, ok := store.Get[connection](tx, tableConnections, connectionKey(stage, c.Participant))
		switch {
		case !ok || found.ID != connectionID:
			return wire.Errorf(http.StatusNotFound, "NotFound", "there is no such connection, or it has ended")
		case !equal(found.Token, token):
			return Unauthorized("the token is not the one that the connection was made with")
		}
		s.leave(tx, stage, found.Who, now)
		return nil
	})
}

// dead are the connections through processes that are no more.
func (s *Service) dead(tx *store.Tx) (all []connection) {
	for _, c := range store.Scan[connection](tx, tableConnections, "", "") {
		if !s.presence.Alive(c.Process) {
			all = append(all, c)
		}
	}
	return all
}

// leaveDead has those leave whose media died with their process.
func (s *Service) leaveDead(tx *store.Tx, now time.Time) {
	for _, c := range s.dead(tx) {
		stage, _ := parseARN(c.Stage)
		s.leave(tx, stage, c.Who, now)
		tx.Delete(tableConnections, connectionKey(stage, c.Who))
	}
}
