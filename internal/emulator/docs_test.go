package emulator_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
)

// Every fault that the document shows can be armed, and it shows every kind.
func TestFaultsOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z-]+)=?` \\|.*\\| `([^`]+)` \\|$").FindAllStringSubmatch(string(document), -1)
	shown := map[emulator.Kind]bool{}
	for _, row := range rows {
		fault, err := emulator.ParseFault(row[2])
		if err != nil || string(fault.Kind) != row[1] {
			t.Errorf("%s: %q is of kind %q, %v", row[1], row[2], fault.Kind, err)
		}
		shown[fault.Kind] = true
	}
	_, err = emulator.ParseFault("op=x")
	if err == nil {
		t.Fatal("a fault of no kind was taken")
	}
	_, list, _ := strings.Cut(err.Error(), "add one of ")
	for kind := range strings.SplitSeq(strings.ReplaceAll(list, " or ", ", "), ", ") {
		if name, _, _ := strings.Cut(kind, "="); name != "" && !shown[emulator.Kind(name)] {
			t.Errorf("the document does not show the kind %s", name)
		}
	}
	if len(rows) == 0 {
		t.Error("the document shows no faults")
	}
}
