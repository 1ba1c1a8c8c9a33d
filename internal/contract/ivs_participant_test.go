package contract

import (
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

// needsMedia is why what publishers do is not tried on an account.
const needsMedia = "it takes somebody who publishes; SHOW-01 does"

// longerThanQuiet is more than a composition stays without publishers.
const longerThanQuiet = 65 * time.Second

func (c *check) participants(in *ivsrealtime.ListParticipantsInput) (all []types.ParticipantSummary) {
	pages := ivsrealtime.NewListParticipantsPaginator(c.ivs(), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.Context())
		c.ok(err)
		all = append(all, page.Participants...)
	}
	return all
}

func (c *check) sessions(stage *string) []types.StageSessionSummary {
	out, err := c.ivs().ListStageSessions(c.Context(), &ivsrealtime.ListStageSessionsInput{StageArn: stage})
	c.ok(err)
	return out.StageSessions
}

// aSession is the form of a session's id.
const aSession = "st-abcdefghijklm"

var participantBeliefs = []belief{
	{
		id: "IVS-56", source: "IVS Real-Time API: Stage, ListStageSessions, ListParticipants",
		claim: "a stage that nobody came onto has no session and no participants, whatever tokens there are",
		prove: func(c *check) {
			stage := c.stage(&ivsrealtime.CreateStageInput{}).Arn
			token := c.token(&tokenInput{StageArn: stage})
			if id := c.stageNow(stage).ActiveSessionId; aws.ToString(id) != "" {
				c.Errorf("session %s", *id)
			}
			c.equal(0, len(c.sessions(stage)))
			c.equal(0, len(c.participants(&ivsrealtime.ListParticipantsInput{StageArn: stage, SessionId: aws.String(aSession)})))
			_, err := c.ivs().GetStageSession(c.Context(), &ivsrealtime.GetStageSessionInput{StageArn: stage, SessionId: aws.String(aSession)})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
			_, err = c.ivs().GetParticipant(c.Context(), &ivsrealtime.GetParticipantInput{
				StageArn: stage, SessionId: aws.String(aSession), ParticipantId: token.ParticipantId,
			})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
		},
	},
	{
		id: "IVS-57", source: "IVS Real-Time API: GetStageSession, ListParticipants, DisconnectParticipant",
		claim: "the limits of sessions and participants",
		prove: func(c *check) {
			stage := c.stage(&ivsrealtime.CreateStageInput{}).Arn
			client := c.ivs()
			for name, request := range map[string]func() error{
				"a session of another form": func() error {
					_, err := client.GetStageSession(c.Context(), &ivsrealtime.GetStageSessionInput{StageArn: stage, SessionId: aws.String("st-short")})
					return err
				},
				"a participant of another form": func() error {
					_, err := client.GetParticipant(c.Context(), &ivsrealtime.GetParticipantInput{
						StageArn: stage, SessionId: aws.String(aSession), ParticipantId: aws.String("a_b"),
					})
					return err
				},
				"two filters": func() error {
					_, err := client.ListParticipants(c.Context(), &ivsrealtime.ListParticipantsInput{
						StageArn: stage, SessionId: aws.String(aSession), FilterByUserId: aws.String("u"), FilterByPublished: true,
					})
					return err
				},
				"an unknown state": func() error {
					_, err := client.ListParticipants(c.Context(), &ivsrealtime.ListParticipantsInput{
						StageArn: stage, SessionId: aws.String(aSession), FilterByState: "AWAY",
					})
					return err
				},
				"101 sessions": func() error {
					_, err := client.ListStageSessions(c.Context(), &ivsrealtime.ListStageSessionsInput{StageArn: stage, MaxResults: aws.Int32(101)})
					return err
				},
				"a long reason": func() error {
					_, err := client.DisconnectParticipant(c.Context(), &ivsrealtime.DisconnectParticipantInput{
						StageArn: stage, ParticipantId: aws.String("p"), Reason: aws.String(string(make([]byte, 129))),
					})
					return err
				},
			} {
				c.refusedFor(name, request(), http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-58", source: "IVS Real-Time API: StageSession, Participant", onlyEmulated: needsMedia,
		claim: "a session lasts from the first participant's coming to the last one's leaving",
		prove: func(c *check) {
			stage := c.stage(&ivsrealtime.CreateStageInput{}).Arn
			c.publish(*stage)
			c.advance(time.Minute)
			c.publish(*stage)
			session := c.stageNow(stage).ActiveSessionId
			if !regexp.MustCompile(`^st-[a-zA-Z0-9]{13}$`).MatchString(aws.ToString(session)) {
				c.Fatalf("session %s", aws.ToString(session))
			}
			all := c.participants(&ivsrealtime.ListParticipantsInput{StageArn: stage, SessionId: session, MaxResults: aws.Int32(1)})
			c.equal(2, len(all))
			_, err := c.ivs().DisconnectParticipant(c.Context(), &ivsrealtime.DisconnectParticipantInput{StageArn: stage, ParticipantId: all[0].ParticipantId})
			c.ok(err)
			for state, want := range map[types.ParticipantState]*string{"DISCONNECTED": all[0].ParticipantId, "CONNECTED": all[1].ParticipantId} {
				got := c.participants(&ivsrealtime.ListParticipantsInput{StageArn: stage, SessionId: session, FilterByState: state})
				if len(got) != 1 || *got[0].ParticipantId != *want || !got[0].Published || got[0].RecordingState != types.ParticipantRecordingStateDisabled {
					c.Errorf("%s: %+v, want %s", state, got, *want)
				}
			}
			c.equal(session, c.stageNow(stage).ActiveSessionId)
			c.advance(time.Minute)
			c.unpublish(*stage)
			if id := c.stageNow(stage).ActiveSessionId; id != nil {
				c.Errorf("session %s still lasts", *id)
			}
			c.publish(*stage)
			out, err := c.ivs().GetStageSession(c.Context(), &ivsrealtime.GetStageSessionInput{StageArn: stage, SessionId: session})
			c.ok(err)
			if s := out.StageSession; s.EndTime == nil || s.EndTime.Sub(*s.StartTime).Round(time.Second) != 2*time.Minute {
				c.Errorf("it lasted from %v to %v, want two minutes", s.StartTime, s.EndTime)
			}
			c.equal(2, len(c.sessions(stage)))
		},
	},
	{
		id: "IVS-59", source: "IVS Real-Time API: DisconnectParticipant", onlyEmulated: needsMedia,
		claim: "a participant whom nobody knows cannot be disconnected, one who has a token can",
		prove: func(c *check) {
			stage := c.stage(&ivsrealtime.CreateStageInput{}).Arn
			token := c.token(&tokenInput{StageArn: stage})
			disconnect := func(id *string) error {
				_, err := c.ivs().DisconnectParticipant(c.Context(), &ivsrealtime.DisconnectParticipantInput{StageArn: stage, ParticipantId: id})
				return err
			}
			c.ok(disconnect(token.ParticipantId))
			c.refused(disconnect(token.ParticipantId), http.StatusNotFound, "ResourceNotFoundException")
			c.publish(*stage)
			c.refused(disconnect(aws.String("")), http.StatusNotFound, "ResourceNotFoundException")
			if c.stageNow(stage).ActiveSessionId == nil {
				c.Errorf("the other participant was disconnected, too")
			}
		},
	},
	{
		id: "IVS-60", source: "IVS Real-Time user guide: Individual participant recording", onlyEmulated: needsMedia,
		claim: "who publishes to a stage that is recorded has a recording, under stage, session, participant and time",
		prove: func(c *check) {
			bucket := c.recordings()
			storage := c.storage(storageInput(bucket))
			stage := c.stage(&ivsrealtime.CreateStageInput{AutoParticipantRecordingConfiguration: recordingTo(storage.Arn)}).Arn
			c.publish(*stage)
			_, err := c.ivs().UpdateStage(c.Context(), &ivsrealtime.UpdateStageInput{Arn: stage, AutoParticipantRecordingConfiguration: recordingTo(aws.String(""))})
			c.refused(err, http.StatusConflict, "ConflictException")
			_, err = c.ivs().UpdateStage(c.Context(), &ivsrealtime.UpdateStageInput{Arn: stage, Name: aws.String(c.name())})
			c.ok(err)
			session := c.stageNow(stage).ActiveSessionId
			id := c.participants(&ivsrealtime.ListParticipantsInput{StageArn: stage, SessionId: session})[0].ParticipantId
			for _, want := range []types.ParticipantRecordingState{"ACTIVE", "STOPPED"} {
				out, err := c.ivs().GetParticipant(c.Context(), &ivsrealtime.GetParticipantInput{StageArn: stage, SessionId: session, ParticipantId: id})
				c.ok(err)
				p := out.Participant
				prefix := `^[a-zA-Z0-9]{12}/` + *session + `/` + *id + `/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$`
				if p.RecordingState != want || *p.RecordingS3BucketName != bucket || !regexp.MustCompile(prefix).MatchString(*p.RecordingS3Prefix) {
					c.Errorf("recording %s to %s %s, want %s", p.RecordingState, *p.RecordingS3BucketName, *p.RecordingS3Prefix, want)
				}
				c.unpublish(*stage)
			}
			c.deleteStorage(storage)
			c.publish(*stage)
			failed := c.participants(&ivsrealtime.ListParticipantsInput{StageArn: stage, SessionId: c.stageNow(stage).ActiveSessionId})
			c.equal(types.ParticipantRecordingStateFailed, failed[0].RecordingState)
		},
	},
	{
		id: "IVS-61", source: "IVS Real-Time API: StartComposition", onlyEmulated: costs,
		claim: "a composition lasts while somebody publishes, and a minute longer",
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3()).Arn
			c.advance(30 * time.Second)
			c.publish(*s.stage)
			c.advance(10 * time.Minute)
			c.equal("ACTIVE ACTIVE", states(s.now(arn)))
			c.unpublish(*s.stage)
			c.advance(30 * time.Second)
			c.publish(*s.stage)
			c.advance(longerThanQuiet)
			c.equal("ACTIVE ACTIVE", states(s.now(arn)))
			c.unpublish(*s.stage)
			c.advance(longerThanQuiet)
			c.publish(*s.stage)
			c.equal("STOPPED STOPPED", states(s.now(arn)))
		},
	},
	{
		id: "IVS-62", source: "IVS Real-Time user guide: Service quotas", onlyEmulated: costs,
		claim: "a composition lives for 24 hours at most",
		prove: func(c *check) {
			s := c.show()
			c.publish(*s.stage)
			arn := s.start(s.s3()).Arn
			c.advance(24*time.Hour - time.Minute)
			c.equal("ACTIVE ACTIVE", states(s.now(arn)))
			c.advance(longerThanQuiet)
			stopped := s.now(arn)
			c.equal("STOPPED STOPPED", states(stopped))
			if lived := stopped.EndTime.Sub(*stopped.StartTime).Round(time.Minute); lived != 24*time.Hour {
				c.Errorf("it lived %v", lived)
			}
		},
	},
}
