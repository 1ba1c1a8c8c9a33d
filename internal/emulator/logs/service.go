// Package logs is CloudWatch Logs: log groups with their retention and tags,
// resource policies of both scopes, account-level retention policies, log
// streams and their events.
//
// Policies are checked for their form only when they are put, as AWS does. What
// they mean counts when EventBridge delivers; nothing else is held against them.
// Start at New; deliver.go is what EventBridge writes.
package logs

import (
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// targetPrefix begins the X-Amz-Target of every operation.
const targetPrefix = "Logs_20140328."

var protocol = wire.JSON11()

// Service is CloudWatch Logs in all regions.
type Service struct {
	// MaxResourcePolicies is the quota of the account's own resource policies
	// in a region. It is set before the first request or never.
	MaxResourcePolicies int
	// RefuseDoubtful has Deliver refuse what AWS may refuse. It is set before
	// the first request or never.
	RefuseDoubtful bool

	wire.Targets

	store *store.Store
}

// New makes the service over the emulator's state.
func New(st *store.Store) *Service {
	s := &Service{MaxResourcePolicies: defaultMaxPolicies, store: st}
	s.Targets = wire.Targets{Prefix: targetPrefix, Handlers: map[string]wire.Handler{
		"CreateLogGroup":                wire.Handle(protocol, s.createLogGroup),
		"DeleteLogGroup":                wire.Handle(protocol, s.deleteLogGroup),
		"DescribeLogGroups":             wire.Handle(protocol, s.describeLogGroups),
		"PutRetentionPolicy":            wire.Handle(protocol, s.putRetentionPolicy),
		"DeleteRetentionPolicy":         wire.Handle(protocol, s.deleteRetentionPolicy),
		"PutLogGroupDeletionProtection": wire.Handle(protocol, s.putDeletionProtection),
		"PutAccountPolicy":              wire.Handle(protocol, s.putAccountPolicy),
		"DescribeAccountPolicies":       wire.Handle(protocol, s.describeAccountPolicies),
		"DeleteAccountPolicy":           wire.Handle(protocol, s.deleteAccountPolicy),
		"PutResourcePolicy":             wire.Handle(protocol, s.putResourcePolicy),
		"DescribeResourcePolicies":      wire.Handle(protocol, s.describeResourcePolicies),
		"DeleteResourcePolicy":          wire.Handle(protocol, s.deleteResourcePolicy),
		"TagResource":                   wire.Handle(protocol, s.tagResource),
		"UntagResource":                 wire.Handle(protocol, s.untagResource),
		"ListTagsForResource":           wire.Handle(protocol, s.listTagsForResource),
		"TagLogGroup":                   wire.Handle(protocol, s.tagLogGroup),
		"UntagLogGroup":                 wire.Handle(protocol, s.untagLogGroup),
		"ListTagsLogGroup":              wire.Handle(protocol, s.listTagsLogGroup),
		"CreateLogStream":               wire.Handle(protocol, s.createLogStream),
		"DeleteLogStream":               wire.Handle(protocol, s.deleteLogStream),
		"DescribeLogStreams":            wire.Handle(protocol, s.describeLogStreams),
		"PutLogEvents":                  wire.Handle(protocol, s.putLogEvents),
		"GetLogEvents":                  wire.Handle(protocol, s.getLogEvents),
		"FilterLogEvents":               wire.Handle(protocol, s.filterLogEvents),
	}}
	return s
}

// nothing is the answer of operations that have none.
type nothing struct{}

func invalidParameter(message string) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidParameterException", message)
}

func notFound(message string) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException", message)
}

func limitExceeded() error {
	return wire.Errorf(http.StatusBadRequest, "LimitExceededException", "Resource limit exceeded.")
}

func alreadyExists(message string) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceAlreadyExistsException", message)
}

func badToken() error { return invalidParameter("The specified nextToken is invalid.") }

// here is the start of every key: state is per account and region.
func here(r *wire.Request, parts ...string) string {
	return store.Key(append([]string{r.Account, r.Region}, parts...)...)
}

func millis(t time.Time) int64 { return t.UnixMilli() }
