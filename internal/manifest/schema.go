package manifest

import (
	"regexp"
	"strings"
)

// Schema returns the JSON Schema (2020-12) of the manifest, for editors. It is
// made of the limits that the validator uses, and takes every manifest that
// [Open] takes. What it cannot see of a wrong one, such as a tag, a key that is
// there twice, or the length of a name made of two keys, only Open reports.
func Schema() ([]byte, error) {
	s := &jsonSchema{
		Dialect:     "https://json-schema.org/draft/2020-12/schema",
		Title:       "yolo.yml",
		Description: "Where Amazon IVS records and logs. Keys that are none of yolo's are left alone.",
		Type:        kinds{"object"},
		Required:    []string{"name", "environments"},
		Properties: properties{
			{"name", &jsonSchema{
				Title:               "App",
				Description:         "The name of the app. It is part of the name of everything that yolo makes.",
				Type:                kinds{"string"},
				Pattern:             notBlank,
				PatternErrorMessage: "must not be empty",
			}},
			{"environments", environmentsSchema()},
			{"aws", misplacedSchema("environments.<environment>.aws")},
			{"ivs", misplacedSchema("environments.<environment>.aws.ivs")},
		},
	}
	for _, need := range nameNeeds() {
		s.AllOf = append(s.AllOf, need.app())
		s.Defs = append(s.Defs, property{need.key, need.environment()})
	}
	return encode(s, "  ")
}

// notBlank matches a text with anything to be seen in it.
const notBlank = `\S`

func misplacedSchema(place string) *jsonSchema {
	return &jsonSchema{
		Description: "Does not belong here, where nothing reads it: move it to " + place + ".",
		Not:         &jsonSchema{}, ErrorMessage: "does not belong here: move it to " + place, DoNotSuggest: true,
	}
}

func environmentsSchema() *jsonSchema {
	s := &jsonSchema{
		Title:       "Environments",
		Description: "One key for each environment, such as production: the word after `yolo sync`.",
		Type:        kinds{"object"}, MinProperties: new(int64(1)),
		PropertyNames: &jsonSchema{
			Pattern: notBlank, PatternErrorMessage: "an environment needs a name",
		},
		AdditionalProperties: &jsonSchema{
			Title:       "Environment",
			Description: "Nothing in it is yolo's but aws.",
			Type:        kinds{"object", "null"},
			Properties: properties{
				{"aws", awsSchema()},
				{"ivs", misplacedSchema("aws.ivs of this environment")},
			},
		},
	}
	for _, need := range nameNeeds() {
		s.AllOf = append(s.AllOf, need.environments())
	}
	return s
}

func awsSchema() *jsonSchema {
	s := &jsonSchema{
		Title:       "AWS",
		Description: "The keys account-id, region and ivs are yolo's; others are left alone.",
		Type:        kinds{"object", "null"},
		Properties: properties{
			{"account-id", accountSchema()},
			{"region", regionSchema("The region of the app. IVS works here when ivs names no region of its own.")},
			{"ivs", ivsSchema()},
		},
		If: having("ivs", switchedOn()),
		Then: &jsonSchema{
			Description: "A feature that is on needs a region to be on in. An empty list counts as none.",
			AnyOf: []*jsonSchema{
				having("region", &jsonSchema{}),
				having("ivs", having("region", &jsonSchema{})),
				having("ivs", having("regions", &jsonSchema{MinItems: new(int64(1))})),
			},
			ErrorMessage: "a feature is on, and the manifest names no region",
		},
	}
	for _, key := range awsKeys {
		s.PatternProperties = append(s.PatternProperties, property{oneEdit(key), &jsonSchema{
			Description: "One edit away from " + key + ", and nothing reads it.",
			Not:         &jsonSchema{}, ErrorMessage: "did you mean " + key + "?", DoNotSuggest: true,
		}})
	}
	return s
}

// accountSchema takes numbers too, of any length: to JSON 012345678901 is the
// number 12345678901.
func accountSchema() *jsonSchema {
	return &jsonSchema{
		Title:       "Account id",
		Description: "yolo touches no other account. Twelve digits in quotes; without the key, the account is that of the credentials.",
		Type:        kinds{"string", "integer"},
		Examples:    []any{"123456789012"},
		Pattern:     accountForm.String(), PatternErrorMessage: "must be an account id of 12 digits",
		Minimum: new(int64(0)), Maximum: new(int64(maxAccount)),
	}
}

func regionSchema(description string) *jsonSchema {
	s := &jsonSchema{
		Title:       "Region",
		Description: description + " IVS Real-Time is in " + strings.Join(placesOfRegions(), "; ") + ".",
		Type:        kinds{"string"},
		Pattern:     regionForm.String(), PatternErrorMessage: "must be a region such as us-east-1",
	}
	for _, region := range ivsRegions {
		s.Examples = append(s.Examples, region)
	}
	return s
}

func placesOfRegions() []string {
	var all []string
	for _, region := range ivsRegions {
		all = append(all, region+", "+RegionPlace(region))
	}
	return all
}

// oneEdit returns a pattern of the words whose [distance] to word is one.
func oneEdit(word string) string {
	var edits []string
	for i := range len(word) + 1 {
		before, after := regexp.QuoteMeta(word[:i]), regexp.QuoteMeta(word[i:])
		edits = append(edits, before+anyCharacter+after)
		if i == len(word) {
			break
		}
		rest := regexp.QuoteMeta(word[i+1:])
		edits = append(edits, before+"[^"+word[i:i+1]+"]"+rest)
		if i+1 == len(word) || word[i+1] != word[i] {
			edits = append(edits, before+rest)
		}
		if i+1 < len(word) && word[i+1] != word[i] {
			edits = append(edits, before+regexp.QuoteMeta(word[i+1:i+2]+word[i:i+1]+word[i+2:]))
		}
	}
	return "^(" + strings.Join(edits, "|") + ")$"
}

const anyCharacter = `[\s\S]`
