package logs

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// unusable is what PutResourcePolicy says of a document that it cannot read as
// a policy, wrong principals included.
const unusable = "Could not convert to persistable policy."

var awsPrincipal = lazyregexp.New(`^(\*|[0-9]{12}|arn:aws[\w-]*:(iam|sts)::[0-9]{12}:.+)$`)

// checkDocument checks the form of a policy: AWS takes any policy of that form
// and leaves its meaning to the person who wrote it.
func checkDocument(text string) error {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil || members == nil {
		return invalidParameter("Syntax errors in policy.")
	}
	document, err := readDocument(text)
	if err != nil || !all(document.Statements, isStatement) {
		return invalidParameter(unusable)
	}
	return nil
}

func readDocument(text string) (*policydoc.Document, error) {
	return policydoc.Parse(strings.TrimSpace(text))
}

// isStatement tells whether a statement has what a resource policy's must have,
// in words that Logs knows.
func isStatement(s policydoc.Statement) bool {
	return (s.Principal != nil || s.NotPrincipal != nil) && isPrincipal(s.Principal) && isPrincipal(s.NotPrincipal) &&
		(s.Resource != nil || s.NotResource != nil) &&
		all(s.Action, isAction) && all(s.NotAction, isAction)
}

func isPrincipal(p *policydoc.Principal) bool {
	return p == nil || all(p.Named["Service"], isServicePrincipal) && all(p.Named["AWS"], awsPrincipal.MatchString)
}

func isServicePrincipal(name string) bool {
	return strings.Contains(name, ".amazonaws.") && !strings.ContainsAny(name, " /:*")
}

// isAction accepts the service's own actions; AWS takes more of them than the
// two that it acts on.
func isAction(name string) bool {
	return name == "*" || strings.HasPrefix(strings.ToLower(name), "logs:")
}

func all[T any](items []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !holds(item) })
}
