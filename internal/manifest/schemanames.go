package manifest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// nameNeed is a wish that puts the app's and the environment's name into a name
// in AWS.
type nameNeed struct {
	key  string      // in $defs
	when *jsonSchema // takes the values of aws.ivs that are this wish
	made madeName    // of an app and an environment without names
}

// nameNeeds are the wishes that differ in what they allow the names. They are
// for the shortest region, so that no name is refused that may be right.
func nameNeeds() []nameNeed {
	unnamed := &jsonSchema{Not: &jsonSchema{Required: []string{"bucket-name"}}}
	regional := withLayout(Regional)
	need := func(key string, when *jsonSchema, wish Environment) nameNeed {
		wish.Regions = []string{shortestRegion}
		return nameNeed{key, when, wish.made()[0]}
	}
	return []nameNeed{
		need("logging", loggingOn(), Environment{Logging: Logging{Enabled: true}}),
		need("recording", recordingOn(), Environment{Recording: Recording{Enabled: true, BucketName: "any"}}),
		need("shared-bucket", recordingOn(unnamed, &jsonSchema{Not: regional}), Environment{Recording: Recording{Enabled: true, Layout: Shared}}),
		need("regional-buckets", recordingOn(unnamed, regional), Environment{Recording: Recording{Enabled: true, Layout: Regional}}),
	}
}

// switchedOn takes the values of aws.ivs with a feature that is on.
func switchedOn() *jsonSchema { return &jsonSchema{AnyOf: []*jsonSchema{loggingOn(), recordingOn()}} }

func loggingOn() *jsonSchema {
	return &jsonSchema{AnyOf: []*jsonSchema{{Const: true}, having("logging", &jsonSchema{Const: true})}}
}

// recordingOn takes the values of aws.ivs that record, in a way that all of
// further take.
func recordingOn(further ...*jsonSchema) *jsonSchema {
	recording := having("real_time", &jsonSchema{Const: true})
	recording.AllOf = further
	return having("recording", recording)
}

// having takes maps that have the key with such a value.
func having(key string, v *jsonSchema) *jsonSchema {
	return &jsonSchema{Type: kinds{"object"}, Required: []string{key}, Properties: properties{{key, v}}}
}

// environment takes the environments with the wish.
func (n nameNeed) environment() *jsonSchema { return having("aws", having("ivs", n.when)) }

func (n nameNeed) ref() *jsonSchema { return &jsonSchema{Ref: "#/$defs/" + n.key} }

// app says of the whole manifest which names of the app go with the wish, in
// whichever environment it is.
func (n nameNeed) app() *jsonSchema {
	somewhere := &jsonSchema{Not: &jsonSchema{AdditionalProperties: &jsonSchema{Not: n.ref()}}}
	return &jsonSchema{
		If: having("environments", somewhere),
		Then: &jsonSchema{Properties: properties{{"name", &jsonSchema{
			Pattern: fmt.Sprintf("^%s{0,%d}$", n.made.rule.character(), n.made.room()), PatternErrorMessage: n.refusal(),
		}}}},
	}
}

// environments refuses the wish in environments whose names do not go with it.
func (n nameNeed) environments() *jsonSchema {
	foreign := fmt.Sprintf("%s|%s{%d}", n.made.rule.foreign, anyCharacter, n.made.room()+1)
	return &jsonSchema{PatternProperties: properties{{foreign, &jsonSchema{
		Not: n.ref(), ErrorMessage: "the environment's name " + n.refusal(),
	}}}}
}

func (n nameNeed) refusal() string {
	rule := n.made.rule
	return fmt.Sprintf("is part of the name of %s, for which %s takes only %s, here at most %d",
		rule.what, rule.service, rule.alphabet, n.made.room())
}

// room returns how many characters a name of the app or the environment may
// have, made of a wish in which both are empty. The other one has one at least.
func (m madeName) room() int { return m.rule.max - utf8.RuneCountInString(m.name) - 1 }

// character returns a pattern of one character that is allowed.
func (n nameRule) character() string { return strings.Replace(n.foreign.String(), "[^", "[", 1) }
