package emulator

import (
	"strings"
	"sync"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Requests a second for each operation of IVS Real-Time, in each account and
// region (RealTimeUserGuide, Service Quotas: API call rate quotas). No burst is
// published, so a second's worth is what may come at once.
const (
	ivsRate      = 5
	ivsTagsRate  = 10
	ivsTokenRate = 50
)

// Requests a second for FilterLogEvents, in each account and region (CloudWatch
// Logs quotas).
const (
	filterRate        = 10
	filterRateUSEast1 = 25
	filterRateEUCent1 = 5
)

// rateLimits are the request rates that have been used up.
type rateLimits struct {
	mu      sync.Mutex
	buckets map[string]*tokens
}

type tokens struct {
	left float64
	at   time.Time
}

// rateOf is the rate of an operation in a region, 0 for none that is known.
func rateOf(service string, r *wire.Request) float64 {
	switch {
	case service == ivsrealtime.SigningName:
		return ivsRateOf(r.Operation)
	case r.Operation != "FilterLogEvents":
		return 0
	case r.Region == "us-east-1":
		return filterRateUSEast1
	case r.Region == "eu-central-1":
		return filterRateEUCent1
	}
	return filterRate
}

func ivsRateOf(operation string) float64 {
	switch {
	case operation == "CreateParticipantToken":
		return ivsTokenRate
	case strings.Contains(operation, "Tag"):
		return ivsTagsRate
	}
	return ivsRate
}

// allow takes a token for the request, and tells whether there was one.
func (l *rateLimits) allow(enforced bool, service string, r *wire.Request) bool {
	rate := rateOf(service, r)
	if !enforced || rate == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := store.Key(r.Account, r.Region, r.Operation)
	t, ok := l.buckets[key]
	if !ok {
		if l.buckets == nil {
			l.buckets = map[string]*tokens{}
		}
		t = &tokens{left: rate, at: r.Now}
		l.buckets[key] = t
	}
	t.left = min(rate, t.left+rate*max(0, r.Now.Sub(t.at).Seconds()))
	t.at = r.Now
	if t.left < 1 {
		return false
	}
	t.left--
	return true
}
