package permissions

import (
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
)

// condition narrows what has no name in its ARN, by tags.
type condition int

const (
	free condition = iota
	// creates is that the request sends our tags.
	creates
	// owned is that the resource has them.
	owned
	// unclaimed is that it has them, or none such at all: what an earlier tool
	// made under our names is taken over, what is another app's is not.
	unclaimed
	// proofs is that a proof made it.
	proofs
)

// conditionOf is what an action of the call is narrowed by. Reads are not: what
// is ours is told only by looking.
func (r row) conditionOf(action string, on target) condition {
	service, name, _ := strings.Cut(action, ":")
	verb := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	switch {
	case service != "ivs", on == everything, verb("Get"):
		return free
	case r.app():
		if name == "StartComposition" && on != stage {
			return owned
		}
		return free
	case verb("Create"):
		return creates
	case verb("Tag"), verb("Untag"), name == "StartComposition":
		return unclaimed
	case on == stage, on == composition:
		return proofs
	}
	return owned
}

// conditions writes a condition in the policy language; nil for none.
func conditions(c condition, e *manifest.Environment) map[string]map[string]values {
	ours := func(key string) map[string]values {
		return map[string]values{
			"aws:" + key + "/" + manifest.TagApp:         {e.App},
			"aws:" + key + "/" + manifest.TagEnvironment: {e.Name},
		}
	}
	switch c {
	case free:
	case creates:
		return map[string]map[string]values{"StringEquals": ours("RequestTag")}
	case owned:
		return map[string]map[string]values{"StringEquals": ours("ResourceTag")}
	case unclaimed:
		return map[string]map[string]values{"StringEqualsIfExists": ours("ResourceTag")}
	case proofs:
		return map[string]map[string]values{
			"StringEquals": ours("ResourceTag"),
			"Null":         {"aws:ResourceTag/" + manifest.TagRun: {"false"}},
		}
	}
	return nil
}
