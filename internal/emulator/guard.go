package emulator

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/whip"
)

// checkOrigin refuses what a web page may have a browser send here. Other
// host names than this machine's own come from a name that was made to point
// here (DNS rebinding), other origins from a page that has no business here.
func checkOrigin(h *http.Request) error {
	if !isLocal(h.Host) {
		return fmt.Errorf("the emulator answers only to 127.0.0.1, [::1], localhost and names under localhost, not to the host %q", h.Host)
	}
	origin := h.Header.Get("Origin")
	// A page of this machine may publish, under whichever of its names it is: for
	// that it has been given a token.
	if h.Header.Get("Sec-Fetch-Site") == "cross-site" && (origin == "" || !whip.Is(h)) {
		return fmt.Errorf("the emulator refuses requests that a web page of another site makes")
	}
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err != nil || !isLocal(u.Host) {
		return fmt.Errorf("the emulator refuses requests of web pages of other sites, here %q", origin)
	}
	return nil
}

// isLocal tells whether a host, with or without port, can only be this
// machine (RFC 6761 has all names under localhost be loopback).
func isLocal(hostport string) bool {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	switch host = strings.ToLower(strings.TrimSuffix(host, ".")); host {
	case "127.0.0.1", "::1", "[::1]", "localhost":
		return true
	}
	return strings.HasSuffix(host, ".localhost")
}

// welcome tells a person what answers here.
func welcome(w http.ResponseWriter, h *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, `This is yolo's emulator: S3, IVS Real-Time, CloudWatch Logs, EventBridge, STS
and IAM roles on your own machine. Nothing here reaches AWS or costs money.

Point any AWS client at it, with any credentials; an access key id of twelve
digits is taken as the account:

  export AWS_ENDPOINT_URL=http://%[1]s
  export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=any
  aws s3api list-buckets
  aws ivs-realtime list-storage-configurations --region us-east-1

Publish to a stage by WHIP at http://%[1]s/_whip, with a participant token.

For the emulator itself:

  http://%[1]s/_yolo/calls     the requests so far (DELETE forgets them)
  http://%[1]s/_yolo/faults    what goes wrong on purpose (POST adds, DELETE ends)
  http://%[1]s/_yolo/latency   how slow it is (POST adds, DELETE ends)
  http://%[1]s/_yolo/events    where events went, or why not (DELETE forgets them)
  http://%[1]s/_yolo/clock     its time (POST a duration to move it forward)
  http://%[1]s/_yolo/          all of it
`, h.Host)
}
