package ui

import (
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// EnvReport is what there is to say about the env values beside the values
// themselves.
type EnvReport struct {
	// Values is how many there should be.
	Values int
	// Missing are the resources whose values a sync has to make first, and
	// Failed is how many could not be had for another reason.
	Missing []reconcile.Key
	Failed  int
	// Sync is the command that makes what is missing.
	Sync string
	// Warnings are those that are about the values.
	Warnings []reconcile.Warning
	// Written and Checked are for a run that wrote or checked a file; nil for
	// neither.
	Written *Written
	Checked *Checked
}

// Written is what was written to a file.
type Written struct {
	File string `json:"file"`
	// Refused tells that nothing was, since values are missing.
	Refused bool        `json:"refused"`
	Created bool        `json:"created"`
	Changes []EnvChange `json:"changes"`
	// Lost says what of the file's owner could not be kept, "" for nothing.
	Lost string `json:"lost"`
}

// EnvChange is a variable that was changed in a file, or added to it; then From
// is nil.
type EnvChange struct {
	Key  string  `json:"key"`
	Line int     `json:"line"`
	From *string `json:"from"`
	To   string  `json:"to"`
}

// Checked is what was found in a file.
type Checked struct {
	File     string
	Findings []Finding
}

// Finding is what is wrong about a variable in a file.
type Finding struct {
	Code string `json:"code"`
	Key  string `json:"key"`
	// Line is 0 for one that is not in the file, and Have is nil.
	Line int     `json:"line"`
	Have *string `json:"have"`
	// Want is nil when there should be none, or it is not known.
	Want *string `json:"want"`
	Text string  `json:"text"`
	Fix  string  `json:"fix"`
}

// EnvSummary tells people what the env values do not tell: nothing when all is
// well.
func EnvSummary(s *Streams, r *reconcile.Report, m Meta, e EnvReport) {
	p := s.layout().page()
	p.envReport(r, m, e)
	if s.OutTerminal && s.ErrTerminal && p.b.Len() > 0 && len(m.Env) > 0 {
		p.blank()
	}
	s.print(p)
}

func (p *page) envReport(r *reconcile.Report, m Meta, e EnvReport) {
	if reason := skipReason(r); reason != "" {
		p.warnings(m.Warnings)
		p.blank()
		p.line(0, 2, p.style.paint(ok, "SKIPPED:")+" "+clean(reason))
		return
	}
	p.failures(failuresOf(r))
	p.warnings(e.Warnings)
	if e.Checked != nil {
		p.findings(*e.Checked)
	}
	if e.Written != nil {
		p.written(*e.Written)
	}
	p.envVerdict(r, m, e)
}

func skipReason(r *reconcile.Report) string {
	for _, g := range r.Groups {
		if g.Reason != "" {
			return g.Reason
		}
	}
	return ""
}

// findings adds what is wrong in a file. Those with the same fix share it.
func (p *page) findings(c Checked) {
	for i, f := range c.Findings {
		p.blank()
		at := clean(c.File)
		if f.Line > 0 {
			at += fmt.Sprintf(":%d", f.Line)
		}
		p.line(0, 2, p.style.paint(fail, "✗")+" "+at+": "+p.style.paint(bold, clean(f.Key)))
		if f.Have != nil && *f.Have != "" {
			p.line(4, 2, "there: "+clean(*f.Have))
		}
		if f.Want != nil {
			p.line(4, 2, "right: "+clean(*f.Want))
		}
		p.line(4, 2, clean(f.Text))
		if i == len(c.Findings)-1 || c.Findings[i+1].Fix != f.Fix {
			p.line(2, 2, p.style.paint(bold, "fix:")+" "+clean(f.Fix))
		}
	}
}

// written adds what was changed in a file.
func (p *page) written(w Written) {
	if len(w.Changes) > 0 {
		p.blank()
	}
	for _, c := range w.Changes {
		symbol, of := "+", add
		if c.From != nil {
			symbol, of = "~", change
		}
		p.line(2, 2, p.style.paint(of, symbol)+fmt.Sprintf(" %s:%d: %s", clean(w.File), c.Line, clean(c.Key)))
	}
	if w.Lost != "" {
		p.line(2, 2, p.style.paint(warn, "!")+" "+clean(fmt.Sprintf("%s did not keep its %s", w.File, w.Lost)))
	}
}

// envVerdict adds the last line, if there is anything to say.
func (p *page) envVerdict(r *reconcile.Report, m Meta, e EnvReport) {
	lead, of := "", fail
	switch {
	case r.Interrupted:
		lead, of = "Interrupted", warn
	case r.Tally().Wrong() > 0 && len(e.Missing)+e.Failed < e.Values:
		lead = "Partly done"
	case r.Tally().Wrong() > 0:
		lead = "Failed"
	case len(e.Missing) > 0:
		lead, of = "Pending", warn
	case e.Checked != nil && len(e.Checked.Findings) > 0:
		lead = "Not right"
	case e.Checked != nil || e.Written != nil:
		lead, of = "Done", ok
	default:
		return
	}
	parts := e.parts(m)
	if r.Interrupted {
		parts = []string{e.cutShort()}
	}
	p.blank()
	p.line(0, 2, p.style.paint(of, lead+":")+" "+clean(strings.Join(parts, "; ")))
}

// parts are what the verdict says.
func (e EnvReport) parts(m Meta) []string {
	var parts []string
	if n := len(e.Missing); n > 0 {
		parts = append(parts, fmt.Sprintf("%s there yet (%s), run %s", e.none(n), strings.Join(byKind(e.Missing), "; "), e.Sync))
	}
	if e.Failed > 0 {
		parts = append(parts, e.none(e.Failed)+" to be had")
	}
	if w := e.Written; w != nil {
		parts = append(parts, w.verdict(e.Values))
	}
	if c := e.Checked; c != nil {
		parts = append(parts, e.checked(m))
	}
	if len(parts) == 0 {
		parts = append(parts, "all "+count(e.Values, "value")+" are known")
	}
	return parts
}

// cutShort says what an interruption left undone.
func (e EnvReport) cutShort() string {
	switch {
	case e.Written != nil:
		return "nothing was written to " + e.Written.File
	case e.Checked != nil:
		return e.Checked.File + " was not checked to its end"
	}
	return "not all values were read"
}

// none says of a number of the values that they are not.
func (e EnvReport) none(n int) string {
	switch n {
	case e.Values:
		return "none of the values is"
	case 1:
		return fmt.Sprintf("1 of %s is not", count(e.Values, "value"))
	}
	return fmt.Sprintf("%d of %s are not", n, count(e.Values, "value"))
}

func (w *Written) verdict(values int) string {
	added := 0
	for _, c := range w.Changes {
		if c.From == nil {
			added++
		}
	}
	changed := counted(part{len(w.Changes) - added, "changed"}, part{added, "added"})
	switch {
	case w.Refused:
		return "nothing was written to " + w.File
	case w.Created:
		return fmt.Sprintf("%s was made, with %s", w.File, count(values, "value"))
	case len(changed) == 0:
		return w.File + " is right already, and was not touched"
	}
	return w.File + " was written, " + strings.Join(changed, ", ")
}

func (e EnvReport) checked(m Meta) string {
	c := e.Checked
	switch {
	case len(c.Findings) > 0:
		return fmt.Sprintf("%s has %s", c.File, count(len(c.Findings), "finding"))
	case len(e.Missing)+e.Failed == e.Values:
		return "there is nothing to compare " + c.File + " with"
	case len(e.Missing)+e.Failed > 0:
		return c.File + " has the others right"
	}
	account := "the account"
	if m.Account != "" {
		account += " " + m.Account
	}
	return fmt.Sprintf("%s is right, its %s are those of %s", c.File, count(e.Values, "value"), account)
}
