package resource

import (
	"fmt"
	"slices"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// DestroyOptions say how far a destruction goes.
type DestroyOptions struct {
	// Recordings has it delete the recordings too, and the buckets that they
	// are in, which otherwise stay without our statement.
	Recordings bool
}

// Destroy lists the steps of a destruction and the removals that they are made
// of: all that a survey, which is over, found of the features of its wish. Looks
// is the survey's report. Nothing of it begins while a composition uses one of
// the configurations. What a node reads it reads once, however many passes are
// made over it.
func Destroy(s *Survey, looks *reconcile.Report, o DestroyOptions) (groups []reconcile.Group, nodes []reconcile.Node) {
	t := newTeardown(s, looks)
	t.empties = o.Recordings
	// A principal goes with the statement that it is in.
	t.things = slices.DeleteFunc(slices.Clone(t.all), func(thing Thing) bool { return thing.Key.Kind == kindPrincipal })
	return t.build(looks, t.destroys)
}

// destroys is what becomes of a thing when everything is to go.
func (t *teardown) destroys(thing Thing) verdict {
	var v verdict
	warn := func(code, text, fix string) {
		v.warnings = append(v.warnings, reconcile.Warning{
			Code: code, Region: thing.Key.Region, Step: thing.Step, Resource: thing.Name, Text: text, Fix: fix,
		})
	}
	uses := slices.DeleteFunc(slices.Clone(thing.Uses), func(u Use) bool { return t.goes(u) })
	if slices.ContainsFunc(uses, func(u Use) bool { return u.Kind == useComposition }) {
		return verdict{refusal: usedBy(thing, uses, nil)}
	}
	if v.stays = t.proofStays(thing); v.stays != "" {
		return v
	}
	switch kind := thing.Key.Kind; {
	case kind == bucketKey("").Kind:
		return v
	case !thing.Tagged:
		v.stays = untagged
		warn(WarnUntagged, fmt.Sprintf("the %s %s does not carry the tags of this app and environment, so it stays", inWords(kind), thing.called()), t.toTag(thing))
	case kind == logsPolicyKey("").Kind && len(thing.Uses) > 0:
		v.stays = sharedWith(names(thing.Uses))
	case kind == logsPolicyKey("").Kind && thing.Unknown != nil:
		v.stays = "it stays, because it could not be found out whether another app's log group needs it"
		warn(WarnUseUnknown, fmt.Sprintf("which log groups of other apps there are could not be found out: %v", reconcile.Plain(thing.Unknown)), "allow logs:DescribeLogGroups, then run the same command again")
	case t.servesAnotherRule(thing):
		v.stays = withRule
	case thing.Unknown != nil:
		warn(WarnUseUnknown, fmt.Sprintf("what uses the %s %s could not be found out: %v", inWords(kind), thing.called(), reconcile.Plain(thing.Unknown)),
			"allow ivs:ListCompositions, ivs:GetComposition, ivs:ListStages and ivs:GetStage; IVS itself refuses to delete what a composition uses")
	}
	for _, use := range thing.Uses {
		if use.Kind == useStage && v.stays == "" {
			warn(WarnStage, fmt.Sprintf("the stage %s records each participant through %s, and will not any more", use.Name, thing.called()),
				"if it is to go on recording, give the stage another storage configuration first (aws ivs-realtime update-stage)")
		}
	}
	return v
}

// called is what tells a thing from others: its ARN, unless it is made of the
// name.
func (t Thing) called() string {
	if t.ARN != "" && (t.Key.Kind == storageKey("").Kind || t.Key.Kind == encoderKey("").Kind) {
		return t.ARN
	}
	return t.Name
}

const untagged = "it stays, because only what carries yolo's tags is ever deleted"

// toTag says how a thing gets the tags, or goes without.
func (t *teardown) toTag(thing Thing) string {
	if thing.Standing == Wanted {
		return fmt.Sprintf("yolo sync %s tags it; then run the same command again", t.env.Name)
	}
	if kind := thing.Key.Kind; kind == storageKey("").Kind || kind == encoderKey("").Kind {
		c := newConfiguration(t.world, thing.Step, thing.Name, reconcile.Key{Region: thing.Key.Region, Kind: kind}, nil)
		return "if it is yours and nothing uses it, delete it: " + c.deletion(candidate{arn: thing.ARN})
	}
	return "if it is yours, delete it by hand"
}

const withRule = "it stays with the rule that it belongs to, which does not carry yolo's tags"

// servesAnotherRule tells whether a thing is our target on a rule that stays for
// want of our tags, or what that target needs.
func (t *teardown) servesAnotherRule(thing Thing) bool {
	has := func(key reconcile.Key, tagged bool) bool {
		return slices.ContainsFunc(t.all, func(other Thing) bool { return other.Key == key && (other.Tagged || !tagged) })
	}
	region := thing.Key.Region
	switch thing.Key.Kind {
	case targetKey("").Kind, logGroupKey("").Kind, logsPolicyKey("").Kind:
		return has(targetKey(region), false) && !has(ruleKey(region), true)
	}
	return false
}

func names(uses []Use) []string {
	var all []string
	for _, use := range uses {
		all = append(all, use.Name)
	}
	return all
}
