package manifest

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

func isMap(n *yaml.Node) bool      { return n.Kind == yaml.MappingNode }
func isEmptyMap(n *yaml.Node) bool { return isMap(n) && len(n.Content) == 0 }

// readEnvironment reads one environment. What is not ours in it is left alone;
// one that is empty is valid and asks for nothing.
func (r *reader) readEnvironment(v value) {
	e := &Environment{
		App: r.manifest.App, Name: v.name, path: v.path,
		where: map[string]Position{}, named: map[string]Position{},
	}
	e.Logging = Logging{RetentionDays: DefaultRetentionDays}
	e.Recording = Recording{Layout: Shared, Encoder: defaultEncoder}
	e.skip("aws.ivs is not in the manifest")
	r.manifest.Environments = append(r.manifest.Environments, v.name)
	r.manifest.environments[v.name] = e
	r.environment = e
	r.regionMeant = false
	defer func() { r.environment = nil }()
	r.note(v)
	if isNull(v.node) {
		return
	}
	if !isMap(v.node) {
		r.mistyped(v, "a map", `write "aws:" below it`)
		return
	}
	entries := r.entries(v, oneOf("aws", "ivs"))
	if ivs := lookup(entries, "ivs"); ivs.exists() {
		r.misplaced(ivs, v.path+".aws.ivs")
	}
	if aws := lookup(entries, "aws"); aws.exists() {
		r.aws(aws)
	}
}

// note remembers the line of a key.
func (r *reader) note(v value) { r.environment.where[v.path] = r.src.at(v.key) }

// skip leaves both features off.
func (e *Environment) skip(reason string) {
	e.Logging.SkipReason, e.Recording.SkipReason = reason, reason
}

// awsKeys are the keys of aws that are read.
var awsKeys = []string{"account-id", "region", "ivs"}

// aws reads account-id, region and ivs; the keys of others stay unread.
func (r *reader) aws(v value) {
	r.note(v)
	if isNull(v.node) {
		return
	}
	if !isMap(v.node) {
		r.mistyped(v, "a map", `write "region:" and "ivs:" below it`)
		return
	}
	entries := r.entries(v, oneOf(awsKeys...))
	for _, entry := range entries {
		for _, key := range awsKeys {
			if entry.name != "" && distance(entry.name, key) == 1 {
				r.misspelt(entry, key)
			}
		}
	}
	if account := lookup(entries, "account-id"); account.exists() {
		r.note(account)
		r.account(account)
	}
	r.ivs(lookup(entries, "ivs"), lookup(entries, "region"))
}

func (r *reader) misspelt(v value, key string) {
	r.regionMeant = r.regionMeant || key == "region"
	fix := fmt.Sprintf("did you mean %q?", key)
	if v.name == "regions" {
		fix = "write region with one region here, or move the list to aws.ivs.regions"
	}
	r.reportKey(v, finding{
		code:    CodeMisspeltKey,
		message: fmt.Sprintf("%s is one edit away from %q, and nothing reads it", quote(v.name), key),
		fix:     fix,
	})
}

var accountForm = lazyregexp.New(`^[0-9]{12}$`)

// maxAccount is the largest number of 12 digits.
const maxAccount = 999_999_999_999

// account reads the account id by its digits as they are written: as a number
// YAML would lose a leading zero of it.
func (r *reader) account(v value) {
	const want = "an account id of 12 digits"
	if v.node.Kind != yaml.ScalarNode || isNull(v.node) || isBool(v.node) || tagOf(v.node) != "" && tagOf(v.node) != "!!str" {
		fix := `"123456789012"`
		if accountForm.MatchString(v.node.Value) {
			fix = quote(v.node.Value)
		}
		r.mistyped(v, want, v.write(fix))
		return
	}
	if accountForm.MatchString(v.node.Value) {
		r.environment.AccountID = v.node.Value
		return
	}
	r.reportValue(v, finding{
		code:    CodeInvalidAccountID,
		message: fmt.Sprintf("must be %s, not %s", want, quote(v.node.Value)),
		fix:     accountFix(v),
	})
}

// accountFix knows how account ids are written wrongly: grouped, and as
// numbers that lost their leading zero or became a fraction.
func accountFix(v value) string {
	written := v.node.Value
	digits := strings.NewReplacer("-", "", "_", "", " ", "", "\n", "").Replace(written)
	digits = strings.TrimSuffix(digits, ".0")
	switch {
	case accountForm.MatchString(digits):
		return v.write(quote(digits))
	case len(digits) == 11 && accountForm.MatchString("0"+digits):
		return fmt.Sprintf("if a leading zero was lost, %s; else see aws sts get-caller-identity", v.write(quote("0"+digits)))
	}
	return `write the 12 digits in quotes; "aws sts get-caller-identity" tells them`
}
