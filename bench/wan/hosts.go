package wan

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"
)

// hostForm is AWS's host names: service.region.amazonaws.com, with the bucket
// before it for S3, and without a region for IAM.
var hostForm = regexp.MustCompile(`^(?:(?:.+\.)?(s3)|([a-z]+))(?:\.([a-z]{2}(?:-[a-z]+)+-[0-9]))?\.amazonaws\.com$`)

// regionOf is where a host is, "" for one that is not AWS's. What has no region
// in its name is in us-east-1.
func regionOf(host string) string {
	parts := hostForm.FindStringSubmatch(host)
	switch {
	case parts == nil:
		return ""
	case parts[3] == "":
		return "us-east-1"
	}
	return parts[3]
}

func offersHTTP2(host string, services []string) bool {
	parts := hostForm.FindStringSubmatch(host)
	return parts != nil && slices.Contains(services, parts[1]+parts[2])
}

// authority signs the hosts' certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	root *x509.Certificate

	mu    sync.Mutex
	hosts map[string]*tls.Config
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("wan: certificate authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "simulated network"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("wan: certificate authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("wan: certificate authority: %w", err)
	}
	return &authority{key: key, root: certificate, hosts: map[string]*tls.Config{}}, nil
}

// write puts the certificate into a file, which remove removes.
func (a *authority) write() (name string, remove func() error, err error) {
	file, err := os.CreateTemp("", "wan-*.pem")
	if err != nil {
		return "", nil, fmt.Errorf("wan: %w", err)
	}
	defer file.Close()
	remove = func() error { return os.Remove(file.Name()) }
	if err := pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw}); err != nil {
		_ = remove()
		return "", nil, fmt.Errorf("wan: %w", err)
	}
	return file.Name(), remove, nil
}

// host is how a host speaks TLS, made when it is first asked: sessions can be taken
// up again.
func (a *authority) host(name string, protocols []string) (*tls.Config, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if made := a.hosts[name]; made != nil {
		return made, nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(a.hosts)) + 2), DNSNames: []string{name},
		NotBefore: a.root.NotBefore, NotAfter: a.root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("wan: certificate for %s: %w", name, err)
	}
	a.hosts[name] = &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: a.key}},
		NextProtos:   protocols,
	}
	return a.hosts[name], nil
}
