// Package emulator is an AWS that runs inside yolo: S3, IVS Real-Time,
// CloudWatch Logs, EventBridge, STS and IAM's roles, as far as recording and
// event logging need them, over the real wire protocols.
//
// It knows nothing of the rest of yolo and shares no code with the AWS SDK, so
// that a misunderstanding on one side cannot hide on the other. Each service
// is a package below this one; store keeps their state, wire their protocols.
// Start at Open and Server.ServeHTTP.
package emulator

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// DefaultAccount is the account of requests whose access key is no account id.
const DefaultAccount = "123456789012"

// maxBody bounds what is read of a request that is not an object's upload.
const maxBody = 4 << 20

// Options set up a Server. The zero value serves every region from memory.
type Options struct {
	// Dir keeps the state; "" keeps it in memory.
	Dir string
	// Account is that of requests whose access key id is not twelve digits;
	// "" means DefaultAccount.
	Account string
}

// Server is the emulated AWS, an http.Handler.
type Server struct {
	options  Options
	store    *store.Store
	services map[string]wire.Service // by signing name
	now      func() time.Time
}

// Open makes a Server over the state in options.Dir. Close it after use.
func Open(options Options) (*Server, error) {
	st, err := store.Open(options.Dir)
	if err != nil {
		return nil, err
	}
	if options.Account == "" {
		options.Account = DefaultAccount
	}
	return &Server{options: options, store: st, services: services(st, options), now: time.Now}, nil
}

// Close releases the state's files.
func (s *Server) Close() error { return s.store.Close() }

// ServeHTTP answers one AWS request.
func (s *Server) ServeHTTP(w http.ResponseWriter, h *http.Request) {
	scope, err := readScope(h)
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	service, ok := s.services[scope.service]
	if !ok {
		http.Error(w, fmt.Sprintf("the emulator has no service with the signing name %q", scope.service), http.StatusNotImplemented)
		return
	}
	r := &wire.Request{Account: scope.account(s.options.Account), Region: scope.region, ID: newRequestID(), HTTP: h, Now: s.now()}
	write(w, r, s.answer(service, r))
}

// answer carries out one request, whatever becomes of it.
func (s *Server) answer(service wire.Service, r *wire.Request) *wire.Response {
	if _, ok := service.(wire.Streamer); !ok {
		body, err := io.ReadAll(http.MaxBytesReader(nil, r.HTTP.Body, maxBody))
		if err != nil {
			return service.Fail(r, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The request body is too large or was cut"))
		}
		r.Body = body
	}
	if r.Operation = service.Operation(r); r.Operation == "" {
		return service.Fail(r, wire.Errorf(http.StatusNotImplemented, "NotImplemented",
			fmt.Sprintf("the emulator does not have this operation: %s %s", r.HTTP.Method, r.HTTP.URL.RequestURI())))
	}
	response, err := service.Serve(r)
	if err != nil {
		return service.Fail(r, asError(err))
	}
	return response
}
