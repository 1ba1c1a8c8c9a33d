package doctor

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/cloud"
)

// composition is what IVS says of one, while it goes on and about five minutes
// longer (RealTimeUserGuide, Composition Lifecycle).
type composition struct {
	state  string
	states map[string]string // of its destinations, by id
}

// look asks what IVS composes in the region.
func (d *doctor) look(ctx context.Context, r *region) {
	r.live = map[string]*composition{}
	pages := ivsrealtime.NewListCompositionsPaginator(d.Cloud.In(r.name).IVS, &ivsrealtime.ListCompositionsInput{MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			r.liveErr = cloud.Plain(err)
			return
		}
		for _, one := range page.Compositions {
			c := &composition{state: string(one.State), states: map[string]string{}}
			for _, destination := range one.Destinations {
				c.states[aws.ToString(destination.Id)] = string(destination.State)
			}
			r.live[aws.ToString(one.Arn)] = c
		}
	}
}

// stateOf is what IVS says of a show's destination (see facts.state).
func (r *region) stateOf(s *show) string {
	c, known := r.live[s.composition]
	switch {
	case known:
		return c.states[s.destination]
	case r.liveErr != nil || r.live == nil:
		return ""
	}
	return gone
}

// isChannel tells whether IVS says that a show goes to a channel, so that it is
// no recording.
func (d *doctor) isChannel(ctx context.Context, s *show) bool {
	out, err := cloud.Call(ctx, d.Cloud.In(s.region).IVS.GetComposition, &ivsrealtime.GetCompositionInput{Arn: &s.composition})
	if err != nil || out.Composition == nil {
		return false
	}
	for i := range out.Composition.Destinations {
		if one := &out.Composition.Destinations[i]; aws.ToString(one.Id) == s.destination {
			return toChannel(one)
		}
	}
	return false
}

func toChannel(d *ivstypes.Destination) bool {
	return d.Configuration != nil && d.Configuration.Channel != nil && d.Configuration.S3 == nil
}
