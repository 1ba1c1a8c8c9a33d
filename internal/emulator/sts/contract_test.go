package sts_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/yolo-live/yolo/internal/emulator"
)

func newClient(t *testing.T, accessKey string) *sts.Client {
	t.Helper()
	server, err := emulator.Open(emulator.Options{Account: "333333333333"})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.Close()
		_ = server.Close()
	})
	return sts.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(listener.URL),
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, "secret", ""),
	})
}

func TestContract(t *testing.T) {
	t.Run("STS-01 GetCallerIdentity tells account, ARN and user id of who signed (§7.1)", func(t *testing.T) {
		for accessKey, account := range map[string]string{"111111111111": "111111111111", "AKIAEXAMPLE": "333333333333"} {
			who, err := newClient(t, accessKey).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			if err != nil {
				t.Fatal(err)
			}
			if *who.Account != account || *who.Arn != "arn:aws:iam::"+account+":root" || *who.UserId != account {
				t.Errorf("%s: %s, %s, %s", accessKey, *who.Account, *who.Arn, *who.UserId)
			}
		}
	})
	t.Run("STS-02 what the emulator lacks answers 501", func(t *testing.T) {
		_, err := newClient(t, "111111111111").GetSessionToken(t.Context(), &sts.GetSessionTokenInput{}, func(o *sts.Options) { o.RetryMaxAttempts = 1 })
		response, isHTTP := errors.AsType[*awshttp.ResponseError](err)
		if !isHTTP || response.HTTPStatusCode() != 501 {
			t.Errorf("got %v", err)
		}
	})
}
