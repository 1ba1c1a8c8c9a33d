// Package ffmpeg looks at the pictures of a segment with the ffmpeg that is on
// this machine, if there is one: whether they are black. Nothing else in yolo
// decodes a picture.
//
// ffmpeg is run without a shell, gets the segment on its standard input and may
// open nothing else; its time and what it may write are bounded. Start at Find.
package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/recording/media"
)

// Pictures are made small and grey: one byte a sample, black 0 and white 255.
const (
	width, height = 64, 36
	frame         = width * height
	// most is how many are looked at: 2 s at 30 a second.
	most = 60
	// patience is how long decoding these may take.
	patience = 15 * time.Second
)

var (
	errLoud  = errors.New("ffmpeg wrote more than it was asked for")
	errOther = errors.New("ffmpeg wrote something else than pictures")
)

// Find is a viewer with the ffmpeg on the PATH, nil when there is none.
func Find() recording.Viewer {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil
	}
	return At(path)
}

// At is a viewer with the ffmpeg at a path. When its context is done, ffmpeg is
// killed.
func At(path string) recording.Viewer { return within(path, patience) }

func within(path string, limit time.Duration) recording.Viewer {
	return func(ctx context.Context, container media.Container, segment []byte) (recording.Pictures, error) {
		raw, err := decode(ctx, path, limit, container, segment)
		if err != nil {
			return recording.Pictures{}, err
		}
		return judge(raw), nil
	}
}

// arguments have ffmpeg write the first pictures of a segment as raw bytes. That
// it is told the format keeps it from taking a playlist for a segment.
func arguments(container media.Container) []string {
	format := "mpegts"
	if container == media.MP4 {
		format = "mp4"
	}
	return []string{
		"-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe",
		"-f", format, "-i", "pipe:0", "-map", "0:v:0", "-frames:v", strconv.Itoa(most),
		"-vf", fmt.Sprintf("scale=%d:%d,format=gray", width, height), "-f", "rawvideo", "pipe:1",
	}
}

func decode(ctx context.Context, path string, limit time.Duration, container media.Container, segment []byte) ([]byte, error) {
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("ffmpeg was not done within %v", limit))
	defer cancel()
	cmd := exec.CommandContext(limited, path, arguments(container)...)
	cmd.WaitDelay = time.Second // for pipes that a child of its own keeps open
	out, said := &bounded{most: most * frame, over: errLoud}, &bounded{most: 1 << 10}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(segment), out, said
	err := cmd.Run()
	raw := out.kept
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, context.Cause(limited)
	case out.full:
		return nil, errLoud
	case err != nil:
		return nil, fmt.Errorf("ffmpeg: %w%s", err, lastLine(string(said.kept)))
	case len(raw)%frame != 0:
		return nil, errOther
	}
	return raw, nil
}

// lastLine is the last one of what ffmpeg said, which tells most.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return ": " + strconv.Quote(last)
	}
	return ""
}

// bounded keeps so many bytes. What comes then is dropped, or with over ends the
// writing. It is no bytes.Buffer, whose ReadFrom knows no bound.
type bounded struct {
	kept []byte
	most int
	over error
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := min(b.most-len(b.kept), len(p))
	b.kept = append(b.kept, p[:room]...)
	if room == len(p) {
		return len(p), nil
	}
	b.full = true
	return len(p), b.over
}

// judge counts pictures, and those of them that are black or of one shade.
func judge(raw []byte) recording.Pictures {
	var p recording.Pictures
	for ; len(raw) >= frame; raw = raw[frame:] {
		p.Decoded++
		if empty(raw[:frame]) {
			p.Empty++
		}
	}
	return p
}

// empty tells whether 98 of 100 samples of a picture are black, which is up to a
// tenth of white, as ffmpeg's own blackdetect has it; or all alike.
func empty(picture []byte) bool {
	const black, alike = 25, 12
	dark, least, greatest := 0, byte(255), byte(0)
	for _, b := range picture {
		if b <= black {
			dark++
		}
		least, greatest = min(least, b), max(greatest, b)
	}
	return dark*100 >= len(picture)*98 || greatest-least < alike
}
