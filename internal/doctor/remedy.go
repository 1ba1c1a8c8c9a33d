package doctor

import (
	"fmt"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
)

// remedy is what to do about a show, "" for nothing.
func (d *doctor) remedy(f *facts, found proof.Finding) string {
	switch found.ID {
	case idFailed:
		return d.remedyOfFailure(f)
	case idMissing:
		return "if it went to a channel alone, nothing is missing; else see what happened: " + d.happened(f)
	case idNotEnded:
		return "see what happened: " + d.happened(f)
	case idTooShort, idNoPublisher:
		return "see who published, and when: " + d.happened(f)
	case idRunning:
		return "look again after its end"
	case idUnread:
		return hintOf(found.Err)
	}
	return ""
}

// happened is the command that shows what IVS logged of a show and since then.
func (d *doctor) happened(f *facts) string {
	hours := int(f.now.Sub(f.beginning()).Hours()) + 1
	return d.Command("events", "--region", f.region, "--since", fmt.Sprintf("%dh", max(hours, 1)))
}

// remedyOfFailure goes by IVS's codes (RealTimeUserGuide, "Using Amazon
// EventBridge").
func (d *doctor) remedyOfFailure(f *facts) string {
	if f.failure == nil {
		return ""
	}
	switch f.failure.Code {
	case "ResourceNotFoundException":
		return fmt.Sprintf("its storage configuration must name a bucket that is there, and in %s: %s tells what is wrong",
			f.region, d.Command("verify:recording", "--dry-run", "--region", f.region))
	case "AccessDeniedException":
		return d.Command("sync:recording") + " mends the bucket's policy"
	}
	return ""
}

// warnOfEvents warns of recordings of which the log does not have all events,
// although it could be read and had time to.
func (d *doctor) warnOfEvents(r *region, all []*facts) {
	if !r.readable() {
		return
	}
	var begun, ended []string
	for _, f := range all {
		state := f.outcome.State()
		if state == recording.Absent {
			continue
		}
		if !f.told() && f.now.Sub(f.beginning()) >= settling {
			begun = append(begun, f.place)
		}
		if f.told() && state == recording.Ended && f.ended.IsZero() && f.failure == nil && f.now.Sub(f.outcome.Ended.EndedAt) >= settling {
			ended = append(ended, f.place)
		}
	}
	const fix = "IVS's events are best effort; if many are missing: "
	for _, missing := range []struct {
		event  string
		places []string
	}{{eventDestinationStart, begun}, {eventDestinationEnd, ended}} {
		if len(missing.places) > 0 {
			d.warn(WarnEventMissing, r.name, proof.StepLog,
				fmt.Sprintf("%s without %s in the log: %s", count(len(missing.places), "recording"), missing.event, some(missing.places)),
				fix+d.Command("verify:logging", "--region", r.name))
		}
	}
}
