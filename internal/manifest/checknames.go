package manifest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// madeName is a name that yolo makes of the environment's and the app's.
type madeName struct {
	rule nameRule
	name string
}

// made returns the names that the features that are on need, the one with the
// narrowest rule first.
func (e *Environment) made() []madeName {
	var names []madeName
	if e.Recording.Enabled {
		if e.Recording.BucketName == "" {
			for _, region := range e.Regions {
				names = append(names, madeName{bucketRule, e.BucketName(region)})
			}
		}
		names = append(names, madeName{storageRule, e.StorageName()}, madeName{encoderRule, e.EncoderName()})
	}
	if e.Logging.Enabled {
		names = append(names, madeName{ruleRule, e.RuleName()}, madeName{logGroupRule, e.LogGroupName()})
	}
	return names
}

// names checks the names of all environments against AWS's limits. Of several
// limits that one cause breaks, the tightest is reported.
func (r *reader) names(app value, environments []value) {
	for _, v := range environments {
		e, ok := r.manifest.environments[v.name]
		if !ok {
			continue
		}
		r.environment = e
		if bucket, ok := r.bucketNames[e.Name]; ok {
			r.writtenName(bucket)
		}
		if app.exists() {
			causes := []cause{{app, e.App, "name"}, {v, e.Name, "the environment's name"}}
			for i, made := range e.made() {
				r.alphabet(made, causes, maxSteps-i)
				r.length(made, causes)
			}
		}
	}
	r.environment = nil
}

// writtenName checks bucket-name in every region.
func (r *reader) writtenName(v value) {
	e := r.environment
	bare := strings.ReplaceAll(e.Recording.BucketName, placeholder, "")
	if strings.ContainsAny(bare, "{}") {
		return
	}
	regions := e.Regions
	if len(regions) == 0 {
		regions = ivsRegions[:1]
	}
	for _, region := range regions {
		name := strings.ReplaceAll(e.Recording.BucketName, placeholder, region)
		problem := bucketProblem(name)
		if problem == "" {
			continue
		}
		r.reportValue(v, finding{
			code: CodeInvalidName, weight: len(name) + 1,
			message: fmt.Sprintf("the bucket name %s %s", quote(name), problem),
			fix:     bucketFix(v, name),
		})
	}
}

var dashes = lazyregexp.New(`[-.]*-[-.]*|\.{2,}`)

// bucketFix returns the nearest name that S3 takes, or how to get to one.
func bucketFix(v value, name string) string {
	if over := len(name) - bucketRule.max; over > 0 && !bucketRule.foreign.MatchString(name) {
		return fmt.Sprintf("shorten it by %s", count(over, "character"))
	}
	parts := strings.Split(v.node.Value, placeholder)
	for i, part := range parts {
		parts[i] = bucketRule.foreign.ReplaceAllString(strings.ToLower(part), "-")
	}
	better := strings.Trim(dashes.ReplaceAllString(strings.Join(parts, placeholder), "-"), "-.")
	if better != v.node.Value && IsBucketName(strings.ReplaceAll(better, placeholder, ivsRegions[0])) {
		return v.write(better)
	}
	return v.write("my-archive") + ", or another name of 3 to 63 lower-case letters, digits and dashes"
}

// cause is a part of a made name, and where a person changes it.
type cause struct {
	at   value
	part string
	noun string
}

// report places a finding at the cause: the app's name is a value, the
// environment's a key.
func (c cause) report(r *reader, f finding) {
	if c.noun == "name" {
		r.reportValue(c.at, f)
		return
	}
	r.reportKey(c.at, f)
}

func (r *reader) alphabet(made madeName, causes []cause, weight int) {
	for _, c := range causes {
		foreign := made.rule.foreign.FindString(c.part)
		if foreign == "" {
			continue
		}
		fix := "write letters from a to z, digits and dashes only"
		if better := sanitized(c.part, made.rule); better != "" {
			fix = "write " + better + ":"
			if c.noun == "name" {
				fix = "write name: " + better
			}
		}
		c.report(r, finding{
			code: CodeInvalidName, weight: weight,
			message: fmt.Sprintf("has %s in it, and for the name of %s %s takes only %s",
				quote(foreign), made.rule.what, made.rule.service, made.rule.alphabet),
			fix: fix,
		})
	}
}

// sanitized returns the nearest part of a name that every rule takes, empty
// when too little of it would be left.
func sanitized(part string, rule nameRule) string {
	if strings.ContainsFunc(part, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return ""
	}
	if rule.service == bucketRule.service {
		part = strings.ToLower(part)
	}
	return strings.Trim(separators.ReplaceAllString(part, "-"), "-")
}

var separators = lazyregexp.New(`[^A-Za-z0-9]+`)

// length reports a name that is too long, at the longer of its causes.
func (r *reader) length(made madeName, causes []cause) {
	long := utf8.RuneCountInString(made.name)
	over := long - made.rule.max
	if over <= 0 {
		return
	}
	c := causes[0]
	if len(causes[1].part) > len(c.part) {
		c = causes[1]
	}
	fix := fmt.Sprintf("shorten %s by %s", c.noun, count(over, "character"))
	if over >= len(c.part) {
		fix = fmt.Sprintf("shorten name and the environment's name by %s together", count(over, "character"))
	}
	if made.rule.service == bucketRule.service {
		fix += ", or set aws.ivs.recording.bucket-name"
	}
	c.report(r, finding{
		code: CodeNameTooLong, weight: over,
		message: fmt.Sprintf("%s would be called %s, which has %d characters, and %s takes at most %d",
			made.rule.what, quote(made.name), long, made.rule.service, made.rule.max),
		fix: fix,
	})
}
