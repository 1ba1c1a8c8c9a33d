package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// quota is how many configurations of a kind a region takes until AWS is asked
// for more (RealTimeUserGuide, service quotas).
type quota struct {
	byDefault int
	raise     string // where to ask
}

var (
	storageQuota = quota{5, "Service Quotas, Amazon IVS, L-BF843A02"}
	encoderQuota = quota{20, "Service Quotas, Amazon IVS"}
)

// wayOut is what to do about a quota that is used up.
func (q quota) wayOut() string {
	return fmt.Sprintf("delete one that is not used, or ask AWS for more (%s)", q.raise)
}

// foresee warns of a create that a quota may stand against. There is what the
// region has, whoever made it. Whether AWS raised the quota is not known, so
// nothing is refused.
func (c *configuration) foresee(planned *reconcile.Comparison, q quota, there []string) {
	creates := slices.ContainsFunc(planned.Steps, func(s reconcile.Step) bool { return s.Action == reconcile.Create })
	if !creates || len(there) < q.byDefault {
		return
	}
	planned.Warnings = append(planned.Warnings, reconcile.Warning{
		Code: WarnQuotaNear, Region: c.region, Step: c.step, Resource: c.name,
		Text: fmt.Sprintf("%s has %d %ss already, and AWS takes %d unless it was asked for more: %s",
			c.region, len(there), inWords(c.kind), q.byDefault, strings.Join(there, ", ")),
		Fix: q.wayOut(),
	})
}

// dropForeseen takes the warnings of foresee out of the reports of what was
// tried: that went well, or its error says more.
func dropForeseen(report *reconcile.Report) {
	for n := range report.All {
		if n.Begun {
			n.Warnings = slices.DeleteFunc(slices.Clone(n.Warnings), func(w reconcile.Warning) bool { return w.Code == WarnQuotaNear })
		}
	}
}

// describeStorages names storage configurations with their buckets, in order.
func describeStorages(all []ivstypes.StorageConfigurationSummary) []string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = fmt.Sprintf("%s (%s)", aws.ToString(one.Name), bucketOf(one))
	}
	slices.Sort(names)
	return names
}

// describeEncoders names encoder configurations with their ids, in order.
func describeEncoders(all []ivstypes.EncoderConfigurationSummary) []string {
	names := make([]string, len(all))
	for i, one := range all {
		arn := aws.ToString(one.Arn)
		names[i] = fmt.Sprintf("%s (%s)", aws.ToString(one.Name), arn[strings.LastIndex(arn, "/")+1:])
	}
	slices.Sort(names)
	return names
}
