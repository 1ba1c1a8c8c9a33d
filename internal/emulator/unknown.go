package emulator

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// refuseService answers a request to a service that is not here, in the form
// that the service's own clients read.
func (s *Server) refuseService(w http.ResponseWriter, h *http.Request, scope scope) {
	start := time.Now()
	r := &wire.Request{Account: scope.account(s.options.Account), Region: scope.region, ID: newRequestID(), HTTP: h}
	r.Body, _ = io.ReadAll(http.MaxBytesReader(nil, h.Body, maxBody))
	refusal := wire.Errorf(http.StatusNotImplemented, wire.CodeNotImplemented,
		fmt.Sprintf("the emulator has no service with the signing name %q (asked for %s)", scope.service, asked(r)))
	write(w, r, inProtocolOf(r, scope.service, refusal))
	s.calls.add(Call{
		Start: start, End: time.Now(), Account: r.Account, Region: r.Region, Service: scope.service,
		Mutating: true, Status: refusal.Status, Code: refusal.Code, Path: h.URL.Path,
	})
}

// inProtocolOf writes an error as the request's protocol has it.
func inProtocolOf(r *wire.Request, service string, e *wire.Error) *wire.Response {
	switch {
	case r.HTTP.Header.Get("X-Amz-Target") != "":
		return wire.JSON11().Fail(e)
	case (wire.Query{}).Form(r).Get("Action") == "":
		return wire.RestJSON().WithMessageMember("message").Fail(e)
	case service == "ec2":
		return ec2Error(r, e)
	}
	return wire.Query{}.Fail(r, e)
}

// ec2Error is the error form of EC2's query protocol, which no other service
// has (Amazon EC2 API reference, Error codes).
func ec2Error(r *wire.Request, e *wire.Error) *wire.Response {
	response := wire.Query{}.Fail(r, e)
	body, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"Response"`
		Code      string   `xml:"Errors>Error>Code"`
		Message   string   `xml:"Errors>Error>Message"`
		RequestID string   `xml:"RequestID"`
	}{Code: e.Code, Message: e.Message, RequestID: r.ID})
	if err == nil {
		response.Body = body
	}
	return response
}
