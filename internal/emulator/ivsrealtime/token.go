package ivsrealtime

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// tableTokens holds participant tokens by account, region, stage and
// participant, who are one to one with them.
const tableTokens = "ivs.participant-token"

// Limits of participant tokens (RealTimeAPIReference: CreateParticipantToken,
// ParticipantTokenConfiguration).
const (
	minTokenDuration, maxTokenDuration = 1, 20160 // minutes
	defaultTokenDuration               = 720
	maxCapabilities                    = 2
	maxStageTokens                     = 12   // of one CreateStage
	maxAttributes                      = 1024 // bytes of keys and values together
)

var (
	userIDLimit = constraint.Text{Max: 128}
	capability  = constraint.Text{Enum: []string{"PUBLISH", "SUBSCRIBE"}}
)

// participantToken lets one participant join a stage.
type participantToken struct {
	ParticipantID string            `json:"participantId"`
	Token         string            `json:"token"`
	UserID        string            `json:"userId"`
	Attributes    map[string]string `json:"attributes"`
	Capabilities  []string          `json:"capabilities"`
	Duration      int               `json:"duration"` // minutes
	Expires       time.Time         `json:"expirationTime"`
}

type tokenInput struct {
	UserID       *string           `json:"userId"`
	Attributes   map[string]string `json:"attributes"`
	Capabilities []string          `json:"capabilities"`
	Duration     *int              `json:"duration"`
}

// check collects what is wrong with the form. Members are named after prefix.
func (in *tokenInput) check(c *constraint.Checks, prefix string) {
	c.Text(prefix+"userId", in.UserID, userIDLimit)
	c.Int(prefix+"duration", in.Duration, minTokenDuration, maxTokenDuration)
	checkList(c, prefix+"capabilities", in.Capabilities, 0, maxCapabilities, capability)
	size := 0
	for key, value := range in.Attributes {
		size += len(key) + len(value)
	}
	c.Size(prefix+"attributes", fmt.Sprintf("{%d bytes}", size), size, 0, maxAttributes)
}

func checkTokens(c *constraint.Checks, tokens []tokenInput) {
	const member = "participantTokenConfigurations"
	c.Size(member, fmt.Sprintf("[%d tokens]", len(tokens)), len(tokens), 0, maxStageTokens)
	for n := range tokens {
		tokens[n].check(c, fmt.Sprintf("%s.%d.member.", member, n+1))
	}
}

type createTokenInput struct {
	tokenInput
	StageARN *string `json:"stageArn"`
}

type tokenOutput struct {
	ParticipantToken participantToken `json:"participantToken"`
}

func (s *Service) createToken(r *wire.Request, in *createTokenInput) (*tokenOutput, error) {
	var c constraint.Checks
	requireARN(&c, "stageArn", in.StageARN, kindStage)
	in.check(&c, "")
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	out := &tokenOutput{}
	return out, s.store.Update(func(tx *store.Tx) error {
		_, i, err := lookup[stage](tx, r, *in.StageARN)
		if err != nil {
			return err
		}
		out.ParticipantToken = in.issue(tx, i, baseOf(r), r.Now)
		return nil
	})
}

// issue makes a token for a new participant of the stage, and keeps it. The base
// is where the emulator can be reached.
func (in *tokenInput) issue(tx *store.Tx, stage id, base string, now time.Time) participantToken {
	t := participantToken{
		ParticipantID: randomText(12), Attributes: in.Attributes, Duration: defaultTokenDuration,
		Capabilities: []string{"PUBLISH", "SUBSCRIBE"},
	}
	if t.Attributes == nil {
		t.Attributes = map[string]string{}
	}
	replace(&t.UserID, in.UserID)
	replace(&t.Duration, in.Duration)
	replaceList(&t.Capabilities, in.Capabilities)
	t.Expires = now.Add(time.Duration(t.Duration) * time.Minute).UTC().Truncate(time.Second)
	t.Token = t.sign(stage, base, now)
	store.Put(tx, tableTokens, store.Key(stage.key(), t.ParticipantID), t)
	return t
}

// mayPublish refuses a token that is not good for publishing.
func (t *participantToken) mayPublish(now time.Time) error {
	switch {
	case !now.Before(t.Expires):
		return fmt.Errorf("the token of %q expired at %s", t.ParticipantID, t.Expires.Format(time.RFC3339))
	case !slices.Contains(t.Capabilities, "PUBLISH"):
		return fmt.Errorf("the token of %q does not allow publishing", t.ParticipantID)
	}
	return nil
}

// claims are a token's contents (RealTimeUserGuide, Distribute Participant
// Tokens: Token Schema). IVS's SDKs read the endpoints out of them.
type claims struct {
	Expires      int64             `json:"exp"`
	Issued       int64             `json:"iat"`
	Participant  string            `json:"jti"`
	Stage        string            `json:"resource"`
	Topic        string            `json:"topic"`
	EventsURL    string            `json:"events_url"`
	WHIPURL      string            `json:"whip_url"`
	UserID       string            `json:"user_id,omitempty"`
	Attributes   map[string]string `json:"attributes,omitempty"`
	Capabilities map[string]bool   `json:"capabilities"`
	Version      string            `json:"version"`
}

// sign writes the token as a JSON web token. The signature is random, for the
// token is known by being kept.
func (t *participantToken) sign(stage id, base string, now time.Time) string {
	at := endpointsOf(stage, base)
	allowed := map[string]bool{}
	for _, c := range t.Capabilities {
		allowed["allow_"+strings.ToLower(c)] = true
	}
	body, err := json.Marshal(claims{
		Expires: t.Expires.Unix(), Issued: now.Unix(), Participant: t.ParticipantID,
		Stage: stage.arn(), Topic: stage.name, EventsURL: at.Events, WHIPURL: at.WHIP,
		UserID: t.UserID, Attributes: t.Attributes, Capabilities: allowed, Version: "0.0",
	})
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	var signature [64]byte
	_, _ = rand.Read(signature[:])
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"KMS","typ":"JWT"}`)) + "." + encode(body) + "." + encode(signature[:])
}
