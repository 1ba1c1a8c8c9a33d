package manifest

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

// schemaOf are the keys of knownKeys with their schemas.
func schemaOf(place string, schemas map[string]*jsonSchema) properties {
	var all properties
	for _, key := range knownKeys[place] {
		all = append(all, property{key, schemas[key]})
	}
	return all
}

func ivsSchema() *jsonSchema {
	return &jsonSchema{
		Title:       "IVS",
		Description: "What yolo looks after. `true` is short for `{logging: true}`; false, or no key: nothing is touched.",
		Type:        kinds{"boolean", "object"},
		Properties: schemaOf("aws.ivs", map[string]*jsonSchema{
			"logging": {
				Title:       "Logging",
				Description: "Keep IVS's service events in a CloudWatch Logs group of each region.",
				Type:        kinds{"boolean"}, Default: false,
			},
			"log-retention-days": retentionSchema(),
			"region":             regionSchema("The one region IVS works in. It counts when regions is absent, and wins over aws.region."),
			"regions": {
				Title:       "Regions",
				Description: "The regions IVS works in, the primary one first. An empty list counts as absent.",
				Type:        kinds{"array"}, UniqueItems: true,
				Items: regionSchema("A region IVS works in."),
			},
			"recording": recordingSchema(),
		}),
		AdditionalProperties: false,
	}
}

func retentionSchema() *jsonSchema {
	s := &jsonSchema{
		Title:       "Log retention in days",
		Description: "How long the events are kept. CloudWatch Logs takes only these values.",
		Type:        kinds{"integer"}, Default: DefaultRetentionDays,
	}
	for _, days := range retentions {
		s.Enum = append(s.Enum, days)
	}
	return s
}

func recordingSchema() *jsonSchema {
	return &jsonSchema{
		Title:       "Recording",
		Description: "Recordings of compositions, in S3.",
		Type:        kinds{"object"},
		Properties: schemaOf("aws.ivs.recording", map[string]*jsonSchema{
			"real_time": {
				Title:       "Record Real-Time",
				Description: "Set up what compositions of Real-Time stages are recorded with.",
				Type:        kinds{"boolean"}, Default: false,
			},
			"bucket": {
				Title: "Bucket layout",
				Description: "shared: one bucket, in the primary region; a composition of another region cannot record to it. " +
					"regional: one bucket in each region.",
				Type: kinds{"string"}, Enum: []any{Shared, Regional}, Default: Shared,
			},
			"bucket-name": bucketNameSchema(),
			"encoder":     encoderSchema(),
		}),
		AdditionalProperties: false,
		If:                   withLayout(Regional),
		Then:                 &jsonSchema{Properties: properties{{"bucket-name", regionalNameSchema()}}},
		Else:                 &jsonSchema{Properties: properties{{"bucket-name", sharedNameSchema()}}},
	}
}

func withLayout(layout Layout) *jsonSchema { return having("bucket", &jsonSchema{Const: layout}) }

// bucketNameSchema holds the rules for both layouts. A region neither begins
// nor ends with what S3 keeps for itself, nor has a dot in it.
func bucketNameSchema() *jsonSchema {
	const octet = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	return &jsonSchema{
		Title:       "Bucket name",
		Description: "A name of your own for the bucket. With bucket: regional it has " + placeholder + " in it.",
		Type:        kinds{"string"},
		AllOf: []*jsonSchema{
			never(`\.\.`, "must not have two dots side by side"),
			never(`^`+octet+`(\.`+octet+`){3}$`, "must not have the form of an IP address"),
			never(`^(`+alternatives(reservedPrefixes)+`)`, "must not begin with what S3 keeps for itself"),
			never(`(`+alternatives(reservedSuffixes)+`)$`, "must not end with what S3 keeps for itself"),
		},
	}
}

func never(pattern, message string) *jsonSchema {
	return &jsonSchema{Not: &jsonSchema{Type: kinds{"string"}, Pattern: pattern}, ErrorMessage: message}
}

func alternatives(words []string) string {
	var quoted []string
	for _, word := range words {
		quoted = append(quoted, regexp.QuoteMeta(word))
	}
	return strings.Join(quoted, "|")
}

// The edge of a bucket's name is what S3 takes at its begin and end.
const edge = "[a-z0-9]"

func sharedNameSchema() *jsonSchema {
	return &jsonSchema{
		Pattern: fmt.Sprintf("^%s%s{%d,%d}%s$", edge, bucketRule.character(), minBucketName-2, bucketRule.max-2, edge),
		PatternErrorMessage: fmt.Sprintf("must be %d to %d %s, with a letter or digit at both ends; %s goes with bucket: regional",
			minBucketName, bucketRule.max, bucketRule.alphabet, placeholder),
	}
}

// regionalNameSchema bounds each part of a name between placeholders alone:
// how long the whole one gets depends on the regions.
func regionalNameSchema() *jsonSchema {
	region := regexp.QuoteMeta(placeholder)
	part := fmt.Sprintf("%s{0,%d}", bucketRule.character(), bucketRule.max-len(shortestRegion))
	pattern := fmt.Sprintf("^(%[1]s%[2]s)?(%[3]s%[2]s)*%[3]s(%[2]s%[1]s)?$", edge, part, region)
	return &jsonSchema{
		Pattern: pattern,
		PatternErrorMessage: fmt.Sprintf("must have %s in it, and else only %s, with a letter or digit at both ends",
			placeholder, bucketRule.alphabet),
	}
}

func encoderSchema() *jsonSchema {
	side := func(what string, standard int32) *jsonSchema {
		return &jsonSchema{
			Title: what, Description: "Pixels, an even number.",
			Type: kinds{"integer"}, Default: standard,
			Minimum: new(int64(minSide)), Maximum: new(int64(maxSide)), MultipleOf: new(int64(2)),
		}
	}
	// Of two sides that are both longer than this, the product is over the limit.
	square := int64(math.Sqrt(maxPixels))
	over := &jsonSchema{Type: kinds{"number"}, ExclusiveMinimum: &square}
	return &jsonSchema{
		Title: "Encoder",
		Description: fmt.Sprintf("The video of a recording: %dx%d at %g frames a second and %d bits a second, unless you say otherwise. At most %d pixels.",
			defaultEncoder.Width, defaultEncoder.Height, defaultEncoder.Framerate, defaultEncoder.Bitrate, maxPixels),
		Type: kinds{"object"},
		Properties: schemaOf("aws.ivs.recording.encoder", map[string]*jsonSchema{
			"width":  side("Width", defaultEncoder.Width),
			"height": side("Height", defaultEncoder.Height),
			"framerate": {
				Title: "Framerate", Description: "Frames a second.",
				Type: kinds{"number"}, Default: defaultEncoder.Framerate,
				Minimum: new(int64(minFramerate)), Maximum: new(int64(maxFramerate)),
			},
			"bitrate": {
				Title: "Bitrate", Description: "Bits a second.",
				Type: kinds{"integer"}, Default: defaultEncoder.Bitrate,
				Minimum: new(int64(minBitrate)), Maximum: new(int64(maxBitrate)),
			},
		}),
		AdditionalProperties: false,
		Not:                  &jsonSchema{Required: []string{"width", "height"}, Properties: properties{{"width", over}, {"height", over}}},
		ErrorMessage:         fmt.Sprintf("IVS takes at most %d pixels", maxPixels),
	}
}
