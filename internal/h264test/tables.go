package h264test

import "strings"

// words makes a table of code words for the values 0, 1, 2 and so on.
func words(text string) map[string]int {
	table := map[string]int{}
	for i, word := range strings.Fields(text) {
		table[word] = i
	}
	return table
}

// tokens makes a table of coeff_token: the words for 0, 1, ... trailing ones in a
// line each, for as many and more coefficients. The value is a hundred times the
// ones and the coefficients.
func tokens(lines ...string) map[string]int {
	table := map[string]int{}
	for ones, line := range lines {
		for i, word := range strings.Fields(line) {
			table[word] = 100*ones + ones + i
		}
	}
	return table
}

// lumaTokens is Table 9-5 for 0 <= nC < 2.
var lumaTokens = tokens(
	`1 000101 00000111 000000111 0000000111 00000000111 0000000001111 0000000001011 0000000001000
	 00000000001111 00000000001011 000000000001111 000000000001011
	 0000000000001111 0000000000001011 0000000000000111 0000000000000100`,
	`01 000100 00000110 000000110 0000000110 00000000110 0000000001110 0000000001010
	 00000000001110 00000000001010 000000000001110 000000000001010 000000000000001
	 0000000000001110 0000000000001010 0000000000000110`,
	`001 0000101 00000101 000000101 0000000101 00000000101 0000000001101
	 0000000001001 00000000001101 00000000001001 000000000001101 000000000001001
	 0000000000001101 0000000000001001 0000000000000101`,
	`00011 000011 0000100 00000100 000000100 0000000100
	 00000000100 0000000001100 00000000001100 00000000001000 000000000001100 000000000001000
	 0000000000001100 0000000000001000`,
)

// chromaTokens is Table 9-5 for nC = -1.
var chromaTokens = tokens(
	`01 000111 000100 000011 000010`,
	`1 000110 0000011 00000011`,
	`001 0000010 00000010`,
	`000101 0000000`,
)

// zeroWords is Tables 9-7 and 9-8, by coefficients less one.
var zeroWords = []map[string]int{
	words("1 011 010 0011 0010 00011 00010 000011 000010 0000011 0000010 00000011 00000010 000000011 000000010 000000001"),
	words("111 110 101 100 011 0101 0100 0011 0010 00011 00010 000011 000010 000001 000000"),
	words("0101 111 110 101 0100 0011 100 011 0010 00011 00010 000001 00001 000000"),
	words("00011 111 0101 0100 110 101 100 0011 011 0010 00010 00001 00000"),
	words("0101 0100 0011 111 110 101 100 011 0010 00001 0001 00000"),
	words("000001 00001 111 110 101 100 011 010 0001 001 000000"),
	words("000001 00001 101 100 011 11 010 0001 001 000000"),
	words("000001 0001 00001 011 11 10 010 001 000000"),
	words("000001 000000 0001 11 10 001 01 00001"),
	words("00001 00000 001 11 10 01 0001"),
	words("0000 0001 001 010 1 011"),
	words("0000 0001 01 1 001"),
	words("000 001 1 01"),
	words("00 01 1"),
	words("0 1"),
}

// chromaZeroWords is Table 9-9(a).
var chromaZeroWords = []map[string]int{
	words("1 01 001 000"),
	words("1 01 00"),
	words("1 0"),
}

// runWords is Table 9-10, by zeros left less one, the last for 7 and more.
var runWords = []map[string]int{
	words("1 0"),
	words("1 01 00"),
	words("11 10 01 00"),
	words("11 10 01 001 000"),
	words("11 10 011 010 001 000"),
	words("11 000 001 011 010 101 100"),
	words("111 110 101 100 011 010 001 0001 00001 000001 0000001 00000001 000000001 0000000001 00000000001"),
}

func (r *reader) zeros(n, total int) int {
	if n == 4 {
		return r.word(chromaZeroWords[total-1], "total_zeros")
	}
	return r.word(zeroWords[total-1], "total_zeros")
}

func (r *reader) run(zeros int) int {
	return r.word(runWords[min(zeros, 7)-1], "run_before")
}
