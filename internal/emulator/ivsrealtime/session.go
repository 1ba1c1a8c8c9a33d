package ivsrealtime

import (
	"cmp"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Limits of sessions and participants (RealTimeAPIReference: GetStageSession,
// ListParticipants, DisconnectParticipant).
var (
	sessionLimit     = constraint.Matching(16, 16, `st-[a-zA-Z0-9]+`)
	participantLimit = constraint.Matching(0, 64, `[a-zA-Z0-9-]*`)
	disconnectLimit  = constraint.Matching(0, 64, `[a-zA-Z0-9-_]*`)
	disconnectReason = constraint.Text{Max: 128}
	participantState = constraint.Text{Enum: []string{"CONNECTED", "DISCONNECTED"}}
	recordingState   = constraint.Text{Enum: []string{"STARTING", "ACTIVE", "STOPPING", "STOPPED", "FAILED"}}
)

type sessionInput struct {
	StageARN  *string `json:"stageArn"`
	SessionID *string `json:"sessionId"`
}

func (in *sessionInput) check(c *constraint.Checks) {
	requireARN(c, "stageArn", in.StageARN, kindStage)
	constraint.Required(c, "sessionId", in.SessionID)
	c.Text("sessionId", in.SessionID, sessionLimit)
}

type sessionOutput struct {
	StageSession session `json:"stageSession"`
}

func (s *Service) getSession(r *wire.Request, in *sessionInput) (*sessionOutput, error) {
	var c constraint.Checks
	in.check(&c)
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	out := &sessionOutput{}
	return out, s.store.View(func(tx *store.Tx) error {
		_, i, err := lookup[stage](tx, r, *in.StageARN)
		if err != nil {
			return err
		}
		var ok bool
		if out.StageSession, ok = store.Get[session](tx, tableSessions, store.Key(i.key(), *in.SessionID)); !ok {
			return notFound("Stage session not found: " + *in.SessionID)
		}
		return nil
	})
}

type listSessionsInput struct {
	page
	StageARN *string `json:"stageArn"`
}

type sessionList struct {
	StageSessions []*session `json:"stageSessions"`
	NextToken     string     `json:"nextToken,omitempty"`
}

// listSessions is empty for a stage that is not there: the operation has no
// error for it.
func (s *Service) listSessions(r *wire.Request, in *listSessionsInput) (*sessionList, error) {
	i, err := in.stage(r)
	if err != nil {
		return nil, err
	}
	items, token, err := list[*session]{page: &in.page, table: tableSessions, below: store.Key(i.key(), ""), size: defaultStagePage}.read(s.store)
	return &sessionList{StageSessions: items, NextToken: token}, err
}

func (in *listSessionsInput) stage(r *wire.Request) (id, error) {
	var c constraint.Checks
	requireARN(&c, "stageArn", in.StageARN, kindStage)
	if err := c.Err(codeInvalid); err != nil {
		return id{}, err
	}
	return reach(r, *in.StageARN)
}

// participantSummary is a participant of a list (RealTimeAPIReference,
// ParticipantSummary). Nobody is replicated here.
type participantSummary struct {
	ID              string    `json:"participantId"`
	UserID          string    `json:"userId"`
	State           string    `json:"state"`
	FirstJoin       time.Time `json:"firstJoinTime"`
	Published       bool      `json:"published"`
	RecordingState  string    `json:"recordingState"`
	ReplicationType string    `json:"replicationType"`
}

// shownParticipant is all that is to be seen of one.
type shownParticipant struct {
	participantSummary
	Attributes      map[string]string `json:"attributes"`
	RecordingBucket string            `json:"recordingS3BucketName"`
	RecordingPrefix string            `json:"recordingS3Prefix"`
	Protocol        string            `json:"protocol"`
}

func (p *participant) summary() participantSummary {
	s := participantSummary{
		ID: p.ID, UserID: p.UserID, State: "DISCONNECTED", FirstJoin: p.Spans[0].From,
		Published: p.published(), RecordingState: "DISABLED", ReplicationType: "NONE",
	}
	if p.connected() {
		s.State = "CONNECTED"
	}
	switch {
	case p.Recording == nil:
	case p.Recording.Failed:
		s.RecordingState = stateFailed
	case p.connected():
		s.RecordingState = stateActive
	default:
		s.RecordingState = stateStopped
	}
	return s
}

func (p *participant) show() shownParticipant {
	shown := shownParticipant{participantSummary: p.summary(), Attributes: p.Attributes, Protocol: cmp.Or(p.Protocol, "UNKNOWN")}
	if p.Recording != nil {
		shown.RecordingBucket, shown.RecordingPrefix = p.Recording.Bucket, p.Recording.Prefix
	}
	return shown
}

type participantInput struct {
	sessionInput
	ParticipantID *string `json:"participantId"`
}

type participantOutput struct {
	Participant shownParticipant `json:"participant"`
}

func (s *Service) getParticipant(r *wire.Request, in *participantInput) (*participantOutput, error) {
	var c constraint.Checks
	in.check(&c)
	constraint.Required(&c, "participantId", in.ParticipantID)
	c.Text("participantId", in.ParticipantID, participantLimit)
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	out := &participantOutput{}
	return out, s.store.View(func(tx *store.Tx) error {
		_, i, err := lookup[stage](tx, r, *in.StageARN)
		if err != nil {
			return err
		}
		p, ok := store.Get[participant](tx, tableParticipants, store.Key(i.key(), *in.SessionID, *in.ParticipantID))
		if !ok {
			return notFound("Participant not found: " + *in.ParticipantID)
		}
		out.Participant = p.show()
		return nil
	})
}

type listParticipantsInput struct {
	page
	sessionInput
	UserID         *string `json:"filterByUserId"`
	Published      *bool   `json:"filterByPublished"`
	State          *string `json:"filterByState"`
	RecordingState *string `json:"filterByRecordingState"`
}

func (in *listParticipantsInput) check() error {
	var c constraint.Checks
	in.sessionInput.check(&c)
	c.Text("filterByUserId", in.UserID, userIDLimit)
	c.Text("filterByState", in.State, participantState)
	c.Text("filterByRecordingState", in.RecordingState, recordingState)
	if err := c.Err(codeInvalid); err != nil {
		return err
	}
	filters := 0
	for _, given := range []bool{in.UserID != nil, in.Published != nil, in.State != nil, in.RecordingState != nil} {
		if given {
			filters++
		}
	}
	if filters > 1 {
		return invalid("Only one of filterByUserId, filterByPublished, filterByState and filterByRecordingState can be provided")
	}
	return nil
}

// keeps tells whether the filter lets a participant through.
func (in *listParticipantsInput) keeps(p *participant) bool {
	s := p.summary()
	return (in.UserID == nil || *in.UserID == s.UserID) && (in.Published == nil || *in.Published == s.Published) &&
		(in.State == nil || *in.State == s.State) && (in.RecordingState == nil || *in.RecordingState == s.RecordingState)
}

type participantList struct {
	Participants []participantSummary `json:"participants"`
	NextToken    string               `json:"nextToken,omitempty"`
}

// listParticipants is empty for a stage or session that is not there, like
// listSessions.
func (s *Service) listParticipants(r *wire.Request, in *listParticipantsInput) (*participantList, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	i, err := reach(r, *in.StageARN)
	if err != nil {
		return nil, err
	}
	items, token, err := list[*participant]{
		page: &in.page, table: tableParticipants, below: store.Key(i.key(), *in.SessionID, ""), size: defaultStagePage, keep: in.keeps,
	}.read(s.store)
	out := &participantList{Participants: []participantSummary{}, NextToken: token}
	for _, p := range items {
		out.Participants = append(out.Participants, p.summary())
	}
	return out, err
}

type disconnectInput struct {
	StageARN      *string `json:"stageArn"`
	ParticipantID *string `json:"participantId"`
	Reason        *string `json:"reason"`
}

// disconnectParticipant takes the token away, too, so that the participant
// cannot come back with it. It succeeds for one who never came.
func (s *Service) disconnectParticipant(r *wire.Request, in *disconnectInput) (*empty, error) {
	var c constraint.Checks
	requireARN(&c, "stageArn", in.StageARN, kindStage)
	constraint.Required(&c, "participantId", in.ParticipantID)
	c.Text("participantId", in.ParticipantID, disconnectLimit)
	c.Text("reason", in.Reason, disconnectReason)
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	return &empty{}, s.store.Update(func(tx *store.Tx) error {
		_, i, err := lookup[stage](tx, r, *in.StageARN)
		if err != nil {
			return err
		}
		known := tx.Delete(tableTokens, store.Key(i.key(), *in.ParticipantID))
		if *in.ParticipantID == "" || s.leave(tx, i, *in.ParticipantID, r.Now) == 0 && !known {
			return notFound("Participant not found: " + *in.ParticipantID)
		}
		return nil
	})
}
