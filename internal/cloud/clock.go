package cloud

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// clock is IVS's, beside this machine's.
type clock struct {
	off   atomic.Int64 // a time.Duration
	known atomic.Bool
}

// promptly is how long an answer may take that the time is read from: AWS wrote
// that into it at some moment in between.
const promptly = 5 * time.Second

// Now is the time by IVS's clock, as its last prompt answer told it: to a second
// or so, and never more than promptly behind. Known is false before there was any.
func (c *Cloud) Now() (now time.Time, known bool) {
	return time.Now().Add(time.Duration(c.clock.off.Load())), c.clock.known.Load()
}

// read takes the time from an answer of IVS's to what was sent at begun. A
// machine that slept meanwhile has it late, which only the wall clock tells.
func (c *clock) read(ctx context.Context, begun time.Time, metadata middleware.Metadata) {
	off, ok := awsmiddleware.GetAttemptSkew(metadata)
	arrived, _ := awsmiddleware.GetResponseAt(metadata)
	if took := arrived.Round(0).Sub(begun.Round(0)); ok && took >= 0 && took < promptly && awsmiddleware.GetServiceID(ctx) == ivsServiceID {
		c.off.Store(int64(off))
		c.known.Store(true)
	}
}

// ErrTooLate is why a call was not sent that NotAfter bounds.
var ErrTooLate = errors.New("it is too late for this call")

type notAfterKey struct{}

// NotAfter has no attempt of a call begin after a time by the wall clock. Unlike
// a context's deadline that goes on while the machine sleeps.
func NotAfter(ctx context.Context, last time.Time) context.Context {
	return context.WithValue(ctx, notAfterKey{}, last.Round(0)) // without the clock that stops
}

// TooLate tells whether the time of NotAfter is over; without one it never is.
func TooLate(ctx context.Context) bool {
	last, bounded := ctx.Value(notAfterKey{}).(time.Time)
	return bounded && time.Now().After(last)
}
