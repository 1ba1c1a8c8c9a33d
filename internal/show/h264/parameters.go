package h264

// level is a row of Table A-1 with what bounds a stream of ours.
type level struct {
	idc             uint32
	blocksPerSecond int // MaxMBPS
	blocks          int // MaxFS
}

var levels = []level{
	{10, 1_485, 99},
	{11, 3_000, 396},
	{12, 6_000, 396},
	{13, 11_880, 396},
	{21, 19_800, 792},
	{22, 20_250, 1_620},
	{30, 40_500, 1_620},
	{31, 108_000, 3_600},
	{32, 216_000, 5_120},
	{40, 245_760, 8_192},
	{42, 522_240, 8_704},
}

// levelFor is the lowest level for pictures of columns x rows macroblocks. A
// picture may also be no longer one way than the root of 8 MaxFS (A.3.1).
func levelFor(columns, rows, framerate int) uint32 {
	longest := max(columns, rows)
	for _, l := range levels {
		if columns*rows <= l.blocks && longest*longest <= 8*l.blocks && columns*rows*framerate <= l.blocksPerSecond {
			return l.idc
		}
	}
	return 52
}

const (
	profileBaseline = 66
	// constraints sets constraint_set0 to 2: the stream keeps within baseline,
	// main and extended, which is what "constrained baseline" means (A.2.1.1).
	constraints = 0xE0
)

// profileLevel is profile_idc, the constraint flags and level_idc.
func (w *Writer) profileLevel() uint32 {
	p := w.last
	return profileBaseline<<16 | constraints<<8 | levelFor(p.columns, p.rows, w.framerate)
}

// sps writes the sequence parameter set (clause 7.3.2.1.1).
func (w *Writer) sps() []byte {
	p := w.last
	var b bitWriter
	b.put(24, w.profileLevel())
	b.ue(0)                     // seq_parameter_set_id
	b.ue(frameNumberBits - 4)   // log2_max_frame_num_minus4
	b.ue(2)                     // pic_order_cnt_type: output order is decoding order
	b.ue(1)                     // max_num_ref_frames
	b.flag(false)               // gaps_in_frame_num_value_allowed_flag
	b.ue(uint32(p.columns - 1)) // pic_width_in_mbs_minus1
	b.ue(uint32(p.rows - 1))    // pic_height_in_map_units_minus1
	b.flag(true)                // frame_mbs_only_flag
	b.flag(true)                // direct_8x8_inference_flag
	right, bottom := macroblock*p.columns-p.width, macroblock*p.rows-p.height
	b.flag(right > 0 || bottom > 0)
	if right > 0 || bottom > 0 { // in units of two samples
		b.ue(0)
		b.ue(uint32(right / 2))
		b.ue(0)
		b.ue(uint32(bottom / 2))
	}
	b.flag(true) // vui_parameters_present_flag
	w.vui(&b)
	b.end()
	return b.bytes
}

// vui writes the colours, the frame rate and that no picture is held back
// (clause E.1.1).
func (w *Writer) vui(b *bitWriter) {
	b.flag(false) // aspect_ratio_info_present_flag
	b.flag(false) // overscan_info_present_flag
	b.flag(true)  // video_signal_type_present_flag
	b.put(3, 5)   // video_format: unspecified
	b.flag(false) // video_full_range_flag
	b.flag(true)  // colour_description_present_flag
	for range 3 {
		b.put(8, 1) // BT.709
	}
	b.flag(false) // chroma_loc_info_present_flag
	b.flag(true)  // timing_info_present_flag
	b.put(32, 1)
	b.put(32, uint32(2*w.framerate)) // in fields
	b.flag(true)                     // fixed_frame_rate_flag
	b.flag(false)                    // nal_hrd_parameters_present_flag
	b.flag(false)                    // vcl_hrd_parameters_present_flag
	b.flag(false)                    // pic_struct_present_flag
	b.flag(true)                     // bitstream_restriction_flag
	b.flag(true)                     // motion_vectors_over_pic_boundaries_flag
	b.ue(0)                          // max_bytes_per_pic_denom: no limit
	b.ue(0)                          // max_bits_per_mb_denom: no limit
	b.ue(0)                          // log2_max_mv_length_horizontal
	b.ue(0)                          // log2_max_mv_length_vertical
	b.ue(0)                          // max_num_reorder_frames
	b.ue(1)                          // max_dec_frame_buffering
}

// pps writes the picture parameter set (clause 7.3.2.2).
func pps() []byte {
	var b bitWriter
	b.ue(0)              // pic_parameter_set_id
	b.ue(0)              // seq_parameter_set_id
	b.flag(false)        // entropy_coding_mode_flag: CAVLC
	b.flag(false)        // bottom_field_pic_order_in_frame_present_flag
	b.ue(0)              // num_slice_groups_minus1
	b.ue(0)              // num_ref_idx_l0_default_active_minus1
	b.ue(0)              // num_ref_idx_l1_default_active_minus1
	b.flag(false)        // weighted_pred_flag
	b.put(2, 0)          // weighted_bipred_idc
	b.se(quantizer - 26) // pic_init_qp_minus26
	b.se(0)              // pic_init_qs_minus26
	b.se(0)              // chroma_qp_index_offset
	b.flag(true)         // deblocking_filter_control_present_flag
	b.flag(false)        // constrained_intra_pred_flag
	b.flag(false)        // redundant_pic_cnt_present_flag
	b.end()
	return b.bytes
}
