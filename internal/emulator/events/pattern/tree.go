package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// members is a JSON object in its order, repeated names included: a map would
// hide them, and EventBridge refuses them.
type members []member

type member struct {
	name  string
	value any // members, list, string, json.Number, bool or nil
}

type list []any

func readTree(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	value, err := readValue(decoder)
	if err != nil {
		return nil, reasonf("Filter is not valid JSON: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, reason("Filter is not valid JSON: there is text after the pattern")
	}
	return value, nil
}

func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return readMembers(decoder)
	case json.Delim('['):
		return readList(decoder)
	}
	return token, nil
}

func readMembers(decoder *json.Decoder) (any, error) {
	found := members{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := readValue(decoder)
		if err != nil {
			return nil, err
		}
		text, ok := name.(string)
		if !ok {
			return nil, fmt.Errorf("%v is not a name", name)
		}
		found = append(found, member{name: text, value: value})
	}
	_, err := decoder.Token()
	return found, err
}

func readList(decoder *json.Decoder) (any, error) {
	found := list{}
	for decoder.More() {
		value, err := readValue(decoder)
		if err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	_, err := decoder.Token()
	return found, err
}
