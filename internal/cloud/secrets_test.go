package cloud

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

// An answer that repeats what was signed, as AWS gives to a signature that it
// does not accept, has no secret told.
func TestAnswerThatRepeatsSecrets(t *testing.T) {
	cleanEnv(t, "")
	withKeys(t)
	const token = "the/session+token=="
	t.Setenv("AWS_SESSION_TOKEN", token)
	for name, write := range map[string]func(w http.ResponseWriter, said []byte){
		"an error": func(w http.ResponseWriter, said []byte) {
			w.Header().Set("X-Amzn-Errortype", "InvalidSignatureException")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"message":` + string(said) + `}`))
		},
		"a page": func(w http.ResponseWriter, said []byte) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(said)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var signed atomic.Value
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
				signed.Store(signature)
				said, _ := json.Marshal(r.Header.Get("X-Amz-Security-Token") + " " + r.Header.Get("Authorization"))
				write(w, said)
			}))
			t.Cleanup(server.Close)
			t.Setenv("AWS_ENDPOINT_URL", server.URL)
			var traced string
			c := load(t, Options{Trace: func(r Request) { traced += Brief(r.Err) }})
			_, err := Call(t.Context(), c.In("eu-west-1").Events.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("r")})
			signature, _ := signed.Load().(string)
			if err == nil || signature == "" || !strings.Contains(err.Error(), "(not shown)") {
				t.Fatalf("signed with %q, %v", signature, err)
			}
			for _, secret := range []string{token, signature, "the/session"} {
				if strings.Contains(err.Error()+traced, secret) {
					t.Errorf("%q is told: %v, %s", secret, err, traced)
				}
			}
		})
	}
}

// An address that is no URL is told without its password.
func TestAddressWithPassword(t *testing.T) {
	for _, url := range []string{"http://me:hun%ter2@127.0.0.1", "http://me:hun#ter2@127.0.0.1", "http://me:hunter2@[::1", "http://me:h@hunter2@127.0.0.1:port"} {
		cleanEnv(t, "")
		withKeys(t)
		t.Setenv("AWS_ENDPOINT_URL", url)
		for _, call := range []func(*testing.T, *Cloud) error{listStorages, headBucket} {
			var traced string
			err := call(t, load(t, Options{Trace: func(r Request) { traced += Brief(r.Err) }}))
			if !Is(err, CodeNotSent) || !strings.Contains(err.Error(), "(not shown)@") {
				t.Errorf("%s: %v", url, err)
			}
			for _, part := range []string{"hun", "ter2", "me:"} {
				if strings.Contains(err.Error()+traced, part) {
					t.Errorf("%s: %q is told: %v, %s", url, part, err, traced)
				}
			}
		}
	}
}

// Without an account nobody knows whose a bucket must be.
func TestIdentityWithoutAccount(t *testing.T) {
	for _, account := range []string{"", "<Account></Account>", "<Account>*</Account>", "<Account>12345678901</Account>"} {
		url, _ := script(t, ok("<R><GetCallerIdentityResult>"+account+"</GetCallerIdentityResult></R>"))
		c := load(t, Options{Endpoint: url, AccessKey: "123456789012"})
		if got, err := c.Account(t.Context()); got != "" || !Is(err, CodeInvalidAnswer) {
			t.Errorf("%s is account %q, %v", account, got, err)
		}
	}
}
