package h264

func (w *bitWriter) code(c code) { w.put(c.length, c.bits) }

// block appends the coefficients of one block in scan order (clause 7.3.5.3.2):
// 16 of luma, or 4 of chroma DC.
func (w *bitWriter) block(coefficients []int32) {
	var levels, runs [16]int32 // from the last coefficient to the first
	total, zeros, run := 0, int32(0), int32(0)
	for i := len(coefficients) - 1; i >= 0; i-- {
		if coefficients[i] != 0 {
			if total > 0 {
				runs[total-1] = run
			}
			levels[total] = coefficients[i]
			total++
			run = 0
		} else if total > 0 {
			zeros++
			run++
		}
	}
	ones := trailingOnes(levels[:total])
	chroma := len(coefficients) == 4
	if chroma {
		w.code(coeffTokenChroma[ones][total])
	} else {
		w.code(coeffToken[ones][total])
	}
	if total == 0 {
		return
	}
	w.levels(levels[:total], ones)
	switch {
	case total == len(coefficients):
	case chroma:
		w.code(totalZerosChroma[total-1][zeros])
	default:
		w.code(totalZeros[total-1][zeros])
	}
	for i := 0; i < total-1 && zeros > 0; i++ {
		w.code(runBefore[min(zeros, 7)-1][runs[i]])
		zeros -= runs[i]
	}
}

// trailingOnes counts the levels of 1 and -1 that come first here and last in
// the scan, three at most.
func trailingOnes(levels []int32) int {
	n := 0
	for n < len(levels) && n < 3 && (levels[n] == 1 || levels[n] == -1) {
		n++
	}
	return n
}

// levels appends the signs of the trailing ones and the other levels (clause
// 9.2.2.1). No level here is beyond the 12 bits of the escape code.
func (w *bitWriter) levels(levels []int32, ones int) {
	for _, level := range levels[:ones] {
		w.flag(level < 0)
	}
	length := uint(0)
	if len(levels) > 10 && ones < 3 {
		length = 1
	}
	for i, level := range levels[ones:] {
		value := 2*level - 2
		if level < 0 {
			value = -2*level - 1
		}
		if i == 0 && ones < 3 {
			value -= 2 // it is no 1, or it would be a trailing one
		}
		w.level(length, uint32(value))
		length = nextLength(length, max(level, -level))
	}
}

// level appends one level as prefix and suffix of length bits (clause 9.2.2.1).
func (w *bitWriter) level(length uint, value uint32) {
	switch escape := uint32(15) << length; {
	case length == 0 && value < 14:
		w.put(uint(value)+1, 1)
	case length == 0 && value < 30:
		w.put(15, 1)
		w.put(4, value-14)
	case length == 0:
		w.put(16, 1)
		w.put(12, value-30)
	case value < escape:
		w.put(uint(value>>length)+1, 1)
		w.put(length, value)
	default:
		w.put(16, 1)
		w.put(12, value-escape)
	}
}

// nextLength is the suffix length of the level after one of that size.
func nextLength(length uint, size int32) uint {
	if length == 0 {
		length = 1
	}
	if length < 6 && size > 3<<(length-1) {
		length++
	}
	return length
}
