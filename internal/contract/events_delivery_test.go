package contract

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// eventSource is the source of the events that proofs send.
const eventSource = "yolo.contract"

// deliveryCheck has a rule whose targets are two log groups: the one that a
// proof is about, and a control that EventBridge can write to for certain. What
// is in the control and not in the group has not been let through.
type deliveryCheck struct {
	*eventsCheck
	logs *cloudwatchlogs.Client
}

func onDelivery(prove func(c *deliveryCheck)) func(*check) {
	return onEvents(func(events *eventsCheck) {
		c := &deliveryCheck{events, cloudwatchlogs.NewFromConfig(events.in(home))}
		for _, name := range []string{c.groupName(), c.control()} {
			_, err := c.logs.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
			c.ok(err)
		}
		c.let("")
		c.ok(c.put(func(in *eventbridge.PutRuleInput) {
			in.EventPattern = aws.String(fmt.Sprintf(`{"source":[%q],"detail-type":[%q]}`, eventSource, c.name))
		}))
		_, err := c.putTargets(c.target(), c.target(func(t *types.Target) { t.Id, t.Arn = aws.String("control"), aws.String(c.group()+"-control") }))
		c.ok(err)
		prove(c)
	})
}

func (c *deliveryCheck) groupName() string { return "/yolo/" + c.name }
func (c *deliveryCheck) control() string   { return c.groupName() + "-control" }

// let puts a policy with a statement for the group, "" for none, beside the one
// for the control.
func (c *deliveryCheck) let(statement string) {
	statements := c.statement(`{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]}`, bothActions, c.group()+"-control:*", "")
	if statement != "" {
		statements += "," + statement
	}
	_, err := c.logs.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: &c.name, PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`),
	})
	c.ok(err)
}

const (
	bothServices = `{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]}`
	bothActions  = `["logs:CreateLogStream","logs:PutLogEvents"]`
)

func (c *deliveryCheck) statement(principal, actions, resource, condition string) string {
	s := fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":%s,"Resource":%q`, principal, actions, resource)
	if condition != "" {
		s += `,"Condition":` + condition
	}
	return s + "}"
}

// send sends an event with a number.
func (c *deliveryCheck) send(number int, change ...func(*types.PutEventsRequestEntry)) {
	entry := types.PutEventsRequestEntry{
		Source: aws.String(eventSource), DetailType: &c.name, Detail: aws.String(fmt.Sprintf(`{"number":%d}`, number)), Resources: []string{c.arn()},
	}
	for _, f := range change {
		f(&entry)
	}
	out, err := c.client.PutEvents(c.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry}})
	c.ok(err)
	c.equal(int32(0), out.FailedEntryCount)
}

func (c *deliveryCheck) logged(group string) []logstypes.FilteredLogEvent {
	var all []logstypes.FilteredLogEvent
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(c.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.Context())
		c.ok(err)
		all = append(all, page.Events...)
	}
	return all
}

// tries is how often an event is sent and looked for, since it takes a while
// until rules, targets and policies have their effect.
const tries = 12

// arrived sends events until one of them is in the control group, and returns
// those of the group that the proof is about.
func (c *deliveryCheck) arrived(change ...func(*types.PutEventsRequestEntry)) []logstypes.FilteredLogEvent {
	for number := range tries {
		c.send(number, change...)
		wait(c.Context(), c.pause)
		if len(c.logged(c.control())) > 0 {
			wait(c.Context(), c.pause)
			return c.logged(c.groupName())
		}
	}
	c.Fatalf("no event came to the control group")
	return nil
}

// arrives wants events of the group, or none.
func (c *deliveryCheck) arrives(want bool) {
	got := c.arrived()
	if (len(got) > 0) == want {
		return
	}
	if !want && !c.emulated {
		c.skipIfOpen(len(got))
	}
	c.answerf("%d events arrived, want some: %t", len(got), want)
}

// skipIfOpen ends the attempt where events arrive without any statement of ours:
// then somebody else's policy lets them, and nothing can be proved.
func (c *deliveryCheck) skipIfOpen(before int) {
	c.let("")
	for number := range tries {
		c.send(tries + number)
		wait(c.Context(), c.pause)
		if len(c.logged(c.groupName())) > before {
			c.skipped = "another resource policy of the account lets EventBridge write to these groups"
			runtime.Goexit()
		}
	}
}

// delivers is the proof that a statement for the group lets events through, or
// does not.
func delivers(want bool, statement func(c *deliveryCheck) string) func(*check) {
	return onDelivery(func(c *deliveryCheck) {
		c.let(statement(c))
		c.arrives(want)
	})
}

var deliveryBeliefs = []belief{
	{
		id: "EVT-39", source: "EventBridge user guide: Event bus targets; Events",
		claim: "an event that a rule matches is in its log group whole, at its own time, in a stream that EventBridge made",
		prove: onDelivery(func(c *deliveryCheck) {
			c.let(c.statement(bothServices, bothActions, c.group()+":*", ""))
			at := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
			got := c.arrived(func(e *types.PutEventsRequestEntry) { e.Time = &at })
			if len(got) == 0 {
				c.Fatalf("no event arrived")
			}
			c.equal(at.UnixMilli(), *got[0].Timestamp)
			var event map[string]any
			c.ok(json.Unmarshal([]byte(*got[0].Message), &event))
			if id, ok := event["id"].(string); !ok || id == "" || aws.ToString(got[0].LogStreamName) == "" {
				c.Errorf("id %q, stream %q", event["id"], aws.ToString(got[0].LogStreamName))
			}
			delete(event, "id")
			c.equal(map[string]any{
				"version": "0", "detail-type": c.name, "source": eventSource, "account": c.id, "region": home,
				"time": at.Format(time.RFC3339), "resources": []any{c.arn()}, "detail": map[string]any{"number": 0.0},
			}, event)
		}),
	},
	{
		id: "EVT-40", source: "EventBridge user guide: Using resource-based policies",
		claim: "without a policy that lets EventBridge in nothing arrives, and nobody is told",
		prove: onDelivery(func(c *deliveryCheck) { c.arrives(false) }),
	},
	{
		id: "EVT-41", source: "EventBridge user guide: Using resource-based policies",
		claim: "a policy of a group's name without :* lets nothing through",
		prove: delivers(false, func(c *deliveryCheck) string { return c.statement(bothServices, bothActions, c.group(), "") }),
	},
	{
		id: "EVT-42", source: "EventBridge user guide: Using resource-based policies",
		claim: "both actions are needed",
		prove: delivers(false, func(c *deliveryCheck) string {
			return c.statement(bothServices, `"logs:PutLogEvents"`, c.group()+":*", "")
		}),
	},
	{
		id: "EVT-43", source: "issues of infrastructure tools",
		claim: "a condition on aws:SourceArn lets nothing through when it also holds for CreateLogStream",
		prove: delivers(false, func(c *deliveryCheck) string {
			return c.statement(bothServices, bothActions, c.group()+":*", `{"ArnEquals":{"aws:SourceArn":"`+c.arn()+`"}}`)
		}),
	},
	{
		id: "EVT-44", source: "issues of infrastructure tools",
		claim: "on PutLogEvents alone, it names the rule",
		prove: onDelivery(func(c *deliveryCheck) {
			fromRule := `{"ArnEquals":{"aws:SourceArn":"` + c.arn() + `"}}`
			c.let(c.statement(bothServices, `"logs:CreateLogStream"`, c.group()+":*", "") + "," +
				c.statement(bothServices, `"logs:PutLogEvents"`, c.group()+":*", fromRule))
			c.arrives(true)
		}),
	},
	{
		id: "EVT-45", source: "Logs API: PutResourcePolicy; IAM user guide: Policy evaluation logic",
		claim: "a Deny wins over what another statement allows",
		prove: delivers(false, func(c *deliveryCheck) string {
			return c.statement(bothServices, bothActions, c.group()+":*", "") + "," +
				strings.Replace(c.statement(`{"Service":"events.amazonaws.com"}`, `"logs:PutLogEvents"`, c.group()+":*", ""), "Allow", "Deny", 1)
		}),
	},
	{
		id: "EVT-46", source: "open: AWS's example has both principals, users of some tools have this one",
		claim: "events.amazonaws.com may do without delivery.logs.amazonaws.com",
		prove: delivers(true, func(c *deliveryCheck) string {
			return c.statement(`{"Service":"events.amazonaws.com"}`, bothActions, c.group()+":*", "")
		}),
	},
	{
		id: "EVT-47", source: "open: Logs API: PutResourcePolicy does not say so of EventBridge",
		claim: "a log group's own policy counts",
		prove: onDelivery(func(c *deliveryCheck) {
			_, err := c.logs.PutResourcePolicy(c.Context(), &cloudwatchlogs.PutResourcePolicyInput{
				ResourceArn:    aws.String(c.group()),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + c.statement(bothServices, bothActions, c.group()+":*", "") + `]}`),
			})
			c.ok(err)
			c.arrives(true)
		}),
	},
	{
		id: "EVT-48", source: "open: no page says that EventBridge sends the account",
		claim: "a condition on aws:SourceAccount can be met",
		prove: delivers(true, func(c *deliveryCheck) string {
			return c.statement(bothServices, bothActions, c.group()+":*", `{"StringEquals":{"aws:SourceAccount":"`+c.id+`"}}`)
		}),
	},
	{
		id: "EVT-49", source: "open: most users of infrastructure tools say so, one says otherwise",
		claim: "a target whose ARN ends in :* gets its events",
		prove: onDelivery(func(c *deliveryCheck) {
			c.let(c.statement(bothServices, bothActions, c.group()+":*", ""))
			_, err := c.putTargets(c.target(func(t *types.Target) { *t.Arn += ":*" }))
			c.ok(err)
			c.arrives(true)
		}),
	},
	{
		id: "EVT-50", source: "EventBridge user guide: Event bus targets; Input transformation",
		claim: "a log group's transformer makes the message and its time",
		prove: onDelivery(func(c *deliveryCheck) {
			c.let(c.statement(bothServices, bothActions, c.group()+":*", ""))
			_, err := c.putTargets(c.target(func(t *types.Target) {
				t.InputTransformer = &types.InputTransformer{
					InputPathsMap: map[string]string{"at": "$.time", "n": "$.detail.number"},
					InputTemplate: aws.String(`{"timestamp":<at>,"message":"number <n>"}`),
				}
			}))
			c.ok(err)
			at := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
			got := c.arrived(func(e *types.PutEventsRequestEntry) { e.Time = &at })
			if len(got) == 0 {
				c.Fatalf("no event arrived")
			}
			c.equal("number 0", *got[0].Message)
			c.equal(at.UnixMilli(), *got[0].Timestamp)
		}),
	},
	{
		id: "EVT-51", source: "EventBridge API: DisableRule",
		claim: "a disabled rule lets nothing through, an enabled one does",
		prove: onDelivery(func(c *deliveryCheck) {
			c.let(c.statement(bothServices, bothActions, c.group()+":*", ""))
			c.arrives(true)
			_, err := c.client.DisableRule(c.Context(), &eventbridge.DisableRuleInput{Name: &c.name})
			c.ok(err)
			before := len(c.logged(c.groupName()))
			for number := range 3 {
				c.send(tries + number)
			}
			wait(c.Context(), c.pause)
			c.equal(before, len(c.logged(c.groupName())))
		}),
	},
}
