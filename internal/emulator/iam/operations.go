package iam

import (
	"crypto/rand"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxRoles is the quota "Roles per account" (IAM user guide, quotas).
const maxRoles = 1000

// roleXML is a role in an answer. ListRoles leaves tags out (API reference).
type roleXML struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string    `xml:",omitempty"`
	MaxSessionDuration       int       `xml:",omitempty"`
	Tags                     *tagList  `xml:",omitempty"`
	RoleLastUsed             *struct{} `xml:",omitempty"`
}

type tagList struct {
	Members []tag `xml:"member"`
}

func (r role) answer(withTags bool) roleXML {
	x := roleXML{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.arn(),
		CreateDate:               r.Created.UTC().Format(time.RFC3339),
		AssumeRolePolicyDocument: strings.ReplaceAll(url.QueryEscape(r.Trust), "+", "%20"),
		Description:              r.Description,
		MaxSessionDuration:       r.MaxSession,
	}
	if withTags && len(r.Tags) > 0 {
		x.Tags = &tagList{r.Tags}
	}
	return x
}

type roleResult struct{ Role roleXML }

func createRole(tx *store.Tx, c *call) (any, error) {
	r, err := c.newRole(tx)
	if err != nil {
		return nil, err
	}
	key := roleKey(r.Account, r.Name)
	if _, exists := store.Get[role](tx, tableRoles, key); exists {
		return nil, wire.Errorf(http.StatusConflict, "EntityAlreadyExists", "Role with name "+r.Name+" already exists.")
	}
	if tx.Count(tableRoles, store.Key(c.Account, "")) >= maxRoles {
		return nil, limitExceeded("Cannot exceed quota for RolesPerAccount: 1000")
	}
	store.Put(tx, tableRoles, key, r)
	return roleResult{r.answer(true)}, nil
}

func (c *call) newRole(tx *store.Tx) (r role, err error) {
	r = role{
		Account: c.Account, Created: c.Now, ID: newRoleID(),
		Path: "/", Description: c.form.Get("Description"), Trust: c.form.Get("AssumeRolePolicyDocument"),
	}
	if c.form.Has("PermissionsBoundary") {
		return r, wire.Errorf(http.StatusNotImplemented, "NotImplemented", "the emulator has no permissions boundaries")
	}
	if r.Name, err = c.roleName(); err != nil {
		return r, err
	}
	if c.form.Has("Path") {
		r.Path = c.form.Get("Path")
	}
	if r.MaxSession, err = c.number("MaxSessionDuration", 3600, 3600, 43200); err != nil {
		return r, err
	}
	if r.Tags, err = c.tags(); err != nil {
		return r, err
	}
	if err := checkRole(r); err != nil {
		return r, err
	}
	return r, checkTrust(tx, r.Trust)
}

func getRole(tx *store.Tx, c *call) (any, error) {
	r, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	x := r.answer(true)
	x.RoleLastUsed = &struct{}{}
	return roleResult{x}, nil
}

func deleteRole(tx *store.Tx, c *call) (any, error) {
	r, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	tx.Delete(tableRoles, roleKey(r.Account, r.Name))
	return nil, nil
}

func updateAssumeRolePolicy(tx *store.Tx, c *call) (any, error) {
	r, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	r.Trust = c.form.Get("PolicyDocument")
	if err := checkTrust(tx, r.Trust); err != nil {
		return nil, err
	}
	store.Put(tx, tableRoles, roleKey(r.Account, r.Name), r)
	return nil, nil
}

func listRoles(tx *store.Tx, c *call) (any, error) {
	prefix := c.form.Get("PathPrefix")
	limit, after, err := c.page(prefix)
	if err != nil {
		return nil, err
	}
	roles := func(yield func(string, roleXML) bool) {
		for key, r := range store.Scan[role](tx, tableRoles, store.Key(c.Account, ""), after) {
			if strings.HasPrefix(r.Path, prefix) && !yield(key, r.answer(false)) {
				return
			}
		}
	}
	result := struct {
		Roles       []roleXML `xml:"Roles>member"`
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{}
	result.Roles, after = paging.Take(roles, limit)
	result.IsTruncated, result.Marker = after != "", paging.Token(c.query(prefix), after)
	return result, nil
}

// page reads how much of the list of something a call asks for, and the key
// that it begins after; "" for the first page.
func (c *call) page(of string) (limit int, after string, err error) {
	if limit, err = c.number("MaxItems", 100, 1, 1000); err != nil {
		return 0, "", err
	}
	after, ok := paging.After(c.query(of), c.form.Get("Marker"))
	if !ok || c.form.Has("Marker") && after == "" {
		return 0, "", wire.Errorf(http.StatusBadRequest, "ValidationError", "Invalid Marker.")
	}
	return limit, after, nil
}

// query is what a marker is good for.
func (c *call) query(of string) string { return store.Key(c.Account, c.Operation, of) }

// role finds the role that the call names, in the caller's account.
func (c *call) role(tx *store.Tx) (role, error) {
	name, err := c.roleName()
	if err != nil {
		return role{}, err
	}
	r, ok := store.Get[role](tx, tableRoles, roleKey(c.Account, name))
	if !ok {
		return role{}, noSuchRole(name)
	}
	return r, nil
}

// newRoleID makes a unique id: AROA and 17 letters or digits (IAM user guide,
// IAM identifiers, Unique identifiers).
func newRoleID() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	id := []byte(RoleIDPrefix)
	for range 17 {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand never fails on supported systems
		}
		id = append(id, alphabet[n.Int64()])
	}
	return string(id)
}
