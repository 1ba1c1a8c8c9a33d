package logs

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// unusable is what PutResourcePolicy says of a document that it cannot read as
// a policy, wrong principals included.
const unusable = "Could not convert to persistable policy."

var policyVersions = []string{"2012-10-17", "2008-10-17"}

var awsPrincipal = regexp.MustCompile(`^(\*|[0-9]{12}|arn:aws[\w-]*:(iam|sts)::[0-9]{12}:.+)$`)

// checkDocument checks the form of a policy: AWS takes any policy of that form
// and leaves its meaning to the person who wrote it.
func checkDocument(text string) error {
	var document map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &document) != nil || document == nil {
		return invalidParameter("Syntax errors in policy.")
	}
	for name, value := range document {
		switch name {
		case "Version":
			if version, ok := oneText(value); !ok || !slices.Contains(policyVersions, version) {
				return invalidParameter(unusable)
			}
		case "Id":
			if _, ok := oneText(value); !ok {
				return invalidParameter(unusable)
			}
		case "Statement":
		default:
			return invalidParameter(unusable)
		}
	}
	statements, ok := oneOrMany[map[string]json.RawMessage](document["Statement"])
	if !ok || len(statements) == 0 || !all(statements, isStatement) {
		return invalidParameter(unusable)
	}
	return nil
}

// isStatement tells whether a statement has what a resource policy's must have
// and nothing that no policy has.
func isStatement(statement map[string]json.RawMessage) bool {
	for name := range statement {
		if !slices.Contains([]string{
			"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
		}, name) {
			return false
		}
	}
	effect, ok := oneText(statement["Effect"])
	if !ok || effect != "Allow" && effect != "Deny" {
		return false
	}
	if sid, ok := statement["Sid"]; ok {
		if _, isText := oneText(sid); !isText {
			return false
		}
	}
	return isOneOf(statement, "Principal", "NotPrincipal", isPrincipal) &&
		isOneOf(statement, "Action", "NotAction", areTexts(isAction)) &&
		isOneOf(statement, "Resource", "NotResource", areTexts(isResource)) &&
		isCondition(statement["Condition"])
}

func isOneOf(statement map[string]json.RawMessage, name, negated string, check func(json.RawMessage) bool) bool {
	plain, hasPlain := statement[name]
	opposite, hasOpposite := statement[negated]
	if hasPlain == hasOpposite {
		return false
	}
	if hasPlain {
		return check(plain)
	}
	return check(opposite)
}

func isPrincipal(raw json.RawMessage) bool {
	if text, ok := oneText(raw); ok {
		return text == "*"
	}
	var byKind map[string]json.RawMessage
	if json.Unmarshal(raw, &byKind) != nil || len(byKind) == 0 {
		return false
	}
	for kind, value := range byKind {
		valid := func(string) bool { return true }
		switch kind {
		case "Service":
			valid = isServicePrincipal
		case "AWS":
			valid = awsPrincipal.MatchString
		case "Federated", "CanonicalUser":
		default:
			return false
		}
		if !areTexts(valid)(value) {
			return false
		}
	}
	return true
}

func isServicePrincipal(name string) bool {
	return strings.Contains(name, ".amazonaws.") && !strings.ContainsAny(name, " /:*")
}

// isAction accepts the service's own actions; AWS takes more of them than the
// two that it acts on.
func isAction(name string) bool {
	return name == "*" || strings.HasPrefix(strings.ToLower(name), "logs:")
}

func isResource(text string) bool { return text != "" }

func isCondition(raw json.RawMessage) bool {
	if raw == nil {
		return true
	}
	var byOperator map[string]map[string]json.RawMessage
	return json.Unmarshal(raw, &byOperator) == nil
}

// areTexts makes a check of a string or a list of at least one.
func areTexts(valid func(string) bool) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		texts, ok := oneOrMany[string](raw)
		return ok && len(texts) > 0 && all(texts, valid)
	}
}

func oneText(raw json.RawMessage) (text string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}

// oneOrMany reads a value or a list of such values.
func oneOrMany[T any](raw json.RawMessage) ([]T, bool) {
	if len(raw) == 0 {
		return nil, false
	}
	if raw[0] == '[' {
		var many []T
		err := json.Unmarshal(raw, &many)
		return many, err == nil
	}
	var one T
	err := json.Unmarshal(raw, &one)
	return []T{one}, err == nil
}

func all[T any](items []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !holds(item) })
}
