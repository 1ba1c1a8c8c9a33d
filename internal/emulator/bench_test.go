package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

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
