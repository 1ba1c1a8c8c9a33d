package ivsrealtime

import (
	"math"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
)

// What a layout's members may be (RealTimeAPIReference: GridConfiguration,
// PipConfiguration).
var (
	attributeKey = constraint.Matching(0, 128, `[a-zA-Z0-9-_]*`)
	aspectRatio  = constraint.Text{Enum: []string{"AUTO", "VIDEO", "SQUARE", "PORTRAIT"}}
	fillMode     = constraint.Text{Enum: []string{"FILL", "COVER", "CONTAIN"}}
	pipBehavior  = constraint.Text{Enum: []string{"STATIC", "DYNAMIC"}}
	pipPosition  = constraint.Text{Enum: []string{"TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"}}
)

// layout is how a composition arranges its participants: one of the two.
type layout struct {
	Grid *grid `json:"grid,omitempty"`
	PIP  *pip  `json:"pip,omitempty"`
}

type grid struct {
	Featured         string `json:"featuredParticipantAttribute"`
	Gap              int    `json:"gridGap"` // pixels
	OmitStoppedVideo bool   `json:"omitStoppedVideo"`
	Order            string `json:"participantOrderAttribute"`
	AspectRatio      string `json:"videoAspectRatio"`
	FillMode         string `json:"videoFillMode"` // "": COVER, but CONTAIN for the featured one
}

// pip is picture in picture. Sizes are in pixels, nil for one that follows
// from the video's.
type pip struct {
	Featured         string `json:"featuredParticipantAttribute"`
	Gap              int    `json:"gridGap"`
	OmitStoppedVideo bool   `json:"omitStoppedVideo"`
	Order            string `json:"participantOrderAttribute"`
	Behavior         string `json:"pipBehavior"`
	Height           *int   `json:"pipHeight,omitempty"`
	Offset           int    `json:"pipOffset"`
	Participant      string `json:"pipParticipantAttribute"`
	Position         string `json:"pipPosition"`
	Width            *int   `json:"pipWidth,omitempty"`
	FillMode         string `json:"videoFillMode"`
}

type layoutInput struct {
	Grid *layoutMembers `json:"grid"`
	PIP  *pipInput      `json:"pip"`
}

// layoutMembers are those that both layouts have.
type layoutMembers struct {
	Featured         *string `json:"featuredParticipantAttribute"`
	Gap              *int    `json:"gridGap"`
	OmitStoppedVideo *bool   `json:"omitStoppedVideo"`
	Order            *string `json:"participantOrderAttribute"`
	AspectRatio      *string `json:"videoAspectRatio"` // grid only
	FillMode         *string `json:"videoFillMode"`
}

type pipInput struct {
	layoutMembers
	Behavior    *string `json:"pipBehavior"`
	Height      *int    `json:"pipHeight"`
	Offset      *int    `json:"pipOffset"`
	Participant *string `json:"pipParticipantAttribute"`
	Position    *string `json:"pipPosition"`
	Width       *int    `json:"pipWidth"`
}

func (in *layoutInput) check(c *constraint.Checks) {
	if in == nil {
		return
	}
	if in.Grid != nil {
		in.Grid.check(c, "layout.grid.")
	}
	if p := in.PIP; p != nil {
		p.check(c, "layout.pip.")
		c.Text("layout.pip.pipBehavior", p.Behavior, pipBehavior)
		c.Text("layout.pip.pipPosition", p.Position, pipPosition)
		c.Text("layout.pip.pipParticipantAttribute", p.Participant, attributeKey)
		c.Int("layout.pip.pipOffset", p.Offset, 0, math.MaxInt32)
		c.Int("layout.pip.pipWidth", p.Width, 1, math.MaxInt32)
		c.Int("layout.pip.pipHeight", p.Height, 1, math.MaxInt32)
	}
}

func (in *layoutMembers) check(c *constraint.Checks, prefix string) {
	c.Text(prefix+"featuredParticipantAttribute", in.Featured, attributeKey)
	c.Text(prefix+"participantOrderAttribute", in.Order, attributeKey)
	c.Text(prefix+"videoAspectRatio", in.AspectRatio, aspectRatio)
	c.Text(prefix+"videoFillMode", in.FillMode, fillMode)
	c.Int(prefix+"gridGap", in.Gap, 0, math.MaxInt32)
}

// layout is the layout with its defaults: a grid unless another one is asked
// for.
func (in *layoutInput) layout() layout {
	if in != nil && in.PIP != nil {
		return layout{PIP: in.PIP.pip()}
	}
	g := &grid{Gap: 2, AspectRatio: "VIDEO"}
	if in != nil && in.Grid != nil {
		replace(&g.Featured, in.Grid.Featured)
		replace(&g.Gap, in.Grid.Gap)
		replace(&g.OmitStoppedVideo, in.Grid.OmitStoppedVideo)
		replace(&g.Order, in.Grid.Order)
		replace(&g.AspectRatio, in.Grid.AspectRatio)
		replace(&g.FillMode, in.Grid.FillMode)
	}
	return layout{Grid: g}
}

func (in *pipInput) pip() *pip {
	p := &pip{Behavior: "STATIC", Position: "BOTTOM_RIGHT", FillMode: "COVER", Width: in.Width, Height: in.Height}
	replace(&p.Featured, in.Featured)
	replace(&p.Gap, in.Gap)
	replace(&p.OmitStoppedVideo, in.OmitStoppedVideo)
	replace(&p.Order, in.Order)
	replace(&p.Behavior, in.Behavior)
	replace(&p.Offset, in.Offset)
	replace(&p.Participant, in.Participant)
	replace(&p.Position, in.Position)
	replace(&p.FillMode, in.FillMode)
	return p
}
