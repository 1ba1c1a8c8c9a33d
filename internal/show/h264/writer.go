package h264

import "fmt"

// frameNumberBits is the length of frame_num.
const frameNumberBits = 4

// Writer writes one stream. It is not safe for concurrent use.
type Writer struct {
	framerate  int
	last       *Picture // what a decoder shows now
	parameters []byte   // SPS and PPS as NAL units
	frame      uint32   // frame_num of the next picture
	idr        uint32   // idr_pic_id of the next keyframe
	begun      bool
	bits       bitWriter
}

// AccessUnit is one coded picture.
type AccessUnit struct {
	// AnnexB holds the NAL units, each after a start code: a keyframe's with SPS
	// and PPS before it. The writer does not touch it again.
	AnnexB []byte
	Key    bool
}

// NewWriter returns a writer for pictures of that size, framerate of them a
// second, 1 to 60.
func NewWriter(width, height, framerate int) (*Writer, error) {
	if framerate < 1 || framerate > 60 {
		return nil, fmt.Errorf("%d frames a second: want 1 to 60", framerate)
	}
	last, err := NewPicture(width, height)
	if err != nil {
		return nil, err
	}
	w := &Writer{framerate: framerate, last: last}
	w.parameters = appendNAL(appendNAL(nil, nalSPS, w.sps()), nalPPS, pps())
	return w, nil
}

// ProfileLevelID is the stream's profile and level as SDP spells them (RFC 6184).
func (w *Writer) ProfileLevelID() string { return fmt.Sprintf("%06x", w.profileLevel()) }

// Size is the stream's, in luma samples.
func (w *Writer) Size() (width, height int) { return w.last.width, w.last.height }

// Write codes the next picture, which must have the writer's size: the first one
// and those asked for as a keyframe, after which a decoder needs nothing from
// before; the others as what changed.
func (w *Writer) Write(p *Picture, key bool) (AccessUnit, error) {
	if p.width != w.last.width || p.height != w.last.height {
		return AccessUnit{}, fmt.Errorf("picture of %dx%d in a stream of %dx%d", p.width, p.height, w.last.width, w.last.height)
	}
	key = key || !w.begun
	w.begun = true
	w.bits.reset()
	unit := AccessUnit{Key: key}
	if key {
		w.keyframe(p)
		unit.AnnexB = appendNAL(append(unit.AnnexB, w.parameters...), nalIDR, w.bits.bytes)
	} else {
		w.difference(p)
		unit.AnnexB = appendNAL(nil, nalSlice, w.bits.bytes)
	}
	w.frame = (w.frame + 1) % (1 << frameNumberBits)
	w.last.copyFrom(p)
	return unit, nil
}

// Slice types of which every slice of the picture is (Table 7-6).
const (
	onlyP = 5
	onlyI = 7
)

func (w *Writer) keyframe(p *Picture) {
	w.frame = 0
	b := &w.bits
	b.ue(0) // first_mb_in_slice
	b.ue(onlyI)
	b.ue(0) // pic_parameter_set_id
	b.put(frameNumberBits, w.frame)
	b.ue(w.idr) // differs between neighbours
	w.idr = 1 - w.idr
	b.flag(false) // no_output_of_prior_pics_flag
	b.flag(false) // long_term_reference_flag
	b.se(0)       // slice_qp_delta
	b.ue(1)       // disable_deblocking_filter_idc: it would blur what is flat
	for row := range p.rows {
		for column := range p.columns {
			b.macroblock(p, column, row, 0)
		}
	}
	b.end()
}

// difference writes a picture in which every macroblock that did not change is
// skipped. The motion that a decoder infers for those is none, since no
// macroblock moves.
func (w *Writer) difference(p *Picture) {
	b := &w.bits
	b.ue(0) // first_mb_in_slice
	b.ue(onlyP)
	b.ue(0) // pic_parameter_set_id
	b.put(frameNumberBits, w.frame)
	b.flag(false)        // num_ref_idx_active_override_flag
	b.flag(false)        // ref_pic_list_modification_flag_l0
	b.flag(false)        // adaptive_ref_pic_marking_mode_flag
	b.se(0)              // slice_qp_delta
	b.ue(1)              // disable_deblocking_filter_idc
	const afterInter = 5 // intra types come after the five of P (Table 7-13)
	skipped := uint32(0)
	for row := range p.rows {
		for column := range p.columns {
			if p.same(w.last, column, row) {
				skipped++
				continue
			}
			b.ue(skipped)
			skipped = 0
			b.macroblock(p, column, row, afterInter)
		}
	}
	if skipped > 0 {
		b.ue(skipped)
	}
	b.end()
}

// macroblock writes one of type Intra_16x16 with DC prediction (clause 7.3.5):
// the mean of each 4x4 luma and chroma block and nothing finer, which for a
// picture of cells is everything.
func (w *bitWriter) macroblock(p *Picture, column, row int, typeOffset uint32) {
	luma := lumaDC(p.lumaDifferences(column, row))
	var chroma [2][4]int32
	for i, plane := range p.chroma {
		chroma[i] = chromaDC(p.chromaDifferences(plane, column, row))
	}
	colored := chroma != [2][4]int32{}
	const dcPrediction, withChromaDC = 1 + 2, 4 // Table 7-11
	kind := typeOffset + dcPrediction
	if colored {
		kind += withChromaDC
	}
	w.ue(kind)
	w.ue(0) // intra_chroma_pred_mode: DC
	w.se(0) // mb_qp_delta
	w.block(luma[:])
	if colored {
		w.block(chroma[0][:])
		w.block(chroma[1][:])
	}
}

func (p *Picture) lumaDifferences(column, row int) (differences [16]int32) {
	prediction := p.lumaPrediction(column, row)
	stride := 4 * p.columns
	at := 4*row*stride + 4*column
	for i := range differences {
		differences[i] = int32(p.luma[at+i/4*stride+i%4]) - prediction
	}
	return differences
}

func (p *Picture) chromaDifferences(plane []uint8, column, row int) [4]int32 {
	differences := p.chromaPrediction(plane, column, row)
	stride := 2 * p.columns
	at := 2*row*stride + 2*column
	for i, prediction := range differences {
		differences[i] = int32(plane[at+i/2*stride+i%2]) - prediction
	}
	return differences
}
