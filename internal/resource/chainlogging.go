package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/eventpattern"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The links of event logging.
var (
	linkLogGroup   = name{"log-group", "The log group is there, and ours"}
	linkRetention  = name{LinkRetention, "It keeps events as long as the manifest asks"}
	linkLogsPolicy = name{"logs-policy", "A logs resource policy lets EventBridge write to it"}
	linkRule       = name{"rule", "The rule is there, and enabled"}
	linkPattern    = name{"event-pattern", "Its pattern matches every event of IVS Real-Time"}
	linkTarget     = name{"target", "Its target is the log group"}
)

// LinkRetention is the ID of the link whose Fact is for how many days events are
// kept, 0 for ever.
const LinkRetention = "retention"

func (l *linking) logging() Chain {
	if e := l.wish.Env; !e.Logging.Enabled {
		return Chain{Region: l.region, Feature: FeatureLogging, Skipped: e.Logging.SkipReason}
	}
	l.ivs()
	l.logGroup()
	l.logsPolicy()
	l.rule()
	l.target()
	return l.chain(FeatureLogging)
}

func (l *linking) logGroup() {
	n := l.there(linkLogGroup, logGroupKey(l.region))
	if n == nil {
		l.moot(linkRetention)
		return
	}
	l.holds(linkLogGroup, n.ARN, n.ARN)
	want := l.wish.Env.Logging.RetentionDays
	live := n.Outputs[outRetention]
	switch {
	case differs(n, "retention-days"):
		l.broken(linkRetention, fmt.Sprintf("events are kept for %s, and the manifest asks for %d", days(live), want), "")
	case warned(n, WarnAccountRetention) != nil:
		w := warned(n, WarnAccountRetention)
		l.broken(linkRetention, w.Text, w.Fix)
	case warned(n, WarnLogGroupClass) != nil:
		w := warned(n, WarnLogGroupClass)
		l.broken(linkRetention, w.Text, w.Fix)
	default:
		l.holds(linkRetention, live, "events are kept for "+days(live))
	}
}

// warned is a resource's warning with a code, nil when there is none.
func warned(n *reconcile.NodeReport, code string) *reconcile.Warning {
	for i := range n.Warnings {
		if n.Warnings[i].Code == code {
			return &n.Warnings[i]
		}
	}
	return nil
}

// logsPolicy looks at the policies that are in effect, whatever their names.
func (l *linking) logsPolicy() {
	const (
		theirs   = "change that statement; yolo leaves statements of others as they are"
		policies = "logs resource policies"
	)
	n := l.plan.Node(logsPolicyKey(l.region))
	switch {
	case n == nil:
		l.doubtful(linkLogsPolicy, "the "+policies+" were not looked at", "", nil)
		l.lacks(Unknown, policies)
	case StateOf(n) == Unknown:
		l.doubtful(linkLogsPolicy, "the "+policies+" could not be looked at", hintOf(n.Err), n.Err)
		l.lacks(Unknown, policies)
	case n.Outputs[outDenied] == "yes":
		l.broken(linkLogsPolicy, "of the logs resource policies "+n.Outputs[outVerdict], theirs)
	case StateOf(n) != InSync:
		l.broken(linkLogsPolicy, "no logs resource policy lets EventBridge write", hintOf(n.Err))
	case n.Outputs[outDenied] == "maybe":
		l.doubtful(linkLogsPolicy, "of the logs resource policies "+doubtIn(n.Outputs[outVerdict]), theirs, nil)
		l.last().Fact = n.Outputs[outVerdict]
	default:
		l.holds(linkLogsPolicy, n.Outputs[outVerdict], n.Outputs[outVerdict])
	}
}

func (l *linking) rule() {
	n := l.there(linkRule, ruleKey(l.region))
	if n == nil {
		l.moot(linkPattern)
		return
	}
	if differs(n, "state") {
		l.broken(linkRule, "the rule is disabled", "")
	} else {
		l.holds(linkRule, n.ARN+" "+n.Outputs[outState], fmt.Sprintf("%s is %s", n.Name, n.Outputs[outState]))
	}
	l.pattern(n.Outputs[outPattern])
}

// pattern puts a sample of every event to the rule's pattern as it is. One that
// is not the manifest's, but matches them all, does.
func (l *linking) pattern(pattern string) {
	var missed []string
	samples := sampleEvents(l.region, accountOf(l.plan, l.region))
	for _, sample := range samples {
		matches, err := eventpattern.Match(pattern, sample.text)
		if unknown, ok := errors.AsType[*eventpattern.UnknownError](err); ok {
			l.doubtful(linkPattern, "the rule's pattern could not be judged: "+unknown.Error(), "", nil)
			l.last().Fact = compactJSON(pattern)
			return
		}
		if err != nil || !matches {
			missed = append(missed, sample.name)
		}
	}
	switch {
	case len(missed) == len(samples):
		l.broken(linkPattern, "the rule's pattern matches no event of IVS", "")
	case len(missed) > 0:
		l.broken(linkPattern, "the rule's pattern leaves out "+strings.Join(missed, ", "), "")
	default:
		l.holds(linkPattern, compactJSON(pattern), fmt.Sprintf("it matches a sample of all %d", len(samples)))
	}
}

// compactJSON is a document without the white space that means nothing.
func compactJSON(text string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		return text
	}
	return b.String()
}

// accountOf is the account that the region's rule is in.
func accountOf(plan *reconcile.Report, region string) string {
	if n := plan.Node(ruleKey(region)); n != nil {
		if fields := strings.Split(n.ARN, ":"); len(fields) > 4 {
			return fields[4]
		}
	}
	return ""
}

// target wants the group's ARN and the whole event; both a role and an ARN
// that ends in ":*" keep events from arriving (EventBridge user guide,
// "Event bus targets").
func (l *linking) target() {
	n := l.there(linkTarget, targetKey(l.region))
	if n == nil {
		return
	}
	var wrong []string
	for _, step := range n.Steps {
		for _, c := range step.Changes {
			wrong = append(wrong, targetFault(c))
		}
	}
	if len(wrong) > 0 {
		l.broken(linkTarget, strings.Join(wrong, "; "), "")
		return
	}
	group := l.plan.Node(logGroupKey(l.region))
	if group == nil || group.ARN == "" {
		l.moot(linkTarget)
		return
	}
	l.holds(linkTarget, group.ARN, group.ARN)
}

// targetFault says what one difference of a target does.
func targetFault(c reconcile.Change) string {
	switch c.Attribute {
	case "arn":
		if strings.HasSuffix(fmt.Sprint(c.From), ":*") {
			return fmt.Sprintf(`the target's ARN %v ends in ":*", with which events may not arrive`, c.From)
		}
		return fmt.Sprintf("the target is %v, not this log group", c.From)
	case "role-arn":
		return "the target has a role, which EventBridge refuses for log groups"
	}
	return "the target does not write events as they are: it has an " + strings.ReplaceAll(c.Attribute, "-", " ")
}

func regionList() string { return strings.Join(manifest.IVSRegions(), ", ") }
