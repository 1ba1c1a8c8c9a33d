package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// event is what is read of an event of IVS (RealTimeUserGuide, "Using Amazon
// EventBridge"), or of a canary.
type event struct {
	Resources []string `json:"resources"`
	Detail    struct {
		Name      string `json:"event_name"`
		ID        string `json:"id"` // of a destination
		ErrorCode string `json:"error_code"`
		Reason    string `json:"reason"`
		Nonce     string `json:"nonce"` // of a canary
	} `json:"detail"`
}

// expected are the events of a show that has come to its end.
func (g *regionRun) expected() []string {
	names := []string{"Participant Published"}
	if g.Show.Records {
		names = append(names, "Session Start", "Destination Start", "Destination End", "Session End")
	}
	return names
}

// lookAtLog looks for the show's events until all are there or the time is over.
func (g *regionRun) lookAtLog(ctx context.Context) {
	begun := time.Now()
	defer func() { g.lasted(proof.StepLog, begun) }()
	var seen []event
	err := g.poll(ctx, g.waits.log, func(ctx context.Context) (bool, string, error) {
		found, err := g.eventsOf(ctx, g.stage.arn, g.begun)
		if err != nil {
			return false, "", err
		}
		seen = found
		missing := g.missing(seen)
		return len(missing) == 0, "without " + strings.Join(missing, ", "), nil
	})
	f := g.eventsFinding()
	late, timedOut := errors.AsType[*timeoutError](err)
	switch {
	case err == nil:
		f.Verdict = proof.Pass
		f.Evidence = fmt.Sprintf("%s, through the rule, its target and the policy", strings.Join(g.expected(), ", "))
	case timedOut && late.cause == nil:
		missing := g.missing(seen)
		g.tell(g.region, "no %s in the log; a canary tells why", strings.Join(missing, ", "))
		g.at(g.region, proof.StepLog, "asking a canary why events are missing", 0)
		f = g.explainMissing(ctx, missing)
	case cloud.Is(err, "ResourceNotFoundException"):
		g.noGroup(&f)
	default:
		g.unseen(ctx, &f, "the log", err)
	}
	g.find(proof.StepLog, f)
}

// eventsFinding is the one on the show's events, of which nothing is known yet.
func (g *regionRun) eventsFinding() proof.Finding {
	return proof.Finding{
		Region: g.region, Feature: g.Logging.Feature, ID: "events", Title: titleOf("events"), ARN: g.group(),
	}
}

// noGroup is the finding that the log group went while the show was on.
func (g *regionRun) noGroup(f *proof.Finding) {
	f.Verdict, f.Evidence = proof.Fail, "the log group is gone, and the events with it"
	f.Fix = g.mend(resource.FeatureLogging, "log-group")
}

// missing are the expected events that were not seen.
func (g *regionRun) missing(seen []event) []string {
	return slices.DeleteFunc(g.expected(), func(name string) bool {
		return slices.ContainsFunc(seen, func(e event) bool { return e.Detail.Name == name && g.ofShow(e) })
	})
}

// ofShow tells whether an event is of this show's own stage, composition or
// destination: an app may start compositions on every stage, this one too.
func (g *regionRun) ofShow(e event) bool {
	switch {
	case slices.Contains(e.Resources, g.stage.arn):
		return true
	case g.composition == nil || !slices.Contains(e.Resources, g.composition.arn):
		return false
	}
	return e.Detail.ID == "" || g.composition.destination == "" || e.Detail.ID == g.composition.destination
}

// group is the log group that the chain goes to.
func (g *regionRun) group() string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", g.region, g.Account, g.Env.LogGroupName())
}

// clockSlack is how far this machine's clock may be ahead of AWS's without an
// event of the show being taken for an older one. What is looked for is in no
// event of another show.
const clockSlack = time.Hour

// eventsOf are the events of the region's log group since a time, by this
// machine's clock, that have a text in them. What is no event is left out.
func (g *regionRun) eventsOf(ctx context.Context, text string, since time.Time) ([]event, error) {
	in := &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(g.Env.LogGroupName()), FilterPattern: aws.String(`"` + text + `"`),
		// Times are compared to the second that an event tells.
		StartTime: aws.Int64(since.Add(-clockSlack).Truncate(time.Second).UnixMilli()),
	}
	var all []event
	for {
		out, err := cloud.Call(ctx, g.Cloud.In(g.region).Logs.FilterLogEvents, in)
		if err != nil {
			return all, err
		}
		for _, one := range out.Events {
			var e event
			if json.Unmarshal([]byte(aws.ToString(one.Message)), &e) == nil && e.Detail.Name+e.Detail.Nonce != "" {
				all = append(all, e)
			}
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return all, nil
		}
	}
}
