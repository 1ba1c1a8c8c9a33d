// Package ivsrealtime is the emulated Amazon IVS Real-Time, as far as server
// side recording is set up: storage and encoder configurations and their tags,
// over restJson1. It edits the policy of the bucket that a storage
// configuration names, as IVS does.
//
// It starts no compositions and has no stages; their lists are empty. Start at
// New; storage.go and encoder.go are the two kinds, bucketpolicy.go the edit.
package ivsrealtime

import (
	"net/http"
	"net/url"
	"strings"

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
	// RefuseForeignRegionBucket refuses to create a storage configuration for
	// a bucket of another region. The Real-Time user guide demands the same
	// region, but no page says when it is checked.
	RefuseForeignRegionBucket bool
}

// Service is IVS Real-Time in all regions.
type Service struct {
	store    *store.Store
	options  Options
	handlers map[string]wire.Handler
}

// New makes the service over the state.
func New(st *store.Store, options Options) *Service {
	if options.StorageConfigurations == 0 {
		options.StorageConfigurations = defaultStorageQuota
	}
	if options.EncoderConfigurations == 0 {
		options.EncoderConfigurations = defaultEncoderQuota
	}
	s := &Service{store: st, options: options}
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
		"ListCompositions":           wire.Handle(p, s.listCompositions),
		"ListStages":                 wire.Handle(p, s.listStages),
		"TagResource":                wire.Handle(p, s.tagResource),
		"UntagResource":              wire.Handle(p, s.untagResource),
		"ListTagsForResource":        wire.Handle(p, s.listTags),
	}
	return s
}

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

// Serve carries out one request.
func (s *Service) Serve(r *wire.Request) (*wire.Response, error) { return s.handlers[r.Operation](r) }

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

func quotaExceeded(message string) error {
	return wire.Errorf(http.StatusPaymentRequired, "ServiceQuotaExceededException", message)
}
