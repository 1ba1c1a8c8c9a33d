// Package ivsrealtime is the emulated Amazon IVS Real-Time, as far as recording
// goes: storage and encoder configurations, stages, participant tokens and
// compositions with their tags, over restJson1. It edits the policy of the
// bucket that a storage configuration names, as IVS does.
//
// What is published comes in at a Seat. A composition goes through its states by
// the clock, and records one publisher into its bucket if that would let it.
// Start at New and Settle; each kind has a file, lifecycle.go is what becomes of
// a composition, record.go its recording, event.go what it tells, bucketpolicy.go
// the edit.
package ivsrealtime

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// SigningName is how requests for IVS Real-Time are signed; IVS's low-latency
// API, which the emulator does not have, shares it.
const SigningName = "ivs"

// Options are what one account can be given otherwise than another, and what
// AWS does not document. The zero value is AWS's default.
type Options struct {
	// StorageConfigurations and EncoderConfigurations are the quotas of each
	// account in each region; 0 means 5 and 20.
	StorageConfigurations, EncoderConfigurations int
	// Compositions is the quota of those at the same time, in each account and
	// region; 0 means 20.
	Compositions int
	// Emit is handed each event as it is emitted, in the transaction that is its
	// cause, so that it is emitted once whatever happens; nil drops them.
	Emit func(tx *store.Tx, e Event)
	// Struck is asked before each object that is written, with the bucket's
	// account and region and S3's name of the operation: whether it is to fail,
	// and with which HTTP status. 0 is that it is not, and nil that none is.
	Struck func(account, region, operation string) (status int)
	// RefuseForeignRegionBucket refuses to create a storage configuration for
	// a bucket of another region. The Real-Time user guide demands the same
	// region, but no page says when it is checked.
	RefuseForeignRegionBucket bool
}

// Service is IVS Real-Time in all regions.
type Service struct {
	store    *store.Store
	objects  *s3.Service
	presence *store.Presence
	options  Options
	handlers map[string]wire.Handler

	mu    sync.Mutex
	seats map[*Seat]bool // who publishes through this process
	takes map[string]int // those of seats that are not at their end, by destination
}

// New makes the service over the state, with S3's objects to record to.
func New(st *store.Store, objects *s3.Service, options Options) *Service {
	if options.StorageConfigurations == 0 {
		options.StorageConfigurations = defaultStorageQuota
	}
	if options.EncoderConfigurations == 0 {
		options.EncoderConfigurations = defaultEncoderQuota
	}
	if options.Compositions == 0 {
		options.Compositions = defaultCompositionQuota
	}
	s := &Service{store: st, objects: objects, presence: st.Presence(), options: options, seats: map[*Seat]bool{}, takes: map[string]int{}}
	p := wire.RestJSON()
	s.handlers = map[string]wire.Handler{
		"CreateStorageConfiguration": wire.Handle(p, s.createStorage),
		"GetStorageConfiguration":    wire.Handle(p, s.getStorage),
		"ListStorageConfigurations":  wire.Handle(p, s.listStorage),
		"DeleteStorageConfiguration": wire.Handle(p, s.deleteStorage),
		"CreateEncoderConfiguration": wire.Handle(p, s.createEncoder),
		"GetEncoderConfiguration":    wire.Handle(p, s.getEncoder),
		"ListEncoderConfigurations":  wire.Handle(p, s.listEncoders),
		"DeleteEncoderConfiguration": wire.Handle(p, s.deleteEncoder),
		"CreateStage":                wire.Handle(p, s.createStage),
		"GetStage":                   wire.Handle(p, s.getStage),
		"UpdateStage":                wire.Handle(p, s.updateStage),
		"DeleteStage":                wire.Handle(p, s.deleteStage),
		"ListStages":                 wire.Handle(p, s.listStages),
		"ListStageSessions":          wire.Handle(p, s.listSessions),
		"GetStageSession":            wire.Handle(p, s.getSession),
		"ListParticipants":           wire.Handle(p, s.listParticipants),
		"GetParticipant":             wire.Handle(p, s.getParticipant),
		"DisconnectParticipant":      wire.Handle(p, s.disconnectParticipant),
		"CreateParticipantToken":     wire.Handle(p, s.createToken),
		"StartComposition":           wire.Handle(p, s.startComposition),
		"GetComposition":             wire.Handle(p, s.getComposition),
		"ListCompositions":           wire.Handle(p, s.listCompositions),
		"StopComposition":            wire.Handle(p, s.stopComposition),
		"TagResource":                wire.Handle(p, s.tagResource),
		"UntagResource":              wire.Handle(p, s.untagResource),
		"ListTagsForResource":        wire.Handle(p, s.listTags),
	}
	return s
}

// Close says that this process does nothing more. All must have left their
// seats.
func (s *Service) Close() error { return s.presence.Close() }

// tagOperations are the operations of /tags/{resourceArn}, by HTTP method.
var tagOperations = map[string]string{
	http.MethodPost:   "TagResource",
	http.MethodDelete: "UntagResource",
	http.MethodGet:    "ListTagsForResource",
}

// Operation names the operation; "" for one that the emulator does not have.
func (s *Service) Operation(r *wire.Request) string {
	if _, ok := taggedARN(r.HTTP); ok {
		return tagOperations[r.HTTP.Method]
	}
	name := strings.TrimPrefix(r.HTTP.URL.EscapedPath(), "/")
	if _, ok := s.handlers[name]; !ok || r.HTTP.Method != http.MethodPost || strings.Contains(name, "Tag") {
		return ""
	}
	return name
}

// taggedARN is the resource that a request is about when its path is
// /tags/{resourceArn}. The ARN is one segment, its slash being escaped.
func taggedARN(h *http.Request) (arn string, ok bool) {
	segment, ok := strings.CutPrefix(h.URL.EscapedPath(), "/tags/")
	if !ok || segment == "" || strings.Contains(segment, "/") {
		return "", false
	}
	arn, err := url.PathUnescape(segment)
	return arn, err == nil
}

// Serve carries out one request, after Settle.
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) {
	return s.handlers[r.Operation](r)
}

// Fail writes an error.
func (s *Service) Fail(_ *wire.Request, e *wire.Error) *wire.Response {
	p := wire.RestJSON()
	if beforeService(e) {
		p = p.WithMessageMember("Message")
	}
	return p.Fail(e)
}

// beforeService tells the errors that AWS's front end answers before IVS sees
// the request. They say Message where IVS says exceptionMessage.
func beforeService(e *wire.Error) bool {
	switch e.Code {
	case "ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", wire.CodeNotImplemented:
		return true
	case "AccessDeniedException":
		return strings.Contains(e.Message, "not authorized to perform: ivs:")
	}
	return false
}

// Errors of the service (RealTimeAPIReference, Errors of each operation).

func invalid(message string) error {
	return wire.Errorf(http.StatusBadRequest, codeInvalid, message)
}

func notFound(message string) error {
	return wire.Errorf(http.StatusNotFound, "ResourceNotFoundException", message)
}

func accessDenied(message string) error {
	return wire.Errorf(http.StatusForbidden, "AccessDeniedException", message)
}

func conflict(message string) error {
	return wire.Errorf(http.StatusConflict, "ConflictException", message)
}

func quotaExceeded(message string) error {
	return wire.Errorf(http.StatusPaymentRequired, "ServiceQuotaExceededException", message)
}
