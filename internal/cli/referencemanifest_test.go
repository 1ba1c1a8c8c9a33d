package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/manifest"
)

// schema is as much of the manifest's JSON Schema as its page tells.
type schema struct {
	Description         string
	Type                words
	Enum                []json.RawMessage
	Default             json.RawMessage
	Minimum, Maximum    json.Number
	MultipleOf          json.Number
	PatternErrorMessage string
	ErrorMessage        string

	Required             []string
	Properties           members
	PatternProperties    members
	AdditionalProperties json.RawMessage
	Items                *schema
	UniqueItems          bool
	AllOf                []*schema
	If, Not              json.RawMessage
	Then, Else           *schema
	DoNotSuggest         bool
}

// words are one or several.
type words []string

func (w *words) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(w))
	}
	*w = words{""}
	return json.Unmarshal(text, &(*w)[0])
}

// members are an object's, in its order.
type members []member

type member struct {
	name   string
	schema *schema
}

func (m *members) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		one := member{name: name.(string), schema: &schema{}}
		if err := d.Decode(one.schema); err != nil {
			return err
		}
		*m = append(*m, one)
	}
	return nil
}

func manifestSchema(t *testing.T) *schema {
	t.Helper()
	text, err := manifest.Schema()
	if err != nil {
		t.Fatal(err)
	}
	s := &schema{}
	if err := json.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// manifestPage is made of the JSON Schema that yolo schema prints.
func manifestPage(t *testing.T) *page {
	t.Helper()
	s := manifestSchema(t)
	example, err := os.ReadFile("../../examples/yolo.yml")
	if err != nil {
		t.Fatal(err)
	}
	short, description, _ := strings.Cut(s.Description, ". ")
	p := &page{name: "yolo.yml", file: "yolo.yml", number: "5", short: short}
	p.add("Description", paragraphs(description+manifestText)...)
	p.add("Example", block{typed: strings.TrimSpace(string(example))})
	p.parts = append(p.parts, part{title: "Keys"})
	p.keys(t, s, "")
	return p
}

const manifestText = `

The file is looked for from the working folder upwards; --file names another.
The manifest alone decides which regions there are: AWS_REGION,
AWS_DEFAULT_REGION and a profile's region never do. What is taken out of it is
not deleted in AWS: yolo status shows it, and yolo prune removes it.`

// keys adds a section for each key below a place.
func (p *page) keys(t *testing.T, s *schema, place string) {
	for _, m := range s.Properties {
		if m.schema.DoNotSuggest {
			continue
		}
		facts := m.schema.facts(slices.Contains(s.Required, m.name))
		p.parts = append(p.parts, part{
			title: place + m.name, key: true,
			blocks: []block{{text: m.schema.Description}, {facts: append(facts, s.about(m.name)...)}},
		})
		p.keys(t, m.schema, place+m.name+".")
		if open := m.schema.AdditionalProperties; len(open) > 0 && open[0] == '{' {
			below := &schema{}
			if err := json.Unmarshal(open, below); err != nil {
				t.Fatal(err)
			}
			p.keys(t, below, place+m.name+".<environment>.")
		}
	}
}

// facts are what a value has to be, and what it is when it is left out.
func (s *schema) facts(required bool) []string {
	all := []string{s.kind()}
	if required {
		all = append(all, "required")
	}
	if s.Default != nil {
		all = append(all, "default: "+plain(s.Default))
	}
	return append(all, s.limits()...)
}

// plain is a JSON value as YAML has it.
func plain(value json.RawMessage) string { return strings.Trim(string(value), `"`) }

// kind says in words what JSON calls a type.
func (s *schema) kind() string {
	var names []string
	for _, name := range s.Type {
		switch name {
		case "string":
			name = "text"
		case "integer":
			name = "whole number"
		case "boolean":
			name = "true or false"
		case "object":
			name = "map"
		case "array":
			name = "list, each of it " + s.Items.kind()
		case "null":
			name = "nothing"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", or ")
}

func (s *schema) limits() []string {
	var all []string
	if len(s.Enum) > 0 {
		var values []string
		for _, value := range s.Enum {
			values = append(values, plain(value))
		}
		all = append(all, "one of "+strings.Join(values, ", "))
	}
	// To JSON an account id may be a number, of which the limits are no news.
	if s.Minimum != "" && s.Maximum != "" && !slices.Contains(s.Type, "string") {
		all = append(all, fmt.Sprintf("from %s to %s", s.Minimum, s.Maximum))
	}
	if s.UniqueItems {
		all = append(all, "no two alike")
	}
	if s.Items != nil {
		for _, limit := range s.Items.limits() {
			all = append(all, "each "+limit)
		}
	}
	if s.MultipleOf != "" {
		all = append(all, "a multiple of "+string(s.MultipleOf))
	}
	for _, message := range []string{s.PatternErrorMessage, s.ErrorMessage} {
		if message != "" {
			all = append(all, message)
		}
	}
	for _, one := range s.AllOf {
		all = append(all, one.limits()...)
		for _, m := range one.PatternProperties {
			for _, limit := range m.schema.limits() {
				all = append(all, condition(m.schema.Not)+limit)
			}
		}
	}
	return all
}

// about are the limits that a map sets to one of its keys, depending on others.
func (s *schema) about(key string) []string {
	var all []string
	say := func(when string, then *schema) {
		if then == nil {
			return
		}
		for _, m := range then.Properties {
			if m.name == key {
				all = append(all, when+strings.Join(m.schema.limits(), "; "))
			}
		}
	}
	for _, one := range append([]*schema{s}, s.AllOf...) {
		say(condition(one.If), one.Then)
		say("otherwise ", one.Else)
	}
	return all
}

var (
	reference = regexp.MustCompile(`"#/\$defs/([a-z-]+)"`)
	constant  = regexp.MustCompile(`"([a-z-]+)": *\{\s*"const": *"([a-z]+)"`)
)

// condition says what the schema that a limit depends on is about.
func condition(text json.RawMessage) string {
	if found := reference.FindSubmatch(text); found != nil {
		return fmt.Sprintf("with %s: ", strings.ReplaceAll(string(found[1]), "-", " "))
	}
	if found := constant.FindSubmatch(text); found != nil {
		return fmt.Sprintf("with %s %s: ", found[1], found[2])
	}
	return ""
}
