package permissions

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// MaxSize is what a managed policy may have in characters, white space not
// counted (IAM user guide, IAM and AWS STS quotas).
const MaxSize = 6144

// Policy is an IAM policy document. Members are in the order in which they are
// printed.
type Policy struct {
	Version    string      `json:"Version"`
	Statements []Statement `json:"Statement"`
}

// Statement allows something.
type Statement struct {
	Sid       string                       `json:"Sid"`
	Effect    string                       `json:"Effect"`
	Action    values                       `json:"Action"`
	Resource  values                       `json:"Resource"`
	Condition map[string]map[string]values `json:"Condition,omitempty"`
}

// values are printed as a string when there is one only.
type values []string

// MarshalJSON implements json.Marshaler.
func (v values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// finish puts all into its order, and makes the Sids unique.
func (p *Policy) finish() {
	seen := map[string]int{}
	for i := range p.Statements {
		s := &p.Statements[i]
		slices.Sort(s.Action)
		if seen[s.Sid]++; seen[s.Sid] > 1 {
			s.Sid += strconv.Itoa(seen[s.Sid])
		}
	}
}

// JSON is the document with an indent of two.
func (p *Policy) JSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// Size is the document's length as IAM counts it.
func (p *Policy) Size() int {
	text, err := p.JSON()
	if err != nil {
		return 0
	}
	size := 0
	for _, r := range string(text) {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	return size
}

// Actions are all that the policy allows, each once.
func (p *Policy) Actions() []string {
	var all []string
	for _, s := range p.Statements {
		all = union(all, s.Action)
	}
	slices.Sort(all)
	return all
}

// Remove takes an action out of the policy, with the statements that then allow
// nothing.
func (p *Policy) Remove(action string) {
	p.Statements = slices.DeleteFunc(p.Statements, func(s Statement) bool { return len(s.Action) == 1 && s.Action[0] == action })
	for i := range p.Statements {
		p.Statements[i].Action = slices.DeleteFunc(p.Statements[i].Action, func(one string) bool { return one == action })
	}
}

// sid names the statement that a grant begins.
func (g *grant) sid() string {
	names := map[target]string{
		everything: "WithoutResources", bucket: "Buckets", objects: "Recordings", role: "MediaConvertRole",
		group: "LogGroup", rule: "Rule", proofRule: "ProofRules", bus: "EventBus",
	}
	if name := names[g.on]; name != "" {
		return name
	}
	switch {
	case g.tags():
		return "TagInIVS"
	case g.action == "ivs:StartComposition":
		return "StartInIVS"
	}
	switch g.condition {
	case creates:
		return "CreateInIVS"
	case owned:
		return "OwnInIVS"
	case proofs:
		return "ProofsInIVS"
	case free, unclaimed:
	}
	return "InIVS"
}

// tags tells whether the action is on the tags of any kind of resource, so that
// it must not meet resources that are there for other actions.
func (g *grant) tags() bool { return strings.HasSuffix(g.action, "agResource") }

// family is what the grants of one statement have in common beside regions and
// conditions. The actions of IVS name what they are on, so that they may stand
// together.
func (g *grant) family() string {
	switch g.on {
	case storage, encoder, stage, composition:
		switch {
		case g.tags():
			return "ivs tags"
		case g.action == "ivs:StartComposition":
			return g.action
		}
		return "ivs"
	case everything, bucket, objects, role, group, rule, proofRule, bus:
	}
	return string(g.on)
}
