package eventlog

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
)

const (
	// namesWithin is how long events wait for the names of their stages; then
	// their ids have to do.
	namesWithin = 3 * time.Second
	// fewStages are asked for one by one. For more, a list costs less: IVS takes
	// five requests of a kind a second.
	fewStages = 3
	// namesAgain is how long after an attempt that failed there is another.
	namesAgain = time.Minute
)

// stages know the names of a region's stages by ARN. A name is asked for once;
// that it cannot be had keeps no event back. They are safe for concurrent use.
type stages struct {
	clients *cloud.Clients
	denied  *denied
	mu      sync.Mutex
	names   map[string]string // "" for one without, or that is gone
	after   time.Time         // no attempt before
}

func newStages(clients *cloud.Clients, d *denied) *stages {
	return &stages{clients: clients, denied: d, names: map[string]string{}}
}

// name puts the names of their stages to events.
func (s *stages) name(ctx context.Context, events []Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learn(ctx, s.unknown(events))
	for i := range events {
		events[i].StageName = s.names[events[i].Stage]
	}
}

// of is the name of one stage, "" when it is not known.
func (s *stages) of(ctx context.Context, arn string) string {
	one := []Event{{Stage: arn}}
	s.name(ctx, one)
	return one[0].StageName
}

// unknown are the stages whose names were not asked for yet, the latest first.
func (s *stages) unknown(events []Event) (arns []string) {
	listed := map[string]bool{"": true}
	for i := len(events) - 1; i >= 0; i-- {
		arn := events[i].Stage
		if _, known := s.names[arn]; !known && !listed[arn] {
			listed[arn] = true
			arns = append(arns, arn)
		}
	}
	return arns
}

func (s *stages) learn(ctx context.Context, arns []string) {
	if len(arns) == 0 || time.Now().Before(s.after) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, namesWithin)
	defer cancel()
	var err error
	if len(arns) <= fewStages {
		err = s.ask(ctx, arns)
	} else {
		err = s.list(ctx, arns)
	}
	if err != nil {
		s.denied.note(err)
		s.after = time.Now().Add(namesAgain)
	}
}

func (s *stages) ask(ctx context.Context, arns []string) error {
	for _, arn := range arns {
		out, err := cloud.Call(ctx, s.clients.IVS.GetStage, &ivsrealtime.GetStageInput{Arn: &arn})
		e, ok := errors.AsType[*cloud.Error](err)
		switch {
		case err == nil && out.Stage != nil:
			s.names[arn] = aws.ToString(out.Stage.Name)
		case ok && (e.Code() == "ResourceNotFoundException" || e.Code() == "ValidationException"):
			s.names[arn] = "" // deleted, or no stage of this region
		case err != nil:
			return err
		}
	}
	return nil
}

// list reads all stages. Those that are not among them are gone.
func (s *stages) list(ctx context.Context, arns []string) error {
	in := &ivsrealtime.ListStagesInput{MaxResults: aws.Int32(100)}
	for {
		out, err := cloud.Call(ctx, s.clients.IVS.ListStages, in)
		if err != nil {
			return err
		}
		for _, stage := range out.Stages {
			s.names[aws.ToString(stage.Arn)] = aws.ToString(stage.Name)
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	for _, arn := range arns {
		if _, found := s.names[arn]; !found {
			s.names[arn] = ""
		}
	}
	return nil
}
