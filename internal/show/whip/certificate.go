package whip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"hash"
	"math/big"
	"strings"
	"time"
)

// newCertificate makes the certificate of one session. Nobody vouches for it: the
// offer carries its fingerprint.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: serial, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(24 * time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, nil
}

// fingerprintOf is a certificate's as SDP spells it (RFC 8122 5).
func fingerprintOf(raw []byte) string {
	return "sha-256 " + hexOf(sha256.New(), raw)
}

func hexOf(sum hash.Hash, raw []byte) string {
	sum.Write(raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum.Sum(nil)), " ", ":")
}

// verify checks a peer's certificate against the fingerprints of its SDP. One
// that fits is enough; those of weaker hashes than SHA-256 are not looked at.
func verify(raw []byte, fingerprints []string) error {
	for _, fingerprint := range fingerprints {
		name, value, _ := strings.Cut(strings.TrimSpace(fingerprint), " ")
		var sum hash.Hash
		switch strings.ToLower(name) {
		case "sha-256":
			sum = sha256.New()
		case "sha-384":
			sum = sha512.New384()
		case "sha-512":
			sum = sha512.New()
		default:
			continue
		}
		if strings.EqualFold(strings.TrimSpace(value), hexOf(sum, raw)) {
			return nil
		}
	}
	return fmt.Errorf("the server's certificate is not the one of its answer (%s)", strings.Join(fingerprints, ", "))
}
