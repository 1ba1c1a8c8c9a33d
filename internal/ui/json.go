package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// schemaVersion changes when a field of Document changes its meaning, which
// it should not: fields are added.
const schemaVersion = 1

// Document is what --json prints; docs/json.md tells of every field. Lists are
// never null.
type Document struct {
	SchemaVersion int                 `json:"schema_version"`
	Command       string              `json:"command"`
	Environment   string              `json:"environment"`
	App           string              `json:"app"`
	Account       *string             `json:"account"`
	DryRun        bool                `json:"dry_run"`
	Result        string              `json:"result"`
	Changed       bool                `json:"changed"`
	Interrupted   bool                `json:"interrupted"`
	ElapsedMS     int64               `json:"elapsed_ms"`
	Requests      Requests            `json:"requests"`
	Env           envObject           `json:"env"`
	Warnings      []reconcile.Warning `json:"warnings"`
	Steps         []StepDocument      `json:"steps"`
	// Events are for a command that reads the log.
	Events []EventDocument `json:"events,omitzero"`
	// Check and Written are for a command that checked or wrote a file.
	Check   []Finding `json:"check,omitzero"`
	Written *Written  `json:"written,omitempty"`
	// Status, Leftovers and Quotas are for a command that looks at everything.
	Status    *Status    `json:"status,omitempty"`
	Leftovers []Leftover `json:"leftovers,omitzero"`
	Quotas    []Quota    `json:"quotas,omitzero"`
	// Policy and PolicySize are for a command that prints a policy.
	Policy     json.RawMessage `json:"policy,omitempty"`
	PolicySize int             `json:"policy_size,omitempty"`
	// Error is set when the run ended before its first step.
	Error *ErrorDocument `json:"error,omitempty"`
}

// StepDocument is one step in all regions.
type StepDocument struct {
	ID        string             `json:"id"`
	Title     string             `json:"title"`
	Result    string             `json:"result"`
	Changed   bool               `json:"changed"`
	Reason    string             `json:"reason,omitempty"`
	ElapsedMS int64              `json:"elapsed_ms"`
	Resources []ResourceDocument `json:"resources"`
}

// ResourceDocument is one resource of a step.
type ResourceDocument struct {
	Region    string             `json:"region"`
	Kind      string             `json:"kind"`
	Name      string             `json:"name"`
	ARN       *string            `json:"arn"`
	Result    string             `json:"result"`
	Changed   bool               `json:"changed"`
	FollowUp  bool               `json:"follow_up"`
	State     string             `json:"state,omitempty"`
	CanRecord *bool              `json:"can_record,omitempty"`
	Reason    string             `json:"cannot_record_reason,omitempty"`
	Changes   []reconcile.Change `json:"changes"`
	Notes     []string           `json:"notes"`
	Error     *ErrorDocument     `json:"error,omitempty"`
}

// ErrorDocument is an error in its parts; those that it lacks are "".
type ErrorDocument struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Hint      string `json:"hint"`
	RequestID string `json:"request_id"`
}

// CodeUnknown is the code of an error that has none of its own.
const CodeUnknown = "Unknown"

// envObject is the env values as an object in their order. Comments are left
// out.
type envObject []EnvLine

// MarshalJSON writes the object.
func (e envObject) MarshalJSON() ([]byte, error) {
	var members []string
	for _, l := range e {
		if l.Name != "" {
			members = append(members, encode(l.Name)+":"+encode(l.Value))
		}
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// NewDocument puts a report and its Meta together. With an err there was no
// run, and the report is nil.
func NewDocument(r *reconcile.Report, m Meta, err error) Document {
	if r == nil {
		r = &reconcile.Report{DryRun: m.DryRun, Interrupted: m.Interrupted}
	}
	result, changed := r.Result()
	d := Document{
		SchemaVersion: schemaVersion,
		Command:       m.Command, Environment: m.Environment, App: m.App, Account: known(m.Account),
		DryRun: r.DryRun, Result: result.Word(r.DryRun, changed), Changed: changed,
		Interrupted: r.Interrupted, ElapsedMS: m.Elapsed.Milliseconds(), Requests: m.Requests,
		Env: envObject(m.Env), Warnings: notNil(m.warnings(r)), Steps: []StepDocument{},
	}
	for i := range r.Groups {
		d.Steps = append(d.Steps, stepDocument(&r.Groups[i], r.DryRun))
	}
	if err != nil {
		d.Result, d.Error = reconcile.Failed.Word(r.DryRun, false), errorDocument(err)
	}
	return d
}

// JSON writes the document for machines; the error is the writer's.
func JSON[D Document | ProofDocument](w io.Writer, d D) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err := io.WriteString(w, escapeControls(b.String()))
	return err
}

// escapeControls escapes the control characters that JSON allows in strings,
// since the document may be read on a terminal.
func escapeControls(document string) string {
	var b strings.Builder
	for _, r := range document {
		if unicode.IsControl(r) && r != '\n' {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func stepDocument(g *reconcile.GroupReport, dryRun bool) StepDocument {
	d := StepDocument{
		ID: g.ID, Title: g.Title, Result: g.Result.Word(dryRun, g.Changed), Changed: g.Changed,
		Reason: g.Reason, Resources: []ResourceDocument{},
	}
	var elapsed time.Duration
	for i := range g.Nodes {
		elapsed = max(elapsed, g.Nodes[i].Elapsed)
		d.Resources = append(d.Resources, resourceDocument(&g.Nodes[i], dryRun))
	}
	d.ElapsedMS = elapsed.Milliseconds()
	return d
}

func resourceDocument(n *reconcile.NodeReport, dryRun bool) ResourceDocument {
	d := ResourceDocument{
		Region: n.Key.Region, Kind: n.Key.Kind, Name: n.Name, ARN: known(n.ARN),
		Result: n.Result.Word(dryRun, n.Changed), Changed: n.Changed, FollowUp: n.FollowUp,
		CanRecord: n.CanRecord, Changes: notNil(n.Changes), Notes: notNil(n.Notes),
	}
	if unfit(n) {
		d.Reason = cannotRecord(n)
	}
	if n.Err != nil {
		d.Error = errorDocument(n.Err)
	}
	return d
}

// errorDocument takes an error apart. The first part of a joined one that has
// a code gives it.
func errorDocument(err error) *ErrorDocument {
	d := ErrorDocument{Code: CodeUnknown}
	var texts []string
	for _, e := range causes(err) {
		s := sayingOf(reconcile.Key{}, e)
		texts = append(texts, s.text)
		if s.code != "" && d.Code == CodeUnknown {
			d.Code, d.Hint, d.RequestID = s.code, s.fix, s.id
		} else if d.Hint == "" {
			d.Hint = s.fix
		}
	}
	d.Message = strings.Join(texts, "; ")
	return &d
}

// known is nil for "".
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
