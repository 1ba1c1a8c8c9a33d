package cloud

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoCredentials(t *testing.T) {
	const (
		legacySSO = "[profile p]\nsso_start_url=https://x.awsapps.com/start\nsso_region=us-east-1\nsso_account_id=123456789012\nsso_role_name=R\n"
		sso       = "[profile p]\nsso_session=s\nsso_account_id=123456789012\nsso_role_name=R\n[sso-session s]\nsso_start_url=https://x.awsapps.com/start\nsso_region=us-east-1\n"
		// The cache's file names are the SHA-1 of the start URL and of the
		// session's name.
		legacyToken, token = "3947de8b16688092197fa616c34e01335f21d256.json", "a0f1490a20d0211c997b44bc357e1972deab8ae3.json"
		expired            = `{"accessToken":"secret-token","expiresAt":"2020-01-01T00:00:00Z"}`
	)
	tests := map[string]struct {
		config, profile string
		vars            map[string]string
		cache           string // the name of an expired token
		text, hint      string
	}{
		"none":            {text: "AWS credentials: none found: no variables, no profile, no role", hint: "--emulator"},
		"half a key":      {vars: map[string]string{"AWS_ACCESS_KEY_ID": "x"}, text: "AWS credentials: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not", hint: "AWS_SECRET_ACCESS_KEY"},
		"missing profile": {profile: "nope", text: `AWS configuration: there is no profile "nope" in the AWS configuration files`, hint: "aws configure list-profiles"},
		"AWS_PROFILE":     {vars: map[string]string{"AWS_PROFILE": "gone"}, text: `AWS configuration: there is no profile "gone" in the AWS configuration files`, hint: "aws configure list-profiles"},
		"source profile": {
			config: "[profile p]\nrole_arn=arn:aws:iam::123456789012:role/x\nsource_profile=q\n", profile: "p",
			text: `AWS configuration: there is no profile "q" in the AWS configuration files`, hint: "aws configure list-profiles",
		},
		"not logged in":     {config: sso, profile: "p", text: "AWS credentials: nobody is logged in to SSO", hint: "aws sso login --profile p"},
		"not logged in, v1": {config: legacySSO, profile: "p", text: "AWS credentials: nobody is logged in to SSO", hint: "aws sso login --profile p"},
		"expired":           {config: sso, profile: "p", cache: token, text: "AWS credentials: the SSO login has expired", hint: "aws sso login --profile p"},
		"expired, v1":       {config: legacySSO, profile: "p", cache: legacyToken, text: "AWS credentials: the SSO login has expired", hint: "aws sso login --profile p"},
		"console login": {
			config: "[profile p]\nlogin_session=arn:aws:iam::123456789012:user/x\n", profile: "p",
			text: "AWS credentials: the login has expired, or there is none", hint: "aws login --profile p",
		},
		"process": {
			config: "[profile p]\ncredential_process=/bin/false\n", profile: "p",
			text: "AWS credentials: process provider error: error in credential_process: exit status 1", hint: "aws sts get-caller-identity",
		},
		"process, no JSON": {
			config: "[profile p]\ncredential_process=/bin/echo {SecretAccessKey: the-secret\n", profile: "p",
			text: "AWS credentials: credential_process gave no valid JSON with credentials", hint: "by hand",
		},
		"a sso in a path": {
			vars: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/sso/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x"},
			text: "AWS credentials: failed to retrieve jwt from provide source, unable to read file at /sso/token: open /sso/token: no such file or directory", hint: "check the profile",
		},
		"nonsense": {vars: map[string]string{"AWS_MAX_ATTEMPTS": "lots"}, text: `AWS configuration: invalid value AWS_MAX_ATTEMPTS=lots, strconv.ParseInt: parsing "lots": invalid syntax`, hint: "AWS_… variables"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, test.config)
			for name, value := range test.vars {
				t.Setenv(name, value)
			}
			if test.cache != "" {
				writeToken(t, test.cache, expired)
			}
			_, err := Load(t.Context(), Options{Region: "us-east-1", Profile: test.profile})
			e, ok := errors.AsType[*CredentialsError](err)
			if !ok {
				t.Fatalf("Load: %v, want a CredentialsError", err)
			}
			if e.Error() != test.text {
				t.Errorf("text %q, want %q", e, test.text)
			}
			if !strings.Contains(e.Hint(), test.hint) {
				t.Errorf("hint %q does not name %q", e.Hint(), test.hint)
			}
			if e.Code() != CodeCredentials || errors.Unwrap(e) == nil {
				t.Errorf("code %q, cause %v", e.Code(), errors.Unwrap(e))
			}
		})
	}
}

func writeToken(t *testing.T, name, content string) {
	t.Helper()
	dir := filepath.Join(os.Getenv("HOME"), ".aws", "sso", "cache")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
