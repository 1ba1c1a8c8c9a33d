package script

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: json PATH [VALUE]")
	}
	var document any
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &document); err != nil {
		ts.Fatalf("stdout is no JSON document: %v", err)
	}
	found, err := walk([]any{document}, args[0])
	ts.Check(err)
	ok := len(found) > 0
	for _, value := range found {
		ok = ok && (len(args) == 1 || fits(value, args[1]))
	}
	if ok == neg {
		text, _ := json.Marshal(found)
		ts.Fatalf("at %s there is: %s", args[0], text)
	}
}

// fits compares a value with JSON, with text, or with a pattern in slashes.
func fits(value any, want string) bool {
	text, isText := value.(string)
	if len(want) > 1 && strings.HasPrefix(want, "/") && strings.HasSuffix(want, "/") {
		return isText && regexp.MustCompile(want[1:len(want)-1]).MatchString(text)
	}
	if isText {
		return text == want
	}
	var document any
	return json.Unmarshal([]byte(want), &document) == nil && reflect.DeepEqual(value, document)
}

// segment is a step of a path: a member, or a choice in brackets.
var segment = regexp.MustCompile(`^(?:\.?([^.\[\]]+)|\[([^\]]*)\])`)

// walk follows a path from all values at once.
func walk(values []any, path string) ([]any, error) {
	for rest := path; rest != ""; {
		match := segment.FindStringSubmatch(rest)
		if match == nil {
			return nil, fmt.Errorf("path %q: %q cannot be read", path, rest)
		}
		rest = rest[len(match[0]):]
		var next []any
		for _, value := range values {
			if match[1] != "" {
				next = append(next, member(value, match[1])...)
			} else {
				next = append(next, chosen(value, match[2])...)
			}
		}
		values = next
	}
	return values, nil
}

func member(value any, name string) []any {
	switch value := value.(type) {
	case map[string]any:
		if name == "len" {
			return []any{float64(len(value))}
		}
		if found, ok := value[name]; ok {
			return []any{found}
		}
	case []any:
		if name == "len" {
			return []any{float64(len(value))}
		}
	}
	return nil
}

// chosen are the elements of a list that a choice in brackets means.
func chosen(value any, choice string) []any {
	list, _ := value.([]any)
	if choice == "*" {
		return list
	}
	if i, err := strconv.Atoi(choice); err == nil {
		if i < 0 || i >= len(list) {
			return nil
		}
		return []any{list[i]}
	}
	var found []any
	for _, element := range list {
		if object, ok := element.(map[string]any); ok && meant(object, choice) {
			found = append(found, element)
		}
	}
	return found
}

// meant tells whether an object has all the members of a choice.
func meant(object map[string]any, choice string) bool {
	for _, part := range strings.Split(choice, ",") {
		names, want := []string{"id", "region", "code", "attribute", "name"}, part
		if key, after, ok := strings.Cut(part, "="); ok {
			names, want = []string{key}, after
		}
		if !slices.ContainsFunc(names, func(name string) bool { return object[name] == want }) {
			return false
		}
	}
	return true
}
