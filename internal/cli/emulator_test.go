package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
)

// TestEmulatorHelpNamesEveryFault: who reads the help knows all that can go wrong.
func TestEmulatorHelpNamesEveryFault(t *testing.T) {
	_, err := emulator.ParseFault("op=x")
	if err == nil {
		t.Fatal("a fault that says nothing of what goes wrong was taken")
	}
	_, list, _ := strings.Cut(err.Error(), "add one of ")
	kinds := regexp.MustCompile(`[a-z]+(-[a-z]+)*`).FindAllString(strings.ReplaceAll(list, " or ", ", "), -1)
	if len(kinds) < 16 {
		t.Fatalf("%q are all kinds of faults", kinds)
	}
	help := (&app{}).newEmulator().Long
	for _, kind := range kinds {
		if !regexp.MustCompile(`\b` + kind + `\b`).MatchString(help) {
			t.Errorf("yolo emulator --help does not name the fault %s", kind)
		}
	}
}
