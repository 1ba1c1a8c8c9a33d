package main

import (
	"cmp"
	"slices"
)

// median is the middle one of values, or the mean of the two in the middle. It
// is 0 for none.
func median[N int | float64](values []N) N {
	if len(values) == 0 {
		return 0
	}
	values = slices.Clone(values)
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// medianOf is the median of what of each of the samples.
func medianOf[N int | float64](samples []sample, what func(sample) N) N {
	values := make([]N, len(samples))
	for i, s := range samples {
		values[i] = what(s)
	}
	return median(values)
}

// typical is the sample with the median wall time, the faster one of two.
func typical(samples []sample) sample {
	if len(samples) == 0 {
		return sample{}
	}
	samples = slices.Clone(samples)
	slices.SortFunc(samples, func(a, b sample) int { return cmp.Compare(a.wall(), b.wall()) })
	return samples[(len(samples)-1)/2]
}
