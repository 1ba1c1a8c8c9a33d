// Package h264 writes an H.264 stream (Rec. ITU-T H.264) in the constrained
// baseline profile from pictures that are made of flat cells: 4x4 samples of one
// brightness, 8x8 of one colour. Such a picture needs no search and no
// compromise, so what a decoder shows is exactly what was drawn, and a second of
// 720p30 costs a few milliseconds.
//
// It knows no other picture: a camera's would need a real encoder. Start at
// NewPicture and Writer.Write.
package h264

import (
	"fmt"
	"image"
)

const (
	// CellSize is the width and height of a cell in luma samples.
	CellSize = 4
	// MaxSide is the longest a picture may be either way, in luma samples.
	MaxSide = 1920

	macroblock = 16 // luma samples each way
)

// Color is a colour in 8-bit limited range Y'CbCr, with the matrix of BT.709.
type Color struct{ Y, Cb, Cr uint8 }

// Picture is a grid of cells, at first all black. What lies right of its width
// or below its height is coded, as blocks are 16 samples wide, and cropped.
type Picture struct {
	width, height int // luma samples
	columns, rows int // macroblocks
	luma          []uint8
	chroma        [2][]uint8 // Cb and Cr, a value for each 2x2 cells
}

// NewPicture returns a picture of that size in luma samples. Both must be even,
// since a colour sample covers 2x2 of them.
func NewPicture(width, height int) (*Picture, error) {
	if width < 2 || height < 2 || width > MaxSide || height > MaxSide || width%2 != 0 || height%2 != 0 {
		return nil, fmt.Errorf("picture of %dx%d: want even numbers from 2 to %d", width, height, MaxSide)
	}
	p := &Picture{
		width: width, height: height,
		columns: (width + macroblock - 1) / macroblock,
		rows:    (height + macroblock - 1) / macroblock,
	}
	blocks := p.columns * p.rows
	p.luma = make([]uint8, 16*blocks)
	for i := range p.chroma {
		p.chroma[i] = make([]uint8, 4*blocks)
	}
	p.Fill(p.Bounds(), Color{Y: 16, Cb: 128, Cr: 128})
	return p, nil
}

// Bounds is the picture's extent in cells, rounded up to whole macroblocks.
func (p *Picture) Bounds() image.Rectangle {
	return image.Rect(0, 0, 4*p.columns, 4*p.rows)
}

// Shown is the part of Bounds that is not cropped away, in whole cells.
func (p *Picture) Shown() image.Rectangle {
	return image.Rect(0, 0, p.width/CellSize, p.height/CellSize)
}

// Fill colours the cells of area. Two cells each way share one Cb and one Cr: an
// area that begins or ends in between colours the neighbours too.
func (p *Picture) Fill(area image.Rectangle, c Color) {
	p.Shade(area, c.Y)
	area = area.Intersect(p.Bounds())
	stride := 2 * p.columns
	for y := area.Min.Y / 2; y < (area.Max.Y+1)/2; y++ {
		for x := area.Min.X / 2; x < (area.Max.X+1)/2; x++ {
			p.chroma[0][y*stride+x], p.chroma[1][y*stride+x] = c.Cb, c.Cr
		}
	}
}

// Shade sets the brightness of the cells of area and leaves their colour. Odd
// values are rounded down: with even ones alone every block is coded without
// loss (see transform).
func (p *Picture) Shade(area image.Rectangle, y uint8) {
	area = area.Intersect(p.Bounds())
	stride := 4 * p.columns
	for row := area.Min.Y; row < area.Max.Y; row++ {
		line := p.luma[row*stride : (row+1)*stride]
		for x := area.Min.X; x < area.Max.X; x++ {
			line[x] = y &^ 1
		}
	}
}

// At is the colour of the cell at x, y, which must be within Bounds.
func (p *Picture) At(x, y int) Color {
	at := y/2*2*p.columns + x/2
	return Color{Y: p.luma[y*4*p.columns+x], Cb: p.chroma[0][at], Cr: p.chroma[1][at]}
}

// same reports whether the macroblock at that column and row is the same in both
// pictures, which have the same size.
func (p *Picture) same(other *Picture, column, row int) bool {
	stride := 4 * p.columns
	for y := range 4 {
		at := (4*row+y)*stride + 4*column
		if [4]uint8(p.luma[at:at+4]) != [4]uint8(other.luma[at:at+4]) {
			return false
		}
	}
	stride = 2 * p.columns
	for y := range 2 {
		at := (2*row+y)*stride + 2*column
		for i := range p.chroma {
			if [2]uint8(p.chroma[i][at:at+2]) != [2]uint8(other.chroma[i][at:at+2]) {
				return false
			}
		}
	}
	return true
}

func (p *Picture) copyFrom(other *Picture) {
	copy(p.luma, other.luma)
	for i := range p.chroma {
		copy(p.chroma[i], other.chroma[i])
	}
}
