package h264

// quantizer is QP of every block, luma and chroma. At 10 a luma block's 16
// means, all even or all odd, and a colour block's 4, whatever they are, come
// back exactly from whole coefficients (clauses 8.5.10 and 8.5.11): the scaling
// undoes exactly the factor below, and the largest luma coefficient, 8 x 255,
// still has a code (see level).
const quantizer = 10

// zigzag is the scan of a 4x4 block, by rows (Table 8-13).
var zigzag = [16]int{0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15}

// lumaDC returns the coefficients, in scan order, that make the 16 cells of a
// macroblock differ from their prediction by those differences. The differences
// less the first must be even.
func lumaDC(differences [16]int32) (coefficients [16]int32) {
	for i := 0; i < 16; i += 4 {
		hadamard(&differences, i, 1)
	}
	for i := range 4 {
		hadamard(&differences, i, 4)
	}
	for i, from := range zigzag {
		coefficients[i] = differences[from] / 2
	}
	return coefficients
}

// hadamard transforms the four values at from, from+step and so on.
func hadamard(v *[16]int32, from, step int) {
	a, b, c, d := v[from], v[from+step], v[from+2*step], v[from+3*step]
	v[from] = a + b + c + d
	v[from+step] = a + b - c - d
	v[from+2*step] = a - b - c + d
	v[from+3*step] = a - b + c - d
}

// chromaDC is lumaDC for the four cells of Cb or Cr; any differences will do.
func chromaDC(v [4]int32) (coefficients [4]int32) {
	return [4]int32{
		v[0] + v[1] + v[2] + v[3],
		v[0] - v[1] + v[2] - v[3],
		v[0] + v[1] - v[2] - v[3],
		v[0] - v[1] - v[2] + v[3],
	}
}

// lumaPrediction is the mean of the neighbours above and to the left, from which
// the macroblock differs (clause 8.3.3.3). As every decoded block equals what was
// drawn, they are read from the picture itself.
func (p *Picture) lumaPrediction(column, row int) int32 {
	stride := 4 * p.columns
	at := 4*row*stride + 4*column
	var sum, count int32
	for i := range 4 {
		if row > 0 {
			sum += int32(p.luma[at-stride+i])
			count++
		}
		if column > 0 {
			sum += int32(p.luma[at-1+i*stride])
			count++
		}
	}
	if count == 0 {
		return 128
	}
	return (sum + count/2) / count
}

// chromaPrediction is the same for the four cells of Cb or Cr, each of which has
// a prediction of its own (clause 8.3.4).
func (p *Picture) chromaPrediction(plane []uint8, column, row int) (prediction [4]int32) {
	stride := 2 * p.columns
	at := 2*row*stride + 2*column
	for i := range 4 {
		x, y := i%2, i/2
		var above, left int32
		if row > 0 {
			above = int32(plane[at-stride+x])
		}
		if column > 0 {
			left = int32(plane[at-1+y*stride])
		}
		switch {
		case row == 0 && column == 0:
			prediction[i] = 128
		case row == 0:
			prediction[i] = left
		case column == 0:
			prediction[i] = above
		case x == y:
			prediction[i] = (above + left + 1) / 2
		case x > y:
			prediction[i] = above
		default:
			prediction[i] = left
		}
	}
	return prediction
}
