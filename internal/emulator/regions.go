package emulator

import (
	"net"
	"net/http"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
)

func (s *Server) hasIVS(region string) bool {
	return len(s.options.IVSRegions) == 0 || slices.Contains(s.options.IVSRegions, region)
}

// Transport is next for clients in this process: a request for IVS in a region
// that has none fails as its name would, which does not resolve. Other
// processes only find their connection closed.
func (s *Server) Transport(next http.RoundTripper) http.RoundTripper {
	return transport{server: s, next: next}
}

type transport struct {
	server *Server
	next   http.RoundTripper
}

// RoundTrip sends a request, or answers the error of a failed look-up.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	scope, err := readScope(request)
	if err != nil || scope.service != ivsrealtime.SigningName || t.server.hasIVS(scope.region) {
		return t.next.RoundTrip(request)
	}
	failed := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
		Err: "no such host", Name: "ivsrealtime." + scope.region + ".amazonaws.com", IsNotFound: true,
	}}
	if request.Body != nil {
		_ = request.Body.Close()
	}
	return nil, failed
}
