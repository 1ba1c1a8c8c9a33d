package iam

import (
	"cmp"
	"net/http"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Authorize implements wire.Guarded. A role's ARN has its path, which a request
// does not say: a role that is not there is asked for with that of CreateRole.
func (s *Service) Authorize(r *wire.Request) error {
	form := protocol.Form(r)
	resource := "*"
	if name := form.Get("RoleName"); name != "" {
		found := role{Account: r.Account, Path: cmp.Or(form.Get("Path"), "/"), Name: name}
		err := s.store.View(func(tx *store.Tx) error {
			if there, ok := store.Get[role](tx, tableRoles, roleKey(r.Account, name)); ok {
				found = there
			}
			return nil
		})
		if err != nil {
			return err
		}
		resource = found.arn()
	}
	if refusal := r.Refused(wire.Ask{Action: "iam:" + r.Operation, Resource: resource}); refusal != nil {
		return wire.Errorf(http.StatusForbidden, "AccessDenied", refusal.Message(refusal.Resource))
	}
	return nil
}
