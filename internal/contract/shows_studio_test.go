package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	testshow "github.com/yolo-live/yolo/internal/show"
	"github.com/yolo-live/yolo/internal/show/whip"
)

// studio is where a show of yolo's own is put on: a stage with one token, its
// bucket and configurations, and a log group that gets IVS's events.
type studio struct {
	*show
	logs        *cloudwatchlogs.Client
	group       string
	whip, token string
	reel        *reel // on the emulator
	on          *testshow.Show
}

// tagged are the tags of what a show has; the bill can be looked at by them.
func (c *check) tagged() map[string]string { return map[string]string{"yolo:contract": c.mark} }

// studio makes all of it, and waits until rules and policies have their effect.
// From then on nothing waits, so that times can be taken.
func (c *check) studio() *studio {
	s := &studio{show: &show{c: c, bucket: c.recordings()}, logs: cloudwatchlogs.NewFromConfig(c.in(home)), group: "/yolo/" + c.name()}
	s.listen()
	in := storageInput(s.bucket)
	in.Name, in.Tags = aws.String(c.name()), c.tagged()
	s.storage = c.storage(in).Arn
	s.encoder = c.encoder(&encoderInput{Name: aws.String(c.name()), Tags: c.tagged()}).Arn
	const tokenMinutes = 15
	out, err := c.ivs().CreateStage(c.Context(), &ivsrealtime.CreateStageInput{
		Name: aws.String(c.name()), Tags: c.tagged(),
		ParticipantTokenConfigurations: []types.ParticipantTokenConfiguration{{
			Capabilities: []types.ParticipantTokenCapability{types.ParticipantTokenCapabilityPublish},
			Duration:     aws.Int32(tokenMinutes), UserId: aws.String("yolo-contract"),
		}},
	})
	c.ok(err)
	s.stage, s.whip, s.token = out.Stage.Arn, *out.Stage.Endpoints.Whip, *out.ParticipantTokens[0].Token
	wait(c.Context(), 2*c.pause)
	c.pause = 0
	return s
}

// listen has a rule bring IVS's events of the region to a log group.
func (s *studio) listen() {
	c, name, events := s.c, s.c.name(), eventbridge.NewFromConfig(s.c.in(home))
	_, err := s.logs.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &s.group, Tags: c.tagged()})
	c.ok(err)
	arn := "arn:aws:logs:" + home + ":" + c.id + ":log-group:" + s.group
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":%s,"Resource":%q}]}`,
		bothServices, bothActions, arn+":*")
	_, err = s.logs.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{PolicyName: &name, PolicyDocument: &policy})
	c.ok(err)
	_, err = events.PutRule(c.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: aws.String(serviceEvents)})
	c.ok(err)
	_, err = events.PutTargets(c.Context(), &eventbridge.PutTargetsInput{
		Rule: &name, Targets: []eventtypes.Target{{Id: aws.String("log"), Arn: &arn}},
	})
	c.ok(err)
}

// pictureSize is the encoder configurations' by default.
const pictureWidth, pictureHeight = 1280, 720

// publish puts yolo's own picture on, with its own WHIP client.
func (s *studio) publish() {
	o := testshow.Options{
		WHIP:  whip.Options{Endpoint: s.whip, Token: s.token, Hosts: []string{"*.live-video.net"}},
		Width: pictureWidth, Height: pictureHeight, Run: s.c.mark,
	}
	if s.c.advance != nil {
		s.reel = newReel()
		o.Clock = s.reel
	}
	on, err := testshow.Begin(s.c.Context(), o)
	if err != nil {
		s.c.Fatalf("publish: %v", err)
	}
	s.on = on
	s.leaveFirst()
	s.play(time.Second)
}

// onTheWay is how long the emulator may take for what was sent, in real time. A
// reel goes so much faster that a moment's delay is seconds of a recording.
const onTheWay = time.Second / 2

// play waits until that much more of the picture was sent, and has arrived.
func (s *studio) play(length time.Duration) {
	until := s.on.Sent() + length
	if s.reel != nil {
		s.reel.allow(until)
	}
	if err := s.on.Wait(s.c.Context(), until); err != nil {
		s.c.Fatalf("the picture did not stay on: %v", err)
	}
	if s.reel != nil {
		wait(s.c.Context(), onTheWay)
	}
}

// leave ends the publishing.
func (s *studio) leave() testshow.Result { return s.on.End(s.c.Context()) }

// begin starts the composition that records the stage; its tags are the show's.
func (s *studio) begin() *types.Composition {
	in := s.input(s.s3())
	in.Tags = s.c.tagged()
	out, err := s.c.ivs().StartComposition(s.c.Context(), in)
	s.c.ok(err)
	s.leaveFirst()
	return out.Composition
}

// leaveFirst has the publisher leave before what was made until now is taken
// away, however long that takes.
func (s *studio) leaveFirst() {
	if s.on == nil {
		return
	}
	s.c.undo = append(s.c.undo, func(ctx context.Context) error {
		s.on.End(ctx)
		return nil
	})
}

// becomes waits for a composition and its destinations to be so; it returns how
// long that took.
func (s *studio) becomes(arn *string, want string, within time.Duration) time.Duration {
	seen := ""
	took, ok := s.c.await(within, func() bool {
		seen = states(s.now(arn))
		return seen == want
	})
	if !ok {
		s.c.Fatalf("the composition is %s, want %s within %v", seen, want, within)
	}
	return took
}

// await looks until it is so or the time is over, on the emulator by its clock;
// that goes slowly enough for what the emulator is still at work on.
func (c *check) await(within time.Duration, so func() bool) (took time.Duration, ok bool) {
	const step = time.Second
	begun := time.Now()
	for {
		if so() {
			return took, true
		}
		if took >= within || c.Context().Err() != nil {
			return took, false
		}
		if c.advance != nil {
			c.advance(step)
			wait(c.Context(), step/100)
			took += step
		} else {
			wait(c.Context(), step)
			took = time.Since(begun)
		}
	}
}

// endComposition stops a composition and waits until it has ended, so that what
// it uses can be deleted.
func (c *check) endComposition(ctx context.Context, client *ivsrealtime.Client, arn *string) error {
	if _, err := client.StopComposition(ctx, &ivsrealtime.StopCompositionInput{Arn: arn}); err != nil {
		return err
	}
	if c.advance != nil {
		c.advance(timeToStop)
		return nil
	}
	for {
		out, err := client.GetComposition(ctx, &ivsrealtime.GetCompositionInput{Arn: arn})
		if err != nil {
			return err
		}
		switch out.Composition.State {
		case types.CompositionStateStopped, types.CompositionStateFailed:
			return nil
		default:
		}
		if wait(ctx, time.Second); ctx.Err() != nil {
			return fmt.Errorf("the composition %s is still %s", *arn, out.Composition.State)
		}
	}
}

// event is an event of IVS as it is in the log.
type event struct {
	ID        string    `json:"id"`
	Time      time.Time `json:"time"`
	Resources []string  `json:"resources"`
	Detail    struct {
		Name      string `json:"event_name"`
		ErrorCode string `json:"error_code"`
		Reason    string `json:"reason"`
		UserID    string `json:"user_id"`
	} `json:"detail"`
	logged time.Time // by CloudWatch Logs
}

// events are the show's in the order in which they were logged.
func (s *studio) events() (all []event) {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(s.logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &s.group, FilterPattern: aws.String(`"` + *s.stage + `"`),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.c.Context())
		s.c.ok(err)
		for _, one := range page.Events {
			e := event{logged: time.UnixMilli(aws.ToInt64(one.IngestionTime))}
			s.c.ok(json.Unmarshal([]byte(*one.Message), &e))
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.logged.Compare(b.logged) })
	return all
}

// named finds the first event of a name, nil when it has not come.
func named(all []event, name string) *event {
	i := slices.IndexFunc(all, func(e event) bool { return e.Detail.Name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}
