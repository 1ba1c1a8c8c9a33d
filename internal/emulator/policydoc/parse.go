package policydoc

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// SyntaxError is a document that is not of the policy language. Its text is in
// the words that S3 answers with; other services have none of their own.
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }

func syntax(message string) error { return &SyntaxError{Message: message} }

var errNotJSON = syntax("Policies must be valid JSON and the first byte must be '{'")

// Parse reads a document. Its errors are *SyntaxError. Which of Principal and
// Resource must be there is left to the service.
func Parse(text string) (*Document, error) {
	if !strings.HasPrefix(text, "{") {
		return nil, errNotJSON
	}
	value, err := decode(text)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errNotJSON
	}
	if err := known(members, "Version", "Id", "Statement"); err != nil {
		return nil, err
	}
	d := &Document{Version: "2008-10-17"}
	if err := errors.Join(
		optionalText(members, "Version", &d.Version),
		optionalText(members, "Id", &d.ID),
	); err != nil {
		return nil, syntax("Invalid policy syntax.")
	}
	if d.Version != "2008-10-17" && d.Version != "2012-10-17" {
		return nil, syntax("The policy must contain a valid version string")
	}
	d.Statements, err = statements(members)
	return d, err
}

func statements(members map[string]any) ([]Statement, error) {
	value, ok := members["Statement"]
	if !ok {
		return nil, syntax("Missing required field Statement")
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) == 0 {
		return nil, syntax("Could not parse the policy: Statement is empty!")
	}
	var all []Statement
	sids := map[string]bool{}
	for _, item := range list {
		s, err := statement(item)
		if err != nil {
			return nil, err
		}
		if s.Sid != "" && sids[s.Sid] {
			return nil, syntax("Statement IDs (SID) in a single policy must be unique.")
		}
		sids[s.Sid] = true
		all = append(all, s)
	}
	return all, nil
}

func statement(item any) (s Statement, err error) {
	members, ok := item.(map[string]any)
	if !ok {
		return s, syntax("Invalid policy syntax.")
	}
	if err := known(members, "Sid", "Effect", "Principal", "NotPrincipal",
		"Action", "NotAction", "Resource", "NotResource", "Condition"); err != nil {
		return s, err
	}
	if _, ok := members["Effect"]; !ok {
		return s, syntax("Missing required field Effect")
	}
	if optionalText(members, "Sid", &s.Sid) != nil || optionalText(members, "Effect", &s.Effect) != nil {
		return s, syntax("Invalid policy syntax.")
	}
	if s.Effect != "Allow" && s.Effect != "Deny" {
		return s, syntax("Invalid effect: " + s.Effect)
	}
	for _, pair := range [][2]string{{"Principal", "NotPrincipal"}, {"Action", "NotAction"}, {"Resource", "NotResource"}} {
		if members[pair[0]] != nil && members[pair[1]] != nil {
			return s, syntax("Statement must not contain both " + pair[0] + " and " + pair[1])
		}
	}
	if members["Action"] == nil && members["NotAction"] == nil {
		return s, syntax("Missing required field Action")
	}
	return s, s.readElements(members)
}

func (s *Statement) readElements(members map[string]any) error {
	lists := []struct {
		name string
		into *[]string
	}{
		{"Action", &s.Action},
		{"NotAction", &s.NotAction},
		{"Resource", &s.Resource},
		{"NotResource", &s.NotResource},
	}
	for _, l := range lists {
		if value, ok := members[l.name]; ok {
			if *l.into, ok = texts(value, false); !ok {
				return syntax("Policy has invalid " + strings.ToLower(strings.TrimPrefix(l.name, "Not")))
			}
		}
	}
	var ok [3]bool
	s.Principal, ok[0] = principal(members["Principal"])
	s.NotPrincipal, ok[1] = principal(members["NotPrincipal"])
	s.Condition, ok[2] = conditions(members["Condition"])
	if !ok[0] || !ok[1] {
		return syntax("Invalid principal in policy")
	}
	if !ok[2] {
		return syntax("Invalid Condition syntax.")
	}
	return nil
}

func principal(value any) (*Principal, bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case string:
		return &Principal{Anybody: true}, v == "*"
	case map[string]any:
		p := &Principal{Named: map[string][]string{}}
		for kind, names := range v {
			list, ok := texts(names, false)
			if !ok || !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, kind) {
				return nil, false
			}
			p.Named[kind] = list
		}
		return p, len(v) > 0
	default:
		return nil, false
	}
}

func conditions(value any) (map[string]map[string][]string, bool) {
	if value == nil {
		return nil, true
	}
	operators, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	all := map[string]map[string][]string{}
	for operator, keys := range operators {
		keys, ok := keys.(map[string]any)
		if !ok || len(keys) == 0 {
			return nil, false
		}
		all[operator] = map[string][]string{}
		for key, values := range keys {
			if all[operator][key], ok = texts(values, true); !ok {
				return nil, false
			}
		}
	}
	return all, true
}

// texts reads a string or a list of strings, not empty. In conditions strings
// may be empty, and numbers and booleans count as their text.
func texts(value any, inCondition bool) ([]string, bool) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var all []string
	for _, item := range list {
		text, isText := item.(string)
		if !isText && inCondition {
			text, isText = scalarText(item)
		}
		if !isText || text == "" && !inCondition {
			return nil, false
		}
		all = append(all, text)
	}
	return all, len(all) > 0
}

func scalarText(item any) (string, bool) {
	switch v := item.(type) {
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}

func optionalText(members map[string]any, name string, into *string) error {
	value, ok := members[name]
	if !ok {
		return nil
	}
	if *into, ok = value.(string); !ok {
		return errNotJSON
	}
	return nil
}

func known(members map[string]any, names ...string) error {
	for name := range members {
		if !slices.Contains(names, name) {
			return syntax("Unknown field " + name)
		}
	}
	return nil
}

// decode reads one JSON value in which no object has a member twice, which
// encoding/json would pass over.
func decode(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	value, err := decodeValue(decoder, 0)
	if err != nil {
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return value, nil
}

// maxDepth is far above what the language's grammar nests, and keeps a hostile
// document from exhausting the stack.
const maxDepth = 32

func decodeValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errNotJSON
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(decoder, depth+1)
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			item, err := decodeValue(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = decoder.Token()
		return list, err
	default:
		return token, nil
	}
}

func decodeObject(decoder *json.Decoder, depth int) (any, error) {
	members := map[string]any{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		text, _ := name.(string)
		if _, twice := members[text]; twice {
			return nil, errNotJSON
		}
		if members[text], err = decodeValue(decoder, depth); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return members, err
}
