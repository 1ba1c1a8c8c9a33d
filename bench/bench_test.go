// Package bench measures the program that is shipped: how long it takes to
// start, and how long a run takes that finds everything in place. Run it with
// go test -bench . ./bench; each measurement includes the start of a process.
package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// BenchmarkVersionStart is the time that every command takes before it does
// anything.
func BenchmarkVersionStart(b *testing.B) {
	yolo := build(b)
	for b.Loop() {
		run(b, yolo, "version")
	}
}

// BenchmarkSecondRun syncs seven regions that are in sync, against the embedded
// AWS without latency.
func BenchmarkSecondRun(b *testing.B) {
	for _, layout := range []string{"shared", "regional"} {
		b.Run(layout, func(b *testing.B) {
			yolo := build(b)
			file := writeManifest(b, layout)
			args := []string{"sync", "production", "--emulator", "--json", "--file", file}
			if first := requestsOf(b, run(b, yolo, args...)); first.Mutating == 0 {
				b.Fatal("the first run made nothing")
			}
			var out []byte
			for b.Loop() {
				out = run(b, yolo, args...)
			}
			second := requestsOf(b, out)
			if second.Mutating != 0 {
				b.Fatalf("the second run sent %d mutating requests", second.Mutating)
			}
			b.ReportMetric(float64(second.Total), "requests/op")
		})
	}
}

// build makes the program as a release does.
func build(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "yolo")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", name, "../cmd/yolo").CombinedOutput()
	if err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return name
}

func writeManifest(b *testing.B, layout string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "yolo.yml")
	text := fmt.Sprintf(`name: liveplatforms
environments:
  production:
    aws:
      ivs:
        logging: true
        regions: [us-east-1, us-west-2, eu-west-1, eu-central-1, ap-south-1, ap-northeast-1, ap-northeast-2]
        recording: {real_time: true, bucket: %s}
`, layout)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// run runs the program and returns its standard output.
func run(b *testing.B, yolo string, args ...string) []byte {
	b.Helper()
	out, err := exec.Command(yolo, args...).Output()
	if err != nil {
		b.Fatalf("yolo %q: %v", args, err)
	}
	return out
}

type requests struct{ Total, Mutating int }

func requestsOf(b *testing.B, document []byte) requests {
	b.Helper()
	var d struct{ Requests requests }
	if err := json.Unmarshal(document, &d); err != nil {
		b.Fatal(err)
	}
	return d.Requests
}
