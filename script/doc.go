// Package script holds whole-binary tests: the shipped program, run by the
// scripts in testdata, each against an emulated AWS of its own over HTTP.
//
// The scripts are the specification of the command line. What they can say
// beyond testscript's own words is at the head of commands_test.go and of
// terminal_test.go. To rewrite their golden parts after a change that is meant:
// go test ./script -update, and read the difference.
package script
