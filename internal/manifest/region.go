package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// ivsRegions are those in which AWS lists IVS Real-Time (General Reference,
// "Amazon Interactive Video Service endpoints and quotas").
var ivsRegions = []string{
	"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
}

// IVSRegions returns the regions in which AWS lists IVS Real-Time. AWS adds
// regions, so one that is not among them may still work.
func IVSRegions() []string { return slices.Clone(ivsRegions) }

// RegionPlace returns AWS's name of a region with IVS Real-Time, such as
// "Europe (Ireland)", or "" for any other region (General Reference, "Amazon
// Interactive Video Service endpoints and quotas").
func RegionPlace(region string) string {
	switch region {
	case "us-east-1":
		return "US East (N. Virginia)"
	case "us-west-2":
		return "US West (Oregon)"
	case "eu-west-1":
		return "Europe (Ireland)"
	case "eu-central-1":
		return "Europe (Frankfurt)"
	case "ap-south-1":
		return "Asia Pacific (Mumbai)"
	case "ap-northeast-1":
		return "Asia Pacific (Tokyo)"
	case "ap-northeast-2":
		return "Asia Pacific (Seoul)"
	}
	return ""
}

// IsIVSRegion reports whether AWS lists IVS Real-Time in region.
func IsIVSRegion(region string) bool { return slices.Contains(ivsRegions, region) }

// regionForm is the form of all regions of all partitions, us-gov-west-1 and
// eusc-de-east-1 included.
var regionForm = lazyregexp.New(`^([a-z]{2}|eusc)(-[a-z]+){1,2}-[1-9][0-9]?$`)

// shortestRegion has that form, and no region is shorter.
const shortestRegion = "aa-a-1"

// IsRegion reports whether a text has the form of a region of any partition.
func IsRegion(name string) bool { return regionForm.MatchString(name) }

// SimilarRegions returns the regions with IVS Real-Time that a misspelt one may
// have been meant for; nil for none.
func SimilarRegions(name string) []string { return nearest(name, ivsRegions, 3) }

// namedRegion is a region and where it is written.
type namedRegion struct {
	name string
	at   value
}

// regions resolves the regions of the environment: aws.ivs.regions, else
// aws.ivs.region, else aws.region. All three are checked, whichever counts.
func (r *reader) regions(ivs, several, own, general value) {
	chosen := r.regionList(several)
	one, fallback := r.region(own, ""), r.region(general, "!!str")
	if !several.exists() || isEmptyList(several.node) {
		chosen = one
		if !own.exists() {
			chosen = fallback
		}
		r.required(ivs, own, general)
	}
	e := r.environment
	for _, region := range chosen {
		e.Regions = append(e.Regions, region.name)
		e.named[region.name] = r.src.at(region.at.at)
		if (e.Logging.Enabled || e.Recording.Enabled) && !IsIVSRegion(region.name) {
			r.unlisted(region)
		}
	}
}

func isEmptyList(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode && len(n.Content) == 0 }

// required reports a feature that is on without any region to be on in.
func (r *reader) required(ivs, own, general value) {
	e := r.environment
	if r.regionMeant || own.exists() || general.exists() || !e.Logging.Enabled && !e.Recording.Enabled {
		return
	}
	what := "logging is"
	switch {
	case e.Logging.Enabled && e.Recording.Enabled:
		what = "logging and recording are"
	case e.Recording.Enabled:
		what = "recording is"
	}
	r.reportKey(ivs, finding{
		code:    CodeMissingRegion,
		message: what + " on, and the manifest names no region",
		fix:     fmt.Sprintf(`add "region:" beside ivs, as in region: us-east-1; IVS Real-Time is in %s`, list(ivsRegions, "and")),
	})
}

func (r *reader) regionList(v value) []namedRegion {
	if !v.exists() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode || tagOf(v.node) != "" {
		r.mistyped(v, "a list of regions", v.write(listFix(v.node)))
		return nil
	}
	var regions []namedRegion
	lines := map[string]int{}
	for _, item := range v.items() {
		if !r.step(item.at) {
			break
		}
		for _, region := range r.region(item, "") {
			if line, twice := lines[region.name]; twice {
				r.reportValue(item, finding{
					code:    CodeDuplicateRegion,
					message: fmt.Sprintf("the region %s is already on line %d", quote(region.name), line),
					fix:     "keep one of the two",
				})
				continue
			}
			lines[region.name] = item.at.Line
			regions = append(regions, region)
		}
	}
	return regions
}

// listFix turns "us-east-1, eu-west-1" into a list.
func listFix(n *yaml.Node) string {
	words := strings.FieldsFunc(n.Value, func(r rune) bool { return strings.ContainsRune(", ;\n", r) })
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return !regionForm.MatchString(w) }) {
		return "[us-east-1]"
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// region reads one region, which may have no tag but the one allowed; of a
// wrong one it returns none.
func (r *reader) region(v value, allowed string) []namedRegion {
	if !v.exists() {
		return nil
	}
	if tag := tagOf(v.node); !isString(v.node) || tag != "" && tag != allowed {
		r.mistyped(v, "a region such as us-east-1", regionTypeFix(v))
		return nil
	}
	name := v.node.Value
	if !regionForm.MatchString(name) {
		r.reportValue(v, finding{
			code:    CodeInvalidRegion,
			message: fmt.Sprintf("must be a region such as us-east-1, not %s", quote(name)),
			fix:     regionFix(v),
		})
		return nil
	}
	return []namedRegion{{name, v}}
}

func regionTypeFix(v value) string {
	switch {
	case v.node.Kind == yaml.SequenceNode:
		return "write one region here; a list goes in aws.ivs.regions"
	case regionForm.MatchString(v.node.Value):
		return v.write(v.node.Value)
	case v.key == nil:
		return "write a region, or remove the item"
	}
	return v.write("us-east-1")
}

// zone is a region with the letter of an availability zone.
var zone = lazyregexp.New(`^(.*-[0-9]+)[a-z]$`)

func regionFix(v value) string {
	name := strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(strings.TrimSpace(v.node.Value)))
	if m := zone.FindStringSubmatch(name); m != nil && regionForm.MatchString(m[1]) {
		return fmt.Sprintf("that is an availability zone; %s", v.write(m[1]))
	}
	if regionForm.MatchString(name) {
		return v.write(name)
	}
	if strings.Contains(name, ",") {
		return "write one region here; a list goes in aws.ivs.regions"
	}
	if near := nearest(name, ivsRegions, 3); len(near) > 0 {
		return fmt.Sprintf("did you mean %s?", list(near, "or"))
	}
	return "IVS Real-Time is in " + list(ivsRegions, "and")
}

// unlisted warns of a region of the right form that AWS does not list.
func (r *reader) unlisted(region namedRegion) {
	fix := "IVS Real-Time is in " + list(ivsRegions, "and")
	if near := nearest(region.name, ivsRegions, 2); len(near) > 0 {
		fix = fmt.Sprintf("did you mean %s? %s", list(near, "or"), fix)
	}
	n := region.at.at
	r.report(finding{
		warning: true, code: CodeUnknownRegion, path: region.at.path,
		position: r.src.at(n), width: r.src.width(n),
		message: fmt.Sprintf("AWS does not list IVS Real-Time in %s", quote(region.name)), fix: fix,
	})
}
