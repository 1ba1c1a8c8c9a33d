package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// knownKeys holds the keys of aws.ivs and of the maps in it.
var knownKeys = map[string][]string{
	"aws.ivs":                   {"logging", "log-retention-days", "region", "regions", "recording"},
	"aws.ivs.recording":         {"real_time", "bucket", "bucket-name", "encoder"},
	"aws.ivs.recording.encoder": {"width", "height", "framerate", "bitrate"},
}

// fields returns the entries of a map inside aws.ivs, and reports every key
// that does not belong there.
func (r *reader) fields(v value, place string) []value {
	known := knownKeys[place]
	entries := r.entries(v, everything)
	for _, entry := range entries {
		if slices.Contains(known, entry.name) {
			r.note(entry)
			continue
		}
		r.unknown(entry, place)
	}
	return entries
}

func (r *reader) unknown(v value, place string) {
	known := knownKeys[place]
	message := "unknown key " + quote(v.name)
	if v.name == "" {
		message = "unknown key: " + describe(resolved(v.key))
	}
	fix := fmt.Sprintf("remove it; the keys of %s are %s", place, list(known, "and"))
	if near := nearest(v.name, known, max(1, len(v.name)/3)); len(near) > 0 {
		r.regionMeant = r.regionMeant || slices.Contains(near, "region") || slices.Contains(near, "regions")
		fix = fmt.Sprintf("did you mean %s?", list(quoted(near), "or"))
	} else if long := containing(v.name, known); long != "" {
		fix = fmt.Sprintf("did you mean %q?", long)
	} else if home, ok := homeOf(v.name); ok {
		fix = "move it to " + home
	}
	r.reportKey(v, finding{code: CodeUnknownKey, message: message, fix: fix})
}

// containing returns the key that name is a part of, such as
// log-retention-days of retention.
func containing(name string, known []string) string {
	const telling = 5 // characters
	for _, key := range known {
		if len(name) >= telling && strings.Contains(key, fold(name)) {
			return key
		}
	}
	return ""
}

// homeOf returns the path of a key that has its place elsewhere under aws.
func homeOf(name string) (string, bool) {
	if name == "account-id" {
		return "aws.account-id", true
	}
	for place, keys := range knownKeys {
		if slices.Contains(keys, name) {
			return place + "." + name, true
		}
	}
	return "", false
}

// ivs reads aws.ivs, and the regions with it: aws.region stands in for its own.
func (r *reader) ivs(v, region value) {
	e := r.environment
	var own, several value
	if v.exists() {
		r.note(v)
		switch {
		case isBool(v.node):
			e.skip("aws.ivs is false")
			if strings.EqualFold(v.node.Value, "true") {
				e.skip("aws.ivs.recording is not in the manifest")
				e.Logging.Enabled, e.Logging.SkipReason = true, ""
			}
		case isMap(v.node) && tagOf(v.node) == "":
			entries := r.fields(v, "aws.ivs")
			own, several = lookup(entries, "region"), lookup(entries, "regions")
			r.logging(lookup(entries, "logging"))
			r.retention(lookup(entries, "log-retention-days"))
			r.recording(lookup(entries, "recording"))
		default:
			r.mistyped(v, "true, false or a map", ivsFix(v))
		}
	}
	r.regions(v, several, own, region)
}

func ivsFix(v value) string {
	if likely := likelyBool(v.node); !strings.Contains(likely, ",") {
		return v.write(likely)
	}
	return v.write("true") + `, or write "logging: true" below it`
}

func (r *reader) logging(v value) {
	wish := &r.environment.Logging
	on, ok := r.boolean(v)
	wish.Enabled = on
	wish.SkipReason = offReason("aws.ivs.logging", v, !ok)
	if on {
		wish.SkipReason = ""
	}
}

// offReason says why a switch is not on.
func offReason(key string, v value, unclear bool) string {
	switch {
	case !v.exists():
		return key + " is not in the manifest"
	case unclear:
		return key + " is not true"
	}
	return key + " is false"
}

// retentions are the values PutRetentionPolicy takes.
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func (r *reader) retention(v value) {
	days, ok := r.whole(v, "a whole number of days", strconv.Itoa(DefaultRetentionDays))
	if !ok {
		return
	}
	at, exact := slices.BinarySearch(retentions, days)
	if exact {
		r.environment.Logging.RetentionDays = days
		r.environment.Logging.RetentionExplicit = true
		return
	}
	near := retentions[max(0, at-1):min(at+1, len(retentions))]
	all := make([]string, len(retentions))
	for i, n := range retentions {
		all[i] = strconv.Itoa(n)
	}
	words := all[max(0, at-1):][:len(near)]
	r.reportValue(v, finding{
		code:    CodeInvalidRetention,
		message: fmt.Sprintf("CloudWatch Logs cannot keep events for %s days", v.node.Value),
		fix:     fmt.Sprintf("write %s; allowed are %s", list(words, "or"), list(all, "and")),
	})
}
