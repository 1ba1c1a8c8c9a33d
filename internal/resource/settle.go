package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// Runs that create the same configuration at the same moment settle which one
// stays through the pending tag alone, which travels in create and in list.
// Nobody uses one that carries the tag.
//
// A run looks after its create, and believes only a list that shows its own:
// of two runs then at least one sees the other's, so at most one finds itself
// alone. (If such a list may lack older ones, which no AWS page says of IVS, both
// stay, and the next run warns of it.) It takes the tag from its own when no
// other one is there, or only larger ARNs were and are gone. A run that sees a
// settled one, or a smaller one, deletes its own and waits. What is still pending
// after waits.claimLife, or is older than that by the time in its claim, belongs
// to a run that has died: the smallest of those is taken over. A run deletes
// nothing but its own, and that only well before anybody else may take it over;
// afterwards it stays, and is warned of. So what was ever printed is never
// deleted.

// deleteWithin is how old, at most, its own may be when a run deletes it: well
// under claimLife, so that nobody else uses it already.
func (w waits) deleteWithin() time.Duration { return w.claimLife / 2 }

// settlement is the configuration that stays.
type settlement struct {
	arn      string
	changes  []reconcile.Change
	notes    []string
	warnings []reconcile.Warning
	touched  bool // a delete was sent, whatever came of it
}

// settlingKey is the key of what settles a configuration that is created.
func settlingKey(of reconcile.Key) reconcile.Key {
	return reconcile.Key{Region: of.Region, Kind: of.Kind + "-settling"}
}

// settling is the follow-up of a configuration's create. What exactly it is
// about, find tells once that is done.
func settling(step, name string, key reconcile.Key, find func(context.Context) (*configuration, error)) reconcile.Node {
	return reconcile.FollowUp(step, name+" (settle)", settlingKey(key), []reconcile.Key{key}, settlingStep(key, find))
}

func settlingStep(key reconcile.Key, find func(context.Context) (*configuration, error)) reconcile.Step {
	return reconcile.Step{
		Action: reconcile.Check,
		Doing:  "check that no other run created the same " + inWords(key.Kind),
		Do: func(ctx context.Context, look reconcile.Lookup) (reconcile.Outcome, error) {
			mine := look(key, outMine)
			if mine == "" {
				// The create failed, or found another run's and settled it.
				return reconcile.Outcome{Void: true}, nil
			}
			since, err := time.Parse(time.RFC3339Nano, look(key, outSince))
			if err != nil {
				return reconcile.Outcome{}, err
			}
			c, err := find(ctx)
			if err != nil {
				return reconcile.Outcome{}, err
			}
			s, err := c.settle(ctx, mine, since)
			outcome := s.outcome()
			if !s.touched || c.afterDelete == nil {
				return outcome, err
			}
			checked, checkErr := c.afterDelete(ctx, look)
			outcome.Changes = append(outcome.Changes, checked.Changes...)
			return outcome, errors.Join(err, checkErr)
		},
	}
}

// finish settles what an earlier run, or one under way, has left unsettled. As
// far as a plan can know, the smallest stays.
func (c *configuration) finish(smallest candidate) reconcile.Step {
	return reconcile.Step{
		Action:  reconcile.Update,
		Doing:   "settle what another run began",
		Changes: settledChanges(smallest),
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			s, err := c.settle(ctx, "", time.Time{})
			return s.outcome(), err
		},
	}
}

func settledChanges(left candidate) []reconcile.Change {
	return []reconcile.Change{{Attribute: "tag " + tagPending, From: left.tags[tagPending]}}
}

func (s settlement) outcome() reconcile.Outcome {
	o := reconcile.Outcome{ARN: s.arn, Revised: true, Changes: s.changes, Partly: s.changes, Notes: s.notes, Warnings: s.warnings}
	if s.arn != "" {
		o.Outputs = reconcile.Outputs{OutARN: s.arn}
	}
	return o
}

// settle waits until one configuration is everybody's. Mine is the ARN of the
// one that this run began to create at since, or "" when it only waits.
func (c *configuration) settle(ctx context.Context, mine string, since time.Time) (settlement, error) {
	s := &settler{configuration: c, mine: mine, since: since, seen: map[string]time.Time{}, there: time.Now()}
	for {
		if done, err := s.look(ctx); done || err != nil {
			return s.settlement, s.late(ctx, err)
		}
		if err := reconcile.Pause(ctx, c.waits.settleEvery, s.awaits); err != nil {
			return s.settlement, err
		}
	}
}

// settler is one run's part in settling.
type settler struct {
	*configuration
	settlement
	mine  string
	since time.Time
	seen  map[string]time.Time // when this run first saw each pending one
	there time.Time            // when there last was anything
	// awaits is what the last look leaves to be waited for; "" before it.
	awaits string
}

// list also tells what is waited for, since it may take longer than the pauses.
func (s *settler) list(ctx context.Context) ([]candidate, error) {
	if s.awaits != "" {
		defer reconcile.Hold(ctx, s.awaits)()
	}
	return s.ops.list(ctx)
}

// late has an error that only says that the run's time is over say what was
// waited for until then.
func (s *settler) late(ctx context.Context, err error) error {
	if err == nil || s.awaits == "" || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return err
	}
	return reconcile.TimedOut("the run's time was over while it waited for " + s.awaits)
}

// look lists once and does what the list calls for. Done tells that one
// configuration is settled.
func (s *settler) look(ctx context.Context) (done bool, err error) {
	last := time.Now().Round(0).Add(s.waits.deleteWithin())
	found, err := s.list(ctx)
	if err != nil {
		return false, err
	}
	s.awaits = "the run that began it, or its end"
	made := s.choose(found)
	if made.foreign != nil {
		return false, made.foreign
	}
	if len(found) > 0 {
		s.there = time.Now()
	}
	alive, dead := s.rivals(ctx, made.unsettled)
	switch {
	case made.picked != nil:
		s.arn = made.picked.arn
		if s.mine != "" && s.mine != s.arn && !slices.ContainsFunc(made.duplicates, has(s.mine)) {
			s.yield(ctx, s.arn)
		}
		return true, nil
	case len(alive) > 0:
		if s.mine != "" && alive[0].arn < s.mine {
			s.yield(ctx, alive[0].arn)
		}
		return false, nil
	case s.mine != "" && !slices.ContainsFunc(found, has(s.mine)) && time.Since(s.since) < s.waits.claimLife:
		s.awaits = "IVS to list what this run created"
		return false, nil
	case s.mine != "":
		return s.keep(ctx, s.mine, last)
	case len(dead) > 0:
		return s.adopt(ctx, dead[0], last)
	case time.Since(s.there) > s.waits.seen:
		return false, &reconcile.Problem{
			ProblemCode: CodeConcurrentChange,
			Text:        fmt.Sprintf("someone else is changing this: the %s %q that was here a moment ago is gone", s.kind, s.name),
			Fix:         "run the same command again",
		}
	}
	return false, nil
}

// rivals splits the unsettled ones of other runs into those whose run may
// still be alive and the others. A second one of its own, left by a create
// whose answer got lost, is deleted.
func (s *settler) rivals(ctx context.Context, unsettled []candidate) (alive, dead []candidate) {
	for _, one := range unsettled {
		switch {
		case one.arn == s.mine:
		case one.claimedBy(s.runID):
			_ = s.remove(ctx, one.arn) // one that stays is found again by the next look, or the next run
		case !s.expired(one):
			alive = append(alive, one)
		default:
			dead = append(dead, one)
		}
	}
	return alive, dead
}

// expired tells whether the run that made one has died: this run has seen it for
// long enough, or AWS's clock tells that it is so old. Two machines' clocks are
// never compared. A run that created one itself goes by what it has seen: it may
// have slept before that, while another one is being taken over.
func (s *settler) expired(one candidate) bool {
	if s.seen[one.arn].IsZero() {
		s.seen[one.arn] = time.Now()
	}
	if time.Since(s.seen[one.arn]) >= s.waits.claimLife {
		return true
	}
	_, since := one.claimed()
	now, known := s.clock()
	return s.since.IsZero() && known && !since.IsZero() && now.Sub(since) >= s.waits.claimLife+s.waits.clocks
}

func has(arn string) func(candidate) bool {
	return func(one candidate) bool { return one.arn == arn }
}

// keep makes a configuration the settled one, as long as what the list showed
// is fresh: until last. Later, or when it is gone because somebody deleted it,
// the next look tells what there is.
func (s *settler) keep(ctx context.Context, arn string, last time.Time) (done bool, err error) {
	err = inTime(ctx, last, func(ctx context.Context) error { return s.unpend(ctx, arn) })
	if errors.Is(err, errTooOld) {
		s.awaits = fmt.Sprintf("IVS to list within %v what there is, so that it still holds", s.waits.deleteWithin())
		return false, nil
	}
	if cloud.Is(err, "ResourceNotFoundException") {
		s.mine = ""
		return false, nil
	}
	if err == nil {
		s.arn = arn
	}
	return err == nil, err
}

// adopt keeps what a run left that has died.
func (s *settler) adopt(ctx context.Context, left candidate, last time.Time) (done bool, err error) {
	if done, err = s.keep(ctx, left.arn, last); done {
		s.notes = append(s.notes, left.arn+" was made by a run that did not finish; it is used now")
		s.changes = append(s.changes, settledChanges(left)...)
	}
	return done, err
}

// yield deletes this run's own in favour of another one.
func (s *settler) yield(ctx context.Context, other string) {
	if err := s.remove(ctx, s.mine); err == nil {
		s.notes = append(s.notes, fmt.Sprintf("another run created %s at the same moment; ours was deleted again", other))
		s.changes = append(s.changes, reconcile.Change{Attribute: "superseded " + s.kind, From: s.mine, To: other})
	} else {
		s.warnings = append(s.warnings, reconcile.Warning{
			Code: WarnDuplicate, Region: s.region, Step: s.step, Resource: s.name,
			Text: fmt.Sprintf("another run created the same; %s is used, and %s stays beside it: %v", other, s.mine, err),
			Fix:  "once no app and no composition uses the other one, delete it: " + s.deletion(candidate{arn: s.mine, tags: s.env.Tags(s.name)}),
		})
	}
	s.mine = ""
}

var errTooOld = errors.New("it is too old to be deleted for certain")

// remove deletes what this run made, if it still may.
func (s *settler) remove(ctx context.Context, arn string) error {
	return inTime(ctx, s.since.Add(s.waits.deleteWithin()), func(ctx context.Context) error {
		s.touched = true
		return s.ops.remove(ctx, arn)
	})
}

// inTime makes a call that must not be sent after last, by the wall clock: a
// machine that sleeps in between sends nothing when it wakes up. Otherwise the
// error is errTooOld; then the call may have had its effect all the same.
func inTime(ctx context.Context, last time.Time, call func(context.Context) error) error {
	left := time.Until(last)
	if left <= 0 {
		return errTooOld
	}
	ctx, cancel := context.WithTimeoutCause(cloud.NotAfter(ctx, last), left, errTooOld)
	defer cancel()
	err := call(ctx)
	if errors.Is(err, cloud.ErrTooLate) || err != nil && errors.Is(context.Cause(ctx), errTooOld) {
		return errTooOld
	}
	return err
}
