package ffmpeg_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/ffmpeg"
	"github.com/yolo-live/yolo/internal/recording/media"
)

// fakes are what this test is when it is run as an ffmpeg, by the name of the
// folder that it lies in.
var fakes = map[string]func(segment []byte) int{
	"bars":  func([]byte) int { return write(60, func(i int) byte { return byte(i % 64 * 4) }) },
	"black": func([]byte) int { return write(60, func(i int) byte { return byte(i % 8) }) },
	"grey":  func([]byte) int { return write(60, func(int) byte { return 128 }) },
	// A mark in a corner of a black picture is not enough.
	"mark":    func([]byte) int { return write(1, func(i int) byte { return byte(200 * (1 - min(i/20, 1))) }) },
	"fade":    func([]byte) int { return write(60, func(i int) byte { return byte(i / (64 * 36) * (i % 4)) }) },
	"nothing": func([]byte) int { return 0 },
	"half":    func([]byte) int { _, _ = os.Stdout.Write(make([]byte, 1000)); return 0 },
	"endless": func([]byte) int { return write(1_000_000, func(int) byte { return 1 }) },
	"fails": func(segment []byte) int {
		_, _ = os.Stderr.WriteString(strings.Repeat("noise\n", 10) + "pipe:0: Invalid \x1b[31mdata: " + string(segment) + "\n")
		return 1
	},
	"hangs": func([]byte) int { time.Sleep(time.Hour); return 0 },
}

func write(pictures int, sample func(int) byte) int {
	one := make([]byte, 64*36)
	for n := range pictures {
		for i := range one {
			one[i] = sample(n*len(one) + i)
		}
		if _, err := os.Stdout.Write(one); err != nil {
			return 1
		}
	}
	return 0
}

func TestMain(m *testing.M) {
	self := os.Args[0]
	if fake := fakes[filepath.Base(filepath.Dir(self))]; fake != nil && strings.HasPrefix(filepath.Base(self), "ffmpeg") && slices.Contains(os.Args, "pipe:0") {
		segment, err := io.ReadAll(os.Stdin)
		if err != nil {
			os.Exit(2)
		}
		os.Exit(fake(segment))
	}
	os.Exit(m.Run())
}

// fake puts an ffmpeg into a folder, and returns its path.
func fake(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name, "ffmpeg")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Link(self, path) == nil {
		return path
	}
	program, err := os.ReadFile(self) // the folders may be on two disks
	if err == nil {
		err = os.WriteFile(path, program, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestView: pictures are counted, and those that show nothing; an ffmpeg that
// fails, or writes anything else, proves nothing.
func TestView(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want recording.Pictures
		err  string
	}{
		"bars":    {want: recording.Pictures{Decoded: 60}},
		"black":   {want: recording.Pictures{Decoded: 60, Empty: 60}},
		"grey":    {want: recording.Pictures{Decoded: 60, Empty: 60}},
		"mark":    {want: recording.Pictures{Decoded: 1, Empty: 1}},
		"fade":    {want: recording.Pictures{Decoded: 60, Empty: 9}},
		"nothing": {},
		"half":    {err: "something else than pictures"},
		"endless": {err: "more than it was asked for"},
		"fails":   {err: `exit status 1: "pipe:0: Invalid \x1b[31mdata: segment"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ffmpeg.At(fake(t, name))(t.Context(), media.TS, []byte("segment"))
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%v, want %q", err, c.err)
			}
		})
	}
}

// TestKilled: an interruption kills an ffmpeg that hangs.
func TestKilled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	path := fake(t, "hangs")
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := ffmpeg.At(path)(ctx, media.TS, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestSlow: an ffmpeg that hangs is given up, whatever it has written by then.
func TestSlow(t *testing.T) {
	t.Parallel()
	p, err := ffmpeg.Within(fake(t, "hangs"), 200*time.Millisecond)(t.Context(), media.TS, nil)
	if err == nil || err.Error() != "ffmpeg was not done within 200ms" || p.Decoded != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestGone: an ffmpeg that cannot be run is an error.
func TestGone(t *testing.T) {
	t.Parallel()
	if _, err := ffmpeg.At(filepath.Join(t.TempDir(), "ffmpeg"))(t.Context(), media.TS, nil); err == nil {
		t.Error("no error")
	}
}

// TestFind: the PATH decides; without an ffmpeg on it nobody looks.
func TestFind(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if ffmpeg.Find() != nil {
		t.Error("found where none is")
	}
	t.Setenv("PATH", filepath.Dir(fake(t, "bars")))
	view := ffmpeg.Find()
	if view == nil {
		t.Fatal("not found")
	}
	if p, err := view(t.Context(), media.TS, nil); err != nil || p.Decoded != 60 || p.Empty != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestReal: a true ffmpeg, where there is one, sees the pictures of both
// containers.
func TestReal(t *testing.T) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("there is no ffmpeg")
	}
	for _, c := range []struct {
		container media.Container
		files     []string
		pictures  int
	}{{media.TS, []string{"show.ts"}, 60}, {media.MP4, []string{"init.mp4", "segment.mp4"}, 10}} {
		var segment []byte
		for _, name := range c.files {
			b, err := os.ReadFile(filepath.Join("..", "media", "testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			segment = append(segment, b...)
		}
		if p, err := ffmpeg.At(path)(t.Context(), c.container, segment); err != nil || p.Decoded != c.pictures || p.Empty != 0 {
			t.Errorf("%s: %+v, %v", c.container, p, err)
		}
	}
	if p, err := ffmpeg.At(path)(t.Context(), media.TS, bytes.Repeat([]byte("#EXTM3U\nfile:///etc/passwd\n"), 50)); err == nil {
		t.Errorf("a playlist for a segment: %+v", p)
	}
}
