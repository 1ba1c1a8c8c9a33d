package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/yolo-live/yolo/bench/wan"
	"github.com/yolo-live/yolo/internal/emulator"
)

// The layouts of buckets. What has no bucket has none.
const (
	shared   = "shared"
	regional = "regional"
	none     = ""
)

// setting is what a run is measured in.
type setting struct {
	layout  string
	regions int
	// latency is how long a round trip takes; over a network with distances, to
	// the farthest region.
	latency time.Duration
	// distance has yolo speak TLS to a host for each service and region, over a
	// network on which a round trip takes as long; nil has it speak plain HTTP to
	// the emulator, which answers after the latency.
	distance func(region string) time.Duration
	// http2 are the services that offer HTTP/2 over that network: see wan.Options.
	http2 []string
}

// sample is one run of yolo.
type sample struct {
	process
	latency time.Duration
	calls   []emulator.Call
	hosts   []wan.Host // nil without a network
}

func (s sample) wall() time.Duration { return s.Ended.Sub(s.Begun) }
func (s sample) chain() int          { return longestChain(s.calls) }

// trips is the wall time in round trips; 0 without latency.
func (s sample) trips() float64 {
	if s.latency == 0 {
		return 0
	}
	return float64(s.wall()) / float64(s.latency)
}

// account is an account of its own in an emulator of its own, and a manifest for
// it. Close it after use.
type account struct {
	setting  setting
	yolo     string // the program
	manifest string
	server   *emulator.Server
	// One of them is how yolo reaches the server.
	listener *emulator.Listener
	network  *wan.Network
}

// openAccount makes one for a setting, in folder dir, with nothing in it.
func openAccount(yolo, dir string, s setting) (*account, error) {
	a := &account{setting: s, yolo: yolo, manifest: filepath.Join(dir, "yolo.yml")}
	if err := os.WriteFile(a.manifest, []byte(manifestOf(s)), 0o600); err != nil {
		return nil, err
	}
	var err error
	if a.server, err = emulator.Open(emulator.Options{}); err != nil {
		return nil, err
	}
	if err := a.connect(); err != nil {
		_ = a.server.Close()
		return nil, err
	}
	return a, nil
}

func (a *account) connect() (err error) {
	if a.setting.distance != nil {
		a.network, err = wan.Start(a.server, wan.Options{Distance: a.setting.distance, HTTP2: a.setting.http2})
		return err
	}
	if err := a.slow(a.setting.latency); err != nil {
		return err
	}
	a.listener, err = a.server.Start("127.0.0.1:0")
	return err
}

func (a *account) close() {
	if a.network != nil {
		_ = a.network.Close()
	} else {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = a.listener.Shutdown(ctx)
	}
	_ = a.server.Close()
}

// slow has requests take as long as given from now on.
func (a *account) slow(latency time.Duration) error {
	a.setting.latency = latency
	a.server.ClearLatency()
	return a.server.AddLatency(emulator.Latency{Delay: emulator.Duration(latency)})
}

// run runs yolo once. Other exit codes than 0 are an error.
func (a *account) run(ctx context.Context, args ...string) (sample, error) {
	a.server.ResetCalls()
	if a.network != nil {
		a.network.Reset()
	}
	args = append(args, "--file", a.manifest)
	p, err := startProcess(ctx, a.environment(), a.yolo, args...)
	if err != nil {
		return sample{}, err
	}
	if p.Code != 0 {
		return sample{}, fmt.Errorf("yolo %s ended with %d instead of 0, and said:\n%s", strings.Join(args, " "), p.Code, p.Said)
	}
	got := sample{process: p, latency: a.setting.latency, calls: a.server.Calls().Calls}
	if a.network != nil {
		got.calls, got.hosts = travelled(got.calls, a.setting.distance), a.network.Hosts()
	}
	return got, nil
}

// travelled are the calls as yolo sees them: the emulator does not know how long
// they were on their way.
func travelled(calls []emulator.Call, distance func(region string) time.Duration) []emulator.Call {
	calls = slices.Clone(calls)
	for i, c := range calls {
		way := distance(c.Region) / 2
		calls[i].Start, calls[i].End = c.Start.Add(-way), c.End.Add(way)
	}
	return calls
}

// environment is this process's own without what would lead yolo elsewhere.
func (a *account) environment() []string {
	missing := a.manifest + ".none"
	env := append(foreign(os.Environ()), "AWS_CONFIG_FILE="+missing, "AWS_SHARED_CREDENTIALS_FILE="+missing)
	if a.network != nil {
		return append(env, a.network.Env()...)
	}
	return append(env, "AWS_ENDPOINT_URL="+a.listener.URL, "AWS_ACCESS_KEY_ID="+emulator.DefaultAccount, "AWS_SECRET_ACCESS_KEY=unused")
}

// foreign are the variables that say nothing to yolo, the AWS SDK, Go's runtime
// and its connections.
func foreign(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
		for _, prefix := range []string{"AWS_", "YOLO_", "GO", "SSL_CERT_"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return strings.HasSuffix(name, "_PROXY")
	})
}

// allRegions is how many regions have IVS Real-Time.
const allRegions = 7

// regionsOf are the first n regions with IVS Real-Time, of which the first one
// has the shared bucket. In us-east-1 a new bucket takes a round trip more, so
// the shared one is elsewhere; with a bucket in each region, us-east-1 is always
// among them, so that one region and seven have the same chain.
func regionsOf(layout string, n int) []string {
	regions := []string{"eu-west-1", "us-east-1", "us-west-2", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2"}
	if layout == regional {
		regions[0], regions[1] = regions[1], regions[0]
	}
	return regions[:n]
}

// manifestOf wants recording and logging. Without a layout there is no bucket.
func manifestOf(s setting) string {
	recording := ""
	if s.layout != none {
		recording = fmt.Sprintf("\n        recording: {real_time: true, bucket: %s}", s.layout)
	}
	return fmt.Sprintf(`name: liveplatforms
environments:
  production:
    aws:
      account-id: %q
      ivs:
        logging: true
        regions: [%s]%s
`, emulator.DefaultAccount, strings.Join(regionsOf(s.layout, s.regions), ", "), recording)
}
