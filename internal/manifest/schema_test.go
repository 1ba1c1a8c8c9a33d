package manifest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"pgregory.net/rapid"
)

// unseen is a class of mistakes that no JSON Schema can see, with the files of
// testdata/bad that have one. Each of a file's findings with one of the codes
// is expected to go unseen.
type unseen struct {
	why   string
	codes []string
	files []string
}

var unseenMistakes = []unseen{
	{
		why:   "a map of JSON has each key once, and merge keys are resolved before",
		codes: []string{CodeDuplicateKey, CodeInvalidMerge, CodeAliasCycle, CodeTooManyAliases},
		files: []string{
			"aws-region-twice", "duplicate-keys", "environment-twice", "ivs-twice", "merge-bomb", "merge-cycle",
			"merge-list-not-maps", "merge-not-a-map", "merge-null", "merge-twice", "name-twice",
		},
	},
	{
		why:   "values of JSON have no tags",
		codes: []string{CodeWrongType},
		files: []string{"account-int-tag", "ivs-tagged", "tagged-recording-values", "tagged-values"},
	},
	{
		why:   "keys of JSON are strings, whatever they were in YAML",
		codes: []string{CodeWrongType},
		files: []string{"environment-number"},
	},
	{
		why:   "the spelling of a number is lost: 012 is 12, 0x10 is 16, and 30.0 is a whole number",
		codes: []string{CodeWrongType, CodeInvalidAccountID},
		files: []string{
			"account-float", "account-float-zero", "account-short", "encoder-forms", "encoder-types",
			"many", "retention-fraction", "retention-octal",
		},
	},
	{
		why:   "there is no sum of the lengths of two keys, nor a length of what a region is put into",
		codes: []string{CodeNameTooLong, CodeInvalidName},
		files: []string{"bucket-name-regional-long", "name-too-long-logging", "name-too-long-regional"},
	},
	{
		why:   "there is no product of two numbers; only that both are too large can be said",
		codes: []string{CodeInvalidEncoder},
		files: []string{"encoder-pixels-width"},
	},
}

// withoutValue are the codes of files that are no single YAML document, so that
// there is no value for a schema to look at.
var withoutValue = []string{CodeInvalidEncoding, CodeSeveralDocuments, CodeSyntax}

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("yolo.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("yolo.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaTakesGood(t *testing.T) {
	s := compiled(t)
	examples, err := filepath.Glob("../../examples/*.yml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("found %d examples: %v", len(examples), err)
	}
	for _, path := range append(corpus(t, "good"), examples...) {
		v, ok := jsonValue(testSource(t, path))
		if !ok {
			t.Errorf("%s: no value", path)
			continue
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSchemaSeesBad compares the schema's errors with the validator's findings,
// one by one: each finding is at a place where the schema sees an error too,
// except for those that are listed as unseen.
func TestSchemaSeesBad(t *testing.T) {
	s := compiled(t)
	got := map[string][]string{} // by code and file
	var mute []string
	for _, path := range corpus(t, "bad") {
		file := strings.TrimSuffix(filepath.Base(path), ".yml")
		src := testSource(t, path)
		findings := errorsOf(t, src)
		v, ok := jsonValue(src)
		if !ok {
			mute = append(mute, findings[0].Code)
			continue
		}
		places := errorPlaces(s.Validate(v))
		for _, f := range findings {
			if !seen(places, placeOf(f)) {
				got[f.Code] = append(got[f.Code], file)
			}
		}
	}
	checkUnseen(t, got)
	slices.Sort(mute)
	if diff := cmp.Diff(withoutValue, slices.Compact(mute)); diff != "" {
		t.Errorf("codes of files without a value (-want +got)\n%s", diff)
	}
}

// checkUnseen compares the findings that went unseen with those that are listed.
func checkUnseen(t *testing.T, got map[string][]string) {
	t.Helper()
	listed := map[string]bool{} // "code file"
	for _, class := range unseenMistakes {
		for _, code := range class.codes {
			if !slices.ContainsFunc(class.files, func(file string) bool { return slices.Contains(got[code], file) }) {
				t.Errorf("%q: %s: every one of them is seen; take it off the list", class.why, code)
			}
		}
		for _, file := range class.files {
			needed := false
			for _, code := range class.codes {
				listed[code+" "+file] = true
				needed = needed || slices.Contains(got[code], file)
			}
			if !needed {
				t.Errorf("%q: the schema sees all that is wrong with %s; take it off the list", class.why, file)
			}
		}
	}
	for code, files := range got {
		for _, file := range files {
			if !listed[code+" "+file] {
				t.Errorf("the schema does not see the %s of %s", code, file)
			}
		}
	}
}

func errorsOf(t testing.TB, src *source) []Finding {
	t.Helper()
	_, err := openSource(src)
	invalid, ok := errors.AsType[*InvalidError](err)
	if !ok {
		t.Fatalf("want an InvalidError, got %v", err)
	}
	return slices.DeleteFunc(slices.Clone(invalid.Findings), func(f Finding) bool { return !f.isError() })
}

// placeOf is the path of a finding. A misspelt key stands for the one that is
// missing.
func placeOf(f Finding) []string {
	if m := regexp.MustCompile(`the required key (\w+) is missing`).FindStringSubmatch(f.Message); m != nil {
		return m[1:]
	}
	return segments(f.Path)
}

// errorPlaces are the paths of all errors of a validation. A key that is
// missing or not allowed is a place of its own.
func errorPlaces(err error) [][]string {
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return nil
	}
	var places [][]string
	for _, cause := range failed.Causes {
		places = append(places, errorPlaces(cause)...)
	}
	at := failed.InstanceLocation
	switch k := failed.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			if strings.HasPrefix(name, noString) {
				name = "?"
			}
			places = append(places, append(slices.Clone(at), name))
		}
	case *kind.Required:
		for _, name := range k.Missing {
			places = append(places, append(slices.Clone(at), name))
		}
	case *kind.PropertyNames:
		places = append(places, append(slices.Clone(at), k.Property))
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference:
		// It only holds the others.
	default:
		places = append(places, at)
	}
	return places
}

// seen reports an error at the path itself, or right above it, where those are
// that are about several keys.
func seen(places [][]string, path []string) bool {
	return slices.ContainsFunc(places, func(place []string) bool {
		return slices.Equal(place, path) || len(path) > 0 && slices.Equal(place, path[:len(path)-1])
	})
}

// FuzzSchema holds the schema to two promises: it refuses nothing that the
// validator takes, and takes nothing wrong but what is listed as unseen.
func FuzzSchema(f *testing.F) {
	for _, kind := range []string{"good", "bad"} {
		for _, path := range corpus(f, kind) {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	s := compiled(f)
	var codes []string
	for _, class := range unseenMistakes {
		codes = append(codes, class.codes...)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := newSource("yolo.yml", text)
		v, ok := jsonValue(src)
		if !ok {
			return
		}
		refused := s.Validate(v)
		if _, err := openSource(newSource("yolo.yml", text)); err == nil {
			if refused != nil {
				t.Errorf("the schema refuses what the validator takes: %v", refused)
			}
			return
		}
		if refused != nil {
			return
		}
		for _, finding := range errorsOf(t, newSource("yolo.yml", text)) {
			if !slices.Contains(codes, finding.Code) {
				t.Errorf("the schema takes what the validator refuses: %v", finding)
			}
		}
	})
}

// Every key that the validator knows has a schema with a description.
func TestSchemaKnowsEveryKey(t *testing.T) {
	ivs := ivsSchema().Properties
	for place, properties := range map[string]properties{
		"aws.ivs":                   ivs,
		"aws.ivs.recording":         member(ivs, "recording").Properties,
		"aws.ivs.recording.encoder": member(member(ivs, "recording").Properties, "encoder").Properties,
	} {
		if len(properties) != len(knownKeys[place]) {
			t.Errorf("%s: want %q, got %d properties", place, knownKeys[place], len(properties))
		}
		for _, p := range properties {
			if p.schema == nil || p.schema.Title == "" || p.schema.Description == "" {
				t.Errorf("%s.%s: want a title and a description, got %+v", place, p.name, p.schema)
			}
		}
	}
	for _, key := range awsKeys {
		if s := member(awsSchema().Properties, key); s == nil || s.Description == "" {
			t.Errorf("aws.%s: want a description", key)
		}
	}
}

func member(all properties, name string) *jsonSchema {
	for _, p := range all {
		if p.name == name {
			return p.schema
		}
	}
	return nil
}

func TestOneEdit(t *testing.T) {
	for _, key := range awsKeys {
		rapid.Check(t, func(t *rapid.T) {
			word := []rune(key)
			for range rapid.IntRange(0, 2).Draw(t, "edits") {
				at := rapid.IntRange(0, len(word)).Draw(t, "at")
				char := rapid.SampledFrom([]rune("acdegionrsuv-_é\n")).Draw(t, "char")
				switch rapid.IntRange(0, 3).Draw(t, "edit") {
				case 0:
					word = slices.Insert(word, at, char)
				case 1:
					word = slices.Delete(word, min(at, len(word)-1), min(at, len(word)-1)+1)
				case 2:
					word[min(at, len(word)-1)] = char
				default:
					at = min(at, len(word)-2)
					word[at], word[at+1] = word[at+1], word[at]
				}
				if len(word) < 2 {
					break
				}
			}
			matched := regexp.MustCompile(oneEdit(key)).MatchString(string(word))
			if want := distance(string(word), key) == 1; matched != want {
				t.Errorf("%q: want %t, got %t", string(word), want, matched)
			}
		})
	}
}

func TestNoRegionIsShorter(t *testing.T) {
	if !IsRegion(shortestRegion) {
		t.Errorf("%s is no region", shortestRegion)
	}
	rapid.Check(t, func(t *rapid.T) {
		if region := rapid.StringMatching(regionForm.String()).Draw(t, "region"); len(region) < len(shortestRegion) {
			t.Errorf("%s is shorter", region)
		}
	})
}
