package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/manifest"
)

// emulatorOptions are the flags that make the emulated AWS slow, faulty or
// strict.
type emulatorOptions struct {
	latency, faults, ivsRegions []string
	refuseOtherRegion           bool
	enforceRates                bool
}

func (o *emulatorOptions) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.latency, "latency", nil, "`TIME` that requests take: 100ms, or eu-west-1=240ms; may be given several times")
	f.StringArrayVar(&o.faults, "fault", nil, "a `FAULT`, such as \"op=CreateStorageConfiguration region=eu-west-1 code=InternalServerException after times=1\"")
	f.StringSliceVar(&o.ivsRegions, "ivs-regions", nil, "the `REGIONS` that have IVS, separated by commas (default: all)")
	f.BoolVar(&o.refuseOtherRegion, "refuse-other-region-bucket", false, "refuse storage configurations for a bucket of another region")
}

// start serves the state in dir on an address.
func (o *emulatorOptions) start(dir, listen, account string) (url string, end func(), err error) {
	options := emulator.Options{
		Dir: dir, Account: account, IVSRegions: o.ivsRegions, RefuseForeignRegionBucket: o.refuseOtherRegion, EnforceRates: o.enforceRates,
	}
	for _, text := range o.faults {
		fault, err := emulator.ParseFault(text)
		if err != nil {
			return "", nil, usagef("yolo emulator --help shows the form", "--fault %q: %w", text, err)
		}
		options.Faults = append(options.Faults, fault)
	}
	for _, text := range o.latency {
		latency, err := emulator.ParseLatency(text)
		if err != nil {
			return "", nil, usagef("as in 100ms or eu-west-1=240ms", "--latency %q: %w", text, err)
		}
		options.Latency = append(options.Latency, latency)
	}
	server, err := emulator.Open(options)
	if err != nil {
		return "", nil, err
	}
	listener, err := server.Start(listen)
	if err != nil {
		_ = server.Close()
		return "", nil, err
	}
	return listener.URL, func() {
		// All requests that matter have been answered; a connection that the
		// client opened in vain is not waited for.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = listener.Shutdown(ctx)
		_ = server.Close()
	}, nil
}

// patience is how long requests in hand may take when the emulator ends.
const patience = 20 * time.Millisecond

func (a *app) newEmulator() *cobra.Command {
	var o emulatorOptions
	var listen, data, account string
	c := &cobra.Command{
		Use:   "emulator",
		Short: "Serve the AWS inside yolo to any AWS client",
		Long: `Serves S3, IVS Real-Time, CloudWatch Logs, EventBridge, STS and IAM's roles over
HTTP, for any AWS client with any credentials, to this machine only. An access
key of twelve digits is the account. The state is the one that --emulator works
on, so that what a sync made can be looked at.

Faults and latency can be changed while it runs, under /_yolo/faults and
/_yolo/latency; /_yolo/calls tells what was called. Ctrl-C ends it.`,
		Example: `  $ yolo emulator
  $ export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=x
  $ yolo sync production
  $ aws s3 ls --region us-east-1`,
		Args: cobra.NoArgs,
	}
	f := c.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:4566", "the `ADDRESS`, on this machine; port 0 takes a free one")
	f.StringVar(&data, "data", "", "the `FOLDER` of the state (default: .yolo/emulator beside the manifest, or here)")
	f.StringVar(&account, "account", "", "the `ACCOUNT` of clients whose access key is none (default: the manifest's, or "+emulator.DefaultAccount+")")
	f.BoolVar(&o.enforceRates, "enforce-rates", false, "throttle as IVS does: 5 requests a second per call and region")
	o.addFlags(f)
	c.RunE = a.run(func(ctx context.Context, _ []string) (int, error) {
		path, _ := findManifest("", a.dir)
		if data == "" {
			data = filepath.Join(filepath.Dir(path), ".yolo", "emulator")
		}
		if account == "" {
			account = accountOf(path)
		}
		return a.serve(ctx, o, data, listen, account)
	})
	return c
}

// serve runs until it is asked to stop.
func (a *app) serve(ctx context.Context, o emulatorOptions, data, listen, account string) (int, error) {
	stop, release := interruptible(ctx)
	defer release()
	url, end, err := o.start(data, listen, account)
	if err != nil {
		return exitError, err
	}
	defer end()
	fmt.Fprintf(a.streams.Out, "AWS_ENDPOINT_URL=%s\n", url)
	fmt.Fprintf(a.streams.Err, "The emulator serves account %s from %s. Ctrl-C ends it.\n", account, data)
	<-stop.Done()
	return exitDone, nil
}

// accountOf is the account that all environments of a manifest that name one
// agree on, else the default.
func accountOf(path string) string {
	m, err := manifest.Open(path)
	if path == "" || err != nil {
		return emulator.DefaultAccount
	}
	account := ""
	for _, name := range m.Environments {
		env, _, err := m.Environment(name)
		if err != nil || env.AccountID == "" {
			continue
		}
		if account != "" && account != env.AccountID {
			return emulator.DefaultAccount
		}
		account = env.AccountID
	}
	if account == "" {
		return emulator.DefaultAccount
	}
	return account
}
