package h264test

// scale is normAdjust of a DC coefficient, by QP%6, times the flat weight
// (clause 8.5.9).
func scale(qp int) int { return 16 * []int{10, 11, 13, 14, 16, 18}[qp%6] }

// luma predicts a macroblock at x, y from its neighbours' mean and adds the DC of
// each 4x4 block (clauses 8.3.3.3 and 8.5.2).
func (m *macroblocks) luma(x, y int) {
	levels := m.residual(16)
	sum, count := 0, 0
	for i := range 16 {
		if y > 0 {
			sum += int(m.y[(y-1)*m.width+x+i])
			count++
		}
		if x > 0 {
			sum += int(m.y[(y+i)*m.width+x-1])
			count++
		}
	}
	prediction := 128
	if count > 0 {
		prediction = (sum + count/2) / count
	}
	// Where each coefficient of the scan belongs, as column and row.
	scan := [16][2]int{{0, 0}, {1, 0}, {0, 1}, {0, 2}, {1, 1}, {2, 0}, {3, 0}, {2, 1}, {1, 2}, {0, 3}, {1, 3}, {2, 2}, {3, 1}, {3, 2}, {2, 3}, {3, 3}}
	var c [4][4]int
	for i, level := range levels {
		c[scan[i][1]][scan[i][0]] = level
	}
	for blockY := range 4 {
		for blockX := range 4 {
			f := 0
			for i := range 4 {
				for j := range 4 {
					f += walsh[blockY][i] * c[i][j] * walsh[j][blockX]
				}
			}
			m.flat(m.y, m.width, x+4*blockX, y+4*blockY, prediction, m.lumaDC(f))
		}
	}
}

// walsh is the matrix of the luma DC transform.
var walsh = [4][4]int{{1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, -1, 1}, {1, -1, 1, -1}}

// lumaDC scales a transformed luma DC (clause 8.5.10).
func (m *macroblocks) lumaDC(f int) int {
	if m.qp >= 36 {
		return f * scale(m.qp) << (m.qp/6 - 6)
	}
	shift := 6 - m.qp/6
	return (f*scale(m.qp) + 1<<(shift-1)) >> shift
}

// chroma does the same for the four 4x4 blocks of Cb or Cr (clauses 8.3.4 and
// 8.5.11).
func (m *macroblocks) chroma(plane []byte, levels []int, x, y int) {
	if levels == nil {
		levels = make([]int, 4)
	}
	qp := chromaQP(m.qp + m.offset)
	stride := m.width / 2
	// All predictions come from outside of the macroblock.
	var predictions [4]int
	for i := range predictions {
		predictions[i] = chromaMean(plane, stride, x, y, i%2*4, i/2*4)
	}
	for i, prediction := range predictions {
		f := levels[0]
		for j, sign := range [][]int{{1, 1, 1}, {-1, 1, -1}, {1, -1, -1}, {-1, -1, 1}}[i] {
			f += sign * levels[j+1]
		}
		m.flat(plane, stride, x+i%2*4, y+i/2*4, prediction, f*scale(qp)<<(qp/6)>>5)
	}
}

// chromaQP is Table 8-15.
func chromaQP(index int) int {
	index = min(max(index, 0), 51)
	if index < 30 {
		return index
	}
	return []int{29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39}[index-30]
}

// chromaMean predicts the 4x4 block at dx, dy within the macroblock at x, y.
func chromaMean(plane []byte, stride, x, y, dx, dy int) int {
	above, left := 0, 0
	for i := range 4 {
		if y > 0 {
			above += int(plane[(y-1)*stride+x+dx+i])
		}
		if x > 0 {
			left += int(plane[(y+dy+i)*stride+x-1])
		}
	}
	switch {
	case x == 0 && y == 0:
		return 128
	case x == 0, y > 0 && dx > 0 && dy == 0:
		return (above + 2) / 4
	case y == 0, dx == 0 && dy > 0:
		return (left + 2) / 4
	}
	return (above + left + 4) / 8
}

// flat sets a 4x4 block to its prediction and a DC (clause 8.5.12).
func (m *macroblocks) flat(plane []byte, stride, x, y, prediction, dc int) {
	value := byte(min(max(prediction+(dc+32)>>6, 0), 255))
	for i := range 16 {
		plane[(y+i/4)*stride+x+i%4] = value
	}
}

// residual reads a block of n coefficients in scan order (clause 9.2), of luma
// when n is 16, with nC 0, or the DC of chroma when it is 4.
func (m *macroblocks) residual(n int) []int {
	tokens := lumaTokens
	if n == 4 {
		tokens = chromaTokens
	}
	token := m.word(tokens, "coeff_token")
	ones, total := token/100, token%100
	levels := m.levels(ones, total)
	coefficients := make([]int, n)
	zeros := 0
	if total > 0 && total < n {
		zeros = m.zeros(n, total)
	}
	at := total + zeros - 1
	for i, level := range levels {
		if at < 0 || m.failed != nil {
			m.fail("more coefficients than a block has")
			return coefficients
		}
		coefficients[at] = level
		at--
		if zeros > 0 && i < total-1 {
			run := m.run(zeros)
			zeros -= run
			at -= run
		}
	}
	return coefficients
}

// levels reads the signs of the trailing ones and the levels before them, from
// the highest frequency down (clause 9.2.2).
func (m *macroblocks) levels(ones, total int) []int {
	var levels []int
	for range ones {
		levels = append(levels, 1-2*int(m.bit()))
	}
	suffix := 0
	if total > 10 && ones < 3 {
		suffix = 1
	}
	for len(levels) < total && m.failed == nil {
		prefix := 0
		for m.bit() == 0 && m.failed == nil {
			prefix++
		}
		size := suffix
		if prefix == 14 && suffix == 0 {
			size = 4
		} else if prefix == 15 {
			size = 12
		} else if prefix > 15 {
			m.fail("level_prefix %d: not in baseline", prefix)
		}
		code := min(15, prefix)<<suffix + int(m.bits(size))
		if prefix == 15 && suffix == 0 {
			code += 15
		}
		if len(levels) == ones && ones < 3 {
			code += 2
		}
		level := code/2 + 1
		if code%2 == 1 {
			level = -(code + 1) / 2
		}
		levels = append(levels, level)
		if suffix == 0 {
			suffix = 1
		}
		if max(level, -level) > 3<<(suffix-1) && suffix < 6 {
			suffix++
		}
	}
	return levels
}
