// Package proof holds what is proven of recording and event logging: verdicts
// with their evidence, what a proof will cost, and receipts that tell later
// whether it still holds.
//
// It makes no calls and draws nothing. Whoever looks fills in Findings; what
// nobody looked at is not proven. Start at Report.
package proof

import (
	"fmt"
	"time"
)

// Verdict is what is known. The zero value is NotProven: nothing is green by
// default.
type Verdict int

// The verdicts.
const (
	NotProven Verdict = iota
	Pass
	Fail
)

// String is the verdict's word in all output.
func (v Verdict) String() string {
	switch v {
	case Pass:
		return "PASS"
	case Fail:
		return "FAIL"
	case NotProven:
	}
	return "NOT_PROVEN"
}

// Worse is the one of two verdicts that counts for both together: Fail, then
// NotProven, then Pass.
func (v Verdict) Worse(other Verdict) Verdict {
	if v == Fail || other == Fail {
		return Fail
	}
	return min(v, other)
}

// Finding is the verdict on one thing in one region.
type Finding struct {
	Region string
	// ID names what was looked at, as in "write-access"; Title says it as a
	// sentence that is true if the verdict is Pass.
	ID, Title string
	// Feature is "recording" or "logging", "" where it is both.
	Feature string
	Verdict Verdict
	// Evidence is what the verdict rests on, as a clause.
	Evidence string
	// Short is the evidence in a few words, which people are told in one line with
	// those of other findings if the verdict is Pass; "" for none.
	Short string
	// Own is what goes with Short and is another thing in each region, such as
	// where it was found; "" for nothing.
	Own string
	// Fix is what to do, "" for nothing.
	Fix string
	// ARN is that of what was looked at, "" for none.
	ARN string
	// Err is why it could not be looked at; nil otherwise.
	Err error
	// Behind tells that it was not looked at, or does not count, since
	// something before it fails.
	Behind bool
}

// The IDs of the steps of a proof, in their order.
const (
	StepConfiguration = "configuration"
	StepShow          = "show"
	StepRecording     = "recording"
	StepLog           = "log"
	StepCleanup       = "cleanup"
)

// Step is one part of a proof, in all regions.
type Step struct {
	ID, Title string
	// Skipped is why it was not asked for; there are no findings then.
	Skipped  string
	Findings []Finding
	Warnings []Warning
	Elapsed  time.Duration
}

// Warning is something to know that changes no verdict.
type Warning struct{ Code, Region, Text, Fix string }

// Verdict is that of all findings together; without any, nothing is proven.
func (s Step) Verdict() Verdict {
	if len(s.Findings) == 0 {
		return NotProven
	}
	v := Pass
	for _, f := range s.Findings {
		v = v.Worse(f.Verdict)
	}
	return v
}

// Word is the verdict's, or SKIPPED.
func (s Step) Word() string {
	if s.Skipped != "" {
		return "SKIPPED"
	}
	return s.Verdict().String()
}

// Report is a whole proof.
type Report struct {
	// DryRun tells that only the configuration was looked at.
	DryRun bool
	// Interrupted tells that it ended before it was over.
	Interrupted bool
	Steps       []Step
}

// Verdict is that of all steps that were asked for; asked is false when none
// was.
func (r Report) Verdict() (v Verdict, asked bool) {
	v = Pass
	for _, s := range r.Steps {
		if s.Skipped == "" {
			v, asked = v.Worse(s.Verdict()), true
		}
	}
	if !asked {
		return NotProven, false
	}
	return v, true
}

// Word is the verdict's, or SKIPPED when nothing was asked for.
func (r Report) Word() string {
	v, asked := r.Verdict()
	if !asked {
		return "SKIPPED"
	}
	return v.String()
}

// Step is the step with an ID, nil when it has no part in the proof.
func (r Report) Step(id string) *Step {
	for i := range r.Steps {
		if r.Steps[i].ID == id {
			return &r.Steps[i]
		}
	}
	return nil
}

// Ago is a time that has passed, as people say it.
func Ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute ago"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
