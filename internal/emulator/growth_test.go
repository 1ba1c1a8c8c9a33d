package emulator_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// What a change writes is its own size, whatever else there is.
func TestWritesDoNotGrowWithTheState(t *testing.T) {
	writes := []ask{asks()[4], asks()[5], {
		name: "CreateStorageConfiguration", service: "ivs", method: http.MethodPost, path: "/CreateStorageConfiguration",
		body: `{"s3":{"bucketName":"recordings"}}`,
	}, {
		name: "PutRetentionPolicy", service: "logs", method: http.MethodPost, path: "/", target: "Logs_20140328.PutRetentionPolicy",
		body: `{"logGroupName":"/theirs/7","retentionInDays":30}`,
	}}
	small, large := written(t, writes, things{10, 10}), written(t, writes, things{100_000, 1000})
	for i, w := range writes {
		if small[i] == 0 || small[i] != large[i] {
			t.Errorf("%s wrote %d bytes with 20 things there, %d with 101,000", w.name, small[i], large[i])
		}
	}
}

// written is by how many bytes the journal grew with each write.
func written(t *testing.T, writes []ask, n things) (bytes []int64) {
	t.Helper()
	// Times are written in as few digits as they have.
	clock := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	dir := t.TempDir()
	server, err := emulator.Open(emulator.Options{Dir: dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	grow(t, server, n)
	for _, w := range writes {
		before := journalSize(t, dir)
		must(t, server, w)
		bytes = append(bytes, journalSize(t, dir)-before)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes
}

func journalSize(t *testing.T, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// A read looks at what it is asked for, and not at all there is: a listing that
// rolls up a folder, too.
func TestReadsDoNotGrowWithTheState(t *testing.T) {
	reads := append(asks()[:4:4],
		ask{name: "ListObjectsV2", service: "s3", method: http.MethodGet, path: "/recordings?list-type=2&delimiter=/"},
		ask{name: "ListObjectVersions", service: "s3", method: http.MethodGet, path: "/recordings?versions&delimiter=/"},
		ask{name: "ListObjectVersions behind", service: "s3", method: http.MethodGet, path: "/recordings?versions&delimiter=/&key-marker=media/"})
	small, large := allocations(t, reads, things{10, 10}), allocations(t, reads, things{50_000, 1000})
	for i, r := range reads {
		if large[i] > 1.5*small[i]+20 {
			t.Errorf("%s made %.0f allocations with 20 things there, %.0f with 51,000", r.name, small[i], large[i])
		}
	}
}

// allocations is how many allocations each read takes.
func allocations(t *testing.T, reads []ask, n things) (counts []float64) {
	t.Helper()
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	grow(t, server, n)
	for _, r := range reads {
		counts = append(counts, testing.AllocsPerRun(5, func() { must(t, server, r) }))
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	return counts
}
