package cloud

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
)

func TestTrustsSystem(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		endpoint, bundle string
		want             bool
	}{
		"AWS":                             {"", "", true},
		"an endpoint with TLS":            {"https://127.0.0.1:1", "", true},
		"one without":                     {"http://127.0.0.1:1", "", false},
		"certificates of the user's own":  {"", bundle, false},
		"those, and an endpoint with TLS": {"https://127.0.0.1:1", bundle, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_ENDPOINT_URL", test.endpoint)
			t.Setenv("AWS_CA_BUNDLE", test.bundle)
			t.Setenv("AWS_CONFIG_FILE", os.DevNull)
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
			cfg, err := config.LoadDefaultConfig(t.Context(), config.WithHTTPClient(awshttp.NewBuildableClient()))
			if err != nil {
				t.Fatal(err)
			}
			if got := trustsSystem(cfg); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
