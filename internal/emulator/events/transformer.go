package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
)

// inputTransformer makes a target's input of parts of the event.
type inputTransformer struct {
	InputPathsMap map[string]string `json:",omitempty"`
	InputTemplate *string
}

func (i *inputTransformer) checkMembers(c *constraint.Checks, at string) {
	constraint.Required(c, at+"inputTemplate", i.InputTemplate)
	c.Text(at+"inputTemplate", i.InputTemplate, templateText)
	names := slices.Sorted(maps.Keys(i.InputPathsMap))
	c.Size(at+"inputPathsMap", strings.Join(names, ", "), len(names), 0, 100)
	for _, name := range names {
		path := i.InputPathsMap[name]
		c.Text(at+"inputPathsMap", &name, pathKey)
		c.Text(at+"inputPathsMap."+name+".member", &path, targetInputPath)
	}
}

var placeholder = regexp.MustCompile(`<([A-Za-z0-9_.\-]+)>`)

// ownVariables are the placeholders that EventBridge fills in itself.
var ownVariables = []string{
	"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event", "aws.events.event.json",
}

// check refuses paths that are none, names that AWS reserves and placeholders
// that nothing fills.
func (i *inputTransformer) check(targetID string) error {
	for name, path := range i.InputPathsMap {
		if strings.HasPrefix(strings.ToUpper(name), "AWS") || !isPath(path) {
			return validation(fmt.Sprintf("InputPathsMap for target %s contains invalid key or path for %s.", targetID, name))
		}
	}
	for _, found := range placeholder.FindAllStringSubmatch(*i.InputTemplate, -1) {
		name := found[1]
		if _, ok := i.InputPathsMap[name]; !ok && !slices.Contains(ownVariables, name) {
			return validation(fmt.Sprintf("InputTemplate for target %s contains invalid placeholder %s.", targetID, name))
		}
	}
	return nil
}

// isPath tells whether a text is a JSON path from the event's root.
func isPath(text string) bool {
	rest, ok := strings.CutPrefix(text, "$")
	return ok && (rest == "" || len(rest) > 1 && (rest[0] == '.' || rest[0] == '[') || rest == ".")
}

// fitsLogs tells whether the template is an object of timestamp and message
// and nothing else, both of them texts: in quotes or a placeholder.
func (i *inputTransformer) fitsLogs() bool {
	var members map[string]string
	if json.Unmarshal([]byte(fillPlaceholders(*i.InputTemplate)), &members) != nil || len(members) != 2 {
		return false
	}
	_, hasTimestamp := members["timestamp"]
	_, hasMessage := members["message"]
	return hasTimestamp && hasMessage
}

// fillPlaceholders puts a JSON text in place of each placeholder that is not
// within one.
func fillPlaceholders(template string) string {
	var out strings.Builder
	inText := false
	for i := 0; i < len(template); i++ {
		switch {
		case inText && template[i] == '\\' && i+1 < len(template):
			out.WriteByte(template[i])
			i++
		case template[i] == '"':
			inText = !inText
		case !inText:
			if at := placeholder.FindStringIndex(template[i:]); at != nil && at[0] == 0 {
				out.WriteString(`"filled"`)
				i += at[1] - 1
				continue
			}
		}
		out.WriteByte(template[i])
	}
	return out.String()
}
