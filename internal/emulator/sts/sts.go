// Package sts is the emulated AWS Security Token Service. It knows one
// operation, GetCallerIdentity, which no policy can deny: a caller is the root
// user of the account that its access key names, or the one that policies limit.
//
// Start at New.
package sts

import (
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

var protocol = wire.Query{Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}

const (
	version           = "2011-06-15"
	getCallerIdentity = "GetCallerIdentity"
)

// Service is STS in all regions.
type Service struct{}

// New makes the service. It keeps no state.
func New(*store.Store) *Service { return &Service{} }

// Operation names the operation; "" for one that the emulator does not have.
func (s *Service) Operation(r *wire.Request) string {
	form := protocol.Form(r)
	if form.Get("Action") != getCallerIdentity || form.Get("Version") != version {
		return ""
	}
	return getCallerIdentity
}

// userID is the unique id of a user, of the form that IAM gives them (IAM user
// guide, Unique identifiers).
const userID = "AIDAEXAMPLEOFLIMITED2"

// Serve answers GetCallerIdentity (API reference, GetCallerIdentity: the UserId
// of an account's root user is the account's id).
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) {
	arn, id := "arn:aws:iam::"+r.Account+":root", r.Account
	if r.Caller != nil {
		arn, id = r.Caller.ARN(r.Account), userID
	}
	return protocol.Answer(r, struct {
		Arn     string
		UserID  string `xml:"UserId"`
		Account string
	}{Arn: arn, UserID: id, Account: r.Account})
}

// Fail writes an error.
func (s *Service) Fail(r *wire.Request, e *wire.Error) *wire.Response { return protocol.Fail(r, e) }
