package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
)

// purging is the deletion of what is below a prefix.
type purging struct {
	client          *s3.Client
	bucket, account string
	prefix          string // with a slash at its end
	// objects are the versions that were deleted, markers the delete markers.
	objects, markers int
	// kept are those that S3 did not delete, by why; first is one of them.
	kept  map[string]int
	first s3types.Error
}

var errKept = errors.New("S3 kept some of them")

// purge deletes what is below the prefix that StartComposition returned to this
// run, in all versions, and nothing else. It ends with a listing that has
// nothing more.
func (g *regionRun) purge(ctx context.Context) {
	ctx, cancel := g.cleaning(ctx)
	defer cancel()
	p := &purging{
		client: g.Cloud.In(g.region).S3, bucket: g.Recording.Bucket, account: g.Account,
		prefix: strings.TrimSuffix(g.composition.prefix, "/") + "/", kept: map[string]int{},
	}
	f := proof.Finding{Region: g.region, ID: "purge", Title: "The recording is deleted, as asked", Verdict: proof.Pass}
	if strings.Trim(p.prefix, "/") == "" {
		f.Verdict, f.Evidence = proof.NotProven, "nothing was deleted: IVS did not answer where it records to"
		f.Fix = "yolo doctor " + g.Env.Name + " --since 1h, and delete by hand what there is of " + g.name()
		g.find(proof.StepCleanup, f)
		return
	}
	ended := g.recordingOver(ctx)
	err := p.run(ctx)
	f.Evidence = p.told()
	if err != nil {
		f.Verdict, f.Fix = proof.Fail, p.fix(err)
		if !errors.Is(err, errKept) {
			f.Err = err
		}
	} else if !ended {
		f.Verdict, f.Fix = proof.NotProven, p.again()
		f.Evidence += "; it was not seen that IVS had ended the recording by then, so it may write more"
	}
	g.find(proof.StepCleanup, f)
}

// recordingOver waits until IVS has written the last object of a recording that
// began: one that comes after the deletion would stay.
func (g *regionRun) recordingOver(ctx context.Context) bool {
	err := g.poll(ctx, g.waits.ended, func(ctx context.Context) (bool, string, error) {
		outcome := recording.ReadOutcome(ctx, g.bucket(), g.composition.prefix)
		if outcome.State() == recording.Unclear {
			return false, "", outcome.Problem
		}
		return outcome.State() != recording.Running, "", nil
	})
	return err == nil
}

func (p *purging) run(ctx context.Context) error {
	// What IVS still wrote during the first pass goes with the second.
	const passes = 3
	for range passes {
		found, err := p.pass(ctx)
		switch {
		case err != nil:
			return err
		case len(p.kept) > 0:
			return errKept
		case found == 0:
			return nil
		}
	}
	return errors.New("there are always new objects")
}

// pass deletes all that a listing finds, a page at a time, and returns how many
// that was.
func (p *purging) pass(ctx context.Context) (found int, err error) {
	pages := s3.NewListObjectVersionsPaginator(p.client, &s3.ListObjectVersionsInput{
		Bucket: &p.bucket, Prefix: &p.prefix, ExpectedBucketOwner: &p.account,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, cloud.Plain(err)
		}
		var all []s3types.ObjectIdentifier
		for _, one := range page.Versions {
			all = append(all, s3types.ObjectIdentifier{Key: one.Key, VersionId: one.VersionId})
		}
		objects := len(all)
		for _, one := range page.DeleteMarkers {
			all = append(all, s3types.ObjectIdentifier{Key: one.Key, VersionId: one.VersionId})
		}
		if err := p.remove(ctx, all, objects); err != nil {
			return found, err
		}
		found += len(all)
	}
	return found, nil
}

// remove deletes versions, the first so many of which are objects.
func (p *purging) remove(ctx context.Context, all []s3types.ObjectIdentifier, objects int) error {
	if len(all) == 0 {
		return nil
	}
	out, err := cloud.Call(ctx, p.client.DeleteObjects, &s3.DeleteObjectsInput{
		Bucket: &p.bucket, ExpectedBucketOwner: &p.account, Delete: &s3types.Delete{Objects: all, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, one := range out.Errors {
		if len(p.kept) == 0 {
			p.first = one
		}
		p.kept[cmp.Or(aws.ToString(one.Code), "no reason")]++
		kept[aws.ToString(one.Key)+"\n"+aws.ToString(one.VersionId)] = true
	}
	for i, one := range all {
		switch {
		case kept[aws.ToString(one.Key)+"\n"+aws.ToString(one.VersionId)]:
		case i < objects:
			p.objects++
		default:
			p.markers++
		}
	}
	return nil
}

// place is the prefix for people.
func (p *purging) place() string { return "s3://" + p.bucket + "/" + p.prefix }

func (p *purging) again() string { return "delete what is left below " + p.place() }

// told says what was deleted, and what was not.
func (p *purging) told() string {
	text := counted(p.objects, "object")
	if p.markers > 0 {
		text += " and " + counted(p.markers, "delete marker")
	}
	text += " below " + p.place() + " deleted"
	total := 0
	for _, n := range p.kept {
		total += n
	}
	if total == 0 {
		return text
	}
	return fmt.Sprintf("%s, %s kept, such as %s (%s: %s)",
		text, counted(total, "object"), aws.ToString(p.first.Key), aws.ToString(p.first.Code), aws.ToString(p.first.Message))
}

// fix is what to do about what could not be deleted. S3 denies the deletion of
// what is locked in the same words as any other (S3 User Guide, Object Lock).
func (p *purging) fix(err error) string {
	again := p.again()
	var hinted interface{ Hint() string }
	switch {
	case p.kept["AccessDenied"] > 0:
		return "allow s3:DeleteObject and s3:DeleteObjectVersion, look for a policy that denies them, or wait for the end of the bucket's Object Lock retention; then " + again
	case errors.As(err, &hinted) && hinted.Hint() != "":
		return hinted.Hint() + "; then " + again
	}
	return again
}

// counted spells a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
