package doctor

import (
	"fmt"
	"strings"
	"time"

	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/resource"
)

// facts are all that is known of a show.
type facts struct {
	*show
	air air
	// place is "" when no recording was found, as in s3://bucket/prefix else.
	place   string
	outcome recording.Outcome
	// searched are the buckets in which it was looked for; unsearched is why not
	// all of them could be searched to the end, nil when they were.
	searched   string
	unsearched error
	// state is what IVS says of the destination: "" when that is not known, and
	// gone when IVS does not know the composition.
	state string
	// asked is when IVS says that it began, zero when that is not known.
	asked time.Time
	now   time.Time
}

const gone = "gone"

// What is waited for before it counts as missing.
const (
	// starting is how long after its beginning a show may have no object.
	starting = time.Minute
	// settling is how long after its end metadata and events may be late.
	settling = 2 * time.Minute
	// quietLimit is after how long without a publisher IVS stops a composition
	// (RealTimeUserGuide, Composition Lifecycle); events tell times to the second,
	// and are not sent at once.
	quietLimit = time.Minute
	quietSlack = 3 * time.Second
	// longestLife is that of a composition (RealTimeUserGuide, service quotas).
	longestLife = 24 * time.Hour
)

// The IDs of findings on shows.
const (
	idRecorded    = "recorded"
	idFailed      = "failed"
	idMissing     = "missing"
	idNotEnded    = "not-ended"
	idTooShort    = "too-short"
	idNoPublisher = "no-publisher"
	idRunning     = "running"
	idUnread      = "unread"
	idTestShow    = "test-show"
)

const titleShow = "The show is recorded"

// judge is the verdict on a show.
func (f *facts) judge() proof.Finding {
	id, verdict, evidence := f.verdict()
	if f.reconnected > 0 {
		evidence += fmt.Sprintf("; meanwhile IVS could not reach the bucket (%s of %s)", count(f.reconnected, "event"), eventDestinationReconnecting)
	}
	finding := proof.Finding{
		Region: f.region, Feature: resource.FeatureRecording, ID: id, Title: titleShow, Verdict: verdict,
		Evidence: f.subject() + ": " + evidence, ARN: f.composition,
	}
	if id == idUnread {
		finding.Err = f.outcome.Problem
		if finding.Err == nil {
			finding.Err = f.unsearched
		}
	}
	return finding
}

func (f *facts) verdict() (id string, v proof.Verdict, evidence string) {
	state := f.outcome.State()
	switch {
	case f.failure != nil:
		return idFailed, proof.Fail, f.failed()
	case state == recording.Failed:
		return idFailed, proof.Fail, fmt.Sprintf("IVS wrote that the recording failed: %q, in %s", f.outcome.Message(), f.place)
	case f.state == string(ivstypes.DestinationStateFailed):
		return idFailed, proof.Fail, "IVS says that its destination FAILED; the log does not say why"
	case state == recording.Unclear:
		return idUnread, proof.NotProven, "its metadata in " + f.place + " could not be read"
	case state == recording.Ended:
		return f.judgeEnded()
	case state == recording.Running:
		return f.judgeUnended()
	}
	return f.judgeAbsent()
}

// fails tells whether the verdict says that it failed, and why.
func (f *facts) fails() bool {
	id, _, _ := f.verdict()
	return id == idFailed
}

// failed quotes IVS on why.
func (f *facts) failed() string {
	e := f.failure
	said := strings.TrimPrefix(e.Code+": "+e.Reason, ": ")
	if strings.Trim(said, ": ") == "" {
		said = "nothing more"
	}
	text := fmt.Sprintf("IVS says %s (%s)", said, e.Name)
	if f.outcome.State() != recording.Absent {
		text += "; what was recorded until then is in " + f.place
	}
	return text
}

// judgeAbsent is the verdict on a show of which no object was found.
func (f *facts) judgeAbsent() (id string, v proof.Verdict, evidence string) {
	nothing := "nothing of it is in " + f.searched
	if f.place != "" {
		nothing = "there is no metadata in " + f.place
	}
	switch {
	case f.unsearched != nil:
		return idUnread, proof.NotProven, "it was not found, and not all of its bucket could be looked at"
	case f.air.test && (!f.ended.IsZero() || !f.running()):
		return idTestShow, proof.NotProven, "a test show, and " + nothing + ", as after yolo verify --purge"
	case !f.ended.IsZero() && f.now.Sub(f.ended) < settling:
		return idRunning, proof.NotProven, "it ended just now, and " + nothing + " yet"
	case f.ended.IsZero() && f.running() && f.now.Sub(f.beginning()) < starting:
		return idRunning, proof.NotProven, "it began just now, and " + nothing + " yet"
	case f.ended.IsZero() && f.live():
		return idMissing, proof.Fail, fmt.Sprintf("it has been running since %s, and %s", spell(f.beginning()), nothing)
	case f.begun.IsZero():
		return idMissing, proof.Fail, "the log has its end, but " + nothing
	}
	return idMissing, proof.Fail, "IVS began to record it, but " + nothing
}

// judgeUnended is the verdict on a recording that began and says nothing of its end.
func (f *facts) judgeUnended() (id string, v proof.Verdict, evidence string) {
	const what = "recording-ended.json"
	switch {
	case !f.ended.IsZero() && f.now.Sub(f.ended) < settling:
		return idRunning, proof.NotProven, "it ended just now, and there is no " + what + " yet in " + f.place
	case !f.ended.IsZero():
		return idNotEnded, proof.Fail, fmt.Sprintf("it ended %s ago, and there is no %s in %s", length(f.now.Sub(f.ended)), what, f.place)
	case f.running():
		return idRunning, proof.NotProven, "it is still running; so far in " + f.place
	}
	return idNotEnded, proof.Fail, "it is not running any more, and there is no " + what + " in " + f.place
}

// live tells whether IVS says that the destination goes on.
func (f *facts) live() bool {
	switch ivstypes.DestinationState(f.state) {
	case ivstypes.DestinationStateStarting, ivstypes.DestinationStateActive, ivstypes.DestinationStateReconnecting, ivstypes.DestinationStateStopping:
		return true
	case ivstypes.DestinationStateStopped, ivstypes.DestinationStateFailed:
	}
	return false
}

// running tells whether a show without an end may go on: by what IVS says, or,
// if that is not known, by how long it could at most. Right after its beginning
// the list of compositions may be older than the event.
func (f *facts) running() bool {
	since := f.now.Sub(f.beginning())
	return f.live() || since < starting || f.state == "" && since < longestLife
}

// beginning is when it was recorded from, by the log, IVS or its metadata.
func (f *facts) beginning() time.Time {
	switch {
	case !f.begun.IsZero():
		return f.begun
	case !f.asked.IsZero():
		return f.asked
	}
	for _, m := range []*recording.Metadata{f.outcome.Started, f.outcome.Ended, f.outcome.Failed} {
		if m != nil && !m.StartedAt.IsZero() {
			return m.StartedAt
		}
	}
	return time.Time{}
}
