package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

var putEventsBeliefs = []belief{
	{
		id: "EVT-37", source: "EventBridge API: PutEvents, PutEventsResultEntry",
		claim: "PutEvents answers 200 and tells of each entry that was not sent, such as one with a source of AWS",
		prove: onEvents(func(c *eventsCheck) {
			entry := func(source, detailType, detail string) types.PutEventsRequestEntry {
				return types.PutEventsRequestEntry{Source: &source, DetailType: &detailType, Detail: &detail}
			}
			out, err := c.client.PutEvents(c.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
				entry(eventSource, c.name, `{}`), entry("aws.ivs", c.name, `{}`), entry(eventSource, c.name, `{`),
				{Source: aws.String(eventSource), Detail: aws.String(`{}`)},
			}})
			c.ok(err)
			var codes []string
			for _, e := range out.Entries {
				if (e.EventId == nil) == (e.ErrorCode == nil) {
					c.Errorf("id %q and code %q", aws.ToString(e.EventId), aws.ToString(e.ErrorCode))
				}
				codes = append(codes, aws.ToString(e.ErrorCode))
			}
			c.equal([]string{"", "NotAuthorizedForSourceException", "MalformedDetail", "InvalidArgument"}, codes)
			c.equal(int32(3), out.FailedEntryCount)
		}),
	},
	{
		id: "EVT-38", source: "EventBridge API: PutEvents; user guide: Calculating PutEvents event entry size",
		claim: "a request holds ten events and less than 256 KiB",
		prove: onEvents(func(c *eventsCheck) {
			entry := types.PutEventsRequestEntry{Source: aws.String(eventSource), DetailType: &c.name, Detail: aws.String(`{}`)}
			var eleven []types.PutEventsRequestEntry
			for range 11 {
				eleven = append(eleven, entry)
			}
			_, err := c.client.PutEvents(c.Context(), &eventbridge.PutEventsInput{Entries: eleven})
			c.fails(err, "ValidationException", "less than or equal to 10")
			entry.Detail = aws.String(`{"x":"` + strings.Repeat("x", 256<<10) + `"}`)
			_, err = c.client.PutEvents(c.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry}})
			c.fails(err, "ValidationException", "Total size of the entries in the request is over the limit.")
		}),
	},
}
