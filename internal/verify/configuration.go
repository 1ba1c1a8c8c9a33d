// Package verify proves that recording and event logging work: it judges what
// they depend on, puts on a short show of its own in every region, and finds it
// again in the bucket and in the log.
//
// What it makes is journaled before it is made, tagged, and taken away in every
// case. It draws nothing; verdicts and receipts are proof's, and the links of
// the chain are resource's. Start at Configuration, then at Run.
package verify

import (
	"slices"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// Configuration is the verdict on chains, link by link. What is behind a broken
// link is not proven, however it looks. Mend is what to do about a link that a
// sync of a feature mends.
func Configuration(chains []resource.Chain, mend func(feature, link string) string) proof.Step {
	step := proof.Step{ID: proof.StepConfiguration, Title: "Configuration"}
	skipped := ""
	for _, c := range chains {
		if c.Skipped != "" {
			skipped = c.Skipped
			continue
		}
		step.Findings = append(step.Findings, links(c, mend)...)
	}
	if len(step.Findings) == 0 {
		step.Skipped = skipped
	}
	return step
}

func links(c resource.Chain, mend func(feature, link string) string) []proof.Finding {
	var all []proof.Finding
	broken := c.Broken()
	behind := false
	for i := range c.Links {
		l := &c.Links[i]
		f := proof.Finding{
			Region: c.Region, Feature: c.Feature, ID: l.ID, Title: l.Title, Evidence: l.Evidence, Fix: l.Fix, Err: l.Err, Behind: behind,
		}
		switch {
		case behind:
			f.Fix = ""
		case l.Hold == resource.Holds:
			f.Verdict = proof.Pass
		case l.Hold == resource.Broken:
			f.Verdict = proof.Fail
			if f.Fix == "" {
				f.Fix = mend(c.Feature, l.ID)
			}
		}
		if l.Hold == resource.Moot {
			f.Evidence = "not to be told of " + l.ID + " as long as there is nothing to look at"
		}
		behind = behind || l == broken
		all = append(all, f)
	}
	return all
}

// Settle makes the doubts about a chain that a show went through what the show
// says of them: what IVS recorded or logged, it was allowed to. It says nothing
// of an app's own variables, which it did not use.
func Settle(configuration *proof.Step, outcomes ...proof.Step) {
	passed := map[string]bool{}
	for _, step := range outcomes {
		for _, f := range step.Findings {
			key := f.Region + " " + f.Feature
			if was, seen := passed[key]; !seen || was {
				passed[key] = f.Verdict == proof.Pass
			}
		}
	}
	for i := range configuration.Findings {
		f := &configuration.Findings[i]
		if f.Verdict == proof.NotProven && !f.Behind && f.ID != resource.LinkAppEnv && passed[f.Region+" "+f.Feature] {
			f.Verdict, f.Fix, f.Err = proof.Pass, "", nil
			f.Evidence += "; the show went through all the same"
		}
	}
}

// Showable tells whether a show can prove something of a chain: no link of it is
// known to be broken, and what a composition needs is known.
func Showable(c resource.Chain) bool { return c.Skipped == "" && obstacle(c) == nil }

// obstacle is the first link that keeps a show from being put on; nil for none.
func obstacle(c resource.Chain) *resource.Link {
	if broken := c.Broken(); broken != nil {
		return broken
	}
	if c.Feature == resource.FeatureRecording && (c.Bucket == "" || c.Storage == "" || c.Encoder == "") {
		return doubt(c)
	}
	return nil
}

// doubt is the first link of a chain that is not known to hold; nil for none.
func doubt(c resource.Chain) *resource.Link {
	i := slices.IndexFunc(c.Links, func(l resource.Link) bool { return l.Hold == resource.Doubtful })
	if i < 0 {
		return nil
	}
	return &c.Links[i]
}

// Behind adds to the steps of a run what the chains that it had no show for keep
// from being proven. A step that no region came to is made.
func Behind(steps []proof.Step, chains []resource.Chain) []proof.Step {
	for _, c := range chains {
		in := obstacle(c)
		if in == nil {
			continue
		}
		id, title, finding := proof.StepRecording, titleRecording, "recording"
		if c.Feature == resource.FeatureLogging {
			id, title, finding = proof.StepLog, titleLog, "events"
		}
		i := slices.IndexFunc(steps, func(s proof.Step) bool { return s.ID == id })
		if i < 0 {
			i = place(steps, id)
			steps = slices.Insert(steps, i, proof.Step{ID: id, Title: title})
		}
		steps[i].Findings = append(steps[i].Findings, proof.Finding{
			Region: c.Region, Feature: c.Feature, ID: finding, Title: titleOf(finding), Behind: true,
			Evidence: "no show was put on for it, since " + in.Evidence,
		})
	}
	return steps
}

// place is where a step comes among others, which are in their order.
func place(steps []proof.Step, id string) int {
	order := []string{proof.StepConfiguration, proof.StepShow, proof.StepRecording, proof.StepLog, proof.StepCleanup}
	rank := slices.Index(order, id)
	i := slices.IndexFunc(steps, func(s proof.Step) bool { return slices.Index(order, s.ID) > rank })
	if i < 0 {
		return len(steps)
	}
	return i
}

// The titles of the steps that look for what a show left.
const (
	titleRecording = "Recording"
	titleLog       = "Log"
)

func titleOf(finding string) string {
	if finding == "recording" {
		return "The recording is there"
	}
	return "The show's events are in the log"
}
