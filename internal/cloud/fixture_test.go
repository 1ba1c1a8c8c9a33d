package cloud

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
)

// cleanEnv leaves the test no AWS variable and a shared configuration of its
// own.
func cleanEnv(t *testing.T, config string) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // has the test's end restore it
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(home, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(home, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func withKeys(t *testing.T) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "the-secret")
}

func load(t *testing.T, options Options) *Cloud {
	t.Helper()
	if options.Region == "" {
		options.Region = "eu-west-1"
	}
	if options.delay == nil {
		options.delay = func(int, error) (time.Duration, error) { return 0, nil }
	}
	c, err := Load(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reply is one answer of a scripted AWS.
type reply struct {
	status int
	header map[string]string
	body   string
	// broken ends the connection: "close" without a byte, "cut" within the
	// body.
	broken string
}

// script answers with one reply after the other, the last one again and again.
func script(t *testing.T, replies ...reply) (url string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(requests.Add(1))
		// A connection that is closed before its request was read is reset.
		_, _ = io.Copy(io.Discard, r.Body)
		replies[min(n, len(replies))-1].send(w)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func (r reply) send(w http.ResponseWriter) {
	if r.broken == "close" {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
		return
	}
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	if r.broken == "cut" {
		w.Header().Set("Content-Length", fmt.Sprint(len(r.body)+100))
	}
	w.WriteHeader(r.status)
	_, _ = w.Write([]byte(r.body))
}

func ok(body string) reply { return reply{status: 200, body: body} }

// jsonError is an error as IVS, Logs and EventBridge send it.
func jsonError(status int, code, body string) reply {
	return reply{status: status, header: map[string]string{"X-Amzn-ErrorType": code, "X-Amzn-Requestid": "req-1", "Content-Type": "application/json"}, body: body}
}

// xmlError is an error as S3 sends it.
func xmlError(status int, code, message string) reply {
	return reply{
		status: status, header: map[string]string{"X-Amz-Request-Id": "req-1", "Content-Type": "application/xml"},
		body: fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message></Error>", code, message),
	}
}

func createStorage(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").IVS.CreateStorageConfiguration, storageInput, Unrepeated)
	return err
}

func listStorages(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").IVS.ListStorageConfigurations, &ivsrealtime.ListStorageConfigurationsInput{})
	return err
}

// dial replaces how the clients that are made from now on connect.
func dial(c *Cloud, connect func() (net.Conn, error)) {
	c.base.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.DialContext = func(context.Context, string, string) (net.Conn, error) { return connect() }
	})
}
