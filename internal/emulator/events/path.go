package events

import (
	"encoding/json"
	"strconv"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// pathStep is the next step of a JSON path: .name, ['name'] or [0].
var pathStep = lazyregexp.New(`^(?:\.([A-Za-z0-9_/-]+)|\['([^']+)'\]|\["([^"]+)"\]|\[([0-9]+)\])`)

// parsePath takes a JSON path apart into names and indexes; not ok for one with
// anything else, such as a wildcard.
func parsePath(path string) (steps []any, ok bool) {
	if path == "" || path[0] != '$' {
		return nil, false
	}
	for rest := path[1:]; rest != "" && rest != "."; {
		found := pathStep.FindStringSubmatch(rest)
		if found == nil {
			return nil, false
		}
		if index, err := strconv.Atoi(found[4]); err == nil {
			steps = append(steps, index)
		} else {
			steps = append(steps, found[1]+found[2]+found[3])
		}
		rest = rest[len(found[0]):]
	}
	return steps, true
}

// follow goes a path from a value; nil where there is nothing.
func follow(value json.RawMessage, steps []any) json.RawMessage {
	for _, step := range steps {
		switch step := step.(type) {
		case string:
			var members map[string]json.RawMessage
			if json.Unmarshal(value, &members) != nil {
				return nil
			}
			value = members[step]
		case int:
			var items []json.RawMessage
			if json.Unmarshal(value, &items) != nil || step >= len(items) {
				return nil
			}
			value = items[step]
		}
	}
	return value
}

// checkPaths refuses the paths that the emulator could not follow.
func (i *inputTransformer) checkPaths() error {
	for _, path := range i.InputPathsMap {
		if _, ok := parsePath(path); !ok {
			return notThere("JSON paths of names and indexes only, and not " + path)
		}
	}
	return nil
}
