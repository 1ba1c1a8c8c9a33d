package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/manifest"
)

// emulatorOptions are the flags that make the emulated AWS slow, faulty or
// strict.
type emulatorOptions struct {
	latency, faults, ivsRegions []string
	refuseOtherRegion           bool
	refuseDoubtful              bool
	enforceRates                bool
	iamPolicies                 []string // files
}

func (o *emulatorOptions) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.latency, "latency", nil, "`TIME` that requests take: 100ms, or eu-west-1=240ms; may be given several times")
	f.StringArrayVar(&o.faults, "fault", nil, "a `FAULT`, such as \"op=CreateStorageConfiguration region=eu-west-1 code=InternalServerException after times=1\"")
	f.StringSliceVar(&o.ivsRegions, "ivs-regions", nil, "the `REGIONS` that have IVS, separated by commas (default: all)")
	f.BoolVar(&o.refuseOtherRegion, "refuse-other-region-bucket", false, "refuse storage configurations for a bucket of another region")
	f.StringArrayVar(&o.iamPolicies, "iam-policy", nil, "let callers do only what the IAM policy in this `FILE` allows; may be given several times")
	f.BoolVar(&o.refuseDoubtful, "refuse-doubtful-delivery", false, "deliver no event to a log group where AWS leaves open whether it does")
}

// given names one of the flags that was given, "" when none was.
func (o *emulatorOptions) given() string {
	switch {
	case len(o.latency) > 0:
		return "--latency"
	case len(o.faults) > 0:
		return "--fault"
	case len(o.ivsRegions) > 0:
		return "--ivs-regions"
	case o.refuseOtherRegion:
		return "--refuse-other-region-bucket"
	case o.refuseDoubtful:
		return "--refuse-doubtful-delivery"
	case len(o.iamPolicies) > 0:
		return "--iam-policy"
	}
	return ""
}

// parse reads the flags; its errors are about usage.
func (o *emulatorOptions) parse() (emulator.Options, error) {
	options := emulator.Options{
		IVSRegions: o.ivsRegions, RefuseForeignRegionBucket: o.refuseOtherRegion, RefuseDoubtfulDelivery: o.refuseDoubtful, EnforceRates: o.enforceRates,
	}
	for _, region := range o.ivsRegions {
		if !manifest.IsRegion(region) {
			return options, usagef(regionHint(region), "--ivs-regions %q: is not a region such as us-east-1", region)
		}
	}
	for _, text := range o.faults {
		fault, err := emulator.ParseFault(text)
		if err != nil {
			return options, usagef("yolo emulator --help shows the form", "--%w", err)
		}
		options.Faults = append(options.Faults, fault)
	}
	for _, text := range o.latency {
		latency, err := emulator.ParseLatency(text)
		if err != nil {
			return options, usagef("as in 100ms or eu-west-1=240ms", "--%w", err)
		}
		options.Latency = append(options.Latency, latency)
	}
	for _, file := range o.iamPolicies {
		document, err := readPolicy(file)
		if err == nil {
			err = emulator.CheckIAMPolicy(document)
		}
		if err != nil {
			return options, usagef("yolo permissions prints one", "--iam-policy %s: %w", file, err)
		}
		options.IAMPolicies = append(options.IAMPolicies, document)
	}
	return options, nil
}

// readPolicy reads a file with an IAM policy. What is beyond a hundred times
// what IAM takes is not read.
func readPolicy(path string) (string, error) {
	const most = 1 << 20
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	document, err := io.ReadAll(io.LimitReader(file, most+1))
	if len(document) > most {
		err = fmt.Errorf("it has more than %d bytes, so it is no policy", most)
	}
	return string(document), err
}

func regionHint(misspelt string) string {
	if similar := manifest.SimilarRegions(misspelt); len(similar) > 0 {
		return "did you mean " + strings.Join(similar, " or ") + "?"
	}
	return "AWS lists IVS Real-Time in " + strings.Join(manifest.IVSRegions(), ", ")
}

// startEmulator serves until end is called.
func startEmulator(options emulator.Options, listen string) (server *emulator.Server, url string, end func(), err error) {
	server, err = emulator.Open(options)
	if err != nil {
		return nil, "", nil, err
	}
	listener, err := server.Start(listen)
	if err != nil {
		_ = server.Close()
		return nil, "", nil, err
	}
	return server, listener.URL, func() {
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

A FAULT is words such as op=Create* region=eu-west-1 service=s3 skip=1 times=2
share=30% seed=7, and what goes wrong: code=CODE, throttled, expired, refuse,
no-such-host, reset, cut, hang, failed-entry=CODE, invisible=10s, skew=10m,
lose-policy-edit, stale-policy-edit, empty-page or, as in op=Publish no-media,
for who publishes. With the word after, the request has its effect first. Or it
is for events, such as event="Destination *", and one of event-late=10m,
event-twice, event-after-next and event-lost. --fault, --latency, --ivs-regions,
--iam-policy and the --refuse flags also go with --emulator of other commands.

With --iam-policy every caller is an IAM user who may do only what the policies
allow, and is told so as AWS tells it; yolo permissions prints such a policy.

Faults, latency and policies can be changed while it runs, under /_yolo/faults,
/_yolo/latency and /_yolo/iam-policies; /_yolo/calls tells what was called,
/_yolo/events where events went, and /_yolo/play plays a recording. Ctrl-C ends
it.

Exit codes: 0 ended; 1 error, such as a port that is in use; 64 usage.`,
		Example: `  $ yolo emulator
  $ export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=x
  $ yolo sync production
  $ aws s3 ls --region us-east-1`,
		Args: noArguments,
	}
	f := c.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:4566", "the `ADDRESS`, on this machine; port 0 takes a free one")
	f.StringVar(&data, "data", "", "the `FOLDER` of the state (default: .yolo/emulator beside the manifest, or here)")
	f.StringVar(&account, "account", "", "the `ACCOUNT` of clients whose access key is none (default: the manifest's, or "+emulator.DefaultAccount+")")
	f.BoolVar(&o.enforceRates, "enforce-rates", false, "throttle as IVS does, 5 requests a second per call and region, and reads of a log as Logs does")
	o.addFlags(f)
	c.RunE = a.run(func(ctx context.Context, _ []string) (int, error) {
		options, err := o.parse()
		if err != nil {
			return exitUsage, err
		}
		options.Dir, options.Account = data, account
		if err := a.besideManifest(&options); err != nil {
			return exitUsage, err
		}
		return a.serve(ctx, options, listen)
	})
	return c
}

// besideManifest completes what the flags left open by what the manifest says,
// if there is one.
func (a *app) besideManifest(options *emulator.Options) error {
	path, _ := findManifest("", a.dir)
	if options.Dir == "" {
		options.Dir = filepath.Join(filepath.Dir(path), ".yolo", "emulator")
	}
	if options.Account == "" {
		options.Account = accountOf(path)
	}
	if !accountID.MatchString(options.Account) {
		return usagef("an account id is twelve digits, such as "+emulator.DefaultAccount, "--account %q is not an account id", options.Account)
	}
	return nil
}

var accountID = lazyregexp.New(`^[0-9]{12}$`)

// serve runs until it is asked to stop.
func (a *app) serve(ctx context.Context, options emulator.Options, listen string) (int, error) {
	err := emulator.CheckAddress(listen)
	if address, ok := errors.AsType[*emulator.AddressError](err); ok {
		return exitUsage, usagef(address.Hint(), "--listen %w", address)
	}
	stop, release := interruptible(ctx, func() { a.quit <- func() {} })
	defer release()
	_, url, end, err := startEmulator(options, listen)
	if err != nil {
		return exitError, err
	}
	defer end()
	fmt.Fprintf(a.streams.Out, "AWS_ENDPOINT_URL=%s\n", url)
	fmt.Fprintf(a.streams.Err, "The emulator serves account %s from %s. Ctrl-C ends it.\n", options.Account, options.Dir)
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
