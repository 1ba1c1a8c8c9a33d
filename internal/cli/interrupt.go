package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// echo is for how long after the first request to stop another one is taken for
// the same. What ends programs, such as timeout(1) and npm, sends its signal to
// the program and to the program's group, so that it comes twice at once.
const echo = 500 * time.Millisecond

// interruptible returns a context that is done once the program was asked to
// stop. What is under way then comes to its end. At a second request quit is
// called, which is to end the program at once. Release gives the signals back.
func interruptible(ctx context.Context, quit func()) (stop context.Context, release func()) {
	stop, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	over := make(chan struct{})
	go heed(signals, over, cancel, quit)
	return stop, func() {
		signal.Stop(signals)
		close(over)
		cancel()
	}
}

// heed calls stop at the first signal, and quit at the first one behind its echo.
func heed(signals <-chan os.Signal, over <-chan struct{}, stop, quit func()) {
	var asked time.Time
	for {
		select {
		case <-signals:
		case <-over:
			return
		}
		switch {
		case asked.IsZero():
			asked = time.Now()
			stop()
		case time.Since(asked) >= echo:
			quit()
			return
		}
	}
}
