package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that is done once the program was asked to
// stop. What is under way then comes to its end. At a second request quit is
// called, which is to end the program at once. Release gives the signals back.
func interruptible(ctx context.Context, quit func()) (stop context.Context, release func()) {
	stop, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	over := make(chan struct{})
	go func() {
		for _, act := range []func(){cancel, quit} {
			select {
			case <-signals:
				act()
			case <-over:
				return
			}
		}
	}()
	return stop, func() {
		signal.Stop(signals)
		close(over)
		cancel()
	}
}
