package s3

import "testing"

func TestVirtualHost(t *testing.T) {
	type place struct {
		bucket, region string
		ok             bool
	}
	for host, want := range map[string]place{
		"127.0.0.1:4566":                            {},
		"[::1]:4566":                                {},
		"localhost":                                 {},
		"b.localhost:4566":                          {"b", "", true},
		"b.s3.localhost":                            {"b.s3", "", true},
		"s3.eu-west-1.localhost":                    {"", "eu-west-1", false},
		"my.b.s3.eu-west-1.localhost":               {"my.b", "eu-west-1", true},
		"s3.amazonaws.com":                          {},
		"s3.eu-west-1.amazonaws.com":                {"", "eu-west-1", false},
		"b.s3.amazonaws.com":                        {"b", "", true},
		"my.b.s3.dualstack.eu-west-1.amazonaws.com": {"my.b", "eu-west-1", true},
		"b.s3-us-west-2.amazonaws.com":              {"b", "us-west-2", true},
	} {
		bucket, region, ok := virtualHost(host)
		if got := (place{bucket, region, ok}); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
	}
}
