package manifest

import (
	"fmt"
	"strings"
)

// document reads the top level: name, environments, and what must not be there.
func (r *reader) document(root value) {
	if tagOf(root.node) != "" || !isMap(root.node) {
		r.mistyped(root, "a map with name and environments", `begin with "name: my-app" and "environments:"`)
		return
	}
	top := r.entries(root, oneOf("name", "environments", "aws", "ivs"))
	environments := lookup(top, "environments")
	inside := r.entries(environments, everything)
	for _, key := range []string{"aws", "ivs"} {
		if v := lookup(top, key); v.exists() {
			r.misplaced(v, likelyPlace(inside, key))
		}
	}
	app := r.app(top)
	r.environments(top, environments, inside)
	r.names(app, inside)
}

// likelyPlace returns where a misplaced aws or ivs belongs.
func likelyPlace(environments []value, key string) string {
	path := "environments.<environment>"
	if len(environments) > 0 {
		path = join("environments", environments[0].name)
	}
	if key == "ivs" {
		path += ".aws"
	}
	return path + "." + key
}

func (r *reader) misplaced(v value, place string) {
	r.reportKey(v, finding{
		code:    CodeMisplacedKey,
		message: "does not belong here, where nothing reads it",
		fix:     "move it to " + place,
	})
}

// app reads the manifest's name, which is required.
func (r *reader) app(top []value) value {
	v := lookup(top, "name")
	switch {
	case !v.exists():
		r.missing(top, "name", `add "name: my-app" at the top level`)
	case !isString(v.node):
		fix := "my-app"
		if isNumber(v.node) || isBool(v.node) {
			fix = quote(v.node.Value)
		}
		r.mistyped(v, "a string", v.write(fix))
	case strings.TrimSpace(v.node.Value) == "":
		r.reportValue(v, finding{code: CodeInvalidName, message: "must not be empty", fix: v.write("my-app")})
	default:
		r.manifest.App = v.node.Value
		return v
	}
	return value{}
}

// missing reports a required key of the top level, at the key that looks like
// it when there is one.
func (r *reader) missing(top []value, key, fix string) {
	for _, v := range top {
		if looksLike(v.name, key) {
			r.reportKey(v, finding{
				code:    CodeMissingKey,
				message: fmt.Sprintf("the required key %s is missing, and this looks like it", key),
				fix:     fmt.Sprintf("did you mean %q?", key),
			})
			return
		}
	}
	r.report(finding{
		code: CodeMissingKey, position: r.src.position(1, 1), path: key,
		message: "the required key is missing", fix: fix,
	})
}

func looksLike(name, key string) bool {
	if name == "" {
		return false
	}
	if key == "environments" && (name == "env" || name == "envs") {
		return true
	}
	return distance(fold(name), key) <= max(1, len(key)/4)
}

// environments reads every environment of the file.
func (r *reader) environments(top []value, v value, inside []value) {
	const fix = `add "environments:" with "production:" in it`
	switch {
	case !v.exists():
		r.missing(top, "environments", fix)
		return
	case isNull(v.node), isEmptyMap(v.node):
		r.reportKey(v, finding{
			code:    CodeMissingKey,
			message: "there is no environment in it",
			fix:     `add one below, such as "production:"`,
		})
		return
	case !isMap(v.node):
		r.mistyped(v, "a map of environments", `write one key for each environment below, such as "production:"`)
		return
	}
	for _, entry := range inside {
		if r.environmentName(entry) {
			r.readEnvironment(entry)
		}
	}
}

// environmentName reports a key that cannot be told as a name on the command line.
func (r *reader) environmentName(v value) bool {
	key := resolved(v.key)
	switch {
	case isString(key) && strings.TrimSpace(key.Value) != "":
		return true
	case isString(key), isNull(key):
		r.reportKey(v, finding{
			code: CodeInvalidName, message: "an environment needs a name",
			fix: `write a name before the colon, such as "production:"`,
		})
		return false
	}
	fix := `write a name before the colon, such as "production:"`
	if key.Value != "" && tagOf(key) == "" {
		fix = "write " + quote(key.Value) + ":"
	}
	r.reportKey(v, finding{
		code:    CodeWrongType,
		message: fmt.Sprintf("the name of an environment must be a string, not %s", describe(key)),
		fix:     fix,
	})
	return false
}
