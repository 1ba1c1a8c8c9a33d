package resource

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// lanes is how many parts of a bucket are listed side by side.
const lanes = 8

// count goes through all of the bucket. One with more than a page of entries is
// split into parts that are listed side by side, and beside the uploads.
func (e *emptier) count(ctx context.Context) (sum contents, err error) {
	var uploads int64
	var uploadsErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		uploadsErr = e.uploads(ctx, func(all []upload) error {
			uploads += int64(len(all))
			return nil
		})
	})
	sum, err = e.countVersions(ctx)
	wg.Wait()
	sum.uploads = uploads
	return sum, first([]error{err, uploadsErr})
}

// countVersions goes through all versions and delete markers.
func (e *emptier) countVersions(ctx context.Context) (sum contents, err error) {
	var seen tally
	p, err := e.pageOf(ctx, s3.ListObjectVersionsInput{})
	if err != nil {
		return sum, err
	}
	if p.last() {
		return total(p.entries), nil
	}
	seen.see(ctx, contents{})
	bounds, err := e.bounds(ctx)
	if err != nil {
		return sum, err
	}
	bounds = append(bounds, "")
	sums, errs := make([]contents, len(bounds)), make([]error, len(bounds))
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for i, upTo := range bounds {
		after := ""
		if i > 0 {
			after = bounds[i-1]
		}
		wg.Go(func() {
			if sums[i], errs[i] = e.countPart(ctx, after, upTo, &seen); errs[i] != nil {
				cancel(errs[i])
			}
		})
	}
	wg.Wait()
	for _, part := range sums {
		sum.add(part)
	}
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
		return sum, context.Cause(ctx)
	}
	return sum, nil
}

// countPart counts the keys behind after, up to and with upTo; "" is no bound.
func (e *emptier) countPart(ctx context.Context, after, upTo string, seen *tally) (sum contents, err error) {
	var in s3.ListObjectVersionsInput
	if after != "" {
		in.KeyMarker = aws.String(after)
	}
	for {
		p, err := e.pageOf(ctx, in)
		if err != nil {
			return sum, err
		}
		beyond, more := false, contents{}
		for _, one := range p.entries {
			switch key := *one.id.Key; {
			case upTo != "" && key > upTo:
				beyond = true
			case key > after:
				more.add(one.holds)
			}
		}
		sum.add(more)
		seen.see(ctx, more)
		if p.last() || beyond {
			return sum, nil
		}
		in.KeyMarker, in.VersionIdMarker = p.key, p.mark
	}
}

// tally is what all parts together have come to so far.
type tally struct {
	mu  sync.Mutex
	sum contents
}

// see adds to the tally, and tells how far it is.
func (t *tally) see(ctx context.Context, more contents) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.add(more)
	reconcile.Advance(ctx, reconcile.Progress{Done: t.sum.entries(), Bytes: t.sum.bytes, Unit: "objects counted"})
}

func total(entries []entry) (sum contents) {
	for _, one := range entries {
		sum.add(one.holds)
	}
	return sum
}

// levels bounds how deep folders are looked into for places to split at; as
// deep as those of one recording are (RealTimeUserGuide, composite recording).
const levels = 4

// bounds are keys at which the bucket falls into parts of more or less the same
// size, as far as its folders tell.
func (e *emptier) bounds(ctx context.Context) ([]string, error) {
	folders, cuts := []string{""}, []string(nil)
	for range levels {
		var inside []string
		for _, folder := range folders {
			p, err := e.pageOf(ctx, s3.ListObjectVersionsInput{Prefix: aws.String(folder), Delimiter: aws.String("/")})
			switch {
			case err != nil:
				return nil, err
			case p.last():
				inside = append(inside, p.prefixes...)
			default:
				// Too many to know them all. The ids in IVS's keys begin with
				// any letter or digit, each as often.
				cuts = append(cuts, spread(folder)...)
			}
		}
		if folders = inside; len(folders) == 0 || len(folders)+len(cuts) >= lanes {
			break
		}
	}
	return evenly(append(cuts, folders...)), nil
}

// spread are the bounds between keys in a folder that begin with any letter or
// digit.
func spread(folder string) []string {
	var bounds []string
	for _, first := range strings.Split("7FNVcks", "") {
		bounds = append(bounds, folder+first)
	}
	return bounds
}

// evenly picks the bounds of as many parts as there are lanes.
func evenly(folders []string) []string {
	slices.Sort(folders)
	folders = slices.Compact(folders)
	var bounds []string
	for lane := 1; lane < lanes && len(folders) > 0; lane++ {
		bound := folders[len(folders)*lane/lanes]
		if !slices.Contains(bounds, bound) {
			bounds = append(bounds, bound)
		}
	}
	return bounds
}
