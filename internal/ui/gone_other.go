//go:build !unix

package ui

import "context"

// ReaderGone returns a channel that is never closed: a reader that went away is
// noticed at the next write.
func (s *Streams) ReaderGone(context.Context) <-chan struct{} { return make(chan struct{}) }
