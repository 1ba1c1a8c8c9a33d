package events

import (
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// defaultBus is the bus that AWS services send to, and the only one: others
// cannot be made here.
const defaultBus = "default"

var busNameOrArn = constraint.Matching(1, 1600,
	`(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+`)

// busInput is how operations name the bus: by name or ARN, or not at all.
type busInput struct{ EventBusName *string }

func (in *busInput) checkBus(c *constraint.Checks) {
	c.Text("eventBusName", in.EventBusName, busNameOrArn)
}

// bus returns the name of the bus, which must exist.
func (in *busInput) bus(r *wire.Request) (string, error) {
	if in.EventBusName == nil {
		return defaultBus, nil
	}
	name := strings.TrimPrefix(*in.EventBusName, arnOf(r, "event-bus/"))
	if name != defaultBus {
		_, last, isArn := strings.Cut(name, ":event-bus/")
		if isArn {
			name = last
		}
		return "", notFound("Event bus " + name + " does not exist.")
	}
	return name, nil
}
