package logs

import (
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

var groupIdentifier = constraint.Matching(1, 2048, `[\w#+=/:,.@-]*`)

// groupNameOf returns the name in a log group's ARN without :*, if the ARN is
// one of this account and region.
func groupNameOf(r *wire.Request, arn string) (string, bool) {
	name, ok := strings.CutPrefix(arn, "arn:aws:logs:"+r.Region+":"+r.Account+":log-group:")
	if !ok || name == "" || !groupName.Pattern.MatchString(name) {
		return "", false
	}
	return name, true
}

// identified returns the name of the group that a logGroupIdentifier means:
// a name or an ARN.
func identified(r *wire.Request, identifier string) (string, error) {
	if !strings.HasPrefix(identifier, "arn:") {
		return identifier, nil
	}
	name, ok := groupNameOf(r, identifier)
	if !ok {
		return "", invalidParameter("Invalid log group identifier: " + identifier)
	}
	return name, nil
}

// groupChoice is how the newer operations name a group: by its name or by its
// identifier, never by both.
type groupChoice struct {
	LogGroupName       *string `json:"logGroupName"`
	LogGroupIdentifier *string `json:"logGroupIdentifier"`
}

func (in *groupChoice) check(c *constraint.Checks) {
	c.Text("logGroupName", in.LogGroupName, groupName)
	c.Text("logGroupIdentifier", in.LogGroupIdentifier, groupIdentifier)
}

func (in *groupChoice) name(r *wire.Request) (string, error) {
	switch {
	case in.LogGroupName != nil && in.LogGroupIdentifier != nil:
		return "", invalidParameter("LogGroup name and LogGroup identifier are mutually exclusive parameters.")
	case in.LogGroupName != nil:
		return *in.LogGroupName, nil
	case in.LogGroupIdentifier != nil:
		return identified(r, *in.LogGroupIdentifier)
	default:
		return "", invalidParameter("Either LogGroup name or LogGroup identifier must be specified.")
	}
}
