//go:build unix

package ui

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// goneEvery is how often it is looked whether the reader of Out is still there.
const goneEvery = time.Second

// ReaderGone returns a channel that is closed when Out is a pipe and its reader
// went away, which a program that writes seldom would find out late. It ends
// with ctx.
func (s *Streams) ReaderGone(ctx context.Context) <-chan struct{} {
	gone := make(chan struct{})
	if s.out == nil {
		return gone
	}
	info, err := s.out.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return gone
	}
	go func() {
		ticker := time.NewTicker(goneEvery)
		defer ticker.Stop()
		for {
			// No event is asked for: an error is told all the same.
			fds := []unix.PollFd{{Fd: int32(s.out.Fd())}}
			if n, err := unix.Poll(fds, 0); n > 0 && err == nil && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0 {
				close(gone)
				return
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return gone
}
