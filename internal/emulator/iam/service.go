package iam

import (
	"net/http"
	"net/url"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

var protocol = wire.Query{Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"}

const version = "2010-05-08"

// Service is IAM, which is one for all regions.
type Service struct{ store *store.Store }

// New makes the service over the state.
func New(st *store.Store) *Service { return &Service{store: st} }

// call is one request with its parameters.
type call struct {
	*wire.Request
	form url.Values
}

// operation carries out a call and returns the members of its result.
type operation func(tx *store.Tx, c *call) (any, error)

var reads = map[string]operation{
	"GetRole":      getRole,
	"ListRoles":    listRoles,
	"ListRoleTags": listRoleTags,
}

var writes = map[string]operation{
	"CreateRole":             createRole,
	"DeleteRole":             deleteRole,
	"UpdateAssumeRolePolicy": updateAssumeRolePolicy,
	"TagRole":                tagRole,
	"UntagRole":              untagRole,
}

// Operation names the operation; "" for one that the emulator does not have.
func (s *Service) Operation(r *wire.Request) string {
	form := protocol.Form(r)
	action := form.Get("Action")
	if form.Get("Version") != version || reads[action] == nil && writes[action] == nil {
		return ""
	}
	return action
}

// Serve carries out one request.
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) {
	c := &call{Request: r, form: protocol.Form(r)}
	run, transact := reads[r.Operation], s.store.View
	if run == nil {
		run, transact = writes[r.Operation], s.store.Update
	}
	var result any
	err := transact(func(tx *store.Tx) (err error) {
		result, err = run(tx, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return protocol.Answer(r, result)
}

// Fail writes an error.
func (s *Service) Fail(r *wire.Request, e *wire.Error) *wire.Response { return protocol.Fail(r, e) }

// The errors of IAM's roles (API reference, CreateRole and GetRole, Errors).

func validation(message string) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationError", "1 validation error detected: "+message)
}

func noSuchRole(name string) error {
	return wire.Errorf(http.StatusNotFound, "NoSuchEntity", "The role with name "+name+" cannot be found.")
}

func malformed(message string) error {
	return wire.Errorf(http.StatusBadRequest, "MalformedPolicyDocument", message)
}

func limitExceeded(message string) error {
	return wire.Errorf(http.StatusConflict, "LimitExceeded", message)
}
