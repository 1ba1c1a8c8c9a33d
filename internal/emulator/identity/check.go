package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// services are the prefixes of the actions that can be asked for here.
var services = []string{"events", "ivs", "logs", "s3"}

// roleActions are those of IAM that can be.
var roleActions = []string{
	"iam:GetRole", "iam:ListRoles", "iam:ListRoleTags", "iam:CreateRole", "iam:DeleteRole",
	"iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole",
}

// operators are the condition operators that are evaluated, in lower case and
// without the quantifiers and IfExists.
var operators = []string{
	"stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase", "stringlike", "stringnotlike",
	"arnequals", "arnnotequals", "arnlike", "arnnotlike", "bool", "null",
}

// keys are the condition keys that requests have here, in lower case; one that
// ends in a slash is followed by a tag's key.
var keys = []string{
	"aws:requestedregion", "aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:username", "aws:securetransport",
	"aws:tagkeys", "aws:requesttag/", "aws:resourcetag/",
}

var actionForm = lazyregexp.New(`^(\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$`)

var errPrincipal = errors.New("an identity-based policy has no Principal")

// check refuses what IAM refuses and the policy language alone does not, and
// what is not evaluated here.
func check(s *policydoc.Statement) error {
	if s.Principal != nil || s.NotPrincipal != nil {
		return errPrincipal
	}
	if s.Resource == nil && s.NotResource == nil {
		return errors.New("missing required field Resource")
	}
	for _, action := range slices.Concat(s.Action, s.NotAction) {
		if !actionForm.MatchString(action) {
			return fmt.Errorf("action %q: is not of the form service:Action", action)
		}
	}
	for _, resource := range slices.Concat(s.Resource, s.NotResource) {
		if resource != "*" && strings.Count(resource, ":") < 5 {
			return fmt.Errorf("resource %q: must be an ARN or *", resource)
		}
		if err := noVariable(resource); err != nil {
			return err
		}
	}
	if !concerns(s) {
		return nil
	}
	return checkConditions(s.Condition)
}

// concerns tells whether a statement may be about anything that is here.
func concerns(s *policydoc.Statement) bool {
	return s.Action == nil || slices.ContainsFunc(s.Action, func(action string) bool {
		service, _, _ := strings.Cut(strings.ToLower(action), ":")
		ofRole := func(one string) bool { return policydoc.MatchesAction(action, one) }
		return action == "*" || slices.Contains(services, service) || slices.ContainsFunc(roleActions, ofRole)
	})
}

func checkConditions(conditions map[string]map[string][]string) error {
	for operator, tests := range conditions {
		plain := strings.ToLower(operator)
		plain = strings.TrimPrefix(strings.TrimPrefix(plain, "forallvalues:"), "foranyvalue:")
		if !slices.Contains(operators, strings.TrimSuffix(plain, "ifexists")) {
			return fmt.Errorf("the emulator does not evaluate the condition operator %s", operator)
		}
		for key, values := range tests {
			if !known(key) {
				return fmt.Errorf("the emulator does not have the condition key %s", key)
			}
			for _, value := range values {
				if err := noVariable(value); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func known(key string) bool {
	return slices.ContainsFunc(keys, func(one string) bool {
		key := strings.ToLower(key)
		return key == one || strings.HasSuffix(one, "/") && strings.HasPrefix(key, one) && key != one
	})
}

func noVariable(text string) error {
	if strings.Contains(text, "${") {
		return fmt.Errorf("the emulator does not evaluate policy variables, as in %q", text)
	}
	return nil
}
