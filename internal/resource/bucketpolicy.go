package resource

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// merged is the policy with our statements in it.
func (b *bucket) merged(live *policy.Document, facts bucketLive) (*policy.Document, []policy.Difference) {
	recording, _ := policy.WantedRecording(live, facts.place.name, b.serves)
	document, differences := live.Merge(recording)
	more := []policy.Difference(nil)
	switch {
	case facts.role.arn != "":
		read, _ := policy.WantedMediaConvertRead(live, facts.place.name, facts.role.arn)
		document, more = document.Merge(read)
	case !facts.role.denied && b.onlyTheRole(live):
		document, more = document.Without(policy.SidMediaConvertRead)
	}
	return document, append(differences, more...)
}

// onlyTheRole tells whether the read grant is for the MediaConvert role alone,
// under its name or under the id that S3 shows for a role that is gone.
func (b *bucket) onlyTheRole(live *policy.Document) bool {
	statement, ok := live.Statement(policy.SidMediaConvertRead)
	if !ok {
		return false
	}
	for _, p := range statement.View().Principals {
		if !strings.HasSuffix(p.Value, ":role/"+b.env.MediaConvertRoleName()) && !strings.HasPrefix(p.Value, "AROA") {
			return false
		}
	}
	return true
}

// putPolicy writes the merged policy. What may have been there before is read
// again right before: S3 has no conditional write for policies, so the shorter
// the time between, the less another writer can lose.
func (b *bucket) putPolicy(made *making, live bucketLive, changes []reconcile.Change) reconcile.Step {
	return reconcile.Step{
		Action: reconcile.Update, Doing: "merge our statements into the bucket policy", Changes: changes,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			document := &policy.Document{}
			if made.used {
				var err error
				if document, err = b.readPolicy(ctx, made.place); err != nil {
					return reconcile.Outcome{}, err
				}
			}
			merged, differences := b.merged(document, live)
			if len(differences) > 0 {
				if err := b.writePolicy(ctx, made.place, merged, live.role); err != nil {
					return reconcile.Outcome{}, err
				}
			}
			return reconcile.Outcome{
				Revised: true, Changes: changesOf(differences),
				Outputs: reconcile.Outputs{outPolicy: merged.String()},
			}, nil
		},
	}
}

// readPolicy reads the policy of a bucket that may be seconds old.
func (b *bucket) readPolicy(ctx context.Context, at place) (document *policy.Document, err error) {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return nil, err
	}
	err = b.untilKnown(ctx, time.Now().Add(b.waits.propagation), func() error {
		document, err = bucketPolicy(ctx, client, name, owner)
		return err
	}, "NoSuchBucket")
	return document, err
}

// writePolicy writes the whole document. A role that IAM made a moment ago may
// not be known to S3 yet, which then calls the principal invalid.
func (b *bucket) writePolicy(ctx context.Context, at place, document *policy.Document, role role) error {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return err
	}
	put := func() error {
		_, err := cloud.Call(ctx, client.PutBucketPolicy, &s3.PutBucketPolicyInput{
			Bucket: name, ExpectedBucketOwner: owner, Policy: aws.String(document.String()),
		})
		return err
	}
	err = b.untilKnown(ctx, time.Now().Add(b.waits.propagation), func() error {
		return b.untilKnown(ctx, time.Unix(role.created, 0).Add(b.waits.propagation), put, "MalformedPolicy")
	}, "NoSuchBucket")
	if cloud.Is(err, "MalformedPolicy") {
		return &reconcile.Problem{
			ProblemCode: "MalformedPolicy",
			Text:        fmt.Sprintf("S3 refuses the policy of %q with our statements merged in", at.name),
			Fix:         "look for a statement whose principal is an id such as AROA…: its role or user was deleted; take that statement out",
			Cause:       err,
		}
	}
	return err
}

// untilKnown repeats do while it fails with one of the codes, until deadline.
func (w *world) untilKnown(ctx context.Context, deadline time.Time, do func() error, codes ...string) error {
	for {
		err := do()
		if err == nil || !cloud.Is(err, codes...) || time.Now().After(deadline) {
			return err
		}
		if err := reconcile.Pause(ctx, w.waits.lookAgain); err != nil {
			return err
		}
	}
}

// notes are what the result says of a bucket that is as it should be.
func (b *bucket) notes(live bucketLive) []string {
	var notes []string
	if live.place.exists && live.place.region != b.region {
		notes = append(notes, "the bucket is in "+live.place.region)
	}
	_, kept := policy.WantedRecording(live.document, live.place.name, b.serves)
	if len(kept) > 0 {
		names := make([]string, len(kept))
		for i, p := range kept {
			names[i] = p.String()
		}
		notes = append(notes, fmt.Sprintf("%s may still write, though no region of the manifest needs it; a sync takes no principal away", strings.Join(names, ", ")))
	}
	switch name := b.env.MediaConvertRoleName(); {
	case live.role.denied:
		notes = append(notes, "iam:GetRole is not allowed, so MediaConvert's read grant was left as it is")
	case len(name) > longestRoleName:
		notes = append(notes, fmt.Sprintf("MediaConvert gets no read access: its role would be %s, longer than the %d characters IAM takes", name, longestRoleName))
	case live.role.arn == "":
		notes = append(notes, fmt.Sprintf("MediaConvert gets read access once the role %s exists", name))
	}
	return notes
}

// warnings are what stands against recording, or may, and is not ours to mend.
func (b *bucket) warnings(live bucketLive, merged *policy.Document) []reconcile.Warning {
	var all []reconcile.Warning
	warn := func(code, text, fix string) {
		all = append(all, reconcile.Warning{
			Code: code, Region: live.place.region, Step: StepBucket, Resource: live.place.name, Text: text, Fix: fix,
		})
	}
	if live.encryption != "" && live.encryption != "AES256" {
		warn(WarnEncryption, fmt.Sprintf("the bucket's default encryption is %s; AWS documents recording only with SSE-S3 (AES256)", live.encryption),
			"set the bucket's default encryption to SSE-S3")
	}
	for _, action := range live.denied {
		warn(WarnOptionalRead, action+" is not allowed, so the bucket's default encryption was not checked", "allow "+action)
	}
	for _, region := range b.serves {
		verdict := policy.AllowsRecording(merged, live.place.name, region)
		if verdict.Denied || verdict.Uncertain {
			warn(WarnRecordingDenied, fmt.Sprintf("IVS in %s may not be able to write: %s", region, verdict.Reason),
				"change that statement in the bucket policy; yolo leaves statements of others as they are")
		}
	}
	return all
}
