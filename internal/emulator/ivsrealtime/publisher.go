package ivsrealtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Publisher is somebody who publishes to a stage.
type Publisher struct {
	Stage         string `json:"stage"` // its ARN
	ParticipantID string `json:"participantId"`
	UserID        string `json:"userId"`
	SessionID     string `json:"sessionId"`
}

// Publish has a participant come onto a stage and publish, as far as the API
// shows it: there is no media. The participant is the one of ParticipantID,
// whose token must be good for it, or a new one with the UserID. It returns who
// that is.
func (s *Service) Publish(p Publisher, now time.Time) (Publisher, error) {
	stage, err := stageOf(p.Stage)
	if err != nil {
		return p, err
	}
	return p, s.store.Update(func(tx *store.Tx) error {
		if _, ok := store.Get[resource](tx, table(kindStage), stage.key()); !ok {
			return fmt.Errorf("stage: there is no %q", p.Stage)
		}
		if p.ParticipantID == "" {
			p.ParticipantID = (&tokenInput{UserID: &p.UserID}).issue(tx, stage, "", now).ParticipantID
		}
		token, ok := store.Get[participantToken](tx, tableTokens, store.Key(stage.key(), p.ParticipantID))
		if !ok {
			return fmt.Errorf("participant: %q has no token for this stage", p.ParticipantID)
		}
		if err := token.mayPublish(now); err != nil {
			return fmt.Errorf("participant: %w", err)
		}
		joined, err := join(tx, stage, &token, now)
		if err != nil {
			return err
		}
		s.publish(tx, stage, &joined, now)
		p.UserID, p.SessionID = joined.UserID, joined.Session
		return nil
	})
}

// stageOf takes the ARN of a stage apart.
func stageOf(arn string) (id, error) {
	i, ok := parseARN(arn)
	if !ok || i.kind != kindStage {
		return id{}, fmt.Errorf("stage: %q is not the ARN of a stage", arn)
	}
	return i, nil
}

// join brings the participant of a token onto a stage, in the session that
// lasts or a new one.
func join(tx *store.Tx, stage id, token *participantToken, now time.Time) (participant, error) {
	now = now.UTC()
	s, ok := active(tx, stage)
	if !ok {
		s = session{ID: "st-" + randomText(13), Start: now}
		store.Put(tx, tableSessions, store.Key(stage.key(), s.ID), s)
	}
	p := participant{ID: token.ParticipantID, Session: s.ID, UserID: token.UserID, Attributes: token.Attributes}
	if before, ok := store.Get[participant](tx, tableParticipants, p.key(stage)); ok {
		p = before
		if p.connected() {
			return p, fmt.Errorf("participant: %q publishes already", p.ID)
		}
	}
	p.Spans = append(p.Spans, span{From: now})
	store.Put(tx, tableParticipants, p.key(stage), p)
	return p, nil
}

// publish notes that a participant who is on a stage begins to publish.
func (s *Service) publish(tx *store.Tx, stage id, p *participant, now time.Time) {
	p.last().Published = now.UTC()
	if p.Recording == nil {
		p.Recording = recordingOf(tx, stage, p, now)
	}
	store.Put(tx, tableParticipants, p.key(stage), *p)
	s.tellStage(tx, stage, p, "Participant Published", "", now)
}

// recordingOf is the individual recording of somebody who comes onto a stage
// (RealTimeUserGuide, Individual Participant Recording); nil for none.
func recordingOf(tx *store.Tx, on id, p *participant, now time.Time) *participantRecording {
	wanted, _ := store.Get[stage](tx, table(kindStage), on.key())
	if wanted.Recording.StorageARN == "" || slices.Contains(wanted.Recording.MediaTypes, "NONE") {
		return nil
	}
	made := &participantRecording{Failed: true}
	made.Prefix = on.name + "/" + p.Session + "/" + p.ID + "/" + p.Spans[0].From.Format("2006-01-02T15-04-05Z")
	configuration, _ := parseARN(wanted.Recording.StorageARN)
	found, ok := store.Get[storage](tx, table(kindStorage), configuration.key())
	if !ok {
		return made
	}
	made.Bucket = found.S3.BucketName
	bucket, ok := s3.Lookup(tx, made.Bucket)
	made.Failed = !ok || bucket.Region != on.region || bucket.Account != on.account ||
		!recordable(bucket, principal(on.region), made.Prefix+"/"+startedObject, now)
	return made
}

// Unpublish has a participant leave a stage, or with an id of "" all of them.
// It returns how many left.
func (s *Service) Unpublish(p Publisher, now time.Time) (left int, err error) {
	stage, err := stageOf(p.Stage)
	if err != nil {
		return 0, err
	}
	return left, s.store.Update(func(tx *store.Tx) error {
		left = s.leave(tx, stage, p.ParticipantID, now)
		return nil
	})
}

// leave has who is on the stage leave it: one, or with an id of "" all.
func (s *Service) leave(tx *store.Tx, stage id, participantID string, now time.Time) (left int) {
	now = now.UTC()
	var leaving []participant
	stay := false
	for _, p := range participants(tx, stage) {
		switch {
		case !p.connected():
		case participantID == "" || p.ID == participantID:
			leaving = append(leaving, p)
		default:
			stay = true
		}
	}
	for _, p := range leaving {
		if p.publishes() {
			s.tellStage(tx, stage, &p, "Participant Unpublished", "", now)
		}
		p.last().To = now
		store.Put(tx, tableParticipants, p.key(stage), p)
	}
	if last, ok := active(tx, stage); ok && !stay {
		last.End = now
		store.Put(tx, tableSessions, store.Key(stage.key(), last.ID), last)
	}
	return len(leaving)
}
