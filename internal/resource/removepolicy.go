package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// inTurn waits until nobody else of this run has the bucket's policy edited. An
// interruption that came meanwhile lets nothing begin. Known is the policy, as
// whose turn was just before has read it at its very end; nil when nobody was
// waited for, or that one did not end with a look.
func (b *bucket) inTurn(ctx context.Context) (known *policy.Document, end func(), err error) {
	select {
	case b.turn <- struct{}{}:
		b.lastRead = nil
	default:
		select {
		case b.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
	known, b.lastRead = b.lastRead, nil
	end = func() { <-b.turn }
	if err := reconcile.GoOn(ctx, "it still waited for another change of the bucket policy"); err != nil {
		end()
		return nil, nil, err
	}
	return known, end, nil
}

// policyNow reads the policy of a bucket that was there a moment ago: that it is
// not, means that somebody has deleted it.
func (b *bucket) policyNow(ctx context.Context, at place) (*policy.Document, error) {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return nil, err
	}
	return bucketPolicy(ctx, client, name, owner)
}

// amend writes what change makes of the policy, which is read right before. S3
// takes no policy without statements; then it is deleted.
func (b *bucket) amend(ctx context.Context, at place, change edit) (differences []policy.Difference, err error) {
	err = b.until(ctx, passing{CodeConcurrentChange: time.Now().Add(b.waits.contention)}, func() error {
		live, err := b.policyNow(ctx, at)
		if err != nil {
			return err
		}
		var written *policy.Document
		if written, differences = change(live); len(differences) == 0 {
			return nil
		}
		if !written.Empty() {
			return b.writePolicy(ctx, at, written)
		}
		client, name, owner, err := b.owned(ctx, at)
		if err == nil {
			_, err = cloud.Call(ctx, client.DeleteBucketPolicy, &s3.DeleteBucketPolicyInput{Bucket: name, ExpectedBucketOwner: owner})
		}
		return err
	})
	if cloud.Is(err, "MalformedPolicy") {
		return nil, malformed(at, "without ours", err)
	}
	return differences, err
}

// restore puts statements back that IVS's edit of a policy lost, and returns the
// policy as it last read it, nil when the bucket is gone. Own is the Sid of the
// statement that IVS was to take out.
func (b *bucket) restore(ctx context.Context, at place, before *policy.Document, own string) (restored []reconcile.Change, live *policy.Document, err error) {
	for round := range checkRounds {
		lost, live, err := b.lost(ctx, at, before, own, time.Duration(round+1)*b.waits.confirmLoss)
		if err != nil {
			return restored, nil, unrestored(at, lost, err)
		}
		if len(lost) == 0 {
			return restored, live, nil
		}
		differences, err := b.amend(ctx, at, func(live *policy.Document) (*policy.Document, []policy.Difference) {
			return live.Restore(lost...)
		})
		if err != nil {
			return restored, nil, unrestored(at, lost, err)
		}
		restored = append(restored, changesOf(differences)...)
	}
	return restored, nil, policyLost(at)
}

// lost are the statements that a policy does not have any more, in two reads a
// pause apart, and the policy as it is. That of a bucket that is gone lost none.
func (b *bucket) lost(ctx context.Context, at place, before *policy.Document, own string, pause time.Duration) ([]policy.Statement, *policy.Document, error) {
	gone := map[string]bool{own: true}
	look := func() ([]policy.Statement, *policy.Document, error) {
		live, err := b.policyNow(ctx, at)
		if cloud.Is(err, "NoSuchBucket") {
			return nil, nil, nil
		}
		return slices.DeleteFunc(live.Missing(before), func(s policy.Statement) bool { return gone[s.Sid()] }), live, err
	}
	lost, live, err := look()
	if _, still := live.Statement(own); err != nil || len(lost) == 0 && !still {
		return nil, live, err
	}
	for sid, is := range b.gone(ctx, before) {
		gone[sid] = gone[sid] || is
	}
	// An interruption does not cut this short: no other run knows what is lost
	// by then.
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return lost, live, context.Cause(ctx)
	}
	again, live, err := look()
	if err != nil {
		return lost, live, err
	}
	return again, live, nil
}

// unrestored tells which statements are lost. Of a run whose time is over it
// says more than that it was.
func unrestored(at place, lost []policy.Statement, err error) error {
	if len(lost) == 0 {
		return err
	}
	var all []string
	for _, s := range lost {
		all = append(all, s.String())
	}
	return &reconcile.Problem{
		ProblemCode: CodePolicyLost,
		Text: fmt.Sprintf("IVS's edit of the policy of %q lost statements of others, and putting them back failed (%v): %s",
			at.name, reconcile.Plain(err), strings.Join(all, ", ")),
		Fix: "put them back into the bucket policy by hand",
	}
}
