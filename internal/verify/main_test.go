package verify

import (
	"flag"
	"os"
	"testing"
)

// atOnce is how many shows run side by side, unless -parallel says otherwise.
// What takes their time is waiting for AWS, not the machine.
const atOnce = "8"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOnce); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
