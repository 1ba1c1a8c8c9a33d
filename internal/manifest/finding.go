package manifest

import (
	"fmt"
	"strings"
)

// Severity tells an error from a warning.
type Severity string

const (
	// SeverityError makes the manifest invalid.
	SeverityError Severity = "error"
	// SeverityWarning is reported, and the run goes on.
	SeverityWarning Severity = "warning"
)

// The codes of findings. They are stable.
const (
	CodeAliasCycle       = "AliasCycle"       // an alias that contains itself
	CodeDuplicateKey     = "DuplicateKey"     // a key twice in one map
	CodeDuplicateRegion  = "DuplicateRegion"  // a region twice in regions
	CodeEmptyFile        = "EmptyFile"        // nothing but comments
	CodeInvalidAccountID = "InvalidAccountID" // not 12 digits
	CodeInvalidEncoder   = "InvalidEncoder"   // outside IVS's limits for video
	CodeInvalidEncoding  = "InvalidEncoding"  // not UTF-8 text
	CodeInvalidMerge     = "InvalidMerge"     // << with something that is no map
	CodeInvalidName      = "InvalidName"      // a name AWS would refuse
	CodeInvalidRegion    = "InvalidRegion"    // not the form of an AWS region
	CodeInvalidRetention = "InvalidRetention" // not one of CloudWatch Logs' values
	CodeInvalidValue     = "InvalidValue"     // a word that the key does not know
	CodeMisplacedKey     = "MisplacedKey"     // a key in the wrong place
	CodeMissingKey       = "MissingKey"       // a required key that is not there
	CodeMissingRegion    = "MissingRegion"    // a feature that is on, and no region
	CodeMisspeltKey      = "MisspeltKey"      // a key one edit away from one of ours
	CodeNameTooLong      = "NameTooLong"      // a name over AWS's limit
	CodePlaceholder      = "Placeholder"      // braces that bucket-name must have or must not have
	CodeSeveralDocuments = "SeveralDocuments" // more than one YAML document
	CodeSyntax           = "Syntax"           // not YAML
	CodeTooManyAliases   = "TooManyAliases"   // aliases and merge keys that expand without end
	CodeUnknownKey       = "UnknownKey"       // a key inside aws.ivs that yolo does not know
	CodeUnknownRegion    = "UnknownRegion"    // a region where AWS does not list IVS Real-Time
	CodeWrongType        = "WrongType"        // a string where a number belongs, and the like
)

// Position is a place in a file. Line and Column begin at 1 and count
// characters; the zero Position is unknown.
type Position struct {
	File         string
	Line, Column int
}

// String returns file:line:column, or the file alone when the line is unknown.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Finding is one thing that is wrong with a manifest.
type Finding struct {
	Severity Severity
	Position Position
	// Path is the key in the manifest, such as
	// environments.production.aws.ivs.regions[1]; empty for the whole file.
	Path string
	// Code is one of the Code constants.
	Code string
	// Message says what is wrong, without the path.
	Message string
	// Excerpt is the source line, fit for a terminal: tabs are arrows, and
	// long lines are cut around the place. Caret and Width are the columns of
	// Excerpt before the place and under it.
	Excerpt      string
	Caret, Width int
	// Fix says what to change.
	Fix string
	// Environments are those that the finding concerns; none means all.
	Environments []string
}

func (f Finding) isError() bool { return f.Severity == SeverityError }

// Text returns the path and the message as one phrase.
func (f Finding) Text() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
}

// String returns the finding as a person reads it, over several lines and
// without a final newline.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", f.Position, f.Severity, f.Text())
	margin := fmt.Sprintf("%5d | ", f.Position.Line)
	fmt.Fprintf(&b, "%s%s\n", margin, f.Excerpt)
	fmt.Fprintf(&b, "%*s | %s%s\n", len(margin)-3, "", strings.Repeat(" ", f.Caret), strings.Repeat("^", f.Width))
	fmt.Fprintf(&b, "  fix: %s", f.Fix)
	return b.String()
}
