// Package testcard draws the picture of a test show: colour bars, below them the
// run's number and the seconds shown so far, and at the bottom a white mark that
// moves. Frame n of a card is always the same picture, so that a recording can be
// held against it.
//
// Start at New and Card.Draw.
package testcard

import (
	"fmt"
	"image"
	"strings"

	"github.com/yolo-live/yolo/internal/show/h264"
)

// IVS takes 720p from a publisher at most (IVS Real-Time "Stream ingest").
const (
	// MaxLong bounds the longer side of a picture to publish, in luma samples.
	MaxLong = 1280
	// MaxShort bounds the shorter side.
	MaxShort = 720
)

// Fit is the size to publish for an encoder of that size: the same up to 720p,
// else the largest even one of about the same shape.
func Fit(width, height int) (int, int) {
	if width < height {
		h, w := Fit(height, width)
		return w, h
	}
	if width <= MaxLong && height <= MaxShort {
		return width, height
	}
	if width*MaxShort > height*MaxLong {
		return MaxLong, even(height * MaxLong / width)
	}
	return even(width * MaxShort / height), MaxShort
}

func even(n int) int { return max(n&^1, 2) }

// bars are 75 % colour bars in BT.709, brightest first.
var bars = []h264.Color{
	{Y: 180, Cb: 128, Cr: 128}, // white
	{Y: 168, Cb: 44, Cr: 136},  // yellow
	{Y: 144, Cb: 147, Cr: 44},  // cyan
	{Y: 132, Cb: 63, Cr: 52},   // green
	{Y: 62, Cb: 193, Cr: 204},  // magenta
	{Y: 50, Cb: 109, Cr: 212},  // red
	{Y: 28, Cb: 212, Cr: 120},  // blue
	{Y: 16, Cb: 128, Cr: 128},  // black
}

const (
	black, dark, white = 16, 48, 234 // brightness
	lineHeight         = glyphHeight + 2
)

// Card is the picture of one show. It is not safe for concurrent use.
type Card struct {
	framerate int
	run       string
	picture   *h264.Picture
	panel     image.Rectangle // the text's, in cells
	strip     image.Rectangle // the mark's
	scale     int             // cells to a dot of a letter; 0 when there is no room for text
	second    int             // the one written, -1 for none
}

// New returns a card of that size with framerate pictures a second, at least one.
// Of run, which names the show, letters, digits, space and "-", ":", "." are
// drawn; others are boxes. What has no room is left out: first the run, then the
// seconds, then the mark.
func New(width, height, framerate int, run string) (*Card, error) {
	picture, err := h264.NewPicture(width, height)
	if err != nil {
		return nil, err
	}
	c := &Card{framerate: framerate, run: strings.ToUpper(run), picture: picture, second: -1}
	c.layOut()
	c.drawBars()
	picture.Shade(c.panel, black)
	c.write(c.lines(), 0)
	return c, nil
}

// layOut divides the picture: the mark's strip is the lowest tenth, the panel
// three tenths above it or as much as the smallest letters need.
func (c *Card) layOut() {
	all := c.picture.Shown()
	edge := all.Max.Y
	if height := all.Dy() / 10 &^ 1; height > 0 {
		c.strip = image.Rect(0, (edge-height)&^1, all.Max.X, edge)
		edge = c.strip.Min.Y
	}
	panel := max(all.Dy()*3/10, 2*lineHeight)
	if panel > edge-4 {
		panel = lineHeight
	}
	if panel > edge-4 {
		return
	}
	c.panel = image.Rect(0, (edge-panel)&^1, all.Max.X, edge)
	for c.fits(c.scale + 1) {
		c.scale++
	}
}

// fits tells whether text of that scale goes into the panel. The run gives way
// before the seconds do.
func (c *Card) fits(scale int) bool {
	lines := []string{c.clock(0)}
	if c.withRun() {
		lines = append(lines, c.run)
	}
	for _, line := range lines {
		if len(line)*glyphAdvance*scale > c.panel.Dx()-2 {
			return false
		}
	}
	return len(lines)*lineHeight*scale <= c.panel.Dy()
}

func (c *Card) withRun() bool {
	return c.panel.Dy() >= 2*lineHeight && len(c.run)*glyphAdvance <= c.panel.Dx()-2
}

// lines are what does not change.
func (c *Card) lines() []string {
	if c.withRun() {
		return []string{c.run}
	}
	return nil
}

func (c *Card) clock(second int) string {
	return fmt.Sprintf("%02d:%02d", second/60%100, second%60)
}

func (c *Card) drawBars() {
	all := c.picture.Bounds()
	right, bottom := c.picture.Shown().Max.X, all.Max.Y
	switch {
	case !c.panel.Empty():
		bottom = c.panel.Min.Y
	case !c.strip.Empty():
		bottom = c.strip.Min.Y
	}
	for i, color := range bars {
		from, to := right*i/len(bars)&^1, right*(i+1)/len(bars)&^1
		if i == len(bars)-1 {
			to = all.Max.X
		}
		c.picture.Fill(image.Rect(from, 0, to, bottom), color)
	}
}

// Draw returns frame n, from 0 on. The picture is the card's own, and changed by
// the next call.
func (c *Card) Draw(n int) *h264.Picture {
	if second := n / c.framerate; second != c.second && c.scale > 0 {
		c.second = second
		c.write([]string{c.clock(second)}, len(c.lines()))
	}
	c.picture.Shade(c.strip, dark)
	c.picture.Shade(c.mark(n), white)
	return c.picture
}

// mark is where the mark is in frame n. It moves right by one cell a frame, and
// begins again at the left.
func (c *Card) mark(n int) image.Rectangle {
	if c.strip.Empty() {
		return image.Rectangle{}
	}
	width := min(2*c.strip.Dy(), c.strip.Dx())
	x := n % (c.strip.Dx() - width + 1)
	return image.Rect(x, c.strip.Min.Y, x+width, c.strip.Max.Y)
}

// write draws lines of text from the line with that number on, each in the middle
// of the panel.
func (c *Card) write(lines []string, number int) {
	for i, line := range lines {
		top := c.panel.Min.Y + (number+i)*lineHeight*c.scale + c.scale
		left := c.panel.Min.X + (c.panel.Dx()-len(line)*glyphAdvance*c.scale)/2
		for j := range len(line) {
			c.letter(image.Pt(left+j*glyphAdvance*c.scale, top), line[j])
		}
	}
}

func (c *Card) letter(at image.Point, letter byte) {
	for y, row := range glyph(letter) {
		for x := range glyphWidth {
			brightness := uint8(black)
			if row&(1<<(glyphWidth-1-x)) != 0 {
				brightness = white
			}
			dot := image.Rect(0, 0, c.scale, c.scale).Add(at).Add(image.Pt(x*c.scale, y*c.scale))
			c.picture.Shade(dot, brightness)
		}
	}
}
