package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator"
)

// growthRegion is where everything is in an account that grows.
const growthRegion = "us-east-1"

// grownAccount is an account of an emulator without latency, whose quotas are
// out of the way, with a manifest. Close it after use.
type grownAccount struct {
	yolo     string // the program
	server   *emulator.Server
	listener *emulator.Listener
	manifest string // its path
}

// openGrown makes an account, with its manifest in the folder dir.
func openGrown(yolo, dir, manifest string) (*grownAccount, error) {
	a := &grownAccount{yolo: yolo, manifest: filepath.Join(dir, "yolo.yml")}
	if err := os.WriteFile(a.manifest, []byte(manifest), 0o600); err != nil {
		return nil, err
	}
	const plenty = 1_000_000
	server, err := emulator.Open(emulator.Options{
		Quotas: emulator.Quotas{StorageConfigurations: plenty, EncoderConfigurations: plenty, Rules: plenty},
	})
	if err != nil {
		return nil, err
	}
	a.server = server
	if a.listener, err = server.Start("127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return a, nil
}

func (a *grownAccount) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(a.listener.Shutdown(ctx), a.server.Close())
}

// run runs yolo, and tells how many requests it sent.
func (a *grownAccount) run(ctx context.Context, args ...string) (p process, requests int, err error) {
	a.server.ResetCalls()
	args = append(args, "--no-progress", "--file", a.manifest)
	missing := a.manifest + ".none"
	env := append(foreign(os.Environ()),
		"AWS_ENDPOINT_URL="+a.listener.URL, "AWS_ACCESS_KEY_ID="+emulator.DefaultAccount, "AWS_SECRET_ACCESS_KEY=unused",
		"AWS_CONFIG_FILE="+missing, "AWS_SHARED_CREDENTIALS_FILE="+missing)
	if p, err = startProcess(ctx, env, a.yolo, args...); err != nil {
		return p, 0, err
	}
	if p.Code != 0 {
		return p, 0, fmt.Errorf("yolo %s ended with %d instead of 0, and said:\n%s", strings.Join(args, " "), p.Code, p.Said)
	}
	return p, a.server.Calls().Total, nil
}

// wish is a request that is handed to the emulator without a network.
type wish struct{ service, method, path, target, body string }

// ask has the emulator carry out a request.
func (a *grownAccount) ask(w wish) (answer string, err error) {
	r, err := http.NewRequest(w.method, "http://127.0.0.1"+w.path, strings.NewReader(w.body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0",
		emulator.DefaultAccount, growthRegion, w.service))
	r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if w.target != "" {
		r.Header.Set("X-Amz-Target", w.target)
	}
	got := &received{header: http.Header{}}
	a.server.ServeHTTP(got, r)
	if got.status/100 != 2 {
		return "", fmt.Errorf("fill the account: %s %s%s: the emulator answered %d: %s", w.method, w.path, w.target, got.status, got.text.String())
	}
	return got.text.String(), nil
}

// received is an answer that is kept in memory.
type received struct {
	header http.Header
	status int
	text   strings.Builder
}

func (r *received) Header() http.Header         { return r.header }
func (r *received) WriteHeader(status int)      { r.status = status }
func (r *received) Write(p []byte) (int, error) { return r.text.Write(p) }
