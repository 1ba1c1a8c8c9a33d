//go:build !race

package script

// atOnce is how many tests run side by side, unless -parallel says otherwise.
// What takes their time is yolo's waiting for AWS, not the machine.
const atOnce = "16"
