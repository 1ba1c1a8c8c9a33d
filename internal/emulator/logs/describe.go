package logs

import (
	"iter"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// describeLimit is both the default and the maximum of the Describe calls.
const describeLimit = 50

// page is the paging part of the Describe inputs.
type page struct {
	Limit     *int    `json:"limit"`
	NextToken *string `json:"nextToken"`
}

func (p *page) check(c *constraint.Checks) { p.checkUpTo(c, describeLimit) }

func (p *page) checkUpTo(c *constraint.Checks, most int) {
	c.Int("limit", p.Limit, 1, most)
	c.Text("nextToken", p.NextToken, constraint.Text{Min: 1})
}

func (p *page) limit(otherwise int) int {
	if p.Limit == nil {
		return otherwise
	}
	return *p.Limit
}

// after returns the key that the page begins after.
func (p *page) after(query string) (string, error) {
	if p.NextToken == nil {
		return "", nil
	}
	after, ok := paging.After(query, *p.NextToken)
	if !ok {
		return "", badToken()
	}
	return after, nil
}

type describeLogGroupsInput struct {
	page
	Prefix      *string  `json:"logGroupNamePrefix"`
	Pattern     *string  `json:"logGroupNamePattern"`
	Class       *string  `json:"logGroupClass"`
	Identifiers []string `json:"logGroupIdentifiers"`
}

func (in *describeLogGroupsInput) check() error {
	var c constraint.Checks
	in.page.check(&c)
	c.Text("logGroupNamePrefix", in.Prefix, groupName)
	c.Text("logGroupNamePattern", in.Pattern, constraint.Matching(0, 512, `[\.\-_/#A-Za-z0-9]*`))
	c.Text("logGroupClass", in.Class, groupClass)
	if in.Identifiers != nil {
		c.Size("logGroupIdentifiers", strings.Join(in.Identifiers, ", "), len(in.Identifiers), 1, 50)
	}
	for i := range in.Identifiers {
		c.Text("logGroupIdentifiers", &in.Identifiers[i], groupIdentifier)
	}
	if err := invalid(&c); err != nil {
		return err
	}
	if in.Prefix != nil && in.Pattern != nil {
		return invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	if in.Identifiers != nil && (in.Prefix != nil || in.Pattern != nil || in.Class != nil || in.Limit != nil) {
		return invalidParameter("LogGroup identifiers cannot be combined with other filters.")
	}
	return nil
}

// wants tells whether the filters let a group through. The two classes that
// cost less are one to the filter (DescribeLogGroups, logGroupClass).
func (in *describeLogGroupsInput) wants(r *wire.Request, g *group) bool {
	if in.Identifiers != nil && !slices.ContainsFunc(in.Identifiers, func(id string) bool { return id == g.Name || id == g.arn(r) }) {
		return false
	}
	if in.Pattern != nil && !strings.Contains(g.Name, *in.Pattern) {
		return false
	}
	if in.Class == nil || *in.Class == g.Class {
		return true
	}
	lesser := []string{"INFREQUENT_ACCESS", "ESSENTIALS"}
	return slices.Contains(lesser, *in.Class) && slices.Contains(lesser, g.Class)
}

// logGroup is a group as DescribeLogGroups tells it.
type logGroup struct {
	LogGroupName              string  `json:"logGroupName"`
	CreationTime              int64   `json:"creationTime"`
	RetentionInDays           *int    `json:"retentionInDays,omitempty"`
	RetentionPolicyName       *string `json:"retentionPolicyName,omitempty"`
	MetricFilterCount         int     `json:"metricFilterCount"`
	Arn                       string  `json:"arn"`
	StoredBytes               *int64  `json:"storedBytes,omitempty"`
	KMSKeyID                  string  `json:"kmsKeyId,omitempty"`
	LogGroupClass             string  `json:"logGroupClass"`
	LogGroupArn               string  `json:"logGroupArn"`
	DeletionProtectionEnabled *bool   `json:"deletionProtectionEnabled,omitempty"`
}

type describeLogGroupsOutput struct {
	LogGroups []logGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

func (s *Service) describeLogGroups(r *wire.Request, in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	prefix := here(r, deref(in.Prefix))
	query := store.Key("DescribeLogGroups", prefix, deref(in.Pattern), deref(in.Class))
	after, err := in.after(query)
	if err != nil {
		return nil, err
	}
	out := &describeLogGroupsOutput{LogGroups: []logGroup{}}
	return out, s.store.View(func(tx *store.Tx) error {
		scan := where(store.Scan[*group](tx, groupTable, prefix, after), func(g *group) bool { return in.wants(r, g) })
		groups, last := paging.Take(scan, in.limit(describeLimit))
		policies := retentionsInEffect(tx, r)
		for i := range groups {
			described := in.describe(r, groups[i], policies)
			if in.Pattern == nil {
				bytes := stored(tx, r, groups[i])
				described.StoredBytes = &bytes
			}
			out.LogGroups = append(out.LogGroups, described)
		}
		out.NextToken = paging.Token(query, last)
		return nil
	})
}

// describe tells a group. Under logGroupNamePattern AWS leaves out what it
// would have to look up.
func (in *describeLogGroupsInput) describe(r *wire.Request, g *group, policies []retention) logGroup {
	out := logGroup{
		LogGroupName: g.Name, CreationTime: g.Created, Arn: g.arn(r) + ":*", LogGroupArn: g.arn(r), LogGroupClass: g.Class,
	}
	if in.Pattern != nil {
		return out
	}
	out.KMSKeyID = g.KMSKey
	out.DeletionProtectionEnabled = &g.DeletionProtection
	days, policy := effectiveRetention(g, policies)
	if days != 0 {
		out.RetentionInDays = &days
	}
	if policy != "" {
		out.RetentionPolicyName = &policy
	}
	return out
}

// where yields the items of a scan that are wanted.
func where[T any](scan iter.Seq2[string, T], wanted func(T) bool) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for key, item := range scan {
			if wanted(item) && !yield(key, item) {
				return
			}
		}
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
