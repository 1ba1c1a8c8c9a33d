package cli

import (
	"runtime"
	"runtime/debug"
)

const (
	usualPercent = 100 // Go's own, GOGC
	// latePercent has the first garbage collection wait until there are 24 MB,
	// of which a first run over all of IVS's regions takes 12: Go's smallest
	// heap is 4 MB at usualPercent (package runtime/debug).
	latePercent = 600
)

// collectLate spares a run garbage collections that free next to nothing, and
// ends long before memory is short. From the first one on, which commands that
// stay come to, the heap is kept as Go does it. Whoever sets GOGC has it kept so
// from the start. It is called once a process.
func collectLate() {
	if before := debug.SetGCPercent(latePercent); before != usualPercent {
		debug.SetGCPercent(before)
		return
	}
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, usualPercent)
}
