package resource

import (
	"errors"
	"fmt"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The codes of failures that are yolo's own judgement, not AWS's answer.
const (
	CodeNotOurs          = "NotOurs"                  // of our name, but tagged as another app's or environment's
	CodeBucketForbidden  = "BucketForbidden"          // another account's, or not allowed to be seen
	CodeNoIVS            = "NoIVSInRegion"            // AWS lists no IVS Real-Time there
	CodeStorageQuota     = "StorageQuota"             // all storage configurations of the region are used up
	CodeLogsPolicyQuota  = "LogsPolicyQuota"          // ten of ten logs resource policies
	CodeRuleQuota        = "RuleQuota"                // the event bus takes no more rules
	CodeTargetQuota      = "TargetQuota"              // five of five targets of the rule
	CodePolicyTooLarge   = "PolicyTooLarge"           // with our statements it is over AWS's limit
	CodePolicyUnreadable = "PolicyUnreadable"         // a document that cannot be merged into
	CodePolicyLost       = "PolicyLost"               // somebody keeps taking statements out
	CodeConcurrentChange = cloud.CodeConcurrentChange // another run changes the same thing
	CodeUnclear          = "UnclearCreate"            // no clear answer to a create, nor a way to find out
	CodeTargetRefused    = "TargetRefused"            // PutTargets answered with a failed entry
)

// The codes of warnings.
const (
	WarnCannotRecord     = "CannotRecord"           // the bucket is in another region
	WarnEncryption       = "BucketEncryption"       // default encryption is not SSE-S3
	WarnRecordingDenied  = "RecordingDenied"        // a statement of others stands against IVS
	WarnElsewhere        = "StorageElsewhere"       // a storage configuration of our name with another bucket
	WarnDuplicate        = "DuplicateConfiguration" // more than one of the same
	WarnUnsettled        = "UnsettledConfiguration" // made by a run that did not finish, and not needed
	WarnAccountRetention = "AccountRetention"       // an account-level policy overrides the group's retention
	WarnLogGroupClass    = "LogGroupClass"          // a class that EventBridge cannot serve as wanted
	WarnLogsDenied       = "LogsDenied"             // a statement of others stands against EventBridge
	WarnDoubleTarget     = "DoubleTarget"           // another target writes to the same group
	WarnQuotaNear        = "QuotaNear"              // a create may be one more than the region takes
	WarnOptionalRead     = "ReadDenied"             // a read that a run can do without was refused
	WarnNotYet           = "CannotRecordYet"        // what a sync would mend keeps IVS from writing
)

// notOurs refuses what carries our name, but somebody else's tags.
func (w *world) notOurs(what, name string, tags map[string]string) error {
	for _, tag := range []struct{ key, want string }{{manifest.TagApp, w.env.App}, {manifest.TagEnvironment, w.env.Name}} {
		if live, ok := tags[tag.key]; ok && live != tag.want {
			return &reconcile.Problem{
				ProblemCode: CodeNotOurs,
				Text:        fmt.Sprintf("the %s %q is not ours: its tag %s is %q, not %q", what, name, tag.key, live, tag.want),
				Fix:         fmt.Sprintf("change name or the environment's name in the manifest; or, if it is ours after all, correct the tag %s by hand", tag.key),
			}
		}
	}
	return nil
}

func isProblem(err error, code string) bool {
	p, ok := errors.AsType[*reconcile.Problem](err)
	return ok && p.ProblemCode == code
}

func bucketRegion(err error) string {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		return ""
	}
	return e.BucketRegion
}

func codeOf(err error) string {
	if coded, ok := errors.AsType[reconcile.Coded](err); ok {
		return coded.Code()
	}
	return "Unknown"
}

// absent turns the error that says that something is not set into none.
func absent(err error, codes ...string) error {
	if cloud.Is(err, codes...) {
		return nil
	}
	return err
}

func unreadable(what, name string, err error) error {
	if e, ok := errors.AsType[*policy.ParseError](err); ok {
		return &reconcile.Problem{
			ProblemCode: CodePolicyUnreadable,
			Text:        fmt.Sprintf("the %s of %q cannot be read, so nothing can be merged into it", what, name),
			Fix:         "correct the document by hand",
			Cause:       e,
		}
	}
	return err
}

func tooLarge(what, name string, size, limit int, unit string) error {
	return &reconcile.Problem{
		ProblemCode: CodePolicyTooLarge,
		Text:        fmt.Sprintf("the %s of %q would have %d %s with our statements, and AWS takes %d", what, name, size, unit, limit),
		Fix:         "take statements that are not needed any more out of it by hand",
	}
}

// first returns the first error there is. Several reads of one bucket fail for
// one reason, and a person wants to read it once.
func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
