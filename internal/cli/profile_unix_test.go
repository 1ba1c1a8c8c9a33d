//go:build unix

package cli

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A .env may be a pipe. It is read like a file.
func TestFromDotenvOfPipe(t *testing.T) {
	path := pipe(t)
	go func() {
		if err := os.WriteFile(path, []byte("P=live\n"), 0o600); err != nil {
			t.Error(err)
		}
	}()
	if value, err := fromDotenv(t.Context(), path, "P"); value != "live" || err != nil {
		t.Errorf("%q, %v; want live", value, err)
	}
}

// One without anybody at its other end holds nothing up for ever.
func TestFromDotenvOfPipeWithoutWriter(t *testing.T) {
	path := pipe(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if value, err := fromDotenv(ctx, path, "P"); value != "" || err == nil {
		t.Errorf("%q, %v; want an error", value, err)
	}
}

func pipe(t *testing.T) string {
	path := filepath.Join(t.TempDir(), ".env")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
