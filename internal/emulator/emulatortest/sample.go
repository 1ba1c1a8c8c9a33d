package emulatortest

// Sample is all of the cases, or a fixed sample of them where Raced.
func Sample[T any](all []T) []T {
	if !Raced {
		return all
	}
	var some []T
	for i := 0; i < len(all); i += 5 {
		some = append(some, all[i])
	}
	return some
}
