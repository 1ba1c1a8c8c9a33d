package cloud

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
)

// The time comes from IVS's answers, whatever this machine's clock says.
func TestNowIsWhatIVSSays(t *testing.T) {
	const ahead = 3 * time.Hour
	answer := ok("{}")
	answer.header = map[string]string{"Date": time.Now().Add(ahead).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")}
	url, _ := script(t, answer)
	c := load(t, Options{Region: "eu-west-1", Endpoint: url, AccessKey: "123456789012"})
	if _, known := c.Now(); known {
		t.Error("the time is known before there was an answer")
	}
	if err := listStorages(t, c); err != nil {
		t.Fatal(err)
	}
	now, known := c.Now()
	if off := time.Until(now); !known || off < ahead-time.Minute || off > ahead+time.Minute {
		t.Errorf("known %t, and off by %v", known, off)
	}
}

// What a late answer says of the time is old: a claim made by it would be taken
// for a dead run's at once.
func TestNowIsNotReadFromLateAnswers(t *testing.T) {
	for late, want := range map[time.Duration]bool{time.Second: true, promptly: false, 20 * time.Second: false} {
		t.Run(late.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				written := time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
				w := weather{late: late, answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nDate: " + written + "\r\nContent-Length: 2\r\n\r\n{}"}
				c := w.cloud(t)
				if err := listStorages(t, c); err != nil {
					t.Fatal(err)
				}
				now, known := c.Now()
				if known != want || known && time.Since(now) > promptly {
					t.Errorf("known %t, want %t; %v behind", known, want, time.Since(now))
				}
			})
		})
	}
}

// A call whose time is over is not sent, and not sent again.
func TestNotAfter(t *testing.T) {
	url, sent := script(t, ok("{}"))
	c := load(t, Options{Region: "eu-west-1", Endpoint: url, AccessKey: "123456789012"})
	_, err := Call(NotAfter(t.Context(), time.Now().Add(-time.Second)), c.In("eu-west-1").IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{})
	if !errors.Is(err, ErrTooLate) || Ambiguous(err) || sent.Load() != 0 {
		t.Errorf("sent %d times: %v", sent.Load(), err)
	}
	if _, err := Call(NotAfter(t.Context(), time.Now().Add(time.Hour)), c.In("eu-west-1").IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{}); err != nil {
		t.Error(err)
	}
}
