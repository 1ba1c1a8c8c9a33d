package logs

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (c *caller) putPolicy(name, document string) {
	c.Helper()
	c.call("PutAccountPolicy", map[string]any{"policyName": name, "policyType": retentionPolicyType, "policyDocument": document})
}

// retention is what DescribeLogGroups says of the only group.
type shownRetention struct{ Days, Policy any }

func (c *caller) retention() shownRetention {
	c.Helper()
	g := c.call("DescribeLogGroups", nil)["logGroups"].([]any)[0].(map[string]any)
	return shownRetention{g["retentionInDays"], g["retentionPolicyName"]}
}

func TestAccountRetentionInEffect(t *testing.T) {
	const retroactive = `{"retentionInDays":90,"enforcementMode":"RETROACTIVE"}`
	tests := map[string]struct {
		policies [][2]string
		after    time.Duration
		want     shownRetention
	}{
		"none":               {nil, 48 * time.Hour, shownRetention{14.0, nil}},
		"not within a day":   {[][2]string{{"a", retroactive}}, 24*time.Hour - time.Second, shownRetention{14.0, nil}},
		"after a day":        {[][2]string{{"a", retroactive}}, 25 * time.Hour, shownRetention{90.0, "a"}},
		"for new groups":     {[][2]string{{"a", `{"retentionInDays":90,"enforcementMode":"NEW_ONLY"}`}}, 25 * time.Hour, shownRetention{14.0, nil}},
		"for ever":           {[][2]string{{"a", `{"retentionInDays":"NEVER_EXPIRE","enforcementMode":"RETROACTIVE"}`}}, 25 * time.Hour, shownRetention{nil, "a"}},
		"the longest wins":   {[][2]string{{"a", retroactive}, {"b", `{"retentionInDays":365,"enforcementMode":"RETROACTIVE"}`}}, 25 * time.Hour, shownRetention{365.0, "b"}},
		"of equals, the old": {[][2]string{{"b", retroactive}, {"a", retroactive}}, 25 * time.Hour, shownRetention{90.0, "b"}},
		"the last change":    {[][2]string{{"a", `{"retentionInDays":365,"enforcementMode":"RETROACTIVE"}`}, {"a", retroactive}}, 25 * time.Hour, shownRetention{90.0, "a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCaller(t)
			c.call("CreateLogGroup", map[string]any{"logGroupName": "g"})
			c.call("PutRetentionPolicy", map[string]any{"logGroupName": "g", "retentionInDays": 14})
			for _, policy := range test.policies {
				c.now = c.now.Add(time.Millisecond)
				c.putPolicy(policy[0], policy[1])
			}
			c.now = c.now.Add(test.after)
			if diff := cmp.Diff(test.want, c.retention()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventsExpire(t *testing.T) {
	c := newCaller(t)
	c.call("CreateLogGroup", map[string]any{"logGroupName": "g"})
	c.call("CreateLogStream", map[string]any{"logGroupName": "g", "logStreamName": "s"})
	c.call("PutLogEvents", map[string]any{"logGroupName": "g", "logStreamName": "s", "logEvents": []any{
		map[string]any{"timestamp": c.now.UnixMilli(), "message": "m"},
	}})
	c.call("PutRetentionPolicy", map[string]any{"logGroupName": "g", "retentionInDays": 1})
	seen := func() int {
		return len(c.call("FilterLogEvents", map[string]any{"logGroupName": "g"})["events"].([]any))
	}
	before := seen()
	c.now = c.now.AddDate(0, 0, 1).Add(time.Millisecond)
	if after := seen(); before != 1 || after != 0 {
		t.Errorf("%d events, after the retention %d; want 1 and 0", before, after)
	}
}
