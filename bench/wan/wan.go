// Package wan is a wide-area network between a program and an AWS that runs in
// this process, so that what connections cost can be measured and counted.
//
// It is an HTTP proxy (CONNECT) on a loopback address. A program that is given
// Network.Env asks for AWS's real host names and speaks TLS to them, as it does in
// the world; every connection takes its round trips, as long as the host's region
// is far, and bandwidth is without limit. It knows neither yolo nor the emulator.
// Start at Start; hosts.go knows AWS's host names, relay.go makes the distance.
package wan

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what the network is like. The zero value is one without distances
// in which all hosts speak HTTP/1.1.
type Options struct {
	// Distance is how long a round trip to a region takes; nil is 0. See
	// SameForAll and FromParis.
	Distance func(region string) time.Duration
	// Lookup is how long it takes to find a host's address, before each
	// connection.
	Lookup time.Duration
	// HTTP2 are the services that offer HTTP/2, as their host names call them:
	// "ivsrealtime", "logs", "events", "sts", "iam". AWS's S3 does not
	// (aws-sdk-java-v2, issue 4615); of the others no page of AWS tells, and it
	// differs from service to service (aws-sdk-go, issue 2984).
	HTTP2 []string
}

// SameForAll has all regions be as far.
func SameForAll(roundTrip time.Duration) func(region string) time.Duration {
	return func(string) time.Duration { return roundTrip }
}

// FromParis is how far the regions with IVS Real-Time are as seen from Western
// Europe: medians of pings from eu-west-3, by cloudping.co, 2025. A region that it
// does not know is as far as the farthest.
func FromParis(region string) time.Duration {
	milliseconds, known := map[string]time.Duration{
		"eu-central-1": 13, "eu-west-1": 20, "us-east-1": 84, "ap-south-1": 109,
		"us-west-2": 136, "ap-northeast-1": 220, "ap-northeast-2": 249,
	}[region]
	if !known {
		milliseconds = 249
	}
	return milliseconds * time.Millisecond
}

// Network is a running one. It is safe for concurrent use.
type Network struct {
	// URL is the proxy's, such as http://127.0.0.1:41234.
	URL string
	// CA is a file with the certificate that all hosts' are signed with, in PEM.
	CA string

	options   Options
	authority *authority
	proxy     net.Listener
	arrived   arrivals // connections at AWS's end
	aws       http.Server
	counts    counts
	relays    sync.WaitGroup
	remove    func() error
}

// Start begins a network in front of an AWS, which is given every request with
// the host as the emulator takes it: localhost in the place of amazonaws.com. End
// it with Close.
func Start(aws http.Handler, options Options) (*Network, error) {
	if options.Distance == nil {
		options.Distance = SameForAll(0)
	}
	authority, err := newAuthority()
	if err != nil {
		return nil, err
	}
	file, remove, err := authority.write()
	if err != nil {
		return nil, err
	}
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	n := &Network{
		URL: "http://" + proxy.Addr().String(), CA: file,
		options: options, authority: authority, proxy: proxy, arrived: newArrivals(), remove: remove,
	}
	n.aws = http.Server{
		Handler:           n.counted(aws),
		TLSConfig:         &tls.Config{GetConfigForClient: n.hello},
		ConnContext:       withConnection,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // connections that a program dropped as it ended
	}
	n.relays.Go(func() { _ = n.aws.ServeTLS(n.arrived, "", "") })
	n.relays.Go(n.accept)
	return n, nil
}

// Close ends all connections.
func (n *Network) Close() error {
	err := errors.Join(n.proxy.Close(), n.aws.Close(), n.arrived.Close())
	n.counts.closeAll()
	n.relays.Wait()
	return errors.Join(err, n.remove())
}

// Env is what a program's environment must say for it to use the network: the
// proxy, whom to trust, and whose account the requests are for.
func (n *Network) Env() []string {
	return []string{
		"HTTPS_PROXY=" + n.URL, "NO_PROXY=", "AWS_CA_BUNDLE=" + n.CA,
		"AWS_ACCESS_KEY_ID=123456789012", "AWS_SECRET_ACCESS_KEY=any", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// hello chooses a host's certificate and protocols.
func (n *Network) hello(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	protocols := []string{"http/1.1"}
	if offersHTTP2(hello.ServerName, n.options.HTTP2) {
		protocols = []string{"h2", "http/1.1"}
	}
	return n.authority.host(hello.ServerName, protocols)
}

// counted is the AWS with its requests counted and its hosts' names changed.
func (n *Network) counted(aws http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := connectionOf(r.Context())
		arrived := time.Now()
		host, _, found := strings.Cut(r.Host, ":")
		if !found {
			host = r.Host
		}
		r.Host = strings.TrimSuffix(host, ".amazonaws.com") + ".localhost"
		defer func() { n.counts.answered(connection, r.Proto, arrived) }()
		aws.ServeHTTP(w, r)
	})
}

type connectionKey struct{}

// withConnection has a request know its connection.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	return context.WithValue(ctx, connectionKey{}, conn)
}

func connectionOf(ctx context.Context) *connection {
	return ctx.Value(connectionKey{}).(*connection)
}
