package emulator

import (
	"net"
	"net/http"
	"slices"
	"syscall"

	"github.com/yolo-live/yolo/internal/emulator/ivsrealtime"
)

func (s *Server) hasIVS(region string) bool {
	return len(s.options.IVSRegions) == 0 || slices.Contains(s.options.IVSRegions, region)
}

// noSuchHost is the code of a request for IVS in a region that has none.
const noSuchHost = string(KindNoSuchHost)

// insideHeader goes with the requests of clients in this process, and says in
// the answer how one would have failed that never got a connection.
const insideHeader = "X-Yolo-Inside"

// neverConnected tells whether the client is one in this process that has to
// fail as if there had not even been a connection.
func (x *exchange) neverConnected() bool {
	return x.request.HTTP.Header.Get(insideHeader) != "" && (x.code == noSuchHost || x.code == string(KindRefuse))
}

// Transport is next for clients in this process: a request for IVS in a region
// that has none fails as its name would, which does not resolve, and so do the
// faults that are about connections. Other processes only find theirs closed.
func (s *Server) Transport(next http.RoundTripper) http.RoundTripper {
	return transport{next}
}

type transport struct{ next http.RoundTripper }

// RoundTrip sends a request, or answers the error of a failed look-up or dial.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	inside := request.Clone(request.Context())
	inside.Header.Set(insideHeader, "yes")
	response, err := t.next.RoundTrip(inside)
	if err != nil {
		return nil, err
	}
	code := response.Header.Get(insideHeader)
	if code == "" {
		return response, nil
	}
	_ = response.Body.Close()
	failed := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	if code == noSuchHost {
		failed.Err = &net.DNSError{Err: "no such host", Name: hostOf(request), IsNotFound: true}
	}
	return nil, failed
}

// hostOf is the name of a signed request's service at AWS.
func hostOf(request *http.Request) string {
	scope, err := readScope(request)
	switch {
	case err != nil:
		return request.URL.Host
	case scope.service == ivsrealtime.SigningName:
		return "ivsrealtime." + scope.region + ".amazonaws.com"
	case scope.service == "iam":
		return "iam.amazonaws.com"
	}
	return scope.service + "." + scope.region + ".amazonaws.com"
}
