package resource

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// lines are a comparison in a form that a table can hold: what is changed from
// what to what, the notes, and the codes of warnings and of the error.
func lines(c reconcile.Comparison, err error) []string {
	var all []string
	for _, s := range c.Steps {
		for _, change := range s.Changes {
			all = append(all, fmt.Sprintf("%s: %s: %v -> %v", s.Doing, change.Attribute, text(change.From), text(change.To)))
		}
	}
	for _, note := range c.Notes {
		all = append(all, "note: "+note)
	}
	for _, w := range c.Warnings {
		all = append(all, "warning "+w.Code)
	}
	if err != nil {
		all = append(all, "error "+codeOf(err))
	}
	return all
}

func text(v any) any {
	if raw, ok := v.(fmt.Stringer); ok {
		return raw.String()
	}
	if raw, ok := v.(json.RawMessage); ok {
		return string(raw)
	}
	return v
}

// testWorld is for comparisons, which make no calls.
func testWorld(t *testing.T, ivs string) *world {
	t.Helper()
	env := environment(t, ivs, "123456789012")
	w := newWorld(env, nil, env.Regions)
	w.waits = patience
	return w
}

func ours(env *manifest.Environment, name string, more ...string) map[string]string {
	tags := env.Tags(name)
	for i := 0; i+1 < len(more); i += 2 {
		tags[more[i]] = more[i+1]
	}
	return tags
}

func check(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comparison (-want +got):\n%s", diff)
	}
}

func TestCompareLogGroup(t *testing.T) {
	const plain, explicit = shared, shared + "\n        log-retention-days: 30"
	name := "/aws/ivs/yolo-production-app"
	days := func(n int32) *int32 { return aws.Int32(n) }
	tests := map[string]struct {
		ivs   string
		group logstypes.LogGroup
		tags  []string
		want  []string
	}{
		"as wanted":             {plain, logstypes.LogGroup{RetentionInDays: days(14)}, nil, nil},
		"shorter":               {plain, logstypes.LogGroup{RetentionInDays: days(7)}, nil, []string{"set the retention: retention-days: 7 -> 14"}},
		"longer, no wish":       {plain, logstypes.LogGroup{RetentionInDays: days(90)}, nil, []string{"note: events are still kept for 90 days, since the manifest names no retention"}},
		"unlimited, no wish":    {plain, logstypes.LogGroup{}, nil, []string{"note: events are still kept for all time, since the manifest names no retention"}},
		"longer, a wish":        {explicit, logstypes.LogGroup{RetentionInDays: days(90)}, nil, []string{"set the retention: retention-days: 90 -> 30", "set the retention: events: kept for 90 days -> those older than 30 days will be deleted"}},
		"shorter, a wish":       {explicit, logstypes.LogGroup{RetentionInDays: days(3)}, nil, []string{"set the retention: retention-days: 3 -> 30"}},
		"not finished":          {plain, logstypes.LogGroup{}, []string{tagPending, "retention"}, []string{"set the retention: retention-days: <nil> -> 14", "mark the log group as finished: tag yolo:pending: retention -> <nil>"}},
		"all but finished":      {plain, logstypes.LogGroup{RetentionInDays: days(14)}, []string{tagPending, "retention"}, []string{"mark the log group as finished: tag yolo:pending: retention -> <nil>"}},
		"longer, left pending":  {plain, logstypes.LogGroup{RetentionInDays: days(90)}, []string{tagPending, "retention"}, []string{"mark the log group as finished: tag yolo:pending: retention -> <nil>", "note: events are still kept for 90 days, since the manifest names no retention"}},
		"ruled by the account":  {plain, logstypes.LogGroup{RetentionInDays: days(7), RetentionPolicyName: aws.String("short")}, nil, []string{"warning AccountRetention"}},
		"ruled, and the same":   {plain, logstypes.LogGroup{RetentionInDays: days(14), RetentionPolicyName: aws.String("short")}, nil, nil},
		"ruled, not finished":   {plain, logstypes.LogGroup{RetentionInDays: days(14), RetentionPolicyName: aws.String("short")}, []string{tagPending, "retention"}, []string{"mark the log group as finished: tag yolo:pending: retention -> <nil>"}},
		"keeps one day only":    {plain, logstypes.LogGroup{RetentionInDays: days(1), LogGroupClass: logstypes.LogGroupClassDelivery}, nil, []string{"warning LogGroupClass"}},
		"another app's":         {plain, logstypes.LogGroup{RetentionInDays: days(14)}, []string{manifest.TagApp, "other"}, []string{"error NotOurs"}},
		"another environment's": {plain, logstypes.LogGroup{RetentionInDays: days(14)}, []string{manifest.TagEnvironment, "staging"}, []string{"error NotOurs"}},
		"another name tag":      {plain, logstypes.LogGroup{RetentionInDays: days(14)}, []string{"Name", "x", "team", "y"}, []string{"tag the log group: tag Name: x -> " + name}},
	}
	for title, test := range tests {
		t.Run(title, func(t *testing.T) {
			w := testWorld(t, test.ivs)
			live := logGroupLive{group: &test.group, tags: ours(w.env, name, test.tags...)}
			check(t, test.want, lines((&logGroup{w, "eu-west-1"}).Compare(live)))
		})
	}
}

func TestCompareConfigurations(t *testing.T) {
	w := testWorld(t, shared)
	name, video := w.env.EncoderName(), w.env.Recording.Encoder
	small := video
	small.Width, small.Height = 640, 360
	large := video
	large.Width, large.Height = 1920, 1080
	one := func(arn string, v manifest.Encoder, tags ...string) encoderLive {
		return encoderLive{candidate{arn, ours(w.env, name, tags...)}, v}
	}
	bare := encoderLive{candidate{"arn-0", nil}, video}
	create := []string{
		"create the encoder configuration: width: <nil> -> 1280", "create the encoder configuration: height: <nil> -> 720",
		"create the encoder configuration: framerate: <nil> -> 30", "create the encoder configuration: bitrate: <nil> -> 2500000",
	}
	tags := func(doing string) []string {
		return []string{
			doing + ": tag Name: <nil> -> " + name, doing + ": tag yolo:app: <nil> -> app", doing + ": tag yolo:environment: <nil> -> production",
		}
	}
	created := append(create, tags("create the encoder configuration")...)
	tests := map[string]struct {
		live []encoderLive
		arn  string
		want []string
	}{
		"none":             {nil, "", created},
		"one":              {[]encoderLive{one("arn-1", video)}, "arn-1", nil},
		"one without tags": {[]encoderLive{bare}, "arn-0", tags("tag the encoder configuration")},
		"two":              {[]encoderLive{one("arn-2", video), one("arn-1", video)}, "arn-1", []string{"warning DuplicateConfiguration"}},
		"the tagged one":   {[]encoderLive{bare, one("arn-1", video)}, "arn-1", []string{"warning DuplicateConfiguration"}},
		"another video": {[]encoderLive{one("arn-1", small)}, "", append(append([]string{
			"create the encoder configuration: width: 640 -> 1280", "create the encoder configuration: height: 360 -> 720",
		}, tags("create the encoder configuration")...),
			"note: arn-1 (640x360 at 30 fps, 2500000 bps) stays; IVS cannot change one, and an app may still use it")},
		"two other videos": {[]encoderLive{one("arn-2", large), one("arn-1", small)}, "", append(slices.Clone(created),
			"note: arn-1 (640x360 at 30 fps, 2500000 bps) stays; IVS cannot change one, and an app may still use it",
			"note: arn-2 (1920x1080 at 30 fps, 2500000 bps) stays; IVS cannot change one, and an app may still use it")},
		"another app's":              {[]encoderLive{one("arn-1", video, manifest.TagApp, "other")}, "", []string{"error NotOurs"}},
		"another app's, and ours":    {[]encoderLive{one("arn-1", video, manifest.TagApp, "other"), one("arn-2", video)}, "arn-2", nil},
		"another app's, other video": {[]encoderLive{one("arn-1", small, manifest.TagApp, "other")}, "", created},
		"pending": {[]encoderLive{one("arn-1", video, tagPending, "x")}, "arn-1", []string{
			"settle what another run began: tag yolo:pending: x -> <nil>",
			"note: the run that made it may still be at work, so up to 15s are spent on waiting for that one first",
		}},
		"pending beside one": {[]encoderLive{one("arn-1", video, tagPending, "x"), one("arn-2", video)}, "arn-2", []string{"warning UnsettledConfiguration"}},
	}
	for title, test := range tests {
		t.Run(title, func(t *testing.T) {
			got, err := (&encoder{world: w, region: "eu-west-1"}).Compare(encodersLive{named: test.live})
			check(t, test.want, lines(got, err))
			if got.ARN != test.arn {
				t.Errorf("uses %q, want %q", got.ARN, test.arn)
			}
		})
	}
}

func TestCompareRule(t *testing.T) {
	w := testWorld(t, shared)
	name := w.env.RuleName()
	tests := map[string]struct {
		rule eventbridge.DescribeRuleOutput
		tags []string
		want []string
	}{
		"as wanted":          {eventbridge.DescribeRuleOutput{EventPattern: aws.String(eventPattern), State: "ENABLED"}, nil, nil},
		"in another order":   {eventbridge.DescribeRuleOutput{EventPattern: aws.String(`{ "detail-type": [ {"prefix": "IVS "} ], "source": ["aws.ivs"] }`), State: "ENABLED"}, nil, nil},
		"enabled for more":   {eventbridge.DescribeRuleOutput{EventPattern: aws.String(eventPattern), State: ebtypes.RuleStateEnabledWithAllCloudtrailManagementEvents}, nil, nil},
		"disabled":           {eventbridge.DescribeRuleOutput{EventPattern: aws.String(eventPattern), State: "DISABLED"}, nil, []string{"put the rule: state: DISABLED -> ENABLED"}},
		"all events":         {eventbridge.DescribeRuleOutput{EventPattern: aws.String(`{"source":["aws.ivs"]}`), State: "ENABLED"}, nil, []string{`put the rule: event-pattern: {"source":["aws.ivs"]} -> ` + eventPattern}},
		"a schedule":         {eventbridge.DescribeRuleOutput{ScheduleExpression: aws.String("rate(1 day)"), State: "ENABLED"}, nil, []string{"put the rule: event-pattern: <nil> -> " + eventPattern}},
		"of another service": {eventbridge.DescribeRuleOutput{EventPattern: aws.String(eventPattern), State: "ENABLED", ManagedBy: aws.String("x.amazonaws.com")}, nil, []string{"error NotOurs"}},
		"of another app":     {eventbridge.DescribeRuleOutput{EventPattern: aws.String(eventPattern), State: "ENABLED"}, []string{manifest.TagApp, "other"}, []string{"error NotOurs"}},
	}
	for title, test := range tests {
		t.Run(title, func(t *testing.T) {
			c, err := (&rule{w, "eu-west-1"}).Compare(ruleLive{rule: &test.rule, tags: ours(w.env, name, test.tags...)})
			got := lines(c, err)
			for i := range got {
				got[i] = strings.TrimSpace(got[i])
			}
			check(t, test.want, got)
		})
	}
}

// What a new rule is made with is all in the plan.
func TestCompareNewRule(t *testing.T) {
	w := testWorld(t, shared)
	c, err := (&rule{w, "eu-west-1"}).Compare(ruleLive{})
	check(t, []string{
		"create the rule: event-pattern: <nil> -> " + eventPattern,
		"create the rule: state: <nil> -> ENABLED",
		"create the rule: description: <nil> -> IVS events of app (production) to CloudWatch Logs",
		"create the rule: tag Name: <nil> -> " + w.env.RuleName(),
		"create the rule: tag yolo:app: <nil> -> app",
		"create the rule: tag yolo:environment: <nil> -> production",
	}, lines(c, err))
}

func TestCompareTarget(t *testing.T) {
	w := testWorld(t, shared)
	group, id := w.logGroupARN("eu-west-1", "123456789012"), manifest.TargetID
	queue := &ebtypes.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:eu-west-1:123456789012:q")}
	tests := map[string]struct {
		live []ebtypes.Target
		want []string
	}{
		"none":               {nil, []string{"put the target: arn: <nil> -> " + group}},
		"as wanted":          {[]ebtypes.Target{{Id: &id, Arn: &group, DeadLetterConfig: queue}}, nil},
		"with a star":        {[]ebtypes.Target{{Id: &id, Arn: aws.String(group + ":*")}}, []string{"put the target: arn: " + group + ":* -> " + group}},
		"with a role":        {[]ebtypes.Target{{Id: &id, Arn: &group, RoleArn: aws.String("r")}}, []string{"put the target: role-arn: r -> <nil>"}},
		"with an input":      {[]ebtypes.Target{{Id: &id, Arn: &group, Input: aws.String("{}"), InputPath: aws.String("$")}}, []string{"put the target: input: {} -> <nil>", "put the target: input-path: $ -> <nil>"}},
		"beside another one": {[]ebtypes.Target{{Id: &id, Arn: &group}, {Id: aws.String("q"), Arn: queue.Arn}}, nil},
		"twice":              {[]ebtypes.Target{{Id: &id, Arn: &group}, {Id: aws.String("again"), Arn: aws.String(group + ":*")}}, []string{"warning DoubleTarget"}},
	}
	for title, test := range tests {
		t.Run(title, func(t *testing.T) {
			check(t, test.want, lines((&target{w, "eu-west-1"}).Compare(targetLive{account: "123456789012", all: test.live})))
		})
	}
}

func TestCompareLogsPolicy(t *testing.T) {
	w := testWorld(t, shared)
	statement := func(resource, condition, effect string) *string {
		return aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"` + effect + `","Principal":{"Service":["events.amazonaws.com","delivery.logs.amazonaws.com"]},` +
			`"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"` + resource + `"` + condition + `}]}`)
	}
	all := "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ivs/*:*"
	policy := func(name string, document *string) logstypes.ResourcePolicy {
		return logstypes.ResourcePolicy{PolicyName: aws.String(name), PolicyDocument: document}
	}
	full := make([]logstypes.ResourcePolicy, maxLogsPolicies)
	for i := range full {
		full[i] = policy(fmt.Sprintf("p%d", i), aws.String(`{"Version":"2012-10-17","Statement":[]}`))
	}
	create := []string{
		"Effect", "Principal.Service", "Action", "Resource",
	}
	tests := map[string]struct {
		all, own []logstypes.ResourcePolicy
		attrs    []string // of the step
		want     []string // notes, warnings and the error
	}{
		"none":                 {nil, nil, create, nil},
		"one of others":        {[]logstypes.ResourcePolicy{policy("TrustEvents", statement(all, "", "Allow"))}, nil, nil, []string{`note: the policy "TrustEvents" already lets EventBridge write`}},
		"ours":                 {[]logstypes.ResourcePolicy{policy(w.env.LogsPolicyName(), statement(all, "", "Allow"))}, nil, nil, nil},
		"one with a condition": {[]logstypes.ResourcePolicy{policy("x", statement(all, `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/x"}}`, "Allow"))}, nil, create, nil},
		"the group's own": {nil, []logstypes.ResourcePolicy{policy("", statement(all, "", "Allow"))}, create, []string{
			"note: the group's own policy lets EventBridge write, but no AWS page says that EventBridge heeds it; the account's is made as well",
		}},
		"denied":                {[]logstypes.ResourcePolicy{policy("no", statement(all, "", "Deny"))}, nil, create, []string{"warning LogsDenied"}},
		"ten of ten":            {full, nil, nil, []string{"error LogsPolicyQuota"}},
		"ours cannot be read":   {[]logstypes.ResourcePolicy{policy(w.env.LogsPolicyName(), aws.String("{"))}, nil, nil, []string{"error PolicyUnreadable"}},
		"theirs cannot be read": {[]logstypes.ResourcePolicy{policy("x", aws.String("{"))}, nil, create, nil},
	}
	for title, test := range tests {
		t.Run(title, func(t *testing.T) {
			c, err := (&logsPolicy{w, "eu-west-1"}).Compare(logsPolicyLive{account: "123456789012", all: test.all, own: test.own})
			var attrs []string
			for _, s := range c.Steps {
				for _, change := range s.Changes {
					attrs = append(attrs, strings.TrimPrefix(change.Attribute, "policy statement YoloIvsEvents "))
				}
			}
			c.Steps = nil
			check(t, test.attrs, attrs)
			check(t, test.want, lines(c, err))
		})
	}
}
