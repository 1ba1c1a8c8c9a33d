//go:build race

package emulatortest

// Raced tells whether the race detector is on: it makes each case of a test take
// long, and finds in some of a kind what it finds in any.
const Raced = true
