package logs

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Delivery is a message that EventBridge brings to a log group for a rule.
type Delivery struct {
	Account, Region string
	Target          string // the ARN of the log group, as the rule has it
	Rule            string // the rule's ARN
	Time            time.Time
	Message         string
	At              time.Time // when it comes
}

func (d *Delivery) request() *wire.Request {
	return &wire.Request{Account: d.Account, Region: d.Region, Now: d.At}
}

// deliveryTable holds the stream that a rule's messages go to, by group and
// rule.
const deliveryTable = "logs.delivery"

// delivered is the stream that is in use.
type delivered struct {
	Stream string
	Opened time.Time
}

// EventBridge makes its own streams and puts several events into one (EventBridge
// user guide, Event bus targets); after how many it begins another is not said.
const (
	streamLasts  = time.Hour
	streamEvents = 1000
)

// Deliver writes a message as EventBridge does, into a stream that it makes
// itself, and returns the stream's name. The error tells why Logs does not take
// it: the group must be there, a resource policy must let EventBridge in, and
// the message be of a time that PutLogEvents takes.
func (s *Service) Deliver(tx *store.Tx, d Delivery) (streamName string, err error) {
	r := d.request()
	name, ok := groupNameOf(r, trimStreams(d.Target))
	if !ok {
		return "", fmt.Errorf("%s is no log group of this account and region", d.Target)
	}
	g, ok := store.Get[group](tx, groupTable, here(r, name))
	if !ok {
		return "", fmt.Errorf("log group %s is not there", name)
	}
	into := streamFor(tx, r, name, d.Rule)
	if err := s.mayDeliver(tx, r, &g, &d, into.Name); err != nil {
		return "", err
	}
	if err := takesTime(tx, r, &g, d.Time); err != nil {
		return "", err
	}
	into.take(tx, r, name, millis(d.Time), d.Message)
	store.Put(tx, streamTable, here(r, name, into.Name), into)
	return into.Name, nil
}

// streamFor is the stream that the next message of a rule goes to; it may be a
// new one.
func streamFor(tx *store.Tx, r *wire.Request, groupName, rule string) stream {
	key := here(r, groupName, rule)
	used, _ := store.Get[delivered](tx, deliveryTable, key)
	found, ok := store.Get[stream](tx, streamTable, here(r, groupName, used.Stream))
	if ok && found.EventsReceived < streamEvents && r.Now.Sub(used.Opened) < streamLasts {
		return found
	}
	made := stream{Name: newStreamName(), Created: millis(r.Now)}
	store.Put(tx, deliveryTable, key, delivered{Stream: made.Name, Opened: r.Now})
	return made
}

func newStreamName() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// takesTime refuses what PutLogEvents rejects for its time.
func takesTime(tx *store.Tx, r *wire.Request, g *group, at time.Time) error {
	switch {
	case millis(at) < oldest(tx, r, g):
		return fmt.Errorf("the event of %s is older than the retention of log group %s", at.UTC().Format(time.RFC3339), g.Name)
	case r.Now.Sub(at) > maxAge:
		return fmt.Errorf("the event of %s is older than 14 days", at.UTC().Format(time.RFC3339))
	case at.Sub(r.Now) > maxAhead:
		return fmt.Errorf("the event of %s is more than 2 hours ahead", at.UTC().Format(time.RFC3339))
	}
	return nil
}

// The service principals of EventBridge's writes, and what they do.
const (
	deliverer     = "events.amazonaws.com"
	logsDelivery  = "delivery.logs.amazonaws.com"
	makesStreams  = "logs:CreateLogStream"
	writesMessage = "logs:PutLogEvents"
)

// mayDeliver tells whether the resource policies that are in effect let
// EventBridge make the stream and write to it. The rule's ARN is sent with
// PutLogEvents only: a condition on it elsewhere stands in the way.
//
// Where AWS's pages and users leave a doubt, it is for the delivery unless
// RefuseDoubtful is set: events.amazonaws.com alone may do, a group's own policy
// counts, the account is sent, and a target may end in :*.
func (s *Service) mayDeliver(tx *store.Tx, r *wire.Request, g *group, d *Delivery, streamName string) error {
	principals, source := []string{deliverer}, map[string]string{"aws:sourceaccount": r.Account}
	if s.RefuseDoubtful {
		principals, source = append(principals, logsDelivery), nil
		if trimStreams(d.Target) != d.Target {
			return fmt.Errorf("the target's ARN ends in :*")
		}
	}
	policies := inEffect(tx, r, g.Name)
	for _, principal := range principals {
		for _, action := range []string{makesStreams, writesMessage} {
			ask := policydoc.Ask{Principal: principal, Action: action, Resource: g.arn(r) + ":log-stream:" + streamName, Context: policydoc.Sent(r.Now, map[string]string{
				"aws:principalservicename": principal, "aws:principalservicenameslist": principal,
			})}
			maps.Copy(ask.Context, source)
			if action == writesMessage {
				ask.Context["aws:sourcearn"] = d.Rule
			}
			if !policies.allow(ask, s.RefuseDoubtful) {
				return fmt.Errorf("no resource policy lets %s do %s on %s", principal, action, ask.Resource)
			}
		}
	}
	return nil
}

// policies are the resource policies that a write to a group is held against.
type policies struct{ account, own []*policydoc.Document }

// allow tells whether they let something happen; the group's own policy may
// always deny it.
func (p policies) allow(ask policydoc.Ask, byAccount bool) bool {
	return ask.Allowed(slices.Concat(p.account, p.own)...) && (!byAccount || ask.Allowed(p.account...))
}

func inEffect(tx *store.Tx, r *wire.Request, groupName string) (p policies) {
	for _, policy := range store.Scan[resourcePolicy](tx, accountScopeTable, here(r, ""), "") {
		if d, err := readDocument(policy.Document); err == nil {
			p.account = append(p.account, d)
		}
	}
	policy, _ := store.Get[resourcePolicy](tx, groupPolicyTable, here(r, groupName))
	if d, err := readDocument(policy.Document); err == nil {
		p.own = append(p.own, d)
	}
	return p
}

// trimStreams is the group's ARN of one that may end in :*, as if it were of
// all the group's streams.
func trimStreams(arn string) string { return strings.TrimSuffix(arn, ":*") }
