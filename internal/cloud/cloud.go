// Package cloud is yolo's way to AWS: one configuration, resolved once, and a
// set of clients for every region, which differ in the region alone.
//
// It counts and limits requests, decides which errors are worth another try,
// and turns what AWS answers into an Error that can be read. It knows no
// resource. Start at Load and Cloud.In.
package cloud

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/yolo-live/yolo/internal/cloud/sendbody"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// accountForm is an account's. Without one it would not be known whose a bucket
// must be.
var accountForm = lazyregexp.New(`^\d{12}$`)

const (
	// answerTimeout bounds the wait for one answer; a request that takes
	// longer is tried again or given up.
	answerTimeout = 30 * time.Second
	// connections that are kept per host, enough for every request that a run
	// has in flight to one.
	idlePerHost = 64
	// silence is how long a connection of HTTP/2 may say nothing until it is
	// pinged, and how long it has to answer that: twice it is less than
	// answerTimeout, so that what is sent again has another connection.
	silence = 10 * time.Second
)

// Options choose credentials and set limits. The zero value is the SDK's
// ordinary chain without limits of our own.
type Options struct {
	// Region is the one that credentials are fetched in, where that matters.
	Region string
	// Profile names a profile of the shared configuration; "" is the chain's.
	Profile string
	// Endpoint, when not "", is the only AWS there is: nothing of the
	// environment or of shared configuration is read, and AccessKey is used.
	Endpoint, AccessKey string
	// Transport, when not nil, wraps what sends requests to Endpoint. It has no
	// effect without one.
	Transport func(http.RoundTripper) http.RoundTripper
	// Stop, when done, lets no request be tried again; nil means never.
	Stop context.Context
	// Parallelism is how many requests may be in flight; 0 is no limit.
	Parallelism int
	// Trace, when not nil, is told of every request. It is called from many
	// goroutines.
	Trace func(Request)
	// Wait, when not nil, is told for what a call waits before it is sent again,
	// as in "another try of s3:PutBucketPolicy after SlowDown"; what it returns
	// is called when the wait is over. The context is the call's. It is called
	// from many goroutines.
	Wait func(ctx context.Context, what string) (over func())

	// delay is the pause after an attempt; nil is backoff.
	delay func(attempt int, err error) (time.Duration, error)
	// patience is how long the rest of an answer may take; 0 is answerTimeout.
	patience time.Duration
	// longest is how many bytes an answer may have; 0 is maxAnswer.
	longest int64
}

// Request is one HTTP request that was sent, for a trace. It holds no secrets.
type Request struct {
	Service, Operation, Region string
	Attempt                    int
	Begun                      time.Time
	Took                       time.Duration
	Status                     int    // HTTP; 0 when there was no answer
	RequestID                  string // "" when AWS gave none
	Err                        error
}

// Cloud is AWS as one identity sees it. It is safe for concurrent use.
type Cloud struct {
	base            aws.Config
	total, mutating atomic.Int64
	limits          *limits
	trace           func(Request)
	stop            context.Context // nil: never
	clock           clock

	mu      sync.Mutex
	regions map[string]*Clients

	identity func(context.Context) (string, error)
	account  atomic.Value // string, once STS has answered
}

// Clients are the services' clients in one region. IAM is global; every set
// has a client for it.
type Clients struct {
	Region string
	S3     *s3.Client
	IVS    *ivsrealtime.Client
	Logs   *cloudwatchlogs.Client
	Events *eventbridge.Client
	IAM    *iam.Client
	sts    *sts.Client
}

// Load resolves the configuration and finds credentials. Its errors are
// CredentialsErrors.
func Load(ctx context.Context, options Options) (*Cloud, error) {
	c := &Cloud{regions: map[string]*Clients{}, limits: newLimits(options.Parallelism), trace: options.Trace, stop: options.Stop}
	c.account.Store("")
	base, err := loadConfig(ctx, options)
	if err != nil {
		return nil, credentialsError("AWS configuration", options.Profile, err)
	}
	if options.delay == nil {
		options.delay = backoff
	}
	base.Retryer = told(options.Wait, retryer(base.RetryMode, base.RetryMaxAttempts, options.delay))
	base.APIOptions = append(base.APIOptions, c.instrument)
	base.Logger = logging.Nop{}
	if _, err := base.Credentials.Retrieve(ctx); err != nil {
		return nil, credentialsError("AWS credentials", options.Profile, err)
	}
	c.base = base
	c.identity = Once(func(ctx context.Context) (string, error) {
		out, err := Call(ctx, c.In(options.Region).sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
		if err != nil {
			return "", err
		}
		account := aws.ToString(out.Account)
		if !accountForm.MatchString(account) {
			return "", &Error{
				Service: sts.ServiceID, Operation: "GetCallerIdentity", Region: options.Region, Status: http.StatusOK, sent: true,
				code: CodeInvalidAnswer, message: fmt.Sprintf("%q is no account's number", shortened(account, maxCode)),
			}
		}
		c.account.Store(account)
		return account, nil
	})
	return c, nil
}

func loadConfig(ctx context.Context, options Options) (aws.Config, error) {
	answers := []func(*middleware.Stack) error{bounded(cmp.Or(options.patience, answerTimeout), cmp.Or(options.longest, maxAnswer))}
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = answerTimeout
		t.MaxIdleConnsPerHost = idlePerHost
		t.MaxIdleConns = 0
		t.HTTP2 = &http.HTTP2Config{SendPingTimeout: silence, PingTimeout: silence}
	})
	if options.Endpoint != "" {
		return aws.Config{
			Region:       options.Region,
			BaseEndpoint: aws.String(options.Endpoint),
			Credentials:  aws.CredentialsProviderFunc(staticKey(options.AccessKey)),
			HTTPClient:   sendbody.Client(wrapped(client, options.Transport)),
			APIOptions:   answers,
		}, nil
	}
	load := []func(*config.LoadOptions) error{
		config.WithRegion(options.Region),
		config.WithHTTPClient(client),
		config.WithAPIOptions(answers),
		config.WithLogger(logging.Nop{}),
	}
	if options.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(options.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return aws.Config{}, err
	}
	readRoots(cfg)
	cfg.HTTPClient = sendbody.Client(cfg.HTTPClient)
	return cfg, nil
}

// wrapped is the client with a transport around its own.
func wrapped(client *awshttp.BuildableClient, wrap func(http.RoundTripper) http.RoundTripper) aws.HTTPClient {
	if wrap == nil {
		return client
	}
	return &http.Client{
		Transport: wrap(client.GetTransport()),
		// S3's redirects are errors that say where a bucket is.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func staticKey(key string) func(context.Context) (aws.Credentials, error) {
	return func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "emulator", Source: "emulator"}, nil
	}
}

// Config returns the configuration of one region. Those of two regions differ
// in Region alone.
func (c *Cloud) Config(region string) aws.Config {
	cfg := c.base.Copy()
	cfg.Region = region
	return cfg
}

// In returns the clients of one region, always the same ones.
func (c *Cloud) In(region string) *Clients {
	c.mu.Lock()
	defer c.mu.Unlock()
	if clients := c.regions[region]; clients != nil {
		return clients
	}
	cfg := c.Config(region)
	clients := &Clients{
		Region: region,
		S3:     s3.NewFromConfig(cfg, pathStyle),
		IVS:    ivsrealtime.NewFromConfig(cfg),
		Logs:   cloudwatchlogs.NewFromConfig(cfg),
		Events: eventbridge.NewFromConfig(cfg),
		IAM:    iam.NewFromConfig(cfg),
		sts:    sts.NewFromConfig(cfg),
	}
	c.regions[region] = clients
	return clients
}

// pathStyle keeps the bucket out of the host name where the endpoint is the
// user's own, since bucket.localhost often does not resolve.
func pathStyle(o *s3.Options) { o.UsePathStyle = o.UsePathStyle || o.BaseEndpoint != nil }

// Account returns the account that the credentials belong to. STS is asked
// once, when first needed.
func (c *Cloud) Account(ctx context.Context) (string, error) { return c.identity(ctx) }

// Requests returns how many HTTP requests were sent, retries included, and how
// many of them were for operations that change something.
func (c *Cloud) Requests() (total, mutating int64) { return c.total.Load(), c.mutating.Load() }

// KnownAccount returns the account if STS has answered already.
func (c *Cloud) KnownAccount() (account string, known bool) {
	account = c.account.Load().(string)
	return account, account != ""
}
