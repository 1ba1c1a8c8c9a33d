package policy

import (
	"fmt"
	"slices"
)

// takeOver builds our statement for the wanted principals in place of the live
// one of its Sid, and takes nothing from anybody by that: principals like ours
// that the live one lets do the same stay in it, and whatever else it says goes
// on under another Sid.
func takeOver(live *Document, wanted []Principal, ours func(Principal) bool, build func([]Principal) Statement) (want []Statement, kept []Principal) {
	plain := build(wanted)
	sid := plain.Sid()
	s, found := live.Statement(sid)
	if !found {
		return []Statement{plain}, nil
	}
	rest := live.freeSid(sid + "Others")
	if s.view.Effect != "Allow" || s.excludes() {
		return []Statement{plain, s.with("Sid", text(rest))}, nil
	}
	mine, others := split(s.view.Principals, ours)
	alike := Equal(s, build(s.view.Principals))
	if alike {
		mine = append(mine, others...)
	}
	if !grants(s, plain) {
		mine = nil
	}
	for _, p := range sortedPrincipals(mine) {
		if !slices.Contains(wanted, p) {
			kept = append(kept, p)
		}
	}
	want = []Statement{plain}
	if len(kept) > 0 {
		want[0] = build(slices.Concat(wanted, kept))
	}
	if len(others) > 0 && !alike {
		want = append(want, s.with("Sid", text(rest)).with("Principal", principalNode(others)))
	}
	return want, kept
}

// excludes tells whether the statement says whom or what it is not for, or
// something that is not understood: only as a whole does it mean what it means.
func (s Statement) excludes() bool {
	v := s.view
	return v.NotPrincipals != nil || v.NotActions != nil || v.NotResources != nil || len(v.Unknown) > 0
}

// split separates principals like ours from others. One that is deleted is
// neither: it grants nothing, and S3 refuses it.
func split(principals []Principal, ours func(Principal) bool) (mine, others []Principal) {
	for _, p := range principals {
		switch {
		case deleted(p):
		case ours(p):
			mine = append(mine, p)
		default:
			others = append(others, p)
		}
	}
	return mine, others
}

// grants tells whether s lets its principals do the first thing that want does.
func grants(s, want Statement) bool { return actionIn(s.view.Actions, want.view.Actions[0]) }

// freeSid is a Sid that no statement has: the name, or the name with a number.
func (d *Document) freeSid(name string) string {
	sid := name
	for n := 2; d.index(sid) >= 0; n++ {
		sid = fmt.Sprintf("%s%d", name, n)
	}
	return sid
}

// with is the statement with one member set.
func (s Statement) with(name string, value node) Statement {
	members := slices.Clone(s.node.members)
	at := slices.IndexFunc(members, func(m member) bool { return m.name == name })
	if at < 0 {
		return newStatement(object(append(members, member{name, value})))
	}
	members[at].value = value
	return newStatement(object(members))
}
