package emulatortest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/yolo-live/yolo/internal/emulator"
)

// ProfileVariable names the environment variable that has contract tests run
// on AWS, with the profile it names, instead of on an emulator.
const ProfileVariable = "YOLO_CONTRACT_PROFILE"

// Account is what a contract test runs on: what it holds to be true of AWS
// should be true of both.
type Account struct {
	ID string
	// Region and Elsewhere are two regions that have IVS Real-Time.
	Region, Elsewhere string
	// Emulator is nil on AWS.
	Emulator *Instance

	config func(region string) aws.Config
}

// Contract gives a contract test its account: an emulator with the options, or
// the one on AWS that ProfileVariable asks for.
func Contract(t testing.TB, options emulator.Options) *Account {
	t.Helper()
	a := &Account{Region: "us-east-1", Elsewhere: "eu-west-1"}
	profile := os.Getenv(ProfileVariable)
	if profile == "" {
		a.Emulator = Start(t, options)
		a.config = func(region string) aws.Config { return a.Emulator.Config(region, "") }
	} else {
		base, err := config.LoadDefaultConfig(t.Context(), config.WithSharedConfigProfile(profile))
		if err != nil {
			t.Fatal(err)
		}
		a.config = func(region string) aws.Config {
			cfg := base.Copy()
			cfg.Region = region
			return cfg
		}
	}
	identity, err := sts.NewFromConfig(a.Config(a.Region)).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	a.ID = *identity.Account
	return a
}

// Config is for the SDK's clients in a region.
func (a *Account) Config(region string) aws.Config { return a.config(region) }

// Name makes a name that nothing has yet and that every service accepts.
func (a *Account) Name(what string) string {
	return "yolo-contract-" + strings.ToLower(rand.Text()[:10]) + "-" + what
}

// NeedsEmulator skips the test on AWS, with the reason.
func (a *Account) NeedsEmulator(t testing.TB, reason string) {
	t.Helper()
	if a.Emulator == nil {
		t.Skip("only on the emulator: " + reason)
	}
}

// Cleanup runs remove when the test has ended, while the account can still be
// reached. What is gone already is no error.
func (a *Account) Cleanup(t testing.TB, remove func(ctx context.Context) error) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := remove(ctx); err != nil && a.Emulator == nil {
			t.Logf("clean up: %v", err)
		}
	})
}
