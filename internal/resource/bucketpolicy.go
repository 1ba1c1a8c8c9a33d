package resource

import (
	"context"
	"fmt"
	"slices"
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
	document, differences := live.Merge(recording...)
	more := []policy.Difference(nil)
	switch {
	case facts.role.arn != "":
		read, _ := policy.WantedMediaConvertRead(live, facts.place.name, facts.role.arn)
		document, more = document.Merge(read...)
	case facts.role.unknown == nil && b.onlyTheRole(live):
		document, more = document.Without(policy.SidMediaConvertRead)
	}
	return document, append(differences, more...)
}

// onlyTheRole tells whether the one read grant there is allows the MediaConvert
// role alone, under its name or under the id that S3 shows for a role that is
// gone. Whatever else has that Sid is somebody else's.
func (b *bucket) onlyTheRole(live *policy.Document) bool {
	grants := slices.DeleteFunc(live.Statements(), func(s policy.Statement) bool { return s.Sid() != policy.SidMediaConvertRead })
	if len(grants) != 1 {
		return false
	}
	grant := grants[0].View()
	if grant.Effect != "Allow" || len(grant.Principals) == 0 || grant.NotPrincipals != nil {
		return false
	}
	for _, p := range grant.Principals {
		if !strings.HasSuffix(p.Value, ":role/"+b.env.MediaConvertRoleName()) && !strings.HasPrefix(p.Value, "AROA") {
			return false
		}
	}
	return true
}

// putPolicy merges our statements into the policy. What may have been there
// before is read again right before.
func (b *bucket) putPolicy(made *making, live bucketLive, changes []reconcile.Change) reconcile.Step {
	return reconcile.Step{
		Action: reconcile.Update, Doing: "merge our statements into the bucket policy", Changes: changes,
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			var known *policy.Document
			if !made.used {
				known = &policy.Document{}
			}
			written, differences, err := b.rewrite(ctx, made.place, live.role, known, func(fresh *policy.Document) (*policy.Document, []policy.Difference) {
				return b.merged(fresh, live)
			})
			if err != nil {
				return reconcile.Outcome{}, err
			}
			return reconcile.Outcome{
				Revised: true, Changes: changesOf(differences),
				Outputs: reconcile.Outputs{outPolicy: written.String()},
			}, nil
		},
	}
}

// edit is the policy that is wanted in place of the live one, and how they
// differ.
type edit func(live *policy.Document) (*policy.Document, []policy.Difference)

// rewrite writes what change makes of the policy. S3 has no conditional write
// for policies, so each write follows right after a read of its own: the
// shorter the time between, the less another writer can lose. Known is what
// was read this moment, nil for nothing; it is good for one write.
func (b *bucket) rewrite(ctx context.Context, at place, role role, known *policy.Document, change edit) (written *policy.Document, differences []policy.Difference, err error) {
	now := time.Now()
	mayPass := passing{
		"NoSuchBucket":       now.Add(b.waits.propagation),
		CodeConcurrentChange: now.Add(b.waits.contention),
		// A role that IAM made a moment ago may not be known to S3 yet, which
		// then calls the principal invalid.
		"MalformedPolicy": time.Unix(role.created, 0).Add(b.waits.propagation),
	}
	err = b.until(ctx, mayPass, func() (err error) {
		live := known
		known = nil
		if live == nil {
			if live, err = b.readPolicy(ctx, at); err != nil {
				return err
			}
		}
		if written, differences = change(live); len(differences) == 0 {
			return nil
		}
		return b.writePolicy(ctx, at, written)
	})
	if cloud.Is(err, "MalformedPolicy") {
		err = malformed(at, "with our statements merged in", err)
	}
	return written, differences, err
}

// malformed explains that S3 refuses a policy, in the state that how tells.
func malformed(at place, how string, cause error) error {
	return &reconcile.Problem{
		ProblemCode: "MalformedPolicy",
		Text:        fmt.Sprintf("S3 refuses the policy of %q %s", at.name, how),
		Fix:         "look for a statement whose principal is an id such as AROA…: its role or user was deleted; take that statement out",
		Cause:       cause,
	}
}

// publicPolicy explains that a policy is not written, since with it everyone
// could do what these statements allow. They are not ours to take out.
func publicPolicy(at place, sids []string) error {
	return &reconcile.Problem{
		ProblemCode: "PublicPolicy",
		Text: fmt.Sprintf(`the policy of "%s" was left as it is: it is public by the statement "%s", and yolo writes no public policy`,
			at.name, strings.Join(sids, `", "`)),
		Fix: "take that statement out of the bucket policy, or name in it who is meant, then run the same command again",
	}
}

// readPolicy reads the policy of a bucket that may be seconds old.
func (b *bucket) readPolicy(ctx context.Context, at place) (document *policy.Document, err error) {
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return nil, err
	}
	err = b.until(ctx, passing{"NoSuchBucket": time.Now().Add(b.waits.propagation)}, func() error {
		document, err = bucketPolicy(ctx, client, name, owner)
		return err
	})
	return document, err
}

// writePolicy writes the whole document, unless that would be public.
func (b *bucket) writePolicy(ctx context.Context, at place, document *policy.Document) error {
	if sids := policy.Public(document); sids != nil {
		return publicPolicy(at, sids)
	}
	client, name, owner, err := b.owned(ctx, at)
	if err != nil {
		return err
	}
	_, err = cloud.Call(ctx, client.PutBucketPolicy, &s3.PutBucketPolicyInput{
		Bucket: name, ExpectedBucketOwner: owner, Policy: aws.String(document.String()),
	})
	return err
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
	case len(name) > longestRoleName:
		notes = append(notes, fmt.Sprintf("MediaConvert gets no read access: its role would be %s, longer than the %d characters IAM takes", name, longestRoleName))
	case live.role.arn == "" && live.role.unknown == nil:
		notes = append(notes, fmt.Sprintf("MediaConvert gets read access once the role %s exists", name))
	}
	return notes
}

// warnings are what stands against recording, or may, and is not ours to mend.
// Their region is that of the bucket's row in the report, wherever it is.
func (b *bucket) warnings(live bucketLive, merged *policy.Document) []reconcile.Warning {
	var all []reconcile.Warning
	where := ""
	if live.place.region != b.region {
		where = "; the bucket is in " + live.place.region
	}
	warn := func(code, text, fix string) {
		all = append(all, reconcile.Warning{
			Code: code, Region: b.region, Step: StepBucket, Resource: live.place.name, Text: text + where, Fix: fix,
		})
	}
	if live.encryption != "" && live.encryption != "AES256" {
		warn(WarnEncryption, fmt.Sprintf("the bucket's default encryption is %s; AWS documents recording only with SSE-S3 (AES256)", live.encryption),
			"set the bucket's default encryption to SSE-S3")
	}
	for _, action := range live.denied {
		warn(WarnOptionalRead, action+" is not allowed, so the bucket's default encryption was not checked", "allow "+action)
	}
	switch err := live.role.unknown; {
	case cloud.Is(err, "AccessDenied", "AccessDeniedException"):
		warn(WarnOptionalRead, "iam:GetRole is not allowed, so MediaConvert's read grant was left as it is", "allow iam:GetRole on the role "+b.env.MediaConvertRoleName())
	case err != nil:
		warn(WarnOptionalRead, fmt.Sprintf("MediaConvert's read grant was left as it is, since its role could not be read: %v", err),
			"run the same command again")
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
