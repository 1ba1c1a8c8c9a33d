package policy

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// Public returns the Sids of the statements that make a bucket policy public,
// nil when it is not: those that allow something to everyone, and whose
// conditions do not bind that to fixed values (Amazon S3 user guide, "Blocking
// public access to your Amazon S3 storage", "The meaning of public"). One without
// a Sid is "#" and its place, from 1.
func Public(d *Document) (sids []string) {
	for _, e := range entriesOf("", d) {
		if e.view.Effect == "Allow" && forEveryone(e.view) && !slices.ContainsFunc(e.view.Conditions, narrows) {
			sids = append(sids, e.sid)
		}
	}
	return sids
}

// forEveryone tells whether a statement is for principals that nobody can
// name: all, a pattern of them, or all but some.
func forEveryone(v View) bool {
	return v.NotPrincipals != nil || slices.ContainsFunc(v.Principals, func(p Principal) bool {
		return strings.ContainsAny(p.Value, "*?")
	})
}

// narrowing are the condition keys, in lower case, that S3 counts when their
// values are fixed.
var narrowing = map[string]bool{
	"aws:principalaccount": true, "aws:principalarn": true, "aws:principalorgid": true, "aws:principalorgpaths": true,
	"aws:sourceaccount": true, "aws:sourcearn": true, "aws:sourceip": true, "aws:sourceorgid": true, "aws:sourceorgpaths": true,
	"aws:sourceowner": true, "aws:sourcevpc": true, "aws:sourcevpce": true, "aws:userid": true, "aws:vpcsourceip": true,
	"s3:accesspointnetworkorigin": true, "s3:dataaccesspointaccount": true, "s3:dataaccesspointarn": true,
	"s3:x-amz-server-side-encryption-aws-kms-key-id": true,
}

var (
	// A condition that is met by what is not, or by nothing, binds nobody.
	binding = lazyregexp.New(`(?i)^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$`)
	// An ARN with an account, or an id of a role with its session left open.
	fixedPart = lazyregexp.New(`^(arn:[^:]*:[^:]*:[^:]*:\d{12}:.*|arn:[^:*?]*:s3:::[^*?]+.*|[^:*?]{4,}:\*|[^*?]+)$`)
	wideRange = lazyregexp.New(`^([\d.]+/[0-7]|[\da-fA-F:]+/([0-9]|[12]\d|3[01]))$`)
)

// narrows tells whether a condition binds a statement to fixed values, all of
// them.
func narrows(c Condition) bool {
	if !narrowing[strings.ToLower(c.Key)] || !binding.MatchString(c.Operator) || len(c.Values) == 0 {
		return false
	}
	return !slices.ContainsFunc(c.Values, func(value string) bool {
		return !fixedPart.MatchString(value) || wideRange.MatchString(value) || variable.MatchString(value)
	})
}
