package cloud

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// begins starts requests at random moments of three seconds, each taking a
// random time, and returns when they were let through.
func begins(t *testing.T, l *limits, n int, service, operation string) []time.Time {
	t.Helper()
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		all []time.Time
	)
	for range n {
		wg.Go(func() {
			time.Sleep(rand.N(3 * time.Second))
			end, err := l.begin(t.Context(), service, "eu-west-1", operation)
			if err != nil {
				t.Error(err)
				return
			}
			defer end()
			mu.Lock()
			all = append(all, time.Now())
			mu.Unlock()
			time.Sleep(rand.N(2 * time.Second))
		})
	}
	wg.Wait()
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// mostInASecond is the largest number of moments in any half-open second.
func mostInASecond(all []time.Time) int {
	most := 0
	for i, first := range all {
		n := 0
		for _, at := range all[i:] {
			if at.Sub(first) < time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestRates(t *testing.T) {
	tests := map[string]struct {
		service, operation string
		parallelism        int
		want               int // in a second; 0 is more than any limit
	}{
		"IVS":                        {ivsServiceID, "CreateStorageConfiguration", 0, 5},
		"IVS tags":                   {ivsServiceID, "TagResource", 0, 10},
		"IVS after waiting its turn": {ivsServiceID, "ListStorageConfigurations", 7, 5},
		"reads of a log":             {"CloudWatch Logs", "FilterLogEvents", 0, 5},
		"other calls of Logs":        {"CloudWatch Logs", "DescribeLogGroups", 0, 0},
		"S3":                         {"S3", "PutBucketPolicy", 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				most := mostInASecond(begins(t, newLimits(test.parallelism), 60, test.service, test.operation))
				if test.want == 0 && most <= 10 {
					t.Errorf("%d requests began in a second, though nothing limits them", most)
				}
				if test.want != 0 && most != test.want {
					t.Errorf("%d requests began in a second, want %d", most, test.want)
				}
			})
		})
	}
}

// Rates are per region and operation.
func TestRatesDoNotAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, begun := newLimits(0), time.Now()
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			for _, operation := range []string{"ListStorageConfigurations", "GetEncoderConfiguration"} {
				for range ivsPerSecond {
					end, err := l.begin(t.Context(), ivsServiceID, region, operation)
					if err != nil {
						t.Fatal(err)
					}
					end()
				}
			}
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("waited %v for requests of other regions and operations", took)
		}
	})
}

func TestParallelism(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(3)
		var mu sync.Mutex
		var wg sync.WaitGroup
		inFlight, most := 0, 0
		for range 20 {
			wg.Go(func() {
				end, err := l.begin(t.Context(), "S3", "eu-west-1", "HeadBucket")
				if err != nil {
					t.Error(err)
					return
				}
				defer end()
				mu.Lock()
				inFlight++
				most = max(most, inFlight)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				inFlight--
				mu.Unlock()
			})
		}
		wg.Wait()
		if most != 3 {
			t.Errorf("%d requests were in flight, want 3", most)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(1)
		end, err := l.begin(t.Context(), ivsServiceID, "eu-west-1", "TagResource")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.begin(ctx, ivsServiceID, "eu-west-1", "TagResource"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("begin in a full cloud: %v", err)
		}
		end()
		for range ivsTagsPerSecond {
			if end, err = l.begin(t.Context(), ivsServiceID, "eu-west-1", "TagResource"); err == nil {
				end()
			}
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.begin(canceled, ivsServiceID, "eu-west-1", "TagResource"); !errors.Is(err, context.Canceled) {
			t.Errorf("begin over the rate, canceled: %v", err)
		}
		if end, err = l.begin(t.Context(), "S3", "eu-west-1", "HeadBucket"); err != nil {
			t.Errorf("the canceled one kept its place: %v", err)
		} else {
			end()
		}
	})
}
