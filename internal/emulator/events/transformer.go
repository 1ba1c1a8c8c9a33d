package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/lazyregexp"
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

var placeholder = lazyregexp.New(`<([A-Za-z0-9_.\-]+)>`)

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
	sample := expand(*i.InputTemplate, func(name string, inText bool) string {
		if inText {
			return "<" + name + ">"
		}
		return `"filled"`
	})
	if json.Unmarshal([]byte(sample), &members) != nil || len(members) != 2 {
		return false
	}
	_, hasTimestamp := members["timestamp"]
	_, hasMessage := members["message"]
	return hasTimestamp && hasMessage
}

// fill makes the timestamp and the message of an event that comes now.
func (i *inputTransformer) fill(event []byte, from *rule, now time.Time) (at time.Time, message string, err error) {
	values, err := i.values(event, from, now)
	if err != nil {
		return at, "", err
	}
	filled := expand(*i.InputTemplate, func(name string, inText bool) string { return placed(values[name], inText) })
	var made struct {
		Timestamp json.RawMessage `json:"timestamp"`
		Message   json.RawMessage `json:"message"`
	}
	if err := json.Unmarshal([]byte(filled), &made); err != nil {
		return at, "", fmt.Errorf("the input transformer makes no JSON of the event: %s", filled)
	}
	at, err = readTime(text(made.Timestamp))
	return at, text(made.Message), err
}

// values are what the placeholders stand for, as JSON. A path that is not in the
// event has none.
func (i *inputTransformer) values(event []byte, from *rule, now time.Time) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{"aws.events.event.json": event}
	for name, path := range i.InputPathsMap {
		steps, _ := parsePath(path)
		values[name] = follow(event, steps)
	}
	var head envelope
	if err := json.Unmarshal(event, &head); err != nil {
		return nil, err
	}
	head.Detail = nil
	for name, value := range map[string]any{
		"aws.events.rule-arn": from.Arn, "aws.events.rule-name": from.Name,
		"aws.events.event.ingestion-time": now.UTC().Format(timeForm), "aws.events.event": head,
	} {
		values[name] = encode(value)
	}
	return values, nil
}

// placed is a value in the template: as it is, or within a text.
func placed(value json.RawMessage, inText bool) string {
	if !inText {
		return string(value)
	}
	quoted := encode(text(value))
	return string(quoted[1 : len(quoted)-1])
}

// text is a JSON text's own, and of any other value its JSON.
func text(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// readTime reads a timestamp as Logs does: milliseconds, or ISO 8601.
func readTime(text string) (time.Time, error) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("the input transformer makes %q the timestamp, which is no time", text)
	}
	return at, nil
}

// expand puts in place of each placeholder what is given for it, within a text or
// not.
func expand(template string, value func(name string, inText bool) string) string {
	var out strings.Builder
	inText := false
	for i := 0; i < len(template); i++ {
		switch {
		case inText && template[i] == '\\' && i+1 < len(template):
			out.WriteByte(template[i])
			i++
		case template[i] == '"':
			inText = !inText
		default:
			if at := placeholder.FindStringSubmatchIndex(template[i:]); at != nil && at[0] == 0 {
				out.WriteString(value(template[i+at[2]:i+at[3]], inText))
				i += at[1] - 1
				continue
			}
		}
		out.WriteByte(template[i])
	}
	return out.String()
}
