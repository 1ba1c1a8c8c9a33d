package resource

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// Runs that create the same configuration at the same moment settle which one
// stays through the pending tag alone, which travels in create and in list.
// Nobody uses one that carries the tag. A run takes it from its own when no
// other one is in the list, or when only its own has the smallest ARN and the
// others are gone; a run that sees a settled one, or a smaller one, deletes
// its own. So at most one loses the tag, and nothing that was ever printed is
// deleted.
const (
	// claimLife is how long an unsettled configuration is waited for, from
	// when it is first seen. Its run is dead after that.
	claimLife = 15 * time.Second
	// deleteWithin is how old, at most, its own may be when a run deletes it.
	// It is well under claimLife, so that nobody else uses it already.
	deleteWithin = claimLife / 2
	settleEvery  = 500 * time.Millisecond
)

// settlement is the configuration that stays.
type settlement struct {
	arn      string
	changes  []reconcile.Change
	notes    []string
	warnings []reconcile.Warning
}

// settling is the follow-up of a create.
func (c *configuration) settling() reconcile.Node {
	return reconcile.FollowUp(c.step, c.name+" (settle)", c.settlingKey(), []reconcile.Key{c.key()}, reconcile.Step{
		Action: reconcile.Check,
		Doing:  "check that no other run created the same " + c.kind,
		Do: func(ctx context.Context, look reconcile.Lookup) (reconcile.Outcome, error) {
			mine := look(c.key(), outMine)
			if mine == "" {
				return reconcile.Outcome{Revised: true}, nil
			}
			since, err := time.Parse(time.RFC3339Nano, look(c.key(), outSince))
			if err != nil {
				return reconcile.Outcome{}, err
			}
			s, err := c.settle(ctx, mine, since)
			return s.outcome(), err
		},
	})
}

func (c *configuration) settlingKey() reconcile.Key {
	return reconcile.Key{Region: c.region, Kind: c.kind + "-settling"}
}

// finish settles what an earlier run, or one under way, has left unsettled.
func (c *configuration) finish(left []candidate) reconcile.Step {
	return reconcile.Step{
		Action:  reconcile.Update,
		Doing:   "settle what another run began",
		Changes: []reconcile.Change{{Attribute: "unfinished create", From: arns(left)}},
		Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			s, err := c.settle(ctx, "", time.Time{})
			return s.outcome(), err
		},
	}
}

func (s settlement) outcome() reconcile.Outcome {
	o := reconcile.Outcome{ARN: s.arn, Revised: true, Changes: s.changes, Notes: s.notes, Warnings: s.warnings}
	if s.arn != "" {
		o.Outputs = reconcile.Outputs{outARN: s.arn}
	}
	return o
}

// settle waits until one configuration is everybody's. Mine is the ARN of the
// one that this run began to create at since, or "" when it only waits.
func (c *configuration) settle(ctx context.Context, mine string, since time.Time) (s settlement, err error) {
	seen := map[string]time.Time{}
	for {
		found, err := c.ops.list(ctx)
		if err != nil {
			return s, err
		}
		made := c.choose(found)
		rivals, dead := c.rivals(made.unsettled, mine, seen)
		switch {
		case made.picked != nil:
			if mine != "" && made.picked.arn != mine && !slices.ContainsFunc(made.duplicates, has(mine)) {
				err = c.yield(ctx, mine, made.picked.arn, since, &s)
			}
			s.arn = made.picked.arn
			return s, err
		case mine != "" && len(rivals) > 0 && rivals[0].arn < mine:
			if err := c.yield(ctx, mine, rivals[0].arn, since, &s); err != nil {
				return s, err
			}
			mine = ""
		case len(rivals) == 0 && mine != "":
			s.arn = mine
			return s, c.claim(ctx, mine)
		case len(rivals) == 0 && len(dead) > 0:
			s.arn = dead[0].arn
			s.notes = append(s.notes, dead[0].arn+" was made by a run that did not finish; it is used now")
			s.changes = append(s.changes, reconcile.Change{Attribute: "tag " + tagPending, From: dead[0].tags[tagPending]})
			return s, c.claim(ctx, dead[0].arn)
		case len(rivals) == 0:
			return s, &reconcile.Problem{
				ProblemCode: CodeConcurrentChange,
				Text:        fmt.Sprintf("someone else is changing this: the %s %q that another run made is gone again", c.kind, c.name),
				Fix:         "run the same command again",
			}
		}
		if err := reconcile.Pause(ctx, settleEvery); err != nil {
			return s, err
		}
	}
}

// rivals splits the unsettled ones of other runs into those whose run may
// still be alive and the others. Ages count from when this run first saw them,
// so no two clocks are compared.
func (c *configuration) rivals(unsettled []candidate, mine string, seen map[string]time.Time) (alive, dead []candidate) {
	for _, one := range unsettled {
		if one.arn == mine {
			continue
		}
		if seen[one.arn].IsZero() {
			seen[one.arn] = time.Now()
		}
		if time.Since(seen[one.arn]) < claimLife {
			alive = append(alive, one)
		} else {
			dead = append(dead, one)
		}
	}
	return alive, dead
}

func has(arn string) func(candidate) bool {
	return func(one candidate) bool { return one.arn == arn }
}

// claim makes a configuration the settled one.
func (c *configuration) claim(ctx context.Context, arn string) error {
	_, err := cloud.Call(ctx, c.cloud.In(c.region).IVS.UntagResource, &ivsrealtime.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{tagPending}})
	return err
}

// yield deletes this run's own in favour of another one. One that is too old
// stays, since somebody may have taken this run for dead and use it.
func (c *configuration) yield(ctx context.Context, mine, other string, since time.Time, s *settlement) error {
	left := deleteWithin - time.Since(since)
	if left <= 0 {
		s.warnings = append(s.warnings, reconcile.Warning{
			Code: WarnDuplicate, Region: c.region, Step: c.step, Resource: c.name,
			Text: fmt.Sprintf("another run created the same; %s is used, and %s stays beside it", other, mine),
			Fix:  "once no app and no composition uses the other one, delete it",
		})
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	if err := c.ops.remove(ctx, mine); err != nil {
		return err
	}
	s.notes = append(s.notes, fmt.Sprintf("another run created %s at the same moment; ours was deleted again", other))
	s.changes = append(s.changes, reconcile.Change{Attribute: "superseded " + c.kind, From: mine, To: other})
	return nil
}
