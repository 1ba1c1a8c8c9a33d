package cloud

import (
	"errors"
	"testing"
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
