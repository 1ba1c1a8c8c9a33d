package manifest

import (
	"bytes"
	"encoding/json"
)

// jsonSchema is one schema of JSON Schema 2020-12, its keywords in the order in
// which people read them. The zero value takes everything.
//
// The two error messages and doNotSuggest are no keywords of the standard, which
// has validators ignore what they do not know; the language servers for YAML
// and JSON show the former, and leave the latter's key out of completion.
type jsonSchema struct {
	Dialect     string `json:"$schema,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`

	Type     kinds `json:"type,omitempty"`
	Const    any   `json:"const,omitempty"`
	Enum     []any `json:"enum,omitempty"`
	Default  any   `json:"default,omitempty"`
	Examples []any `json:"examples,omitempty"`

	Pattern             string `json:"pattern,omitempty"`
	MaxLength           *int64 `json:"maxLength,omitempty"`
	PatternErrorMessage string `json:"patternErrorMessage,omitempty"`
	Minimum             *int64 `json:"minimum,omitempty"`
	ExclusiveMinimum    *int64 `json:"exclusiveMinimum,omitempty"`
	Maximum             *int64 `json:"maximum,omitempty"`
	MultipleOf          *int64 `json:"multipleOf,omitempty"`

	Items       *jsonSchema `json:"items,omitempty"`
	MinItems    *int64      `json:"minItems,omitempty"`
	UniqueItems bool        `json:"uniqueItems,omitempty"`

	Required             []string    `json:"required,omitempty"`
	MinProperties        *int64      `json:"minProperties,omitempty"`
	PropertyNames        *jsonSchema `json:"propertyNames,omitempty"`
	Properties           properties  `json:"properties,omitempty"`
	PatternProperties    properties  `json:"patternProperties,omitempty"`
	AdditionalProperties any         `json:"additionalProperties,omitempty"` // *jsonSchema or false

	Not   *jsonSchema   `json:"not,omitempty"`
	AllOf []*jsonSchema `json:"allOf,omitempty"`
	AnyOf []*jsonSchema `json:"anyOf,omitempty"`
	If    *jsonSchema   `json:"if,omitempty"`
	Then  *jsonSchema   `json:"then,omitempty"`
	Else  *jsonSchema   `json:"else,omitempty"`

	ErrorMessage string     `json:"errorMessage,omitempty"`
	DoNotSuggest bool       `json:"doNotSuggest,omitempty"`
	Defs         properties `json:"$defs,omitempty"`
}

// kinds are names of JSON's types.
type kinds []string

// MarshalJSON writes a single name as it is, and several as a list.
func (k kinds) MarshalJSON() ([]byte, error) {
	if len(k) == 1 {
		return json.Marshal(k[0])
	}
	return json.Marshal([]string(k))
}

// properties are named schemas in the order in which editors show them.
type properties []property

type property struct {
	name   string
	schema *jsonSchema
}

// MarshalJSON writes an object whose members keep their order.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, part := range []any{one.name, one.schema} {
			text, err := encode(part, "")
			if err != nil {
				return nil, err
			}
			b.Write(bytes.TrimSpace(text))
			if part == one.name {
				b.WriteByte(':')
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes JSON with a final newline, and < and > as they are: nobody puts
// this into a web page.
func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.Bytes(), err
}
