package contract

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

type tokenInput = ivsrealtime.CreateParticipantTokenInput

func (c *check) token(in *tokenInput) *types.ParticipantToken {
	out, err := c.ivs().CreateParticipantToken(c.Context(), in)
	c.ok(err)
	return out.ParticipantToken
}

// tokensBeyond break the limits of tokens; tokensWithin are at their edges.
var (
	tokensBeyond = map[string]tokenInput{
		"no duration":          {Duration: aws.Int32(0)},
		"duration too long":    {Duration: aws.Int32(20161)},
		"user id too long":     {UserId: aws.String(strings.Repeat("ü", 129))},
		"attributes too large": {Attributes: map[string]string{"key": strings.Repeat("v", 1022)}},
		"three capabilities":   {Capabilities: []types.ParticipantTokenCapability{"PUBLISH", "SUBSCRIBE", "PUBLISH"}},
		"unknown capability":   {Capabilities: []types.ParticipantTokenCapability{"WATCH"}},
	}
	tokensWithin = map[string]tokenInput{
		"shortest":               {Duration: aws.Int32(1)},
		"longest":                {Duration: aws.Int32(20160)},
		"longest user id":        {UserId: aws.String(strings.Repeat("ü", 128))},
		"largest attributes":     {Attributes: map[string]string{"key": strings.Repeat("v", 1021)}},
		"no capabilities at all": {Capabilities: []types.ParticipantTokenCapability{}},
	}
)

var tokenBeliefs = []belief{
	{
		id: "IVS-37", source: "IVS Real-Time API: CreateParticipantToken, ParticipantToken",
		claim: "a token is for a participant of its own, who may publish and subscribe for twelve hours",
		prove: func(c *check) {
			stage := c.stage(&ivsrealtime.CreateStageInput{})
			before := time.Now()
			one, two := c.token(&tokenInput{StageArn: stage.Arn}), c.token(&tokenInput{StageArn: stage.Arn, UserId: aws.String("ü")})
			if *one.Token == *two.Token || *one.ParticipantId == *two.ParticipantId || *one.Token == "" || *one.ParticipantId == "" {
				c.Errorf("tokens %s and %s, participants %s and %s", *one.Token, *two.Token, *one.ParticipantId, *two.ParticipantId)
			}
			if off := one.ExpirationTime.Sub(before.Add(12 * time.Hour)).Abs(); off > 5*time.Minute {
				c.Errorf("it expires at %v", one.ExpirationTime)
			}
			c.equal("ü", aws.ToString(two.UserId))
		},
	},
	{
		id: "IVS-38", source: "IVS Real-Time API: CreateParticipantToken, ParticipantTokenConfiguration",
		claim: "the limits of tokens",
		prove: func(c *check) {
			stage := c.stage(&ivsrealtime.CreateStageInput{})
			for name, in := range tokensWithin {
				in.StageArn = stage.Arn
				if _, err := c.ivs().CreateParticipantToken(c.Context(), &in); err != nil {
					c.Errorf("%s: %v", name, err)
				}
			}
			for name, in := range tokensBeyond {
				in.StageArn = stage.Arn
				_, err := c.ivs().CreateParticipantToken(c.Context(), &in)
				c.refusedFor(name, err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-39", source: "IVS Real-Time API: CreateStage",
		claim: "a stage can be created with twelve tokens, and no more",
		prove: func(c *check) {
			in := &ivsrealtime.CreateStageInput{Name: aws.String(c.name())}
			for range 12 {
				in.ParticipantTokenConfigurations = append(in.ParticipantTokenConfigurations, types.ParticipantTokenConfiguration{UserId: aws.String("u")})
			}
			out, err := c.ivs().CreateStage(c.Context(), in)
			c.ok(err)
			participants := map[string]bool{}
			for _, t := range out.ParticipantTokens {
				participants[*t.ParticipantId] = true
				c.equal("u", aws.ToString(t.UserId))
			}
			c.equal(12, len(participants))
			in.ParticipantTokenConfigurations = append(in.ParticipantTokenConfigurations, types.ParticipantTokenConfiguration{})
			_, err = c.ivs().CreateStage(c.Context(), in)
			c.refused(err, http.StatusBadRequest, "ValidationException")
		},
	},
}
