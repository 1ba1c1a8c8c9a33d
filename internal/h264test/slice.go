package h264test

import (
	"fmt"
	"slices"
)

// planes is a picture in whole macroblocks.
type planes struct {
	width int // of luma
	y     []byte
	c     [2][]byte
}

func newPlanes(columns, rows int) *planes {
	p := &planes{width: 16 * columns, y: make([]byte, 256*columns*rows)}
	for i := range p.c {
		p.c[i] = make([]byte, 64*columns*rows)
	}
	return p
}

func (p *planes) clone() *planes {
	return &planes{width: p.width, y: slices.Clone(p.y), c: [2][]byte{slices.Clone(p.c[0]), slices.Clone(p.c[1])}}
}

// slice decodes a picture that is one slice (clauses 7.3.3 and 7.3.4).
func (d *decoder) slice(r *reader, idr bool) error {
	if d.sps == nil || d.pps == nil {
		return fmt.Errorf("a slice before its parameter sets")
	}
	if first := r.ue(); first != 0 {
		return fmt.Errorf("first_mb_in_slice %d", first)
	}
	kind := r.ue() % 5
	r.ue()
	if kind != 0 && kind != 2 {
		return fmt.Errorf("slice_type %d: neither P nor I", kind)
	}
	if err := d.order(r.bits(d.sps.numberBits), idr); err != nil {
		return err
	}
	if idr {
		r.ue()
	}
	if kind == 0 && r.bits(2) != 0 {
		return fmt.Errorf("other reference pictures than the last")
	}
	if idr {
		r.bits(2)
	} else if r.bits(1) != 0 {
		return fmt.Errorf("adaptive reference picture marking")
	}
	m := macroblocks{reader: r, columns: d.sps.columns, rows: d.sps.rows, qp: d.pps.qp + int(r.se()), offset: d.pps.chromaOffset}
	if !d.pps.deblocking || r.ue() != 1 {
		return fmt.Errorf("deblocking")
	}
	if kind == 0 {
		m.planes = d.last.clone()
	} else {
		m.planes = newPlanes(m.columns, m.rows)
	}
	if err := m.decode(kind == 0); err != nil {
		return err
	}
	d.last = m.planes
	d.frames = append(d.frames, d.sps.crop(d.last, idr))
	return r.ended()
}

// order checks that no reference picture is missing before this one.
func (d *decoder) order(number uint32, idr bool) error {
	want := (d.number + 1) % (1 << d.sps.numberBits)
	switch {
	case idr:
		want = 0
	case d.last == nil:
		return fmt.Errorf("no keyframe before it")
	}
	d.number = number
	if number != want {
		return fmt.Errorf("frame_num %d, want %d: a frame is missing", number, want)
	}
	return nil
}

func (s *sps) crop(p *planes, key bool) Frame {
	f := Frame{Width: 16*s.columns - s.cropLeft - s.cropRight, Height: 16*s.rows - s.cropTop - s.cropBottom, Key: key}
	cut := func(plane []byte, scale int) []byte {
		var all []byte
		stride := p.width / scale
		for y := range f.Height / scale {
			from := (y+s.cropTop/scale)*stride + s.cropLeft/scale
			all = append(all, plane[from:from+f.Width/scale]...)
		}
		return all
	}
	f.Y, f.Cb, f.Cr = cut(p.y, 1), cut(p.c[0], 2), cut(p.c[1], 2)
	return f
}

// macroblocks decodes the macroblocks of a picture onto planes that hold the
// reference picture.
type macroblocks struct {
	*reader
	*planes
	columns, rows, qp, offset int
}

func (m *macroblocks) decode(inter bool) error {
	for at := 0; at < m.columns*m.rows; at++ {
		if inter {
			at += int(m.ue())
			if at > m.columns*m.rows {
				return fmt.Errorf("%d macroblocks skipped beyond the picture's end", at-m.columns*m.rows)
			}
			if at == m.columns*m.rows || !m.more() {
				if at != m.columns*m.rows {
					return fmt.Errorf("the slice ends after %d of %d macroblocks", at, m.columns*m.rows)
				}
				return m.failed
			}
		}
		if err := m.macroblock(at%m.columns, at/m.columns, inter); err != nil {
			return fmt.Errorf("macroblock %d: %w", at, err)
		}
		if m.failed != nil {
			return m.failed
		}
	}
	return nil
}

func (m *macroblocks) macroblock(column, row int, inter bool) error {
	kind := int(m.ue())
	if inter {
		kind -= 5
	}
	if kind != 3 && kind != 7 { // I_16x16_2_0_0 and I_16x16_2_1_0
		return fmt.Errorf("mb_type %d", kind)
	}
	if mode := m.ue(); mode != 0 {
		return fmt.Errorf("intra_chroma_pred_mode %d", mode)
	}
	m.qp += int(m.se())
	if m.qp < 0 || m.qp > 51 {
		return fmt.Errorf("QP %d", m.qp)
	}
	m.luma(16*column, 16*row)
	var levels [2][]int
	if kind == 7 {
		levels[0], levels[1] = m.residual(4), m.residual(4)
	}
	for i, plane := range m.c {
		m.chroma(plane, levels[i], 8*column, 8*row)
	}
	return nil
}
