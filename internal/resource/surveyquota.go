package resource

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/yolo-live/yolo/internal/policy"
)

// maxRules is how many rules an event bus takes until AWS is asked for more
// (EventBridge quotas).
func maxRules(region string) int {
	if region == "af-south-1" || region == "eu-south-1" {
		return 100
	}
	return 300
}

// quotas are those of the regions in which there is something of ours, or
// should be.
func (s *Survey) quotas(things []Thing) []Quota {
	var all []Quota
	for _, region := range s.Regions() {
		seen := s.found[region]
		if seen == nil {
			continue
		}
		has := func(steps ...string) bool {
			return slices.ContainsFunc(things, func(t Thing) bool { return t.Key.Region == region && slices.Contains(steps, t.Step) })
		}
		if s.wish.Recording && (s.records(region) || has(StepStorage, StepEncoder)) {
			all = append(all, known(seen.unseen.storages, Quota{region, "storage configurations", len(seen.storages), storageQuota.byDefault})...)
			all = append(all, known(seen.unseen.encoders, Quota{region, "encoder configurations", len(seen.encoders.all), encoderQuota.byDefault})...)
		}
		all = append(all, s.bucketQuotas(things, region)...)
		if s.wish.Logging && (s.logs(region) || has(StepLogGroup, StepRule, StepTarget)) {
			all = append(all, s.loggingQuotas(seen)...)
		}
	}
	return all
}

// known is the quota, unless what is used of it could not be read.
func known(unseen error, q Quota) []Quota {
	if unseen != nil {
		return nil
	}
	return []Quota{q}
}

// bucketQuotas are the sizes of the policies of our buckets in a region.
func (s *Survey) bucketQuotas(things []Thing, region string) []Quota {
	sizes := map[string]int{}
	for _, seen := range s.found {
		for _, b := range seen.buckets {
			if b.document != nil && !b.document.Empty() {
				sizes[b.name] = b.document.Size()
			}
		}
	}
	var all []Quota
	for _, t := range things {
		if size := sizes[t.Name]; t.Key.Kind == bucketKey("").Kind && t.Key.Region == region && size > 0 {
			all = append(all, Quota{region, fmt.Sprintf("bytes of the policy of %s", t.Name), size, policy.MaxBucketPolicySize})
		}
	}
	return all
}

func (s *Survey) loggingQuotas(seen *sight) []Quota {
	all := known(seen.unseen.policies, Quota{seen.region, "logs resource policies", len(seen.policies), maxLogsPolicies})
	for _, one := range seen.policies {
		if aws.ToString(one.PolicyName) == s.env.LogsPolicyName() {
			all = append(all, Quota{
				seen.region, "characters of " + s.env.LogsPolicyName(),
				utf8.RuneCountInString(aws.ToString(one.PolicyDocument)), policy.MaxLogsPolicySize,
			})
		}
	}
	if seen.rules != nil {
		all = append(all, Quota{seen.region, "rules of the event bus", *seen.rules, maxRules(seen.region)})
	}
	if seen.rule.rule != nil {
		all = append(all, known(seen.unseen.targets, Quota{seen.region, "targets of the rule", len(seen.targets), maxTargets})...)
	}
	return all
}
