package emulator

import (
	"github.com/yolo-live/yolo/internal/emulator/events"
	"github.com/yolo-live/yolo/internal/emulator/iam"
	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
	"github.com/yolo-live/yolo/internal/emulator/logs"
	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/sts"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// services makes all services over one state, by the name they are signed with.
func services(st *store.Store, options Options) map[string]wire.Service {
	return map[string]wire.Service{
		"events": events.New(st),
		"iam":    iam.New(st),
		"ivs": ivsrealtime.New(st, ivsrealtime.Options{
			StorageConfigurations:     options.Quotas.StorageConfigurations,
			EncoderConfigurations:     options.Quotas.EncoderConfigurations,
			RefuseForeignRegionBucket: options.RefuseForeignRegionBucket,
		}),
		"logs": logs.New(st),
		"s3":   s3.New(st, options.Dir),
		"sts":  sts.New(st),
	}
}
