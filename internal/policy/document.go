// Package policy reads IAM policy documents, S3 bucket policies and CloudWatch
// Logs resource policies, compares them by meaning, merges statements into them
// by Sid, and says whether they allow the few requests that recording and event
// logging depend on. It is no general policy simulator: what it cannot judge it
// reports as uncertain.
//
// Documents belong to several writers, so a merge leaves every other statement
// as it was read, down to unknown members and number formats. Nothing here calls
// AWS. All values are immutable and safe for concurrent use. Start at Parse,
// Document.Merge, and bucket.go or logs.go for the statements themselves.
package policy

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// MaxBucketPolicySize is S3's limit on a bucket policy in bytes, 20 KB
	// (Amazon S3 "Bucket policies").
	MaxBucketPolicySize = 20_480
	// MaxLogsPolicySize is the limit on an account-scoped CloudWatch Logs
	// resource policy in characters (CloudFormation AWS::Logs::ResourcePolicy).
	MaxLogsPolicySize = 5_120

	// maxTextSize bounds what Parse reads, far above every limit of AWS.
	maxTextSize = 256 << 10

	currentVersion = "2012-10-17"
)

// Document is a policy document. The zero value and nil are a document without
// statements; methods return changed copies.
type Document struct {
	// members are the document's own in the order read. The value of Statement
	// is held in statements instead.
	members    []member
	statements []Statement
}

// ParseError says what makes a text no policy document. Offset is in bytes.
type ParseError struct {
	Offset int
	Reason string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("policy document: offset %d: %s", e.Offset, e.Reason)
}

// Hint tells what to do about a policy that AWS returned.
func (e *ParseError) Hint() string {
	return "correct the policy in AWS; one that cannot be read in full is never written"
}

// Parse reads a policy document; a text of nothing but white space is one without
// statements. Statement may be a list or a single statement. What a statement
// holds is not judged, since AWS accepted it. A member named twice in one object
// is refused, as one of the two would be lost. Errors are *ParseError.
func Parse(text string) (*Document, error) {
	if strings.TrimSpace(text) == "" {
		return &Document{}, nil
	}
	if len(text) > maxTextSize {
		return nil, &ParseError{Offset: maxTextSize, Reason: fmt.Sprintf("%d bytes: more than the %d that are read", len(text), maxTextSize)}
	}
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	if root.kind != objectNode {
		return nil, &ParseError{Offset: root.at, Reason: "want an object, got " + root.kind.String()}
	}
	d := &Document{members: root.members}
	for _, m := range root.members {
		if m.name != "Statement" {
			continue
		}
		if d.statements, err = parseStatements(m.value); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func parseStatements(n node) ([]Statement, error) {
	list := []node{n}
	if n.kind == listNode {
		list = n.items
	}
	statements := make([]Statement, 0, len(list))
	for _, item := range list {
		if item.kind != objectNode {
			return nil, &ParseError{Offset: item.at, Reason: "Statement: want an object or a list of objects, got " + item.kind.String()}
		}
		statements = append(statements, newStatement(item))
	}
	return statements, nil
}

// Statements returns the statements in the document's order.
func (d *Document) Statements() []Statement {
	if d == nil {
		return nil
	}
	return slices.Clone(d.statements)
}

// Statement returns the first statement with that Sid. A statement without a Sid
// is never found.
func (d *Document) Statement(sid string) (s Statement, found bool) {
	if i := d.index(sid); i >= 0 {
		return d.statements[i], true
	}
	return Statement{}, false
}

func (d *Document) index(sid string) int {
	if d == nil || sid == "" {
		return -1
	}
	return slices.IndexFunc(d.statements, func(s Statement) bool { return s.Sid() == sid })
}

// Empty reports whether there is no statement. AWS refuses such a document: the
// policy is deleted instead.
func (d *Document) Empty() bool {
	return d == nil || len(d.statements) == 0
}

// String returns the document as compact JSON. Version, Id and unknown members
// are kept as read; a Version that is missing is not added to a document that was
// read, since it would change how variables in others' statements are understood.
func (d *Document) String() string {
	var items []node
	for _, s := range d.Statements() {
		items = append(items, node{json: s.String()})
	}
	var members []member
	if d != nil {
		members = slices.Clone(d.members)
	}
	if len(members) == 0 {
		members = []member{{name: "Version", value: text(currentVersion)}}
	}
	at := slices.IndexFunc(members, func(m member) bool { return m.name == "Statement" })
	if at < 0 {
		at = len(members)
		members = append(members, member{name: "Statement"})
	}
	members[at].value = list(items)
	return object(members).json
}

// Size is the length of String in bytes, to be held against MaxBucketPolicySize
// or MaxLogsPolicySize.
func (d *Document) Size() int {
	return len(d.String())
}

// Equal reports whether both documents hold the same statements by meaning, each
// as often, in any order. Version and Id are not compared.
func (d *Document) Equal(other *Document) bool {
	return slices.Equal(d.meanings(), other.meanings())
}

func (d *Document) meanings() []string {
	var all []string
	for _, s := range d.Statements() {
		all = append(all, s.meaning)
	}
	slices.Sort(all)
	return all
}
