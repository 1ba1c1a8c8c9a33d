package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
)

// writer makes objects, and what it was told was made must be there ever after.
type writer struct {
	s3   *s3.Client
	ivs  *ivsrealtime.Client
	name string
	told []string // keys
	arns []string
}

func newWriter(cfg aws.Config, name string) *writer {
	return &writer{
		s3:   s3.NewFromConfig(cfg, func(o *s3.Options) { o.RetryMaxAttempts = 1 }),
		ivs:  ivsrealtime.NewFromConfig(cfg, func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }),
		name: name,
	}
}

// body is long enough to be cut in two by a kill.
func body(key string) []byte { return bytes.Repeat([]byte(key), 20_000) }

// write makes an object and a configuration.
func (w *writer) write(ctx context.Context, n int) error {
	key := fmt.Sprintf("%s-%d", w.name, n)
	_, err := w.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(recordings), Key: &key, Body: bytes.NewReader(body(key))})
	if err != nil {
		return err
	}
	w.told = append(w.told, key)
	out, err := w.ivs.CreateEncoderConfiguration(ctx, nil)
	if err != nil {
		return err
	}
	w.arns = append(w.arns, *out.EncoderConfiguration.Arn)
	return nil
}

// "The state survives a crash in the middle of a write, and several processes
// may use it at once": a process is killed again and again while it and this
// one write.
func TestKilledInTheMiddleOfWrites(t *testing.T) {
	const kills = 8
	dir := t.TempDir()
	f := start(t, emulator.Options{Dir: dir, Quotas: emulator.Quotas{EncoderConfigurations: 1_000_000}})
	f.bucket(t, "us-east-1")
	mine := newWriter(f.Config("us-east-1", ""), "mine")
	stopped := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stopped:
				return
			default:
			}
			if err := mine.write(t.Context(), n); err != nil {
				t.Error(err)
				return
			}
		}
	})
	cfg := f.Config("us-east-1", "")
	theirs := newWriter(cfg, "")
	for kill := range kills {
		process := startProcess(t, dir)
		cfg.BaseEndpoint = aws.String(process.url)
		w := newWriter(cfg, fmt.Sprint("theirs-", kill))
		timer := time.AfterFunc(time.Duration(5+rand.IntN(60))*time.Millisecond, func() { _ = process.kill() })
		for n := 0; w.write(t.Context(), n) == nil; n++ {
		}
		timer.Stop()
		process.wait()
		theirs.told, theirs.arns = append(theirs.told, w.told...), append(theirs.arns, w.arns...)
	}
	close(stopped)
	writing.Wait()
	if len(theirs.told) == 0 || len(mine.told) == 0 {
		t.Fatalf("%d writes here and %d in the killed processes show nothing", len(mine.told), len(theirs.told))
	}
	// A process that opens the state afterwards sees what those saw.
	after := start(t, emulator.Options{Dir: dir})
	for _, w := range []*writer{mine, theirs} {
		after.holds(t, w)
	}
	if err := newWriter(after.Config("us-east-1", ""), "after").write(t.Context(), 0); err == nil || code(err) != "ServiceQuotaExceededException" {
		t.Errorf("a write afterwards: %v, want only the quota to refuse it", err)
	}
}

// holds tells whether everything that a writer was told was made is there.
func (f *fixture) holds(t *testing.T, w *writer) {
	t.Helper()
	client := s3.NewFromConfig(f.Config("us-east-1", ""))
	for _, key := range w.told {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(recordings), Key: &key})
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		got, err := io.ReadAll(out.Body)
		if err = errors.Join(err, out.Body.Close()); err != nil || !bytes.Equal(got, body(key)) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
	for _, arn := range w.arns {
		if _, err := f.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: &arn}); err != nil {
			t.Errorf("%s: %v", arn, err)
		}
	}
}
