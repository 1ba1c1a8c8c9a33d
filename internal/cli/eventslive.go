package cli

import (
	"cmp"
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/eventlog"
	"github.com/yolo-live/yolo/internal/ui"
)

// look shows what goes on in a region: on the board, or what is new of it in
// lines. A destination that has failed is told of even if its event does not
// come: events are best effort.
func (f *follower) look(seen eventlog.Live) error {
	region := ui.EventRegion{}
	if seen.Err != nil {
		region.Unknown = codeOf(seen.Err)
	}
	var failed []ui.LogEvent
	for i := range seen.Compositions {
		c := &seen.Compositions[i]
		shown := ui.EventComposition{Stage: cmp.Or(c.StageName, lastPart(c.Stage)), State: c.State, Since: c.Started}
		for _, d := range c.Destinations {
			f.kinds[d.ID] = d.Kind
			name := cmp.Or(d.Kind, "destination "+d.ID)
			shown.Destinations = append(shown.Destinations, ui.EventDestination{Name: name, State: d.State})
			if d.Failed() && !f.known[d.ID] {
				f.known[d.ID], f.silent[d.ID] = true, true
				failed = append(failed, ui.LogEvent{
					Time: time.Now(), Region: seen.Region, Stage: shown.Stage, What: "Destination failed", Of: name, Failed: true,
					Why: "IVS lists it so, and no event of it has come yet",
				})
			}
		}
		region.Compositions = append(region.Compositions, shown)
		if err := f.tell(seen.Region, c, &shown); err != nil {
			return err
		}
	}
	f.onBoard(seen.Region, func(r *ui.EventRegion) {
		r.Looked, r.Unknown, r.Compositions = true, region.Unknown, region.Compositions
	})
	if err := f.unknown(seen); err != nil || f.feed == nil {
		return err
	}
	return unwritten(f.feed.Print(failed))
}

// tell tells of a composition without a board, when it is not as it was.
func (f *follower) tell(region string, c *eventlog.Composition, shown *ui.EventComposition) error {
	if f.feed != nil && f.feed.Board() {
		return nil
	}
	states := ""
	for _, d := range shown.Destinations {
		states += ", " + d.Name + " " + d.State
	}
	now := fmt.Sprintf("%s: %s %s%s", region, shown.Stage, shown.State, states)
	if f.told[c.ARN] == now {
		return nil
	}
	f.told[c.ARN] = now
	if f.feed != nil {
		f.feed.Say(now)
		return nil
	}
	return unwritten(ui.JSONLine(f.streams.Out, ui.EventLine{Composition: compositionDocument(region, c)}))
}

// unknown tells once, without a board, that it is not known what is composed in a
// region.
func (f *follower) unknown(seen eventlog.Live) error {
	why := codeOf(seen.Err)
	if before := f.told[seen.Region]; why == before || f.feed != nil && f.feed.Board() {
		return nil
	}
	f.told[seen.Region] = why
	if seen.Err == nil {
		return nil
	}
	return f.warn(seen.Region, why, "what is composed is not known, and is asked again: "+seen.Err.Error(), "")
}

func compositionDocument(region string, c *eventlog.Composition) *ui.CompositionDocument {
	d := &ui.CompositionDocument{
		Region: region, ARN: c.ARN, Stage: textOrNil(c.StageName), StageARN: c.Stage, State: c.State,
		Started: c.Started.UTC().Format(time.RFC3339), Destinations: []ui.DestinationDocument{},
	}
	for _, to := range c.Destinations {
		d.Destinations = append(d.Destinations, ui.DestinationDocument{ID: to.ID, Kind: textOrNil(to.Kind), State: to.State})
	}
	return d
}

func (f *follower) onBoard(region string, change func(*ui.EventRegion)) {
	if f.feed != nil {
		f.feed.Region(region, change)
	}
}
