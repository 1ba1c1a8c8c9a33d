package iam

import (
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// tableRoles holds the roles by account and name in lower case: names differ
// by more than case within an account (API reference, CreateRole).
const tableRoles = "iam.role"

// role is one role as CreateRole made it.
type role struct {
	Account     string
	Path        string // begins and ends with a slash
	Name        string
	ID          string // AROA…, new for each role that is made
	Created     time.Time
	Trust       string // the assume-role policy document
	Description string `json:",omitempty"`
	MaxSession  int    // seconds
	Tags        []tag  `json:",omitempty"`
}

type tag struct{ Key, Value string }

func (r role) arn() string {
	return "arn:aws:iam::" + r.Account + ":role" + r.Path + r.Name
}

// RoleExists tells whether there is a role of exactly this ARN, path included,
// in any account.
func RoleExists(tx *store.Tx, roleARN string) bool {
	_, ok := roleByARN(tx, roleARN)
	return ok
}

// RoleIDPrefix begins the unique ids of roles (IAM user guide, IAM identifiers).
const RoleIDPrefix = "AROA"

// RoleID returns the unique id (AROA…) of the role of this ARN; "" for none.
func RoleID(tx *store.Tx, roleARN string) string {
	r, _ := roleByARN(tx, roleARN)
	return r.ID
}

// RoleARN returns the ARN of the role with this unique id; "" for none, as
// after the role was deleted, even when one of the same name was made since.
func RoleARN(tx *store.Tx, id string) string {
	for _, r := range store.Scan[role](tx, tableRoles, "", "") {
		if r.ID == id {
			return r.arn()
		}
	}
	return ""
}

func roleByARN(tx *store.Tx, roleARN string) (role, bool) {
	rest, ok := strings.CutPrefix(roleARN, "arn:aws:iam::")
	if !ok {
		return role{}, false
	}
	account, path, _ := strings.Cut(rest, ":")
	name := path[strings.LastIndex(path, "/")+1:]
	r, ok := store.Get[role](tx, tableRoles, roleKey(account, name))
	return r, ok && r.arn() == roleARN
}

func roleKey(account, name string) string {
	return store.Key(account, strings.ToLower(name))
}
