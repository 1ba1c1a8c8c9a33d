package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// BenchmarkListOverHTTP is a read as a sync makes it, over the network stack,
// with the state in a folder. The client shares the processors.
func BenchmarkListOverHTTP(b *testing.B) {
	i := emulatortest.Start(b, emulator.Options{Dir: b.TempDir()})
	client := ivsrealtime.NewFromConfig(i.Config("us-east-1", ""))
	bucket := aws.String("recordings")
	if _, err := s3.NewFromConfig(i.Config("us-east-1", "")).CreateBucket(b.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		b.Fatal(err)
	}
	for range 5 {
		_, err := client.CreateStorageConfiguration(b.Context(), &ivsrealtime.CreateStorageConfigurationInput{
			S3: &types.S3StorageConfiguration{BucketName: bucket},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	overHTTP(b, func() (*http.Request, error) {
		return signed(b, "ivs", i.URL+"/ListStorageConfigurations", "")
	})
}

// BenchmarkWriteOverHTTP is a change, which is on disk when it is answered.
func BenchmarkWriteOverHTTP(b *testing.B) {
	i := emulatortest.Start(b, emulator.Options{Dir: b.TempDir()})
	overHTTP(b, func() (*http.Request, error) {
		request, err := signed(b, "events", i.URL, `{"Name":"r","EventPattern":"{\"source\":[\"aws.ivs\"]}"}`)
		if err == nil {
			request.Header.Set("X-Amz-Target", "AWSEvents.PutRule")
		}
		return request, err
	})
}

// BenchmarkSeed fills a bucket with the recordings of a long season.
func BenchmarkSeed(b *testing.B) {
	for range b.N {
		i := emulatortest.Start(b, emulator.Options{Dir: b.TempDir()})
		in := &s3.CreateBucketInput{Bucket: aws.String(recordings)}
		if _, err := s3.NewFromConfig(i.Config("us-east-1", "")).CreateBucket(b.Context(), in); err != nil {
			b.Fatal(err)
		}
		i.SeedObjects(manyObjects(1_000_000))
	}
}

// BenchmarkEmpty lists and deletes a hundred thousand objects with the SDK, a
// thousand at a time and one request after the other.
func BenchmarkEmpty(b *testing.B) {
	const count = 100_000
	i := emulatortest.Start(b, emulator.Options{Dir: b.TempDir()})
	client := s3.NewFromConfig(i.Config("us-east-1", ""))
	if _, err := client.CreateBucket(b.Context(), &s3.CreateBucketInput{Bucket: aws.String(recordings)}); err != nil {
		b.Fatal(err)
	}
	for range b.N {
		b.StopTimer()
		i.SeedObjects(manyObjects(count))
		b.StartTimer()
		if n := empty(b, client); n != count {
			b.Fatalf("%d deleted, want %d", n, count)
		}
	}
	b.ReportMetric(float64(b.N*count)/b.Elapsed().Seconds(), "objects/s")
}

// manyObjects have keys as long as those of recordings.
func manyObjects(count int) emulator.Objects {
	return emulator.Objects{
		Bucket: recordings, Prefix: "AbCdEfGhIjKl/AbCdEfGhIjKl/AbCdEfGhIjKl/composite/media/hls/720p30-AbCdEfGhIjKl/", Suffix: ".ts",
		Count: count, Size: 1000,
	}
}

// overHTTP sends requests from eight clients for each processor.
func overHTTP(b *testing.B, request func() (*http.Request, error)) {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b.Cleanup(transport.CloseIdleConnections)
	b.SetParallelism(8)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := send(transport, request); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

func signed(b *testing.B, service, url, body string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20261122/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	return request, nil
}

func send(transport http.RoundTripper, next func() (*http.Request, error)) error {
	request, err := next()
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
