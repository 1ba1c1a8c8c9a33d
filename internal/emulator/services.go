package emulator

import (
	"cmp"

	"github.com/yolo-live/yolo/internal/emulator/events"
	"github.com/yolo-live/yolo/internal/emulator/iam"
	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/logs"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/sts"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// servicesOver makes all services over one state, by the name they are signed with.
func (s *Server) servicesOver(st *store.Store) map[string]wire.Service {
	options, quotas := s.options, s.options.Quotas
	buckets, groups := s3.New(st, options.Dir), logs.New(st)
	groups.RefuseDoubtful = options.RefuseDoubtfulDelivery
	bus := events.New(st, events.Options{Deliver: groups.Deliver, Fate: s.fate, MaxRules: quotas.Rules})
	buckets.MaxBuckets = cmp.Or(quotas.Buckets, buckets.MaxBuckets)
	groups.MaxResourcePolicies = cmp.Or(quotas.LogsResourcePolicies, groups.MaxResourcePolicies)
	return map[string]wire.Service{
		"events": bus,
		"iam":    iam.New(st),
		"ivs": ivsrealtime.New(st, buckets, ivsrealtime.Options{
			StorageConfigurations:     quotas.StorageConfigurations,
			EncoderConfigurations:     quotas.EncoderConfigurations,
			Compositions:              quotas.Compositions,
			RefuseForeignRegionBucket: options.RefuseForeignRegionBucket,
			Struck:                    s.struck,
			Emit:                      func(tx *store.Tx, e ivsrealtime.Event) { bus.Send(tx, fromIVS(e)) },
		}),
		"logs": groups,
		"s3":   buckets,
		"sts":  sts.New(st),
	}
}
