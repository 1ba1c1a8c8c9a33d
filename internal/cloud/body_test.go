package cloud

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// streaming answers with a beginning and then with what more writes, which ends
// when the client is gone. Sent counts the bytes that it got rid of.
func streaming(t *testing.T, beginning string, more func(write func(string) bool)) (url string, sent, requests *atomic.Int64) {
	t.Helper()
	sent, requests = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		write := func(text string) bool {
			n, err := io.WriteString(w, text)
			sent.Add(int64(n))
			return errors.Join(err, http.NewResponseController(w).Flush(), r.Context().Err()) == nil
		}
		if write(beginning) {
			more(write)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, sent, requests
}

// getTags sends a request without a body: to a body that is still being sent
// when the answer comes, Go may end the connection.
func getTags(t *testing.T, c *Cloud) error {
	_, err := Call(t.Context(), c.In("eu-west-1").S3.GetBucketTagging, &s3.GetBucketTaggingInput{Bucket: aws.String("b")})
	return err
}

// An answer that never ends is read as far as the longest of AWS's, and asked for
// once.
func TestEndlessAnswer(t *testing.T) {
	for name, again := range map[string]string{"a text": "a", "tags in tags": "<" + strings.Repeat("a", 200) + ">", "white space": " ", "tags": "<Tag><Key>" + strings.Repeat("k", 100) + "</Key></Tag>"} {
		t.Run(name, func(t *testing.T) {
			chunk := strings.Repeat(again, 1<<16/len(again))
			url, sent, requests := streaming(t, "<Tagging><TagSet>", func(write func(string) bool) {
				for write(chunk) {
				}
			})
			const longest = 1 << 20
			err := getTags(t, load(t, Options{Endpoint: url, AccessKey: "123456789012", longest: longest}))
			if !Is(err, CodeInvalidAnswer) || requests.Load() != 1 || !strings.Contains(err.Error(), errTooLarge.Error()) {
				t.Errorf("after %d requests: %v", requests.Load(), err)
			}
			if sent.Load() > longest+maxAnswer { // what is on its way counts as sent
				t.Errorf("%d bytes were taken", sent.Load())
			}
		})
	}
}

// An answer that begins and then does not go on is given up in time.
func TestAnswerThatStops(t *testing.T) {
	gone := make(chan struct{})
	url, _, requests := streaming(t, "<Tagging><TagSet>", func(func(string) bool) { <-gone })
	t.Cleanup(func() { close(gone) })
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012", patience: 50 * time.Millisecond})
	err := getTags(t, c)
	if !Is(err, CodeNoAnswer) || requests.Load() != timeoutAttempts {
		t.Errorf("after %d requests: %v", requests.Load(), err)
	}
	if e, _ := errors.AsType[*Error](err); e == nil || e.Message() != (lateError{}).Error() || e.Hint() == "" {
		t.Errorf("the error is %+v", e)
	}
}

// An object may take longer than an answer, as long as it goes on.
func TestSlowObject(t *testing.T) {
	const patience = time.Second
	url, _, _ := streaming(t, "", func(write func(string) bool) {
		for begun := time.Now(); time.Since(begun) < patience+patience/2 && write("x"); {
			time.Sleep(patience / 100)
		}
	})
	c := load(t, Options{Endpoint: url, AccessKey: "123456789012", patience: patience})
	out, err := c.In("eu-west-1").S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if content, err := io.ReadAll(out.Body); err != nil || len(content) < 10 {
		t.Errorf("%d bytes, then %v", len(content), err)
	}
}

// What is told of an error stays short, however much there is.
func TestLongErrorIsCut(t *testing.T) {
	url, _ := script(t, jsonError(400, strings.Repeat("C", 5000), `{"message":"`+strings.Repeat("ü", 100_000)+`"}`))
	err := listStorages(t, load(t, Options{Endpoint: url, AccessKey: "123456789012"}))
	if e, _ := errors.AsType[*Error](err); e == nil || len(e.Code()) > maxCode+3 || len(e.Message()) > maxMessage+3 || len(err.Error()) > 3000 {
		t.Errorf("%d bytes: %.200v", len(err.Error()), err)
	}
}

// What gives credentials is read no further than AWS itself.
func TestEndlessCredentials(t *testing.T) {
	cleanEnv(t, "")
	chunk := strings.Repeat(" ", 1<<16)
	url, sent, _ := streaming(t, "{", func(write func(string) bool) {
		for write(chunk) {
		}
	})
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
	_, err := Load(t.Context(), Options{Region: "eu-west-1"})
	if _, ok := errors.AsType[*CredentialsError](err); !ok || !strings.Contains(err.Error(), errTooLarge.Error()) {
		t.Errorf("%v", err)
	}
	if most := int64(10 * maxAnswer); sent.Load() > most {
		t.Errorf("%d bytes were taken, want %d at most", sent.Load(), most)
	}
}
