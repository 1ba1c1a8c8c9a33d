package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/recording/bucket"
)

// Bounds on the search of a bucket.
const (
	// mostFolders is in how many of a bucket's top folders is looked.
	mostFolders = 10_000
	// atOnce is how many requests to S3 are in flight for one bucket.
	atOnce = 32
	// firstKeys are enough to see where a recording is and when it began: its
	// metadata come before its media.
	firstKeys = 10
)

// place is where a composite recording is: in a bucket below a prefix, which is
// {any}/{composition}/{destination}/composite (RealTimeUserGuide, Composite
// Recording).
type place struct {
	bucket bucket.Bucket
	region string // the bucket's
	prefix string
	// composition and destination are the ids in it.
	composition, destination string
	// begun is when its first object was written, or its recording-started.json.
	begun time.Time
}

func (p *place) String() string { return "s3://" + p.bucket.Name + "/" + p.prefix }

// shelf are the composite recordings in a bucket.
type shelf struct {
	bucket bucket.Bucket
	region string
	most   int // folders that are looked at
	// only is the composition that is looked for, "" for all.
	only string

	mu     sync.Mutex
	places map[string]*place // by composition, which has one S3 destination at most
	newest time.Time         // of the objects that were seen
	err    error             // the first reason why it is not all of them
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// search looks for all recordings.
func (s *shelf) search(ctx context.Context) {
	s.places = map[string]*place{}
	folders, more, err := s.folders(ctx, "", s.most)
	if more {
		err = s.tooMany("")
	}
	if err != nil {
		s.fail(err)
	}
	each(folders, atOnce, func(folder string) {
		below, more, err := s.folders(ctx, folder, s.most)
		if more {
			err = s.tooMany(folder)
		}
		for _, one := range below {
			if s.only != "" && !strings.HasSuffix(one, "/"+s.only+"/") {
				continue
			}
			if failed := s.look(ctx, one); failed != nil {
				err = failed
				break
			}
		}
		if err != nil {
			s.fail(err)
		}
	})
}

// tooMany is that there are more folders in one than are looked at.
func (s *shelf) tooMany(folder string) error {
	return fmt.Errorf("s3://%s/%s has more than %d folders, and only so many were looked at; --prefix looks at one", s.bucket.Name, folder, s.most)
}

// folders are those right below a prefix, up to a number.
func (s *shelf) folders(ctx context.Context, prefix string, most int) (all []string, more bool, err error) {
	pages := s3.NewListObjectsV2Paginator(s.bucket.Client, &s3.ListObjectsV2Input{
		Bucket: &s.bucket.Name, Prefix: &prefix, Delimiter: aws.String("/"), ExpectedBucketOwner: &s.bucket.Account,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, false, cloud.Plain(err)
		}
		for _, one := range page.CommonPrefixes {
			all = append(all, aws.ToString(one.Prefix))
		}
		if len(all) > most {
			return all[:most], true, nil
		}
	}
	return all, false, nil
}

// look sees whether a composition's recording is in a folder.
func (s *shelf) look(ctx context.Context, folder string) error {
	out, err := cloud.Call(ctx, s.bucket.Client.ListObjectsV2, &s3.ListObjectsV2Input{
		Bucket: &s.bucket.Name, Prefix: &folder, MaxKeys: aws.Int32(firstKeys), ExpectedBucketOwner: &s.bucket.Account,
	})
	if err != nil {
		return err
	}
	for _, one := range out.Contents {
		if p, ok := placeOf(aws.ToString(one.Key)); ok {
			s.note(p, aws.ToString(one.Key), aws.ToTime(one.LastModified))
		}
	}
	return nil
}

// holds tells whether there is any object below a prefix.
func (s *shelf) holds(ctx context.Context, prefix string) (bool, error) {
	out, err := cloud.Call(ctx, s.bucket.Client.ListObjectsV2, &s3.ListObjectsV2Input{
		Bucket: &s.bucket.Name, Prefix: &prefix, MaxKeys: aws.Int32(1), ExpectedBucketOwner: &s.bucket.Account,
	})
	if err != nil {
		return false, err
	}
	return len(out.Contents) > 0, nil
}

// note notes an object of a recording.
func (s *shelf) note(of place, object string, written time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest = later(s.newest, written)
	p := s.places[of.composition]
	if p == nil {
		p = s.at(of)
		p.begun = written
		s.places[of.composition] = p
	}
	if strings.HasSuffix(object, "/events/recording-started.json") || written.Before(p.begun) {
		p.begun = written
	}
}

// at is a place in this bucket.
func (s *shelf) at(p place) *place {
	p.bucket, p.region = s.bucket, s.region
	return &p
}

// placeOf is where in its bucket the composite recording is that an object
// belongs to.
func placeOf(object string) (p place, ok bool) {
	parts := strings.SplitN(object, "/", 5)
	if len(parts) < 4 || parts[3] != "composite" {
		return place{}, false
	}
	return place{prefix: strings.Join(parts[:4], "/"), composition: parts[1], destination: parts[2]}, true
}

// each does something with all of a list, several at once.
func each[T any](all []T, atOnce int, do func(T)) {
	var wg sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for _, one := range all {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			do(one)
		})
	}
	wg.Wait()
}
