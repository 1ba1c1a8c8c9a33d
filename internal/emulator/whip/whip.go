// Package whip is where participants publish to stages of the emulated IVS: the
// WHIP endpoint (RFC 9725) for any client on this machine. The global endpoint
// sends a client on to that of its stage's region, as IVS's does.
//
// It lets in who has a participant token, hands offers to rtc, and puts who
// comes in a seat of ivsrealtime. Start at New.
package whip

import (
	"crypto/rand"
	"errors"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/rtc"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Name is what faults, latency and the call log know it by.
const Name = "whip"

// Operations, as the call log and faults have them.
const (
	opRegion  = "GetRegion"
	opPublish = "Publish"
	opLeave   = "Leave"
	opOptions = "GetOptions"
)

// Service is the endpoint in all regions. It listens for media once somebody
// wants to publish.
type Service struct {
	stages *ivsrealtime.Service

	mu       sync.Mutex
	closed   bool
	endpoint *rtc.Endpoint     // nil before the first offer
	guests   map[string]*guest // by connection
}

// New makes the endpoint of the stages. Close ends it.
func New(stages *ivsrealtime.Service) *Service {
	return &Service{stages: stages, guests: map[string]*guest{}}
}

// Close has all leave who publish through it.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	endpoint := s.endpoint
	s.mu.Unlock()
	if endpoint != nil {
		endpoint.Close()
	}
}

// Is tells the requests that are for the endpoint.
func Is(h *http.Request) bool {
	return h.URL.Path == ivsrealtime.PathWHIP || strings.HasPrefix(h.URL.Path, ivsrealtime.PathWHIP+"/")
}

// Scope is whose stage a request is about, as far as its token says: the account
// and the region. Without a token both are "".
func Scope(h *http.Request) (account, region string) {
	account, region, _ = ivsrealtime.RegionOf(bearer(h))
	return account, region
}

func bearer(h *http.Request) string {
	scheme, token, _ := strings.Cut(h.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// target is what a request is about: the endpoint of all regions, that of one,
// or a connection there.
func target(h *http.Request) (region, connection string, ok bool) {
	rest := strings.TrimPrefix(strings.TrimPrefix(h.URL.Path, ivsrealtime.PathWHIP), "/")
	region, connection, _ = strings.Cut(rest, "/")
	return region, connection, !strings.Contains(connection, "/")
}

// Operation names what a request asks for; "" for what WHIP does not have.
func (s *Service) Operation(r *wire.Request) string {
	region, connection, ok := target(r.HTTP)
	switch method := r.HTTP.Method; {
	case !ok:
	case method == http.MethodOptions:
		return opOptions
	case method == http.MethodPost && region == "":
		return opRegion
	case method == http.MethodPost && connection == "":
		return opPublish
	case method == http.MethodDelete && connection != "":
		return opLeave
	}
	return ""
}

// Serve carries out one request.
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) {
	region, connection, _ := target(r.HTTP)
	var response *wire.Response
	var err error
	switch r.Operation {
	case opRegion:
		response, err = redirect(r)
	case opPublish:
		response, err = s.publish(r, region)
	case opLeave:
		response, err = s.leave(r, connection)
	default:
		response = answer(http.StatusNoContent)
		response.Header.Set("Accept-Post", sdpType)
	}
	if err != nil {
		return nil, err
	}
	return forPages(r, response), nil
}

// Fail writes an error as a line of text.
func (s *Service) Fail(r *wire.Request, e *wire.Error) *wire.Response {
	response := answer(e.Status)
	if e.Code == wire.CodeNotImplemented {
		response.Status = http.StatusMethodNotAllowed
		response.Header.Set("Allow", "POST, DELETE, OPTIONS")
	}
	for name, values := range e.Header {
		response.Header[name] = values
	}
	response.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response.Body = []byte(e.Message + "\n")
	return forPages(r, response)
}

func answer(status int) *wire.Response { return &wire.Response{Status: status, Header: http.Header{}} }

// forPages lets web pages read an answer (RFC 9725, section 4.9). Which pages
// there may be is decided before.
func forPages(r *wire.Request, response *wire.Response) *wire.Response {
	if origin := r.HTTP.Header.Get("Origin"); origin != "" {
		response.Header.Set("Access-Control-Allow-Origin", origin)
		response.Header.Set("Vary", "Origin")
		response.Header.Set("Access-Control-Expose-Headers", "Location")
		response.Header.Set("Access-Control-Allow-Methods", "POST, DELETE, OPTIONS")
		response.Header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	}
	return response
}

// redirect sends a client on to the region of its token's stage, whatever else
// the token is good for.
func redirect(r *wire.Request) (*wire.Response, error) {
	_, region, ok := ivsrealtime.RegionOf(bearer(r.HTTP))
	if !ok {
		return nil, ivsrealtime.Unauthorized("a participant token of IVS is needed, as Authorization: Bearer TOKEN")
	}
	response := answer(http.StatusTemporaryRedirect)
	response.Header.Set("Location", "http://"+r.HTTP.Host+ivsrealtime.PathWHIP+"/"+region)
	return response, nil
}

const sdpType = "application/sdp"

// publish answers an offer. The participant is on the stage once it connects.
func (s *Service) publish(r *wire.Request, region string) (*wire.Response, error) {
	admission, err := s.stages.Admit(bearer(r.HTTP), region, r.Now)
	if err != nil {
		return nil, err
	}
	if kind, _, err := mime.ParseMediaType(r.HTTP.Header.Get("Content-Type")); err != nil || kind != sdpType {
		return nil, wire.Errorf(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "an offer has the Content-Type "+sdpType)
	}
	id := rand.Text()
	text, err := s.take(r, admission, id)
	if err != nil {
		return nil, err
	}
	response := answer(http.StatusCreated)
	response.Header.Set("Content-Type", sdpType)
	response.Header.Set("Location", "http://"+r.HTTP.Host+ivsrealtime.PathWHIP+"/"+region+"/"+id)
	response.Body = []byte(text)
	return response, nil
}

// take answers the offer of who was admitted, as a connection with an id.
func (s *Service) take(r *wire.Request, admission ivsrealtime.Admission, id string) (text string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", errors.New("whip: the emulator ends")
	}
	if s.endpoint == nil {
		if s.endpoint, err = rtc.Listen(); err != nil {
			return "", err
		}
	}
	g := &guest{service: s, id: id, token: bearer(r.HTTP), seat: s.stages.Seat(admission, id)}
	text, g.peer, err = s.endpoint.Answer(string(r.Body), g)
	if refused, ok := errors.AsType[*rtc.OfferError](err); ok {
		status := http.StatusUnprocessableEntity
		if refused.Malformed {
			status = http.StatusBadRequest
		}
		return "", wire.Errorf(status, "InvalidOffer", refused.Error())
	}
	if err != nil {
		return "", err
	}
	if r.Twist == wire.DropMedia {
		g.peer.Mute()
	}
	s.guests[id] = g
	return text, nil
}

// leave ends a connection. Of one through another process the state is told, by
// which that process ends it.
func (s *Service) leave(r *wire.Request, id string) (*wire.Response, error) {
	token := bearer(r.HTTP)
	s.mu.Lock()
	g := s.guests[id]
	s.mu.Unlock()
	switch {
	case g == nil:
		if err := s.stages.Dismiss(id, token, r.Now); err != nil {
			return nil, err
		}
	case g.token != token:
		return nil, ivsrealtime.Unauthorized("the token is not the one that the connection was made with")
	default:
		g.peer.Close()
	}
	return answer(http.StatusOK), nil
}
