package policy

import (
	"fmt"
	"slices"
	"strings"
)

// NamedDocument is an account-scoped logs resource policy.
type NamedDocument struct {
	Name     string
	Document *Document
}

// AllowsEventBridge says whether account policies let EventBridge write to a log
// group, whose ARN may end in ":*" or not. It takes a single Allow that names both
// service principals, both actions and a resource that covers all streams of the
// group; as that statement grants logs:CreateLogStream, any condition on it
// disqualifies it. Verdict.Policy is the first policy with such a statement, and
// without one Reason tells what the statements that come near lack. A Deny in any
// of the policies counts; one that may or may not apply makes it Uncertain.
func AllowsEventBridge(docs []NamedDocument, logGroupARN string) Verdict {
	group := strings.TrimSuffix(logGroupARN, ":*")
	var entries []entry
	for _, d := range docs {
		entries = append(entries, entriesOf(d.Name, d.Document)...)
	}
	denied, doubts := denial(entries, eventBridgeRequests(group))
	if denied != nil {
		return *denied
	}
	var misses []string
	for _, e := range entries {
		lacks := eventBridgeLacks(e.view, group)
		if e.view.Effect == "Allow" && len(lacks) == 0 {
			return Verdict{
				Allowed: true, Policy: e.policy, Sids: []string{e.sid},
				Reason: fmt.Sprintf("%s lets EventBridge write to %s", e, group),
			}.doubtful(doubts)
		}
		if nearEventBridge(e.view, group) {
			misses = append(misses, fmt.Sprintf("%s %s", e, strings.Join(lacks, " and ")))
		}
	}
	reason := fmt.Sprintf("no account policy lets %s write to %s", strings.Join(eventBridgeServices, " and "), group)
	return Verdict{Reason: strings.Join(append([]string{reason}, misses...), "; ")}.doubtful(doubts)
}

func eventBridgeRequests(group string) []request {
	var requests []request
	for _, service := range eventBridgeServices {
		for _, action := range logsActions {
			requests = append(requests, request{
				service:  service,
				action:   action,
				resource: logStreams(group),
				context:  map[string]string{strings.ToLower(keySecureTransport): "true"},
			})
		}
	}
	return requests
}

// nearEventBridge reports whether an Allow looks as if it was made for this: it
// names one of the services and touches the group.
func nearEventBridge(v View, group string) bool {
	named := slices.ContainsFunc(v.Principals, func(p Principal) bool {
		return p == anyone || p.Kind == "Service" && slices.Contains(eventBridgeServices, p.Value)
	})
	touches := slices.ContainsFunc(v.Resources, func(r string) bool {
		return coverage(r, group) != no || coverage(r, logStreams(group)) != no
	})
	return v.Effect == "Allow" && named && touches
}

// eventBridgeLacks lists in words what keeps an Allow from being enough; each
// goes on a sentence that begins with the statement's name.
func eventBridgeLacks(v View, group string) []string {
	var lacks []string
	for _, service := range eventBridgeServices {
		// A "*" does not do: Logs looks at these policies for service principals only.
		if !slices.Contains(v.Principals, Principal{"Service", service}) {
			lacks = append(lacks, "lacks "+service)
		}
	}
	for _, action := range logsActions {
		if !actionIn(v.Actions, action) {
			lacks = append(lacks, "lacks "+action)
		}
	}
	if why := resourceLack(v.Resources, group); why != "" {
		lacks = append(lacks, why)
	}
	for _, c := range v.Conditions {
		action := actionPutLogEvents
		if actionIn(v.Actions, actionCreateLogStream) {
			action = actionCreateLogStream
		}
		lacks = append(lacks, fmt.Sprintf("has a condition on %s for %s", c.Key, action))
	}
	for _, m := range v.Unknown {
		lacks = append(lacks, fmt.Sprintf("has a %s that is not understood", m))
	}
	return lacks
}

func resourceLack(resources []string, group string) string {
	if coversAny(resources, logStreams(group)) {
		return ""
	}
	for _, r := range resources {
		if coverage(r, group) == yes {
			return fmt.Sprintf(`has resource %q, which lacks ":*" for the streams`, r)
		}
	}
	return "has no resource that covers all streams of the group"
}
