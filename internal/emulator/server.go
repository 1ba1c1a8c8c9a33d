// Package emulator is an AWS that runs inside yolo: S3, IVS Real-Time,
// CloudWatch Logs, EventBridge, STS and IAM's roles, as far as recording and
// event logging need them, over the real wire protocols.
//
// It knows nothing of the rest of yolo and shares no code with the AWS SDK, so
// that a misunderstanding on one side cannot hide on the other. Each service is
// a package below this one, and whip where participants publish; store keeps
// their state, wire their protocols.
// It can be slow and fail on purpose: see Fault and Latency. Start at Open and
// Server.ServeHTTP; exchange.go is what becomes of one request.
package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/whip"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// DefaultAccount is the account of requests whose access key is no account id.
const DefaultAccount = "123456789012"

// Options set up a Server. The zero value serves every region from memory, at
// once and without faults.
type Options struct {
	// Dir keeps the state; "" keeps it in memory.
	Dir string
	// Account is that of requests whose access key id is not twelve digits;
	// "" means DefaultAccount.
	Account string
	// IVSRegions are the regions that have IVS; a request for IVS in another
	// one has its connection closed. Empty means all regions.
	IVSRegions []string
	// RefuseForeignRegionBucket has CreateStorageConfiguration refuse a bucket
	// of another region. AWS does not document whether it does.
	RefuseForeignRegionBucket bool
	// RefuseDoubtfulDelivery delivers no event to a log group where AWS's pages
	// and users leave open whether AWS does: see logs.Service.Deliver.
	RefuseDoubtfulDelivery bool
	// Quotas replace AWS's default quotas.
	Quotas Quotas
	// EnforceRates throttles as AWS does what exceeds IVS's request rates, or that
	// of FilterLogEvents.
	EnforceRates bool
	// Latency and Faults are there from the start; more may be added later.
	Latency []Latency
	Faults  []Fault
	// IAMPolicies are documents of IAM policies, in JSON. With one at least,
	// every caller is an IAM user who may do what they allow; without, it is its
	// account's root user, who may do everything.
	IAMPolicies []string
	// Clock is what the state's time is counted from; nil means time.Now.
	Clock func() time.Time
}

// Quotas are how much of a thing an account can have in a region; of buckets,
// in all regions. Zero means AWS's default.
type Quotas struct {
	StorageConfigurations int // 5
	EncoderConfigurations int // 20
	Compositions          int // 20, at the same time
	LogsResourcePolicies  int // 10, of account scope
	Buckets               int // 10,000
	Rules                 int // 300 on a bus, 100 in some regions
}

// Server is the emulated AWS, an http.Handler. It is safe for concurrent use.
type Server struct {
	options  Options
	store    *store.Store
	services map[string]wire.Service // by signing name
	ivs      *ivsrealtime.Service    // that of services
	whip     *whip.Service
	faults   faultSet
	latency  latencySet
	calls    callLog
	rates    rateLimits
	limited  limited
	admin    http.Handler
}

// Open makes a Server over the state in options.Dir. Close it after use.
func Open(options Options) (*Server, error) {
	if options.Account == "" {
		options.Account = DefaultAccount
	}
	if !accountID.MatchString(options.Account) {
		return nil, fmt.Errorf("emulator: account %q: is not twelve digits", options.Account)
	}
	s := &Server{options: options}
	for _, f := range options.Faults {
		if _, err := s.faults.add(f); err != nil {
			return nil, err
		}
	}
	for _, l := range options.Latency {
		if err := s.latency.add(l); err != nil {
			return nil, err
		}
	}
	if err := s.limited.attach(options.IAMPolicies...); err != nil {
		return nil, err
	}
	st, err := store.Open(options.Dir)
	if err != nil {
		return nil, err
	}
	if options.Clock != nil {
		st.SetClock(options.Clock)
	}
	s.store, s.services = st, s.servicesOver(st)
	s.ivs = s.services[ivsrealtime.SigningName].(*ivsrealtime.Service)
	s.whip = whip.New(s.ivs)
	s.admin = s.adminHandler()
	return s, nil
}

// Close has all leave who publish through this Server, and releases the state's
// files. Listeners must have ended before.
func (s *Server) Close() error {
	s.whip.Close()
	return errors.Join(s.ivs.Close(), s.store.Close())
}

// AddFault arms a fault from now on.
func (s *Server) AddFault(f Fault) error {
	_, err := s.faults.add(f)
	return err
}

// Faults lists the armed faults, the exhausted ones included.
func (s *Server) Faults() []ArmedFault { return s.faults.list() }

// ClearFaults disarms all faults.
func (s *Server) ClearFaults() { s.faults.remove(0) }

// AddLatency adds a rule from now on.
func (s *Server) AddLatency(l Latency) error { return s.latency.add(l) }

// ClearLatency has all requests answered at once again.
func (s *Server) ClearLatency() { s.latency.clear() }

// Calls returns the call log.
func (s *Server) Calls() Calls { return s.calls.read() }

// ResetCalls empties the call log.
func (s *Server) ResetCalls() { s.calls.reset() }

// Advance sets the state's clock forward, in all processes over the folder.
func (s *Server) Advance(d time.Duration) error {
	_, err := s.store.Advance(d)
	return err
}

// ServeHTTP answers one request: of an AWS client, of a person's browser, or
// for the emulator itself.
func (s *Server) ServeHTTP(w http.ResponseWriter, h *http.Request) {
	if err := checkOrigin(h); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	if isAdmin(h) {
		s.admin.ServeHTTP(w, h)
		return
	}
	if whip.Is(h) {
		account, region := whip.Scope(h)
		s.serve(w, h, scope{accessKey: account, region: region, service: whip.Name}, s.whip)
		return
	}
	scope, err := readScope(h)
	if errors.Is(err, errUnsigned) && h.URL.Path == "/" && h.Method == http.MethodGet {
		welcome(w, h)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.take(w, h, scope)
}
