package emulator_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
)

func TestCheckAddress(t *testing.T) {
	tests := map[string]struct{ want, hint string }{
		"127.0.0.1:0":       {},
		"[::1]:4566":        {},
		"localhost:65535":   {},
		"127.0.0.1":         {`"127.0.0.1": is not host:port`, "such as 127.0.0.1:4566"},
		"::1:4566":          {`"::1:4566": is not host:port`, "[::1]:4566"},
		"127.0.0.1:99999":   {`"127.0.0.1:99999": "99999" is no port`, "1 to 65535"},
		"127.0.0.1:-1":      {`"127.0.0.1:-1": "-1" is no port`, "1 to 65535"},
		"127.0.0.1:no-port": {`"127.0.0.1:no-port": "no-port" is no port`, "1 to 65535"},
		"0.0.0.0:4566":      {`"0.0.0.0:4566": others than this machine could reach the emulator there`, "127.0.0.1, [::1] or localhost"},
	}
	for listen, tt := range tests {
		err := emulator.CheckAddress(listen)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", listen, err)
			}
			continue
		}
		address, ok := errors.AsType[*emulator.AddressError](err)
		if !ok || address.Error() != tt.want || !strings.Contains(address.Hint(), tt.hint) {
			t.Errorf("%s: %v, want %q with a hint of %q", listen, err, tt.want, tt.hint)
		}
	}
}

func TestListenErrorSaysWhatToDo(t *testing.T) {
	tests := map[syscall.Errno]string{
		syscall.EACCES:        "a higher one",
		syscall.EADDRNOTAVAIL: "does not have that address",
		syscall.ENFILE:        "another address",
	}
	for errno, hint := range tests {
		err := &emulator.ListenError{Address: "[::1]:80", Err: &net.OpError{
			Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", errno),
		}}
		if want := `emulator: listen on "[::1]:80": ` + errno.Error(); err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
		if !strings.Contains(err.Hint(), hint) {
			t.Errorf("%v: the hint is %q, want %q", errno, err.Hint(), hint)
		}
	}
}
