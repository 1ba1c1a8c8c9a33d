// Package permissions derives the smallest IAM policy with which a command can
// do its work for one environment of the manifest: the actions from a table of
// the calls that each command makes, the resources from the names of
// names.go in manifest.
//
// It asks AWS nothing, so that an account that the manifest does not name is a
// * in its ARNs. Start at For, and at table.go for what is allowed and why.
package permissions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
)

// Purpose is what an identity is for.
type Purpose string

// The purposes, which are commands but for the last.
const (
	Sync    Purpose = "sync"    // sync, and all that only reads for it
	Plan    Purpose = "plan"    // sync --dry-run and env
	Status  Purpose = "status"  // status
	Verify  Purpose = "verify"  // verify, without --purge
	Purge   Purpose = "purge"   // what verify --purge takes beside
	Doctor  Purpose = "doctor"  // doctor
	Events  Purpose = "events"  // events
	Destroy Purpose = "destroy" // destroy, with --delete-recordings
	Prune   Purpose = "prune"   // prune
	App     Purpose = "app"     // what an app does to record
)

// Purposes are all of them, in the order in which help tells of them.
func Purposes() []Purpose {
	return []Purpose{Sync, Plan, Status, Verify, Purge, Doctor, Events, Destroy, Prune, App}
}

// surveys tells whether a purpose looks for what is ours wherever it may be: in
// every region with IVS, and for features that are off now.
func (p Purpose) surveys() bool { return p == Status || p == Destroy || p == Prune }

// Calls are the API calls that a purpose makes at most, as in s3:HeadBucket.
func (p Purpose) Calls() []string {
	var calls []string
	for _, r := range table {
		if r.serves(p) && !slices.Contains(calls, r.call) {
			calls = append(calls, r.call)
		}
	}
	slices.Sort(calls)
	return calls
}

// For derives the policy for one environment. It is nil when nothing of it
// takes a permission, as with both features off.
func For(env *manifest.Environment, purposes ...Purpose) *Policy {
	d := &derivation{env: env}
	for _, purpose := range purposes {
		for _, r := range table {
			if r.serves(purpose) && (purpose.surveys() || wanted(env, r.feature)) {
				d.add(purpose, r)
			}
		}
	}
	return d.policy()
}

func wanted(env *manifest.Environment, f feature) bool {
	return f == recording && env.Recording.Enabled || f == logging && env.Logging.Enabled
}

// derivation gathers what is granted.
type derivation struct {
	env    *manifest.Environment
	grants []*grant
}

// grant is one action on one kind of resource.
type grant struct {
	action    string
	on        target
	condition condition
	regions   []string // in which it is needed; none for what has no region
	resources []string // ARNs with {region} in them where they have one
}

func (d *derivation) add(purpose Purpose, r row) {
	regions := d.env.Regions
	if purpose.surveys() {
		regions = union(regions, manifest.IVSRegions())
	}
	for _, action := range r.actions() {
		for _, on := range r.targets(action) {
			d.grant(&grant{
				action: action, on: on, condition: r.conditionOf(action, on), regions: on.regional(regions),
				resources: d.resources(purpose, on),
			})
		}
	}
}

// grant adds one, or widens the one that is there.
func (d *derivation) grant(g *grant) {
	for _, there := range d.grants {
		if there.action == g.action && there.on == g.on && there.condition == g.condition {
			there.regions = union(there.regions, g.regions)
			there.resources = union(there.resources, g.resources)
			return
		}
	}
	d.grants = append(d.grants, g)
}

func union(one, other []string) []string {
	all := slices.Clone(one)
	for _, text := range other {
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// resources are the ARNs of a target.
func (d *derivation) resources(purpose Purpose, on target) []string {
	regional := func(service, resource string) []string {
		return []string{"arn:aws:" + service + ":{region}:" + d.account() + ":" + resource}
	}
	switch on {
	case everything:
		return []string{"*"}
	case bucket, objects:
		var arns []string
		for _, name := range d.buckets(purpose) {
			if on == objects {
				name += "/*"
			}
			arns = append(arns, "arn:aws:s3:::"+name)
		}
		return arns
	case role:
		return []string{"arn:aws:iam::" + d.account() + ":role/" + d.env.MediaConvertRoleName()}
	case group:
		// Actions on the group itself take the second form, those on its tags the
		// first one (Service Authorization Reference, Amazon CloudWatch Logs).
		arn := regional("logs", "log-group:"+d.env.LogGroupName())[0]
		return []string{arn, arn + ":*"}
	case rule:
		return regional("events", "rule/"+d.env.RuleName())
	case proofRule:
		return regional("events", "rule/"+manifest.ProofPrefix+"*")
	case bus:
		return regional("events", "event-bus/default")
	case storage, encoder, stage, composition:
	}
	return regional("ivs", string(on)+"/*")
}

// account is a * where the manifest names none: no other account lets a
// stranger in for that.
func (d *derivation) account() string {
	if d.env.AccountID == "" {
		return "*"
	}
	return d.env.AccountID
}

// buckets are the names that recordings buckets of ours have, or may have.
func (d *derivation) buckets(purpose Purpose) []string {
	e := d.env
	var names []string
	add := func(name string) {
		if manifest.IsBucketName(strings.ReplaceAll(name, "*", "us-east-1")) {
			names = union(names, []string{name})
		}
	}
	if purpose.surveys() {
		if e.Recording.BucketName != "" {
			add(e.BucketName("*"))
		}
		add(e.SharedBucketName())
		add(e.RegionalBucketName("*"))
		return names
	}
	for _, region := range e.Regions {
		add(e.BucketName(region))
	}
	// A region that has the bucket of the shared name keeps it.
	if e.Recording.Layout == manifest.Regional && e.Recording.BucketName == "" {
		add(e.SharedBucketName())
	}
	return names
}

// policy makes statements of the grants: one of all that have resources and
// conditions in common.
func (d *derivation) policy() *Policy {
	p := &Policy{Version: "2012-10-17"}
	at := map[string]int{}
	for _, g := range d.grants {
		if d.covered(g) {
			continue
		}
		key := fmt.Sprint(g.family(), g.condition, g.regions)
		i, there := at[key]
		if !there {
			i = len(p.Statements)
			at[key] = i
			p.Statements = append(p.Statements, d.statement(g))
		}
		s := &p.Statements[i]
		s.Action = union(s.Action, []string{g.action})
		s.Resource = union(s.Resource, placed(g.resources, g.regions))
	}
	if len(p.Statements) == 0 {
		return nil
	}
	p.finish()
	return p
}

// covered tells whether the same is granted without a condition anyway.
func (d *derivation) covered(g *grant) bool {
	return g.condition != free && slices.ContainsFunc(d.grants, func(other *grant) bool {
		return other.action == g.action && other.on == g.on && other.condition == free && len(union(other.regions, g.regions)) == len(other.regions)
	})
}

// placed are ARNs for some regions: with the only one in them, or with a * that
// a condition narrows.
func placed(arns, regions []string) []string {
	region := "*"
	if len(regions) == 1 {
		region = regions[0]
	}
	var all []string
	for _, arn := range arns {
		all = append(all, strings.ReplaceAll(arn, "{region}", region))
	}
	return all
}

// statement is the one that a grant begins.
func (d *derivation) statement(g *grant) Statement {
	s := Statement{Sid: g.sid(), Effect: "Allow", Condition: conditions(g.condition, d.env)}
	if len(g.regions) > 1 || len(g.regions) == 1 && g.on == everything {
		if s.Condition == nil {
			s.Condition = map[string]map[string]values{}
		}
		equal := s.Condition["StringEquals"]
		if equal == nil {
			equal = map[string]values{}
			s.Condition["StringEquals"] = equal
		}
		equal["aws:RequestedRegion"] = slices.Sorted(slices.Values(g.regions))
	}
	return s
}
