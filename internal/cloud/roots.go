package cloud

import (
	"crypto/x509"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// readRoots has the system's certificates read while the first connections are
// begun. Go reads them when the first one is to be verified, and for so long all
// of them would wait: some 15 ms for a Linux system's 145.
func readRoots(cfg aws.Config) {
	if trustsSystem(cfg) {
		go func() { _, _ = x509.SystemCertPool() }()
	}
}

// trustsSystem tells whether connections are verified with the system's
// certificates: not over plain HTTP, nor where AWS_CA_BUNDLE names others.
func trustsSystem(cfg aws.Config) bool {
	if endpoint := aws.ToString(cfg.BaseEndpoint); endpoint != "" && !strings.HasPrefix(endpoint, "https:") {
		return false
	}
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		return false
	}
	tls := client.GetTransport().TLSClientConfig
	return tls == nil || tls.RootCAs == nil
}
