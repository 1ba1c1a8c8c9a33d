package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFromDotenv(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain":               {"A=1\nP=live\n", "live"},
		"no newline at last":  {"P=live", "live"},
		"Windows' lines":      {"A=1\r\nP=live\r\nB=2\r\n", "live"},
		"export and quotes":   {"export P='live one' # ours", "live one"},
		"a comment":           {"P=live # ours", "live"},
		"commented out":       {"#P=live", ""},
		"a longer name":       {"PP=live", ""},
		"the last one counts": {"P=one\nP=two", "two"},
		"behind a long line":  {"CERTIFICATE=" + strings.Repeat("x", 100_000) + "\nP=live\n", "live"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), ".env")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := fromDotenv(t.Context(), path, "P"); got != tt.want || err != nil {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
