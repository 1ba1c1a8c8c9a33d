package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/yolo-live/yolo/internal/emulator/identity"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// limited is the user that all callers are while there are IAM policies. It is
// safe for concurrent use.
type limited struct {
	mu        sync.Mutex
	user      *identity.User // nil while there are none
	policies  []*identity.Policy
	documents []json.RawMessage
}

// attach adds policies; none of them when one is not right.
func (l *limited) attach(documents ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	policies, kept := slices.Clone(l.policies), slices.Clone(l.documents)
	for _, text := range documents {
		p, err := identity.Parse(text)
		if err != nil {
			return err
		}
		policies, kept = append(policies, p), append(kept, json.RawMessage(text))
	}
	if len(policies) == 0 {
		return nil
	}
	user, err := identity.New(policies)
	if err != nil {
		return err
	}
	l.user, l.policies, l.documents = user, policies, kept
	return nil
}

func (l *limited) detach() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.user, l.policies, l.documents = nil, nil, nil
}

func (l *limited) list() []json.RawMessage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]json.RawMessage{}, l.documents...)
}

// caller is nil while there are no policies.
func (l *limited) caller() wire.Caller {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.user == nil {
		return nil
	}
	return l.user
}

// CheckIAMPolicy tells what is wrong with the document of an IAM policy.
func CheckIAMPolicy(document string) error {
	_, err := identity.Parse(document)
	return err
}

// AttachIAMPolicies has every caller, whatever its access key, be an IAM user
// with these policies, in addition to those that it has. Documents are JSON.
func (s *Server) AttachIAMPolicies(documents ...string) error { return s.limited.attach(documents...) }

// DetachIAMPolicies has callers be their account's root user again.
func (s *Server) DetachIAMPolicies() { s.limited.detach() }

func (s *Server) getPolicies(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"policies": s.limited.list()})
}

func (s *Server) postPolicy(w http.ResponseWriter, h *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, h.Body, maxBody))
	if err == nil {
		err = s.limited.attach(string(body))
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) deletePolicies(w http.ResponseWriter, _ *http.Request) {
	s.limited.detach()
	w.WriteHeader(http.StatusNoContent)
}
