package ui

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// Status is what --json says of what works.
type Status struct {
	// Safe is nil when it is not known, or nothing is wanted.
	Safe    *bool          `json:"safe"`
	Regions []RegionStatus `json:"regions"`
	// Proofs are what came of the last proof of each feature, where there was one.
	Proofs []ProofStatus `json:"proofs"`
}

// ProofStatus is what came of the last proof of a feature in a region, and
// whether it still holds.
type ProofStatus struct {
	Region  string `json:"region"`
	Feature string `json:"feature"`
	// ProvenAt and FailedAt are in RFC 3339's form; one of them is nil.
	ProvenAt *string `json:"proven_at"`
	FailedAt *string `json:"failed_at"`
	Holds    bool    `json:"holds"`
	// Changed are the links that changed since, empty also where that is not
	// known.
	Changed []string `json:"changed"`
	// Unseen are the links that cannot be looked at now.
	Unseen []string `json:"unseen"`
	// Text says all this to people.
	Text string `json:"text"`
}

// RegionStatus is how both features are in a region.
type RegionStatus struct {
	Region    string          `json:"region"`
	Recording RecordingStatus `json:"recording"`
	Logging   FeatureStatus   `json:"logging"`
}

// FeatureStatus is how a feature is in a region.
type FeatureStatus struct {
	Verdict string `json:"verdict"`
	Safe    *bool  `json:"safe"`
	// Reason is "" for what is safe.
	Reason string `json:"reason"`
}

// RecordingStatus is FeatureStatus with the compositions that go on.
type RecordingStatus struct {
	Verdict      string   `json:"verdict"`
	Safe         *bool    `json:"safe"`
	Reason       string   `json:"reason"`
	Compositions []string `json:"compositions"`
}

// The verdicts on a feature.
const (
	VerdictSafe     = "safe"
	VerdictUnsafe   = "unsafe"
	VerdictNotSetUp = "not-set-up"
	VerdictUnknown  = "unknown"
	VerdictSkipped  = "skipped"
)

// Leftover is something of ours that the manifest does not want any more.
type Leftover struct {
	Region   string  `json:"region"`
	Kind     string  `json:"kind"`
	Name     string  `json:"name"`
	ARN      *string `json:"arn"`
	In       *string `json:"in"`
	Standing string  `json:"standing"`
	Why      string  `json:"why"`
	Uses     []Use   `json:"uses"`
	Holds    *string `json:"holds"`
	// Tagged and Created tell whether yolo would ever delete it.
	Tagged  bool `json:"tagged"`
	Created bool `json:"created"`
	// Unknown is why it is not known who uses it or what it holds.
	Unknown *string `json:"unknown"`
}

// Use is somebody who uses a leftover.
type Use struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// StandingReplaced is the standing of a configuration that an app may still
// use.
const StandingReplaced = "replaced"

// Quota is how much of a limit is used.
type Quota struct {
	Region string `json:"region"`
	What   string `json:"what"`
	Used   int    `json:"used"`
	Limit  int    `json:"limit"`
}

// StatusReport is what status found beside its report.
type StatusReport struct {
	Status
	// States are those of the wanted resources; what has none is left out.
	States    map[reconcile.Key]string
	Leftovers []Leftover
	Quotas    []Quota
	// Only are the regions that were looked at, nil for all.
	Only []string
	// Recording, Logging and Sync are the commands that make it all true, and
	// Prune the one that removes what is left over.
	Recording, Logging, Sync, Prune string
}

// NewStatusDocument is NewDocument with what status found.
func NewStatusDocument(r *reconcile.Report, m Meta, s StatusReport) Document {
	d := NewDocument(r, m, nil)
	d.Status, d.Leftovers, d.Quotas = &s.Status, notNil(s.Leftovers), notNil(s.Quotas)
	for i := range d.Steps {
		resources := d.Steps[i].Resources
		for k := range resources {
			resources[k].State = s.States[reconcile.Key{Region: resources[k].Region, Kind: resources[k].Kind}]
		}
	}
	return d
}

// StatusSummary tells people how everything is, first of all whether it works.
func StatusSummary(s *Streams, r *reconcile.Report, m Meta, st StatusReport) {
	p := s.layout().page()
	p.status(r, m, &st)
	s.print(p)
}

func (p *page) status(r *reconcile.Report, m Meta, st *StatusReport) {
	word, of, text := st.lead(r.Interrupted)
	p.line(0, 2, p.style.paint(of, word+":")+" "+clean(text))
	if st.Only != nil {
		p.line(0, 2, p.style.paint(dim, "Only "+clean(strings.Join(st.Only, ", "))+" was looked at, with what all regions share."))
	}
	p.verdicts(st)
	p.proofs(st.Proofs)
	p.states(r, st)
	p.skipping(r)
	p.leftovers(st)
	p.quotas(st.Quotas)
	p.failures(failuresOf(r))
	warnings := slices.DeleteFunc(m.warnings(r), func(w reconcile.Warning) bool { return slices.Contains(toldAsLeftover, w.Code) })
	p.warnings(warnings)
	p.blank()
	p.next(r, st)
	p.line(0, 2, p.style.paint(of, word+":")+" "+strings.Join(st.counts(len(warnings), m), ", "))
}

// toldAsLeftover are the codes of warnings of what is left over, which has a
// section of its own.
var toldAsLeftover = []string{"StorageElsewhere", "DuplicateConfiguration", "UnsettledConfiguration"}

// verdictOf picks the verdict on a feature of a region.
type verdictOf func(*RegionStatus) string

func recordingOf(r *RegionStatus) string { return r.Recording.Verdict }
func loggingOf(r *RegionStatus) string   { return r.Logging.Verdict }

// with are the regions whose verdict on a feature is one of those.
func (s *Status) with(of verdictOf, verdicts ...string) []string {
	var all []string
	for i := range s.Regions {
		if slices.Contains(verdicts, of(&s.Regions[i])) {
			all = append(all, s.Regions[i].Region)
		}
	}
	return all
}

// lead is the verdict on all in a word, and what it comes to.
func (s *StatusReport) lead(interrupted bool) (word string, of role, text string) {
	var wanted, absent, wrong, unclear []string
	say := func(feature verdictOf, works, fails, unknown string) {
		all := s.with(feature, VerdictSafe, VerdictUnsafe, VerdictNotSetUp, VerdictUnknown)
		if len(all) == 0 {
			return
		}
		wanted = append(wanted, works)
		if len(s.with(feature, VerdictNotSetUp)) == len(all) {
			absent = append(absent, works)
		}
		if in := s.with(feature, VerdictUnsafe, VerdictNotSetUp); len(in) > 0 {
			wrong = append(wrong, fails+" in "+listed(in))
		}
		if in := s.with(feature, VerdictUnknown); len(in) > 0 {
			unclear = append(unclear, unknown+" in "+listed(in))
		}
	}
	say(recordingOf, "recording", "cannot record", "whether it records")
	say(loggingOf, "event logging", "events are not logged", "whether events are logged")
	features := strings.Join(wanted, " and ")
	switch {
	case interrupted:
		return "Interrupted", warn, "what was not looked at is not known"
	case len(wanted) == 0:
		return "Off", dim, "neither recording nor event logging is switched on"
	case len(absent) == len(wanted):
		return "Not set up", warn, "run " + s.Sync
	case len(wrong) > 0:
		return "Not safe", fail, strings.Join(append(wrong, prefixed("not known ", unclear)...), "; ")
	case len(unclear) > 0:
		return "Not known", warn, strings.Join(unclear, "; ")
	case len(wanted) > 1:
		return "Safe", ok, features + " work in " + listed(s.all())
	}
	return "Safe", ok, features + " works in " + listed(s.all())
}

func prefixed(prefix string, all []string) []string {
	if len(all) == 0 {
		return nil
	}
	return []string{prefix + strings.Join(all, ", ")}
}

// all are the regions with a verdict.
func (s *Status) all() []string {
	names := make([]string, len(s.Regions))
	for i := range s.Regions {
		names[i] = s.Regions[i].Region
	}
	return names
}

// verdicts adds how the features are, once for regions in which they are the
// same.
func (p *page) verdicts(st *StatusReport) {
	var said []saying
	for i := range st.Regions {
		r := &st.Regions[i]
		sub := p.layout.page()
		sub.recordingLine(&r.Recording, st.Recording)
		sub.loggingLine(&r.Logging, st.Logging)
		said = append(said, saying{key: reconcile.Key{Region: r.Region}, text: sub.String()})
	}
	for _, s := range alike(said) {
		if s.text != "" {
			p.blank()
			p.line(0, 2, p.style.paint(bold, strings.Join(s.regions, ", ")))
			p.b.WriteString(s.text)
		}
	}
}

func (p *page) recordingLine(f *RecordingStatus, sync string) {
	works := "records"
	if n := len(f.Compositions); n > 0 {
		works += "; " + count(n, "composition") + " at this moment"
	}
	p.featureLine(f.Verdict, f.Reason, works, "cannot record", "not known whether it records", "recording is not set up: run "+sync)
}

func (p *page) loggingLine(f *FeatureStatus, sync string) {
	p.featureLine(f.Verdict, f.Reason, "logs events", "events are not logged", "not known whether events are logged", "event logging is not set up: run "+sync)
}

func (p *page) featureLine(verdict, reason, works, fails, unknown, absent string) {
	reason = ": " + clean(reason)
	switch verdict {
	case VerdictSafe:
		p.line(2, 2, p.style.paint(ok, "✓ "+works))
	case VerdictUnsafe:
		p.line(2, 2, p.style.paint(fail, "✗ "+fails)+reason)
	case VerdictUnknown:
		p.line(2, 2, p.style.paint(warn, "? "+unknown)+reason)
	case VerdictNotSetUp:
		p.line(2, 2, p.style.paint(warn, "✗ "+clean(absent)))
	default: // Skipping tells of those that are off
	}
}

// next adds what to do about what differs.
func (p *page) next(r *reconcile.Report, st *StatusReport) {
	if _, changed := r.Result(); changed {
		p.line(0, 2, p.style.paint(bold, "next:")+" "+clean(st.Sync+" makes it as the manifest has it; with --dry-run it shows how"))
	}
}

// counts are how many resources are in which state, and what it took.
func (s *StatusReport) counts(warnings int, m Meta) []string {
	states := map[string]int{}
	for _, state := range s.States {
		states[state]++
	}
	parts := counted(
		part{states[stateInSync], "in sync"}, part{states[stateDrifted], "drifted"}, part{states[stateMissing], "missing"},
		part{states[stateForeign], "someone else's"}, part{states[stateUnknown], "not looked at"},
		part{len(s.apart()), "no longer wanted"},
	)
	if warnings > 0 {
		parts = append(parts, count(warnings, "warning"))
	}
	return append(parts, count(m.Requests.Total, "request"), seconds(m.Elapsed))
}
