package doctor

import (
	"fmt"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
)

// judgeEnded is the verdict on a recording that IVS says ended well.
func (f *facts) judgeEnded() (id string, v proof.Verdict, evidence string) {
	recorded := f.outcome.Ended.Duration()
	in := fmt.Sprintf("%s in %s", length(recorded), f.place)
	from, to := f.beginning(), f.ended
	if to.IsZero() {
		to = f.outcome.Ended.EndedAt
	}
	if from.IsZero() || !to.After(from) {
		return f.untimed(recorded, in)
	}
	if id, v, evidence = f.judgeSilence(from, to, recorded, in); id != "" && v == proof.Fail {
		return id, v, evidence
	}
	if short, why := f.judgeLength(from, to, recorded, in); short != "" {
		return idTooShort, why, short
	}
	if id != "" {
		return id, v, evidence
	}
	return idRecorded, proof.Pass, in
}

// untimed is the verdict on a recording whose beginning and end nothing tells:
// that it is empty, or not, is all that can be said.
func (f *facts) untimed(recorded time.Duration, in string) (id string, v proof.Verdict, evidence string) {
	if recorded == 0 {
		return idTooShort, proof.Fail, in
	}
	return idRecorded, proof.NotProven, in + "; nothing tells when it began and ended, and so how long it should be"
}

// judgeSilence is the verdict on a show that IVS stopped since nobody published;
// id is "" for every other one. It is a failure if somebody had more to show.
func (f *facts) judgeSilence(from, to time.Time, recorded time.Duration, in string) (id string, v proof.Verdict, evidence string) {
	quiet, left := f.air.silence(from, to)
	switch back := f.air.back(to); {
	case !f.air.known() && (recorded >= noLength || to.Sub(from) > quietLimit+settlingQuiet):
		return "", proof.NotProven, ""
	case quiet < quietLimit-quietSlack:
		return "", proof.NotProven, ""
	case left.IsZero():
		return idNoPublisher, proof.Fail, "nobody published, and IVS stopped it after 60 s; " + in
	case !back.IsZero():
		return idNoPublisher, proof.Fail, fmt.Sprintf("nobody published from %s on, IVS stopped it after 60 s, and somebody published again at %s, unrecorded by it; %s",
			spell(left), spell(back), in)
	}
	return idNoPublisher, proof.NotProven, fmt.Sprintf("nobody published from %s on, and IVS stopped it after 60 s; whether the show was over, nothing tells; %s",
		spell(left), in)
}

const (
	// noLength is what counts as nothing.
	noLength = 2 * time.Second
	// settlingQuiet is how much later than 60 s an empty show may end.
	settlingQuiet = 15 * time.Second
	// slack is how much shorter than the publishing a recording may be: it begins
	// with a keyframe, and events tell times to the second.
	slack = 10 * time.Second
)

// judgeLength says whether a recording is shorter than what was published, "" if
// it is not. Where the log does not tell who published, that proves nothing, as
// nothing is recorded while nobody does.
func (f *facts) judgeLength(from, to time.Time, recorded time.Duration, in string) (short string, v proof.Verdict) {
	published := to.Sub(from)
	if f.air.known() {
		published = f.air.within(from, to)
	}
	if published <= noLength || recorded >= published-min(slack, published/2) {
		return "", proof.Pass
	}
	if f.air.known() {
		return fmt.Sprintf("it was published to for %s, but there is %s", length(published), in), proof.Fail
	}
	return fmt.Sprintf("it ran for %s, but there is %s; the log does not tell when somebody published", length(published), in), proof.NotProven
}

// length spells a time that something lasted.
func length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
