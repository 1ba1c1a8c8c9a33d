package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// marker is in the name of everything that proofs make.
const marker = "yolo-contract-"

// outcome is what came of a proof.
type outcome struct {
	failures []string
	notes    []string
	skipped  string // why, when it was
	// otherwise is what AWS does otherwise than yolo takes it, of what is open.
	otherwise []string
}

// notCleanedUp is in the failures that tell of something that may be left.
const notCleanedUp = "not cleaned up"

// check is one attempt to prove a belief. It is not a testing.T since a failed
// attempt may be followed by a better one.
type check struct {
	*account
	outcome

	ctx   context.Context
	mark  string        // in all names of this attempt
	pause time.Duration // after each change
	names int           // how many were made
	open  bool          // the belief is
	undo  []func(context.Context) error
}

// persist tries until the belief is proved or the pauses are exhausted.
func (a *account) persist(ctx context.Context, b belief, pauses []time.Duration) (o outcome) {
	for _, pause := range pauses {
		if o = a.try(ctx, b, pause); len(o.failures)+len(o.otherwise) == 0 || ctx.Err() != nil {
			break
		}
	}
	return o
}

// try makes one attempt and cleans up after it, whatever comes of it.
func (a *account) try(ctx context.Context, b belief, pause time.Duration) outcome {
	c := &check{account: a, ctx: ctx, pause: pause, open: b.open(), mark: newMark(time.Now())}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer c.cleanUp()
		defer func() {
			if p := recover(); p != nil {
				c.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		b.prove(c)
	}()
	<-ended
	return c.outcome
}

// Context ends with the test.
func (c *check) Context() context.Context { return c.ctx }

// name makes a name that nothing has yet and that every service accepts.
func (c *check) name() string {
	c.names++
	return fmt.Sprintf("%s-%d", c.mark, c.names)
}

// in is the configuration for clients in a region, whose changes are undone.
func (c *check) in(region string) aws.Config { return c.recorded(c.config(region, c.id)) }

// asStranger is the same for another account.
func (c *check) asStranger(region string) aws.Config { return c.recorded(c.config(region, stranger)) }

// apart are where what is made at home must not be seen: in another region
// and, where that can be had, in another account.
func (c *check) apart() []aws.Config {
	if !c.emulated {
		return []aws.Config{c.in(away)}
	}
	return []aws.Config{c.in(away), c.asStranger(home)}
}

// Errorf notes a failure and goes on.
func (c *check) Errorf(format string, args ...any) {
	c.failures = append(c.failures, place()+": "+fmt.Sprintf(format, args...))
}

// answerf notes an answer that is not the one that yolo builds on. Where that is
// open, AWS may give it.
func (c *check) answerf(format string, args ...any) {
	if c.open && !c.emulated {
		c.otherwise = append(c.otherwise, fmt.Sprintf(format, args...))
		return
	}
	c.Errorf(format, args...)
}

// notef notes what was seen, whatever it proves.
func (c *check) notef(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// Fatalf notes a failure and ends the attempt.
func (c *check) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	runtime.Goexit()
}

// place is the lines of the proof that are being carried out, outermost last.
func place() string {
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	var lines []string
	for {
		frame, more := frames.Next()
		file := filepath.Base(frame.File)
		if strings.Contains(frame.Function, "internal/contract") && file != "check_test.go" {
			lines = append(lines, fmt.Sprintf("%s:%d", file, frame.Line))
		}
		if !more {
			return strings.Join(lines, " from ")
		}
	}
}

// ok ends the attempt unless err is nil. Where an account is full there is
// nothing to be proved.
func (c *check) ok(err error) {
	if err == nil {
		return
	}
	if !c.emulated && full(err) {
		c.skipped = "the account has no room: " + err.Error()
		runtime.Goexit()
	}
	c.Fatalf("%v", err)
}

// full tells whether a quota that others may have used up is exhausted.
func full(err error) bool {
	api, isAPI := errors.AsType[smithy.APIError](err)
	operation, isOperation := errors.AsType[*smithy.OperationError](err)
	if !isAPI || !isOperation {
		return false
	}
	switch api.ErrorCode() {
	case "ServiceQuotaExceededException", "TooManyBuckets":
		return true
	case "LimitExceededException":
		return operation.Operation() == "PutResourcePolicy"
	}
	return false
}

// refused wants the error that AWS sends with a code, its HTTP status and a
// text. Parts of the text are for the emulator: AWS words it as it likes.
func (c *check) refused(err error, status int, code string, parts ...string) {
	if err == nil {
		c.Errorf("accepted, want %s (%d)", code, status)
		return
	}
	api, isAPI := errors.AsType[smithy.APIError](err)
	response, isHTTP := errors.AsType[*awshttp.ResponseError](err)
	if !isAPI || !isHTTP || api.ErrorCode() != code || response.HTTPStatusCode() != status {
		c.Errorf("want %s (%d), got %v", code, status, err)
		return
	}
	for _, part := range parts {
		if strings.Contains(api.ErrorMessage(), part) {
			continue
		}
		if text := fmt.Sprintf("%s says %q, not %q", code, api.ErrorMessage(), part); c.emulated {
			c.Errorf("%s", text)
		} else {
			c.notes = append(c.notes, text)
		}
	}
}

// refusedFor is refused, for one of several cases.
func (c *check) refusedFor(what string, err error, status int, code string, parts ...string) {
	before := len(c.failures)
	c.refused(err, status, code, parts...)
	for i := range c.failures[before:] {
		c.failures[before+i] += ": " + what
	}
}

// fails wants an error of the services that speak awsJson, which send 400 with
// all that are the client's.
func (c *check) fails(err error, code string, parts ...string) {
	c.refused(err, http.StatusBadRequest, code, parts...)
}

func (c *check) equal(want, got any) {
	if diff := cmp.Diff(want, got, ignoreSerde); diff != "" {
		c.Errorf("(-want +got):\n%s", diff)
	}
}

// ignoreSerde leaves out the field that the SDK's types have for themselves.
var ignoreSerde = cmp.FilterPath(func(p cmp.Path) bool {
	field, ok := p.Last().(cmp.StructField)
	return ok && field.Name() == "noSmithyDocumentSerde"
}, cmp.Ignore())
