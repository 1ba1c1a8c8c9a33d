package emulator

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/whip"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Kind is what goes wrong under a Fault.
type Kind string

// The kinds of faults.
const (
	// KindCode answers the error Fault.Code.
	KindCode Kind = "code"
	// KindThrottled turns a request away because there were too many, and
	// KindExpired because the credentials have expired, with the code of the
	// service that is asked.
	KindThrottled Kind = "throttled"
	KindExpired   Kind = "expired"
	// KindRefuse closes the connection without a byte, before the effect; a
	// client in this process is refused one.
	KindRefuse Kind = "refuse"
	// KindNoSuchHost has the service's name not resolve, where the client is in
	// this process; others find their connection closed, as with KindRefuse.
	KindNoSuchHost Kind = "no-such-host"
	// KindReset resets the connection, before or after the effect.
	KindReset Kind = "reset"
	// KindCut sends half of the answer.
	KindCut Kind = "cut"
	// KindHang does not answer until the client goes away, or until the fault is
	// disarmed: then the request goes on as if nothing had been.
	KindHang Kind = "hang"
	// KindFailedEntry has PutTargets, RemoveTargets and PutEvents answer 200 with
	// every entry failed, with Fault.Code.
	KindFailedEntry Kind = "failed-entry"
	// KindInvisible has an effect that can be seen only after Fault.Duration.
	KindInvisible Kind = "invisible"
	// KindSkew answers as to a client whose clock is off by Fault.Duration.
	KindSkew Kind = "skew"
	// KindLosePolicyEdit has IVS lose its edit of a bucket policy.
	KindLosePolicyEdit Kind = Kind(wire.LosePolicyEdit)
	// KindStalePolicyEdit has IVS overwrite somebody else's edit.
	KindStalePolicyEdit Kind = Kind(wire.StalePolicyEdit)
	// KindNoMedia has the network lose what a client sends who publishes by WHIP.
	KindNoMedia Kind = Kind(wire.DropMedia)
	// KindEmptyPage has FilterLogEvents answer no events, and that there are more.
	KindEmptyPage Kind = Kind(wire.EmptyPage)
	// KindEventLate has an event come Fault.Duration after its time. It and the
	// kinds below are for events, not for requests.
	KindEventLate Kind = "event-late"
	// KindEventTwice has an event delivered twice.
	KindEventTwice Kind = "event-twice"
	// KindEventAfterNext has an event come after the next one of its account and
	// region.
	KindEventAfterNext Kind = "event-after-next"
	// KindEventLost has an event never come.
	KindEventLost Kind = "event-lost"
)

// eventKinds are the kinds for events.
var eventKinds = []Kind{KindEventLate, KindEventTwice, KindEventAfterNext, KindEventLost}

// choosesMoment are the kinds that strike before or after the effect.
var choosesMoment = []Kind{KindCode, KindReset, KindHang}

var kinds = []Kind{
	KindCode, KindThrottled, KindExpired, KindRefuse, KindNoSuchHost, KindReset, KindCut, KindHang, KindFailedEntry, KindInvisible, KindSkew, KindLosePolicyEdit, KindStalePolicyEdit,
	KindNoMedia, KindEmptyPage, KindEventLate, KindEventTwice, KindEventAfterNext, KindEventLost,
}

// Fault is something that goes wrong on purpose. The patterns are globs as of
// path.Match; "" matches everything.
type Fault struct {
	Service   string `json:"service,omitempty"` // by signing name, such as ivs
	Operation string `json:"operation,omitempty"`
	Region    string `json:"region,omitempty"`
	Account   string `json:"account,omitempty"`
	// Event is for the kinds of events, which have no Service and Operation: the
	// event's own name, such as Destination Failure, or the type of one without.
	Event string `json:"event,omitempty"`

	// Skip is how many matching requests, or events, pass before the fault begins,
	// Times how many it then strikes; 0 is all of them.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// Share is how many of a hundred that match, and are not skipped, it strikes;
	// 0 is all of them. Which ones depends on Seed and on how many of the same
	// account, region and operation came before: the same ones in every run that
	// does the same, however its requests meet.
	Share int `json:"share,omitempty"`
	Seed  int `json:"seed,omitempty"`

	Kind Kind `json:"kind"`
	// After lets the request have its effect first.
	After bool `json:"after,omitempty"`
	// Duration belongs to KindInvisible, KindSkew and KindEventLate.
	Duration Duration `json:"duration,omitzero"`
	// Code belongs to KindCode and KindFailedEntry, Status and Message to
	// KindCode. A zero Status and an empty Message are those that AWS sends with
	// the code.
	Code    string `json:"code,omitempty"`
	Status  int    `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
}

// Duration is a time.Duration that JSON spells like "1m30s".
type Duration time.Duration

// MarshalText writes the duration as time.ParseDuration reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration such as "250ms".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// check tells what of the fault contradicts itself.
func (f Fault) check() error {
	for name, pattern := range map[string]string{
		"service": f.Service, "operation": f.Operation, "region": f.Region, "account": f.Account, "event": f.Event,
	} {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("%s: %q is not a pattern", name, pattern)
		}
	}
	_, known := codes[f.Code]
	timed := f.Kind == KindInvisible || f.Kind == KindSkew || f.Kind == KindEventLate
	coded := f.Kind == KindCode || f.Kind == KindFailedEntry
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("kind: %q is none of %s", f.Kind, joinKinds())
	case f.Service != "" && !matchesAny(f.Service, signingNames):
		return fmt.Errorf("service: %q matches none of %s", f.Service, strings.Join(signingNames, ", "))
	case f.ofEvents() && (f.Service != "" || f.Operation != ""):
		return fmt.Errorf("service and op do not go with %s; event= does, such as event=\"Destination *\"", f.Kind)
	case !f.ofEvents() && f.Event != "":
		return fmt.Errorf("event does not go with %s", f.Kind)
	case f.Skip < 0 || f.Times < 0:
		return errors.New("skip and times: cannot be negative")
	case f.Share < 0 || f.Share > 100:
		return fmt.Errorf("share: %d%% is not between 0%% and 100%%", f.Share)
	case f.Seed != 0 && f.Share == 0:
		return errors.New("seed: goes with share=, such as share=30%")
	case coded && f.Code == "":
		return fmt.Errorf("%s: its code is missing, such as %s=ConcurrentModificationException", f.Kind, f.Kind)
	case !coded && f.Code != "", f.Kind != KindCode && (f.Status != 0 || f.Message != ""):
		return fmt.Errorf("code, status and message do not go with %s", f.Kind)
	case f.Kind == KindCode && f.Status == 0 && !known:
		return fmt.Errorf("code: %q is not known here, so status= must say its HTTP status", f.Code)
	case f.Status != 0 && (f.Status < 300 || f.Status > 599):
		return fmt.Errorf("status: %d is not the HTTP status of an error", f.Status)
	case timed && f.Duration == 0, timed && f.Kind != KindSkew && f.Duration < 0:
		return fmt.Errorf("%s: needs a duration, such as %s=10m", f.Kind, f.Kind)
	case !timed && f.Duration != 0:
		return fmt.Errorf("duration: does not go with %s", f.Kind)
	case f.After && !slices.Contains(choosesMoment, f.Kind):
		return fmt.Errorf("after: does not go with %s", f.Kind)
	}
	return nil
}

func joinKinds() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// ofEvents tells whether the fault is for events, and not for requests.
func (f Fault) ofEvents() bool { return slices.Contains(eventKinds, f.Kind) }

// matches leaves out the requests that a fault of this kind does nothing to.
func (f Fault) matches(service string, r *wire.Request) bool {
	if f.ofEvents() {
		return false
	}
	switch f.Kind {
	case KindInvisible:
		if !mutating(r.Operation) || service == whip.Name {
			return false
		}
	case KindNoMedia:
		if service != whip.Name {
			return false
		}
	case KindFailedEntry:
		if r.Operation != "PutTargets" && r.Operation != "RemoveTargets" && r.Operation != "PutEvents" {
			return false
		}
	case KindEmptyPage:
		if r.Operation != "FilterLogEvents" {
			return false
		}
	case KindLosePolicyEdit, KindStalePolicyEdit:
		if service != ivsrealtime.SigningName || !strings.HasSuffix(r.Operation, "StorageConfiguration") || !mutating(r.Operation) {
			return false
		}
	}
	return matches(f.Service, service) && matches(f.Operation, r.Operation) &&
		matches(f.Region, r.Region) && matches(f.Account, r.Account)
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return pattern == "" || (err == nil && ok)
}

func matchesAny(pattern string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return matches(pattern, name) })
}
