package events

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const targetTable = "events.target"

// Limits of the API model.
var (
	targetID        = constraint.Matching(1, 64, `[\.\-_A-Za-z0-9]+`)
	targetArn       = constraint.Text{Min: 1, Max: 1600}
	targetInput     = constraint.Text{Max: 8192}
	targetInputPath = constraint.Text{Max: 256}
	templateText    = constraint.Text{Min: 1, Max: 8192}
	pathKey         = constraint.Matching(1, 256, `[A-Za-z0-9\_\-]+`)
)

// target is a target as it is sent, kept and told. What is for kinds of
// targets that nothing here looks into is kept as it came.
type target struct {
	ID               *string           `json:"Id"`
	Arn              string            `json:"Arn"` // "" violates the model as its absence does
	RoleArn          *string           `json:"RoleArn,omitempty"`
	Input            *string           `json:"Input,omitempty"`
	InputPath        *string           `json:"InputPath,omitempty"`
	InputTransformer *inputTransformer `json:"InputTransformer,omitempty"`
	DeadLetterConfig *deadLetterConfig `json:"DeadLetterConfig,omitempty"`
	RetryPolicy      *retryPolicy      `json:"RetryPolicy,omitempty"`

	KinesisParameters           json.RawMessage `json:"KinesisParameters,omitempty"`
	RunCommandParameters        json.RawMessage `json:"RunCommandParameters,omitempty"`
	EcsParameters               json.RawMessage `json:"EcsParameters,omitempty"`
	BatchParameters             json.RawMessage `json:"BatchParameters,omitempty"`
	SqsParameters               json.RawMessage `json:"SqsParameters,omitempty"`
	HTTPParameters              json.RawMessage `json:"HttpParameters,omitempty"`
	RedshiftDataParameters      json.RawMessage `json:"RedshiftDataParameters,omitempty"`
	SageMakerPipelineParameters json.RawMessage `json:"SageMakerPipelineParameters,omitempty"`
	AppSyncParameters           json.RawMessage `json:"AppSyncParameters,omitempty"`
}

type deadLetterConfig struct {
	Arn *string `json:",omitempty"`
}

type retryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
}

// checkMembers holds the limits of the API model; at begins the members' names.
func (t *target) checkMembers(c *constraint.Checks, at string) {
	constraint.Required(c, at+"id", t.ID)
	c.Text(at+"id", t.ID, targetID)
	c.Text(at+"arn", &t.Arn, targetArn)
	c.Text(at+"roleArn", t.RoleArn, roleArn)
	c.Text(at+"input", t.Input, targetInput)
	c.Text(at+"inputPath", t.InputPath, targetInputPath)
	if t.InputTransformer != nil {
		t.InputTransformer.checkMembers(c, at+"inputTransformer.")
	}
	if t.DeadLetterConfig != nil {
		c.Text(at+"deadLetterConfig.arn", t.DeadLetterConfig.Arn, targetArn)
	}
	if t.RetryPolicy != nil {
		c.Int(at+"retryPolicy.maximumRetryAttempts", t.RetryPolicy.MaximumRetryAttempts, 0, 185)
		c.Int(at+"retryPolicy.maximumEventAgeInSeconds", t.RetryPolicy.MaximumEventAgeInSeconds, 60, 86400)
	}
}

// Services that rules can have targets of, and those of them that EventBridge
// calls with a role only (EventBridge User Guide, "Event bus targets").
var (
	targetServices = []string{
		"appsync", "batch", "codebuild", "codepipeline", "ec2", "ecs", "events", "execute-api", "firehose", "glue",
		"inspector", "kinesis", "lambda", "logs", "redshift", "redshift-serverless", "sagemaker", "sns", "sqs",
		"ssm", "ssm-incidents", "states",
	}
	roleServices = []string{"batch", "codebuild", "codepipeline", "ecs", "firehose", "kinesis", "sagemaker", "states"}
)

// check holds what depends on the kind of the target.
func (t *target) check(r *wire.Request) error {
	parts := strings.SplitN(t.Arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[5] == "" || !slices.Contains(targetServices, parts[2]) {
		return t.badArn()
	}
	if err := t.checkInput(); err != nil {
		return err
	}
	service := parts[2]
	switch {
	case service == "logs":
		return t.checkLogs(r)
	case slices.Contains(roleServices, service) && t.RoleArn == nil:
		return validation("RoleArn is required for target " + t.Arn + ".")
	case service == "sqs" && strings.HasSuffix(t.Arn, ".fifo") && t.SqsParameters == nil:
		return validation(fmt.Sprintf("Parameter(s) SqsParameters must be specified for target: %s.", *t.ID))
	}
	return nil
}

func (t *target) badArn() error {
	return validation(fmt.Sprintf("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.Arn))
}

// checkInput refuses more than one way to make the target's input, and input
// that is not JSON.
func (t *target) checkInput() error {
	ways := 0
	for _, given := range []bool{t.Input != nil, t.InputPath != nil, t.InputTransformer != nil} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		return validation(fmt.Sprintf("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", *t.ID))
	}
	if t.Input != nil && !json.Valid([]byte(*t.Input)) {
		return t.badInput()
	}
	if t.InputPath != nil && !isPath(*t.InputPath) {
		return validation(fmt.Sprintf("InputPath for target %s is not a valid JSON path.", *t.ID))
	}
	if t.InputTransformer != nil {
		return t.InputTransformer.check(*t.ID)
	}
	return nil
}

func (t *target) badInput() error {
	return validation(fmt.Sprintf("Input for target %s is not a valid JSON text.", *t.ID))
}

// checkLogs holds the rules for log groups: no role, no input but an input
// transformer of one form (PutTargets). The ARN may end in :*.
func (t *target) checkLogs(r *wire.Request) error {
	group, ok := strings.CutPrefix(t.Arn, "arn:aws:logs:"+r.Region+":"+r.Account+":log-group:")
	group = strings.TrimSuffix(group, ":*")
	if !ok || group == "" || strings.ContainsAny(group, ":*") {
		return t.badArn()
	}
	if t.RoleArn != nil {
		return validation("RoleArn is not supported for target " + t.Arn + ".")
	}
	if t.Input != nil || t.InputPath != nil {
		return validation(fmt.Sprintf("Input and InputPath are not supported for target %s.", t.Arn))
	}
	if t.InputTransformer == nil {
		return nil
	}
	if !t.InputTransformer.fitsLogs() {
		return t.badInput()
	}
	return t.InputTransformer.checkPaths()
}
