package emulator

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"
)

// Latency is how long requests take. The patterns are globs as of path.Match;
// "" matches everything. The rule that says most counts: one for a service and
// a region, then a region, then a service, then all; of equals the last.
type Latency struct {
	Service string   `json:"service,omitempty"` // by signing name
	Region  string   `json:"region,omitempty"`
	Delay   Duration `json:"delay"`
}

func (l Latency) check() error {
	if l.Delay < 0 {
		return errors.New("cannot be negative")
	}
	for name, pattern := range map[string]string{"service": l.Service, "region": l.Region} {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("%s: %q is not a pattern", name, pattern)
		}
	}
	if l.Service != "" && !matchesAny(l.Service, signingNames) {
		return fmt.Errorf("service: %q matches none of %s", l.Service, strings.Join(signingNames, ", "))
	}
	return nil
}

func (l Latency) weight() int {
	weight := 0
	if l.Service != "" {
		weight++
	}
	if l.Region != "" {
		weight += 2
	}
	return weight
}

// latencySet are the latencies of one Server.
type latencySet struct {
	mu    sync.RWMutex
	rules []Latency
}

func (s *latencySet) add(l Latency) error {
	if err := l.check(); err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, l)
	return nil
}

func (s *latencySet) list() []Latency {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]Latency{}, s.rules...)
}

func (s *latencySet) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

func (s *latencySet) of(service, region string) time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	best, delay := -1, Duration(0)
	for _, l := range s.rules {
		if matches(l.Service, service) && matches(l.Region, region) && l.weight() >= best {
			best, delay = l.weight(), l.Delay
		}
	}
	return time.Duration(delay)
}

// travel lets time pass, but no longer than ctx lasts.
func travel(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
