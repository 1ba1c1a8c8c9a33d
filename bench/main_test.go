package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain has the test's program start others as bench does, and be one that
// runs until whom it called hangs up.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == starter:
		os.Exit(begin(os.Args[1:]))
	case len(os.Args) > 2 && os.Args[1] == "call":
		c, err := net.Dial("tcp", os.Args[2])
		if err == nil {
			_, err = io.Copy(io.Discard, c)
		}
		os.Exit(conclude(err, os.Stderr))
	}
	os.Exit(m.Run())
}

// Interrupted, bench leaves nothing running that it started.
func TestInterruptedProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	called, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer called.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	go func() {
		_, err := startProcess(ctx, os.Environ(), self, "call", called.Addr().String())
		ended <- err
	}()
	c, err := called.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	interrupt()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := c.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the program is still there")
	}
}

func TestUsage(t *testing.T) {
	for line, want := range map[string]string{
		"nonsense":                       `"nonsense" is no part of the benchmark`,
		"-runs 0":                        "-runs 0: one is the least",
		"-latency 0s":                    "1ms at least",
		"connections -latency 0s":        "1ms at least",
		"-regions 7,1":                   "the smaller before the larger",
		"-regions 8":                     "from 1 to 7",
		"-write page":                    `"page": only flags`,
		"-fast":                          "not defined: -fast",
		"timeline -run third":            "want one of dry run, first run, second run, status, destroy",
		"timeline -buckets many":         "want shared or regional",
		"timeline -regions 0":            "want 1 to 7",
		"timeline now":                   `"now": only flags`,
		"timeline -latency -100ms":       "cannot be negative",
		starter:                          "needs a program",
		"-regions 1 -regions one,two":    `-regions "one,two"`,
		"-runs 1 -regions 1 -latency 1x": "parse error",
	} {
		var stderr bytes.Buffer
		err := dispatch(t.Context(), strings.Fields(line), io.Discard, io.Discard)
		if code := conclude(err, &stderr); code != 64 || !strings.Contains(stderr.String(), want) {
			t.Errorf("bench %s: code %d, want 64 and %q:\n%s", line, code, want, &stderr)
		}
	}
}

// What a developer's environment says of AWS and of the network does not disturb.
func TestForeign(t *testing.T) {
	kept := []string{"PATH=/bin", "HOME=/none", "TMPDIR=/none", "NOTE=HTTPS_PROXY=no", "CLAWS_OUT=1"}
	odd := []string{
		"AWS_PROFILE=mine", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_CA_BUNDLE=/none", "aws_region=eu-west-1", "YOLO_PRODUCTION_AWS_PROFILE=mine",
		"HTTPS_PROXY=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1", "NO_PROXY=*", "ALL_PROXY=x", "GODEBUG=http2client=0", "GOMAXPROCS=1", "GOGC=1", "SSL_CERT_FILE=/none",
	}
	if got := foreign(append(slices.Clone(odd), kept...)); !slices.Equal(got, kept) {
		t.Errorf("kept %q, want %q", got, kept)
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	if err := dispatch(t.Context(), []string{"help"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "go run ./bench timeline ") || strings.Contains(got, "bench "+starter) {
		t.Error(got)
	}
	if code := conclude(flag.ErrHelp, &out); code != 0 {
		t.Errorf("-h ends with %d", code)
	}
	if code := conclude(&os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}, &out); code != 0 {
		t.Errorf("a reader that has gone away ends it with %d", code)
	}
	if code := conclude(context.Canceled, &out); code != 130 {
		t.Errorf("Ctrl-C ends with %d", code)
	}
}

// What this process holds must not count for one that it has measured.
func TestStartProcess(t *testing.T) {
	held := make([]byte, 200<<20)
	for i := 0; i < len(held); i += os.Getpagesize() {
		held[i] = 1
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	p, err := startProcess(t.Context(), os.Environ(), self, "-test.run=^$")
	runtime.KeepAlive(held)
	if err != nil || p.Code != 0 {
		t.Fatalf("ended with %d, %v: %s", p.Code, err, p.Said)
	}
	if p.Begun.Before(before.Add(-time.Second)) || !p.Ended.After(p.Begun) || p.CPU <= 0 {
		t.Errorf("measured %+v", p)
	}
	if p.Memory > 150<<20 {
		t.Errorf("%d bytes of memory", p.Memory)
	}
	if p, err = startProcess(t.Context(), os.Environ(), self, "-nonsense"); err != nil || p.Code != 2 || !strings.Contains(p.Said, "nonsense") {
		t.Errorf("ended with %d, %v: %s", p.Code, err, p.Said)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := startProcess(t.Context(), os.Environ(), missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a program that is not there: %v", err)
	}
	if _, _, err := program(t.Context(), "", missing); err == nil || !strings.Contains(err.Error(), "-yolo "+missing) {
		t.Errorf("a program to measure that is not there: %v", err)
	}
}
