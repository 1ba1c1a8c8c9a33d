package cloud

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// comparable are the parts of a configuration that can be compared as values.
func comparable(cfg aws.Config) map[string]any {
	return map[string]any{
		"endpoint": aws.ToString(cfg.BaseEndpoint), "credentials": cfg.Credentials, "http": cfg.HTTPClient,
		"mode": cfg.RetryMode, "attempts": cfg.RetryMaxAttempts, "options": len(cfg.APIOptions), "sources": len(cfg.ConfigSources),
		"app": cfg.AppID, "defaults": cfg.DefaultsMode, "checksums": cfg.RequestChecksumCalculation,
	}
}

func TestRegionsDifferInTheRegionAlone(t *testing.T) {
	cleanEnv(t, "[default]\nregion = sa-east-1\n[profile other]\nregion = ca-central-1\n")
	withKeys(t)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	c := load(t, Options{Region: "us-east-1"})
	one, two := c.Config("us-east-1"), c.Config("eu-west-1")
	if one.Region != "us-east-1" || two.Region != "eu-west-1" {
		t.Errorf("regions %q and %q", one.Region, two.Region)
	}
	if !maps.Equal(comparable(one), comparable(two)) {
		t.Errorf("the regions' configurations differ:\n%v\n%v", comparable(one), comparable(two))
	}
	a, b := c.In("us-east-1"), c.In("eu-west-1")
	if c.In("us-east-1") != a {
		t.Error("a region has two sets of clients")
	}
	for name, regions := range map[string][2]string{
		"s3":     {a.S3.Options().Region, b.S3.Options().Region},
		"ivs":    {a.IVS.Options().Region, b.IVS.Options().Region},
		"logs":   {a.Logs.Options().Region, b.Logs.Options().Region},
		"events": {a.Events.Options().Region, b.Events.Options().Region},
		"iam":    {a.IAM.Options().Region, b.IAM.Options().Region},
		"sts":    {a.sts.Options().Region, b.sts.Options().Region},
	} {
		if regions != [2]string{"us-east-1", "eu-west-1"} {
			t.Errorf("%s has regions %v", name, regions)
		}
	}
	x, y := a.S3.Options(), b.S3.Options()
	if x.Credentials != y.Credentials || x.HTTPClient != y.HTTPClient || aws.ToString(x.BaseEndpoint) != aws.ToString(y.BaseEndpoint) || x.UsePathStyle != y.UsePathStyle {
		t.Error("the S3 clients of two regions differ in more than the region")
	}
	if x.Retryer == y.Retryer {
		t.Error("two regions share the tries of one retryer")
	}
}

func TestTheEnvironmentDecidesNoRegion(t *testing.T) {
	cleanEnv(t, "[default]\nregion = sa-east-1\n[profile other]\nregion = ca-central-1\n")
	withKeys(t)
	t.Setenv("AWS_REGION", "ap-south-1")
	t.Setenv("AWS_DEFAULT_REGION", "ap-south-2")
	for _, profile := range []string{"", "other"} {
		t.Setenv("AWS_PROFILE", profile)
		c := load(t, Options{Region: "us-east-1"})
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			if got := c.In(region).S3.Options().Region; got != region || c.Config(region).Region != region {
				t.Errorf("profile %q: the clients of %s are in %s", profile, region, got)
			}
		}
	}
}

func TestProfile(t *testing.T) {
	cleanEnv(t, "[profile a]\naws_access_key_id = AKIDA\naws_secret_access_key = x\n[profile b]\naws_access_key_id = AKIDB\naws_secret_access_key = x\n")
	t.Setenv("AWS_PROFILE", "a")
	for profile, want := range map[string]string{"": "AKIDA", "b": "AKIDB"} {
		keys, err := load(t, Options{Profile: profile}).base.Credentials.Retrieve(t.Context())
		if err != nil || keys.AccessKeyID != want {
			t.Errorf("profile %q: key %q, %v; want %q", profile, keys.AccessKeyID, err, want)
		}
	}
}

// hostOf tells where a request for a bucket goes.
func hostOf(t *testing.T, c *Cloud) (host, path string) {
	t.Helper()
	c.base.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
		host, path = r.URL.Host, r.URL.Path
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	if _, err := Call(t.Context(), c.In("eu-west-1").S3.HeadBucket, &s3.HeadBucketInput{Bucket: aws.String("records")}); err != nil {
		t.Fatal(err)
	}
	return host, path
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestWhereABucketIsAddressed(t *testing.T) {
	const services = "[profile p]\nservices = local\n[services local]\ns3 =\n  endpoint_url = http://localhost:4566\n"
	tests := map[string]struct {
		config string
		vars   map[string]string
		host   string
		path   string
	}{
		"AWS":                        {"", nil, "records.s3.eu-west-1.amazonaws.com", "/"},
		"all services elsewhere":     {"", map[string]string{"AWS_ENDPOINT_URL": "http://localhost:4566"}, "localhost:4566", "/records"},
		"S3 elsewhere":               {"", map[string]string{"AWS_ENDPOINT_URL_S3": "http://localhost:4566"}, "localhost:4566", "/records"},
		"another service elsewhere":  {"", map[string]string{"AWS_ENDPOINT_URL_IVS_REALTIME": "http://localhost:4566"}, "records.s3.eu-west-1.amazonaws.com", "/"},
		"services of the profile":    {services, map[string]string{"AWS_PROFILE": "p"}, "localhost:4566", "/records"},
		"endpoint of the profile":    {"[profile p]\nendpoint_url = http://localhost:4566\n", map[string]string{"AWS_PROFILE": "p"}, "localhost:4566", "/records"},
		"configured, but not heeded": {"", map[string]string{"AWS_ENDPOINT_URL": "http://localhost:4566", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "records.s3.eu-west-1.amazonaws.com", "/"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, test.config)
			withKeys(t)
			for name, value := range test.vars {
				t.Setenv(name, value)
			}
			host, path := hostOf(t, load(t, Options{}))
			if host != test.host || strings.TrimSuffix(path, "/") != strings.TrimSuffix(test.path, "/") {
				t.Errorf("HeadBucket goes to %s%s, want %s%s", host, path, test.host, test.path)
			}
		})
	}
}

// With an endpoint of its own, nothing around the program counts.
func TestEmulatorReadsNothingOfTheEnvironment(t *testing.T) {
	cleanEnv(t, "[profile p\n")
	t.Setenv("AWS_PROFILE", "gone")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "lots")
	url, sent := script(t, ok("{}"))
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012"})
	if err := listStorages(t, c); err != nil || sent.Load() != 1 {
		t.Errorf("%d requests, %v", sent.Load(), err)
	}
}
