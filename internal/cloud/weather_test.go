package cloud

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
)

// weather is an AWS that is not well. It keeps when each attempt began.
type weather struct {
	connect func() error
	answer  string        // HTTP; "" lets the client wait, closing does not
	late    time.Duration // how long the answer takes
	begun   []time.Time
}

const closing = "closing"

// dial connects to it through memory, so that time is virtual.
func (w *weather) dial(context.Context, string, string) (net.Conn, error) {
	w.begun = append(w.begun, time.Now())
	if w.connect != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: w.connect()}
	}
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		request, err := http.ReadRequest(bufio.NewReader(there))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
		if w.answer == closing {
			return
		}
		time.Sleep(w.late)
		_, _ = io.WriteString(there, w.answer)
		_, _ = io.Copy(io.Discard, there) // until the client closes it
	}()
	return here, nil
}

func answering(status, code string) string {
	return "HTTP/1.1 " + status + "\r\nConnection: close\r\nX-Amzn-ErrorType: " + code + "\r\nContent-Length: 2\r\n\r\n{}"
}

// cloud is the way to it.
func (w *weather) cloud(t *testing.T) *Cloud {
	t.Helper()
	c := load(t, Options{Endpoint: "http://ivs.invalid", AccessKey: "123456789012", delay: backoff})
	c.base.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
		transport.DialContext, transport.ResponseHeaderTimeout, transport.DisableKeepAlives = w.dial, answerTimeout, true
	})
	return c
}

// list makes a read in this weather, as far as a run's time lets it, and returns
// how long it took.
func (w *weather) list(t *testing.T, timeout time.Duration) (time.Duration, error) {
	t.Helper()
	c := w.cloud(t)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	begun := time.Now()
	_, err := Call(ctx, c.In("eu-west-1").IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{})
	return time.Since(begun), err
}

// In every weather tries are spaced out at random, each time further at most,
// and end when it is no use or the run's time is over, not a moment later.
func TestWeather(t *testing.T) {
	tests := map[string]struct {
		weather
		code  string
		tries int
		// within is how long it takes at most, with time enough.
		within time.Duration
	}{
		"throttled":       {weather{answer: answering("429 Too Many Requests", "ThrottlingException")}, "ThrottlingException", attempts, 17 * time.Second},
		"failing inside":  {weather{answer: answering("500 Internal Server Error", "InternalServerException")}, "InternalServerException", attempts, 17 * time.Second},
		"refused":         {weather{connect: func() error { return syscall.ECONNREFUSED }}, CodeUnreachable, brokenAttempts, 3 * time.Second},
		"no such host":    {weather{connect: func() error { return &net.DNSError{Err: "no such host", IsNotFound: true} }}, CodeNoSuchHost, 1, 0},
		"resolver down":   {weather{connect: func() error { return &net.DNSError{Err: "server misbehaving", IsTemporary: true} }}, CodeNoSuchHost, brokenAttempts, 3 * time.Second},
		"hanging":         {weather{}, CodeNoAnswer, timeoutAttempts, 3*answerTimeout + time.Second},
		"closing":         {weather{answer: closing}, CodeUnreachable, brokenAttempts, 3 * time.Second},
		"somebody else's": {weather{answer: strings.Replace(answering("503 Service Unavailable", ""), "{}", "<h", 1)}, CodeInvalidAnswer, attempts, 17 * time.Second},
	}
	for name, tt := range tests {
		for _, timeout := range []time.Duration{100 * time.Millisecond, time.Second, 10 * time.Second, 45 * time.Second, 5 * time.Minute} {
			t.Run(name+" within "+timeout.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := weather{connect: tt.connect, answer: tt.answer}
					took, err := w.list(t, timeout)
					if took > min(timeout, tt.within) {
						t.Errorf("it took %v: %v", took, err)
					}
					if took < timeout && (len(w.begun) != tt.tries || !Is(err, tt.code)) {
						t.Errorf("after %d tries, want %d: %v, want %s", len(w.begun), tt.tries, err, tt.code)
					}
				})
			})
		}
	}
}

// Those who were turned away together do not come back together.
func TestTriesAreSpacedAtRandom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 10 {
			w := weather{answer: answering("429 Too Many Requests", "ThrottlingException")}
			_, _ = w.list(t, time.Hour)
			for i := 1; i < len(w.begun); i++ {
				pause := w.begun[i].Sub(w.begun[i-1])
				// The limit of IVS's rate may add to the pause.
				if pause > longestPause(i)+time.Second {
					t.Errorf("a pause of %v after try %d", pause, i)
				}
				seen[pause] = true
			}
		}
		if len(seen) < 10*(attempts-1)/2 {
			t.Errorf("only %d different pauses", len(seen))
		}
	})
}
