package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/yolo-live/yolo/internal/lazyregexp"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

func isBucket(of reconcile.Key) bool { return of == bucketKey(of.Region) }

// without says what comes of a variable that has no value.
func without(of reconcile.Key) string {
	if isBucket(of) {
		return "an app without it does not find its recordings"
	}
	return "an app without it cannot record in " + of.Region
}

// wrong says what comes of a variable that has the wrong value.
func wrong(of reconcile.Key) string {
	if isBucket(of) {
		return "an app that uses it looks for its recordings in the wrong place"
	}
	return "an app that uses it will not record in " + of.Region
}

// judgeBucket says what a name is that is not the bucket's.
func (e *envCheck) judgeBucket(name string, v EnvValue) (code, text string) {
	switch {
	case v.Value == "" && name == e.env.BucketName(v.Of.Region):
		return CodeStaleBucket, "this bucket is not there; a sync makes it anew, with nothing in it"
	case strings.HasPrefix(name, "arn:"):
		return CodeOtherKind, "this is an ARN, and the key asks for a bucket's name; " + wrong(v.Of)
	case !bucketForm.MatchString(name):
		return CodeOtherKind, "this is no bucket's name; " + wrong(v.Of)
	}
	for _, region := range slices.Concat(e.env.Regions, manifest.IVSRegions()) {
		if region != v.Of.Region && (name == e.env.RegionalBucketName(region) || name == e.env.BucketName(region)) {
			return CodeOtherRegion, fmt.Sprintf("this is the bucket of %s, not of %s; %s", region, v.Of.Region, wrong(v.Of))
		}
	}
	return CodeOtherBucket, "this is not the bucket that a sync prints; " + wrong(v.Of)
}

// bucketForm is that of all names of buckets (S3, "General purpose bucket
// naming rules").
var bucketForm = lazyregexp.New(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// The types of resources in the ARNs of configurations (IVS Real-Time API
// reference), which our kinds are named after.
const (
	arnStorage = "storage-configuration"
	arnEncoder = "encoder-configuration"
)

// judgeARN says what something is that is not the ARN of the configuration.
func (e *envCheck) judgeARN(ctx context.Context, text string, v EnvValue) (code, what string) {
	parsed, kind := configurationARN(text)
	switch {
	case kind == "":
		return CodeOtherKind, fmt.Sprintf("this is no ARN of %s; %s", a(v.Of.Kind), wrong(v.Of))
	case kind != v.Of.Kind:
		return CodeOtherKind, fmt.Sprintf("this is the ARN of %s, not of %s; %s", a(kind), a(v.Of.Kind), wrong(v.Of))
	case parsed.AccountID != e.account:
		return CodeOtherAccount, fmt.Sprintf("this is of the account %s, not of %s; %s", parsed.AccountID, e.account, wrong(v.Of))
	case parsed.Region != v.Of.Region:
		return CodeOtherRegion, fmt.Sprintf("this is of %s, not of %s; %s", parsed.Region, v.Of.Region, wrong(v.Of))
	}
	there, err := e.find(ctx, v.Of, text)
	switch {
	case err != nil:
		return CodeOther, fmt.Sprintf("this is not what a sync prints; what it is could not be found out: %s", unanswered(err))
	case there == nil:
		return CodeStale, fmt.Sprintf("this %s is not there any more; %s", inWords(kind), wrong(v.Of))
	}
	return e.judgeFound(there, v)
}

// judgeFound says what a configuration is that is there, and not the one.
func (e *envCheck) judgeFound(there *configurationFound, v EnvValue) (code, text string) {
	const anyMoment = "; as soon as it is deleted, "
	name, bucket := e.env.StorageName(), e.bucketBehind(v)
	if v.Of == encoderKey(v.Of.Region) {
		name = e.env.EncoderName()
	}
	switch {
	case there.name != name:
		return CodeNotOurs, fmt.Sprintf("this is of %q, not of %q; %s", there.name, name, wrong(v.Of))
	case e.notOurs(v.Of.Kind, name, there.tags) != nil:
		return CodeNotOurs, fmt.Sprintf("this is of another app or environment, as its tags say; %s", wrong(v.Of))
	case there.pending():
		return WarnUnsettled, "this was left by a run that did not finish" + anyMoment + wrong(v.Of)
	case v.Of == storageKey(v.Of.Region) && there.bucket != bucket:
		return WarnElsewhere, fmt.Sprintf("this records to the bucket %q, not to %q; an app that uses it leaves its recordings there", there.bucket, bucket)
	case v.Of == encoderKey(v.Of.Region) && there.video != e.env.Recording.Encoder:
		was := there.video
		return CodeReplaced, fmt.Sprintf("this has another video than the manifest (%dx%d at %v fps, %d bps)%s%s",
			was.Width, was.Height, was.Framerate, was.Bitrate, anyMoment, wrong(v.Of))
	}
	return WarnDuplicate, "this is a duplicate of what a sync prints" + anyMoment + wrong(v.Of)
}

// bucketBehind is the bucket that a region's storage configuration has to
// record to.
func (e *envCheck) bucketBehind(v EnvValue) string {
	if n := e.plan.Node(bucketKey(bucketRegionOf(e.env, v.Of.Region))); n != nil && n.Name != "" {
		return n.Name
	}
	return e.env.BucketName(v.Of.Region)
}

// configurationARN takes the ARN of a storage or encoder configuration apart.
// Kind is "" for anything else.
func configurationARN(text string) (parsed arn.ARN, kind string) {
	parsed, err := arn.Parse(text)
	kind, id, _ := strings.Cut(parsed.Resource, "/")
	if err != nil || parsed.Service != "ivs" || id == "" || kind != arnStorage && kind != arnEncoder {
		return parsed, ""
	}
	return parsed, kind
}

// a is a kind with its article, in words.
func a(kind string) string {
	article := "a "
	if strings.ContainsRune("aeiou", rune(kind[0])) {
		article = "an "
	}
	return article + inWords(kind)
}

func inWords(kind string) string { return strings.ReplaceAll(kind, "-", " ") }

// unanswered says why AWS did not tell what something is.
func unanswered(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer before the run's time was over"
	}
	return reconcile.Plain(err).Error()
}
