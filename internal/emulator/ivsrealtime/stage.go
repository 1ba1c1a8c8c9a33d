package ivsrealtime

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// defaultStagePage is how many stages, sessions or participants a page has
// when the request does not say (RealTimeAPIReference, ListStages).
const defaultStagePage = 50

// stage is a stage as it is kept.
type stage struct {
	resource
	Recording recording `json:"autoParticipantRecordingConfiguration"`
}

// shownStage is what operations answer with.
type shownStage struct {
	stage
	ActiveSessionID string    `json:"activeSessionId,omitempty"` // "" while nobody is on the stage
	Endpoints       endpoints `json:"endpoints"`
}

// endpoints are where participants connect.
type endpoints struct {
	Events string `json:"events"`
	WHIP   string `json:"whip"`
	RTMP   string `json:"rtmp"`
	RTMPS  string `json:"rtmps"`
}

// PathWHIP is where participants publish by WHIP: whoever they are, since their
// tokens say it. Below it are the regions.
const PathWHIP = "/_whip"

// endpointsOf are those of a stage. WHIP's is the emulator's own, below the base
// where it can be reached. The others are the same in all of an account and
// region; they have AWS's form, and nothing listens there.
func endpointsOf(i id, base string) endpoints {
	sum := sha256.Sum256([]byte(store.Key(i.account, i.region)))
	own := hex.EncodeToString(sum[:6])
	return endpoints{
		Events: "wss://global.events.live-video.net",
		WHIP:   base + PathWHIP,
		RTMP:   "rtmp://" + own + ".global-contribute.live-video.net/app/",
		RTMPS:  "rtmps://" + own + ".global-contribute.live-video.net:443/app/",
	}
}

// baseOf is where the client that asks has reached the emulator.
func baseOf(r *wire.Request) string { return "http://" + r.HTTP.Host }

func (s *stage) show(tx *store.Tx, r *wire.Request, i id) shownStage {
	now, _ := active(tx, i)
	return shownStage{stage: *s, ActiveSessionID: now.ID, Endpoints: endpointsOf(i, baseOf(r))}
}

type stageOutput struct {
	Stage shownStage `json:"stage"`
	// ParticipantTokens belongs to CreateStage.
	ParticipantTokens []participantToken `json:"participantTokens,omitempty"`
}

type createStageInput struct {
	Name      *string           `json:"name"`
	Tags      map[string]string `json:"tags"`
	Recording *recordingInput   `json:"autoParticipantRecordingConfiguration"`
	Tokens    []tokenInput      `json:"participantTokenConfigurations"`
}

func (in *createStageInput) check() error {
	var c constraint.Checks
	c.Text("name", in.Name, nameLimit)
	checkTags(&c, in.Tags)
	in.Recording.check(&c)
	checkTokens(&c, in.Tokens)
	if err := c.Err(codeInvalid); err != nil {
		return err
	}
	return refuseReserved(in.Tags)
}

func (s *Service) createStage(r *wire.Request, in *createStageInput) (*stageOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	i := newID(r, kindStage)
	made := stage{resource: newResource(i, in.Name, in.Tags), Recording: defaultRecording()}
	out := &stageOutput{}
	return out, s.store.Update(func(tx *store.Tx) error {
		if err := in.Recording.apply(tx, r, &made.Recording); err != nil {
			return err
		}
		for _, wanted := range in.Tokens {
			out.ParticipantTokens = append(out.ParticipantTokens, wanted.issue(tx, i, baseOf(r), r.Now))
		}
		store.Put(tx, table(kindStage), i.key(), made)
		out.Stage = made.show(tx, r, i)
		return nil
	})
}

func (s *Service) getStage(r *wire.Request, in *named) (*stageOutput, error) {
	out := &stageOutput{}
	return out, s.viewStage(r, in.ARN, "arn", func(tx *store.Tx, found stage, i id) error {
		out.Stage = found.show(tx, r, i)
		return nil
	})
}

// viewStage runs fn over the stage that a request names.
func (s *Service) viewStage(r *wire.Request, arn *string, member string, fn func(*store.Tx, stage, id) error) error {
	var c constraint.Checks
	requireARN(&c, member, arn, kindStage)
	if err := c.Err(codeInvalid); err != nil {
		return err
	}
	return s.store.View(func(tx *store.Tx) error {
		found, i, err := lookup[stage](tx, r, *arn)
		if err != nil {
			return err
		}
		return fn(tx, found, i)
	})
}

type updateStageInput struct {
	named
	Name      *string         `json:"name"`
	Recording *recordingInput `json:"autoParticipantRecordingConfiguration"`
}

// updateStage leaves as it is what the request does not name.
func (s *Service) updateStage(r *wire.Request, in *updateStageInput) (*stageOutput, error) {
	var c constraint.Checks
	requireARN(&c, "arn", in.ARN, kindStage)
	c.Text("name", in.Name, nameLimit)
	in.Recording.check(&c)
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	out := &stageOutput{}
	return out, s.store.Update(func(tx *store.Tx) error {
		found, i, err := lookup[stage](tx, r, *in.ARN)
		if err != nil {
			return err
		}
		if _, publishing := active(tx, i); publishing && in.Recording != nil && found.Recording.StorageARN != "" {
			return conflict("The recording configuration cannot be updated while recording is active: " + *in.ARN)
		}
		replace(&found.Name, in.Name)
		if err := in.Recording.apply(tx, r, &found.Recording); err != nil {
			return err
		}
		store.Put(tx, table(kindStage), i.key(), found)
		out.Stage = found.show(tx, r, i)
		return nil
	})
}

// deleteStage shuts the stage down. What is composed from it fails, for which
// there is an event of its own (RealTimeUserGuide, Using EventBridge:
// StageDeleted).
func (s *Service) deleteStage(r *wire.Request, in *named) (*empty, error) {
	i, err := identify(r, in.ARN, kindStage)
	if err != nil {
		return nil, err
	}
	return &empty{}, s.store.Update(func(tx *store.Tx) error {
		if !tx.Delete(table(kindStage), i.key()) {
			return missing(i)
		}
		for _, c := range live(tx, r) {
			if c.StageARN == i.arn() && c.End == nil {
				c.End = &ending{At: r.Now, Code: codeStageDeleted}
				c.put(tx)
			}
		}
		clearStage(tx, i)
		return nil
	})
}

// stageSummary lacks the recording configuration and endpoints
// (RealTimeAPIReference, StageSummary).
type stageSummary struct {
	resource
	ActiveSessionID string `json:"activeSessionId,omitempty"`
}

type stageList struct {
	Stages    []stageSummary `json:"stages"`
	NextToken string         `json:"nextToken,omitempty"`
}

func (s *Service) listStages(r *wire.Request, in *page) (*stageList, error) {
	items, token, err := listOf[*resource](r, kindStage, in, defaultStagePage).read(s.store)
	if err != nil {
		return nil, err
	}
	out := &stageList{Stages: []stageSummary{}, NextToken: token}
	return out, s.store.View(func(tx *store.Tx) error {
		for _, item := range items {
			i, _ := parseARN(item.ARN)
			now, _ := active(tx, i)
			out.Stages = append(out.Stages, stageSummary{resource: *item, ActiveSessionID: now.ID})
		}
		return nil
	})
}
