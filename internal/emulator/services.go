package emulator

import (
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// services makes all services over one state, by the name they are signed with.
func services(_ *store.Store, _ Options) map[string]wire.Service {
	return map[string]wire.Service{}
}
