//go:build race

package script

// atOnce is how many tests run side by side, unless -parallel says otherwise:
// less than without the race detector, which keeps the machine busy.
const atOnce = "8"
