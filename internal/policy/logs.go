package policy

import (
	"slices"
	"strconv"
	"strings"
)

// SidEventBridgeLogs is the Sid of our statement in a logs resource policy.
const SidEventBridgeLogs = "YoloIvsEvents"

// eventBridgeServices deliver events to a log group (Amazon EventBridge user
// guide, "Using resource-based policies").
var eventBridgeServices = []string{"events.amazonaws.com", "delivery.logs.amazonaws.com"}

// logsActions are the only actions a logs resource policy supports (PutResourcePolicy).
var logsActions = []string{actionCreateLogStream, actionPutLogEvents}

const (
	actionCreateLogStream = "logs:CreateLogStream"
	actionPutLogEvents    = "logs:PutLogEvents"
)

// eventBridgeGrant lets EventBridge write events to the log streams of
// resource, an ARN that ends in ":*". It has no condition: aws:SourceArn on
// logs:CreateLogStream prevents delivery.
func eventBridgeGrant(sid, resource string) grant {
	g := grant{sid: sid, actions: logsActions, resources: []string{resource}}
	for _, service := range eventBridgeServices {
		g.principals = append(g.principals, Principal{"Service", service})
	}
	return g
}

// WantedEventBridgeLogs is the statement for Merge that makes live, the policy of
// our name, let EventBridge write to the log streams of resource. Principals, actions and resources
// that others added to the statement of our Sid stay.
//
// A condition there goes, as it blocks delivery, unless the statement also names
// principals or actions of others, who would be let in further without it. Such a
// statement, a Deny, and one with NotAction and the like are not ours whatever
// their Sid; they are left alone, and ours takes the first free or fitting Sid of
// YoloIvsEvents2, YoloIvsEvents3 and so on.
func WantedEventBridgeLogs(live *Document, resource string) Statement {
	sid := SidEventBridgeLogs
	for n := 2; ; n++ {
		ours := eventBridgeGrant(sid, resource)
		s, found := live.Statement(sid)
		if !found {
			return ours.statement()
		}
		if extendable(s.view) {
			return ours.and(s.view).statement()
		}
		sid = SidEventBridgeLogs + strconv.Itoa(n)
	}
}

// extendable reports whether our grant can be added to a live statement without
// taking away or widening what it means for others.
func extendable(v View) bool {
	plain := v.Effect == "Allow" && len(v.Unknown) == 0 && v.Principals != nil && v.Actions != nil && v.Resources != nil &&
		v.NotPrincipals == nil && v.NotActions == nil && v.NotResources == nil
	return plain && (len(v.Conditions) == 0 || onlyOurs(v))
}

func onlyOurs(v View) bool {
	for _, p := range v.Principals {
		if p.Kind != "Service" || !slices.Contains(eventBridgeServices, p.Value) {
			return false
		}
	}
	for _, a := range v.Actions {
		if !actionIn(logsActions, a) {
			return false
		}
	}
	return true
}

// and adds to a live statement what it lacks of the grant.
func (g grant) and(live View) grant {
	g.principals = slices.Concat(live.Principals, g.principals)
	actions := slices.Clone(live.Actions)
	for _, a := range g.actions {
		if !actionIn(actions, a) {
			actions = append(actions, a)
		}
	}
	resources := slices.Clone(live.Resources)
	for _, r := range g.resources {
		if !coversAny(resources, r) {
			resources = append(resources, r)
		}
	}
	g.actions, g.resources = actions, resources
	return g
}

// logStreams is the set of a group's streams. The ARN may end in ":*", as
// DescribeLogGroups writes it.
func logStreams(logGroupARN string) string {
	return strings.TrimSuffix(logGroupARN, ":*") + ":log-stream:*"
}
