package emulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxBody bounds what is read of a request that is not an object's upload.
const maxBody = 4 << 20

// exchange is one request to a service and what becomes of it.
type exchange struct {
	server    *Server
	name      string // the service's signing name
	service   wire.Service
	request   *wire.Request
	fault     *Fault // nil for none
	unsettled error  // what kept IVS from being up to date
	// disarmed is closed once the fault is no more.
	disarmed <-chan struct{}

	response *wire.Response // nil: the connection ends without one
	code     string         // of the error, or the fault
	gone     bool           // the client gave up before all of it had arrived
}

// take carries out a signed request.
func (s *Server) take(w http.ResponseWriter, h *http.Request, scope scope) {
	service, ok := s.services[scope.service]
	if !ok {
		s.refuseService(w, h, scope)
		return
	}
	s.serve(w, h, scope, service)
}

// serve carries out a request, writes it into the call log and answers it.
func (s *Server) serve(w http.ResponseWriter, h *http.Request, scope scope, service wire.Service) {
	start := time.Now()
	now, err := s.store.Now()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	x := &exchange{server: s, name: scope.service, service: service, unsettled: s.settle(now), request: &wire.Request{
		Account: scope.account(s.options.Account), Region: scope.region, ID: newRequestID(), HTTP: h, Now: now,
		Caller: s.limited.caller(),
	}}
	if x.run(); !x.gone {
		x.log(start)
	}
	x.send(w)
}

// settle has happen what is due by now in IVS, where things happen by
// themselves, and brings to their targets the events that are due. What goes
// wrong with it is for those who ask IVS.
func (s *Server) settle(now time.Time) error {
	return guarded(func() error { return errors.Join(s.ivs.Settle(now), s.bus().Settle(now)) })
}

// run goes from the request to the response.
func (x *exchange) run() {
	understood := x.understand()
	if x.name == ivsrealtime.SigningName && !x.server.hasIVS(x.request.Region) {
		x.code, x.response = noSuchHost, nil
		return
	}
	if !understood {
		return
	}
	if !x.server.rates.allow(x.server.options.EnforceRates, x.name, x.request) {
		x.fail(wire.Errorf(http.StatusTooManyRequests, "ThrottlingException", "Rate exceeded"))
		return
	}
	x.fault, x.disarmed = x.server.faults.strike(x.name, x.request)
	// Half of the latency is the way there, half the way back, so that
	// requests that are on their way at the same time meet as they do at AWS. What
	// a timer or the service took too long is not added to the way back.
	delay, arrived := x.server.latency.of(x.name, x.request.Region), time.Now()
	travel(x.request.HTTP.Context(), delay/2)
	if !x.strikeBefore() {
		x.serve()
		x.strikeAfter()
	}
	travel(x.request.HTTP.Context(), delay-time.Since(arrived))
}

// understand reads the body and finds the operation; not ok has failed.
func (x *exchange) understand() (ok bool) {
	r := x.request
	if _, streams := x.service.(wire.Streamer); !streams {
		body, err := io.ReadAll(http.MaxBytesReader(nil, r.HTTP.Body, maxBody))
		if _, large := errors.AsType[*http.MaxBytesError](err); err != nil && !large {
			x.gone = true
			return false
		}
		if err != nil {
			x.fail(wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
				fmt.Sprintf("The request body exceeds %d bytes", maxBody)))
			return false
		}
		r.Body = body
	}
	err := guarded(func() error {
		r.Operation = x.service.Operation(r)
		return nil
	})
	if err == nil && r.Operation == "" {
		err = wire.Errorf(http.StatusNotImplemented, wire.CodeNotImplemented, "the emulator does not have this operation: "+asked(r))
	}
	if err != nil {
		x.fail(asError(err))
		return false
	}
	return true
}

// asked is what a request asks for, in its protocol's way to say so.
func asked(r *wire.Request) string {
	if target := r.HTTP.Header.Get("X-Amz-Target"); target != "" {
		return target
	}
	if action := (wire.Query{}).Form(r).Get("Action"); action != "" {
		return action
	}
	return r.HTTP.Method + " " + r.HTTP.URL.RequestURI()
}

// serve has the service carry the operation out.
func (x *exchange) serve() {
	err := guarded(func() (err error) {
		if x.name == ivsrealtime.SigningName && x.unsettled != nil {
			return x.unsettled
		}
		if guarded, ok := x.service.(wire.Guarded); ok && x.request.Caller != nil {
			if err := guarded.Authorize(x.request); err != nil {
				return err
			}
		}
		x.response, err = x.service.Serve(x.request)
		return err
	})
	if err != nil {
		x.fail(asError(err))
	}
}

func (x *exchange) fail(e *wire.Error) {
	x.code = e.Code
	x.response = x.service.Fail(x.request, e)
}

// guarded turns a panic into an error: a defect of one service must end
// neither the process nor the work that others have in it.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

func (x *exchange) log(start time.Time) {
	r := x.request
	call := Call{
		Start: start, End: time.Now(),
		Account: r.Account, Region: r.Region, Service: x.name, Operation: r.Operation, Mutating: mutating(r.Operation),
		Code: x.code, RequestID: r.ID, Path: r.HTTP.URL.Path,
	}
	if x.response != nil {
		call.Status = x.response.Status
	}
	x.server.calls.add(call)
}
