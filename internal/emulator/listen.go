package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Listener is a Server that is listening.
type Listener struct {
	// URL is the endpoint for AWS clients, such as http://127.0.0.1:4566. It is
	// an IP address, for which S3 clients put the bucket into the path.
	URL string

	http   *http.Server
	cancel context.CancelFunc // ends what hangs or travels
	done   chan error
}

// Start listens on a loopback address such as "127.0.0.1:4566"; port 0 takes a
// free one. It refuses every other address: the emulator checks no signatures,
// so whoever reaches it may do everything. End it with Shutdown.
func (s *Server) Start(listen string) (*Listener, error) {
	if err := CheckAddress(listen); err != nil {
		return nil, err
	}
	address, _ := loopback(listen)
	socket, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &PortTakenError{Address: address}
	}
	if err != nil {
		return nil, &ListenError{Address: address, Err: err}
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &Listener{
		URL: "http://" + socket.Addr().String(), cancel: cancel, done: make(chan error, 1),
		http: &http.Server{
			Handler:           s,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    64 << 10,
			BaseContext:       func(net.Listener) context.Context { return ctx },
			// What it would write are connections that faults have ended.
			ErrorLog: log.New(io.Discard, "", 0),
		},
	}
	go func() {
		l.done <- l.http.Serve(socket)
		close(l.done)
	}()
	return l, nil
}

// CheckAddress returns the AddressError that Start would end with, or nil.
func CheckAddress(listen string) error {
	_, err := loopback(listen)
	return err
}

// AddressError says that an address is none to listen on.
type AddressError struct {
	Address string
	Reason  string
	hint    string
}

func (e *AddressError) Error() string { return fmt.Sprintf("%q: %s", e.Address, e.Reason) }

// Hint says which addresses there are.
func (e *AddressError) Hint() string { return e.hint }

// ListenError says that the system does not let the emulator listen.
type ListenError struct {
	Address string
	Err     error
}

func (e *ListenError) Error() string {
	// What net puts before the system's own words is the address once more.
	reason := e.Err
	if errno, ok := errors.AsType[syscall.Errno](e.Err); ok {
		reason = errno
	}
	return fmt.Sprintf("emulator: listen on %q: %v", e.Address, reason)
}

// Unwrap returns the reason.
func (e *ListenError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ListenError) Hint() string {
	switch {
	case errors.Is(e.Err, fs.ErrPermission):
		return "ports below 1024 may need an administrator; choose a higher one, such as 127.0.0.1:4566"
	case errors.Is(e.Err, syscall.EADDRNOTAVAIL), errors.Is(e.Err, syscall.EAFNOSUPPORT):
		return "this machine does not have that address; choose 127.0.0.1, as in 127.0.0.1:4566"
	}
	return "choose another address, such as 127.0.0.1:0 for any free port"
}

// PortTakenError says that something listens on the address already.
type PortTakenError struct{ Address string }

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("emulator: listen on %q: the port is taken", e.Address)
}

// Hint says what to do about it.
func (e *PortTakenError) Hint() string {
	return "an emulator that runs there already serves the same state if its folder is the same; otherwise choose another port, such as 127.0.0.1:0 for any free one"
}

// Shutdown takes no more connections, lets the requests in hand be answered
// and ends those that hang. Past ctx it closes the connections.
func (l *Listener) Shutdown(ctx context.Context) error {
	l.cancel()
	err := l.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("emulator: shut down: %w", err), l.http.Close())
	}
	if served, first := <-l.done; first && !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("emulator: serve: %w", served))
	}
	return err
}

// loopback is the address to listen on, or an AddressError when it is none or
// others than this machine could reach it.
func loopback(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", &AddressError{
			Address: listen, Reason: "is not host:port",
			hint: "give an address of this machine and a port, such as 127.0.0.1:4566 or [::1]:4566",
		}
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return "", &AddressError{
			Address: listen, Reason: fmt.Sprintf("%q is no port", port),
			hint: "ports are 1 to 65535, such as 127.0.0.1:4566; 0 takes any free one",
		}
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", &AddressError{
			Address: listen, Reason: "others than this machine could reach the emulator there",
			hint: "the emulator checks no passwords, so it listens on 127.0.0.1, [::1] or localhost only",
		}
	}
	return net.JoinHostPort(host, port), nil
}
