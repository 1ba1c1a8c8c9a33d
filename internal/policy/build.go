package policy

import (
	"cmp"
	"slices"
	"sort"
)

// grant is an Allow statement of ours before it is JSON.
type grant struct {
	sid        string
	principals []Principal
	actions    []string
	resources  []string
	conditions []Condition
}

// statement writes the grant with its principals sorted, so that the same grant
// is always the same text.
func (g grant) statement() Statement {
	members := []member{
		{"Sid", text(g.sid)},
		{"Effect", text("Allow")},
		{"Principal", principalNode(g.principals)},
		{"Action", texts(g.actions)},
		{"Resource", texts(g.resources)},
	}
	var conditions []member
	for _, c := range g.conditions {
		conditions = append(conditions, member{c.Operator, object([]member{{c.Key, texts(c.Values)}})})
	}
	if len(conditions) > 0 {
		members = append(members, member{"Condition", object(conditions)})
	}
	return newStatement(object(members))
}

func principalNode(principals []Principal) node {
	byKind := map[string][]string{}
	for _, p := range sortedPrincipals(principals) {
		byKind[p.Kind] = append(byKind[p.Kind], p.Value)
	}
	var members []member
	for _, p := range sortedPrincipals(principals) {
		if values := byKind[p.Kind]; values != nil {
			members = append(members, member{p.Kind, texts(values)})
			delete(byKind, p.Kind)
		}
	}
	return object(members)
}

// sortedPrincipals returns each principal once.
func sortedPrincipals(principals []Principal) []Principal {
	sorted := slices.Clone(principals)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value)) < 0
	})
	return slices.Compact(sorted)
}
