package iam

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// Limits of a role (API reference, CreateRole; IAM user guide, quotas).
const (
	maxRoleName    = 64
	maxPath        = 512
	maxDescription = 1000
	maxTrust       = 2048 // characters, white space not counted
)

var (
	roleNamePattern = lazyregexp.New(`^[\w+=,.@-]+$`)
	pathPattern     = lazyregexp.New(`^(/|/[\x21-\x7e]+/)$`)
	accountPattern  = lazyregexp.New(`^(?:arn:aws:iam::)?([0-9]{12})(?::root)?$`)
	servicePattern  = lazyregexp.New(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
)

func invalidInput(message string) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidInput", message)
}

func (c *call) roleName() (string, error) {
	name := c.form.Get("RoleName")
	if name == "" {
		return "", validation("Value null at 'roleName' failed to satisfy constraint: Member must not be null")
	}
	if len(name) > maxRoleName {
		return "", validation("Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64")
	}
	if !roleNamePattern.MatchString(name) {
		return "", validation(`The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`)
	}
	return name, nil
}

// number reads a whole number between low and high.
func (c *call) number(name string, otherwise, low, high int) (int, error) {
	if !c.form.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(c.form.Get(name))
	if err != nil || n < low || n > high {
		return 0, validation(fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: Member must have value between %d and %d",
			c.form.Get(name), name, low, high))
	}
	return n, nil
}

func checkRole(r role) error {
	if len(r.Path) > maxPath || !pathPattern.MatchString(r.Path) {
		return validation("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	if utf8.RuneCountInString(r.Description) > maxDescription {
		return validation("Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000")
	}
	return nil
}

// checkTrust checks a role's trust policy: a resource policy without resources
// that speaks of STS only.
func checkTrust(tx *store.Tx, document string) error {
	if document == "" {
		return validation("Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null")
	}
	if countVisible(document) > maxTrust {
		return limitExceeded("Cannot exceed quota for ACLSizePerRole: 2048")
	}
	policy, err := policydoc.Parse(strings.TrimSpace(document))
	if err != nil {
		return malformed("This policy contains invalid Json")
	}
	for _, s := range policy.Statements {
		if s.Resource != nil || s.NotResource != nil {
			return malformed("Has prohibited field Resource")
		}
		if s.Principal == nil && s.NotPrincipal == nil {
			return malformed("Missing required field Principal")
		}
		for _, action := range append(s.Action, s.NotAction...) {
			if !strings.HasPrefix(strings.ToLower(action), "sts:") {
				return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
		if err := checkPrincipal(tx, s.Principal, s.NotPrincipal); err != nil {
			return err
		}
	}
	return nil
}

func checkPrincipal(tx *store.Tx, principals ...*policydoc.Principal) error {
	for _, p := range principals {
		if p == nil {
			continue
		}
		for kind, names := range p.Named {
			for _, name := range names {
				if !principalExists(tx, kind, name) {
					return malformed(fmt.Sprintf("Invalid principal in policy: %q:%q", kind, name))
				}
			}
		}
	}
	return nil
}

func principalExists(tx *store.Tx, kind, name string) bool {
	switch kind {
	case "AWS":
		return name == "*" || accountPattern.MatchString(name) || RoleExists(tx, name) || RoleARN(tx, name) != ""
	case "Service":
		return servicePattern.MatchString(name)
	default:
		return kind == "Federated" && !strings.HasPrefix(name, "arn:")
	}
}

func countVisible(document string) int {
	count := 0
	for _, c := range document {
		if !unicode.IsSpace(c) {
			count++
		}
	}
	return count
}
