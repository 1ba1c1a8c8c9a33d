// Package sts is the emulated AWS Security Token Service. It knows one
// operation, GetCallerIdentity: every caller is the root user of the account
// that its access key names, since the emulator has no users.
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

// Serve answers GetCallerIdentity with the ids of an account's root user (API
// reference, GetCallerIdentity: UserId is then the account's id).
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) {
	return protocol.Answer(r, struct {
		Arn     string
		UserID  string `xml:"UserId"`
		Account string
	}{Arn: "arn:aws:iam::" + r.Account + ":root", UserID: r.Account, Account: r.Account})
}

// Fail writes an error.
func (s *Service) Fail(r *wire.Request, e *wire.Error) *wire.Response { return protocol.Fail(r, e) }
