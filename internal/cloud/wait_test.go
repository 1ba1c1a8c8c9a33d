package cloud

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/google/go-cmp/cmp"
)

type waitKey struct{}

// waits keeps what a Cloud waits for, and when it goes on.
type waits struct {
	mu  sync.Mutex
	all []string
}

func (w *waits) tell(ctx context.Context, what string) func() {
	add := func(text string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if who, ok := ctx.Value(waitKey{}).(string); ok {
			text = who + " " + text
		}
		w.all = append(w.all, text)
	}
	add("waits for " + what)
	return func() { add("goes on") }
}

func TestWaitsAreTold(t *testing.T) {
	throttled := jsonError(429, "ThrottlingException", "{}")
	tests := map[string]struct {
		replies []reply
		call    func(*testing.T, *Cloud) error
		want    []string
	}{
		"answered at once": {[]reply{ok("{}")}, listStorages, nil},
		"refused for good": {[]reply{jsonError(403, "AccessDeniedException", "{}")}, listStorages, nil},
		"throttled twice": {[]reply{throttled, throttled, ok("{}")}, listStorages, []string{
			"waits for another try of ivs:ListStorageConfigurations after ThrottlingException", "goes on",
			"waits for another try of ivs:ListStorageConfigurations after ThrottlingException", "goes on",
		}},
		"a create": {[]reply{throttled, ok("{}")}, createStorage, []string{
			"waits for another try of ivs:CreateStorageConfiguration after ThrottlingException", "goes on",
		}},
		"a create that may have had its effect": {[]reply{jsonError(500, "InternalServerException", "{}")}, createStorage, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			url, _ := script(t, tt.replies...)
			var w waits
			c := load(t, Options{Endpoint: url, AccessKey: "123456789012", Wait: w.tell})
			_ = tt.call(t, c)
			if diff := cmp.Diff(tt.want, w.all); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A wait ends with the call too, and is told with the call's own context.
func TestAWaitEndsWithItsCall(t *testing.T) {
	url, _ := script(t, reply{status: 429})
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), waitKey{}, "us-east-1 rule"))
	var w waits
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012", Wait: w.tell, delay: func(int, error) (time.Duration, error) {
		cancel()
		return time.Hour, nil
	}})
	_, err := Call(ctx, c.In("eu-west-1").IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{})
	if e, ok := errors.AsType[*Error](err); !ok || e.Waiting() != "another try of ivs:ListStorageConfigurations after TooManyRequests" {
		t.Errorf("%v does not tell what it waited for", err)
	}
	want := []string{"us-east-1 rule waits for another try of ivs:ListStorageConfigurations after TooManyRequests", "us-east-1 rule goes on"}
	if diff := cmp.Diff(want, w.all); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
