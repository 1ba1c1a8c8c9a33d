package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict says whether a policy lets a service do its work.
type Verdict struct {
	// Allowed: statements grant all that is needed and none is known to deny it.
	Allowed bool
	// Denied: a statement is known to deny it, which no further grant mends.
	Denied bool
	// Uncertain: a Deny may apply, which depends on what AWS does not document.
	Uncertain bool
	// Policy names the document that grants or denies, where there are several.
	Policy string
	// Sids are those of the statements that grant, or if Denied that deny; one
	// without a Sid is "#" and its place, from 1.
	Sids []string
	// Reason is a sentence without a full stop, in all cases.
	Reason string
}

// entry is a statement with the words that point a person at it.
type entry struct {
	Statement
	policy, sid string
}

func entriesOf(name string, d *Document) []entry {
	var all []entry
	for i, s := range d.Statements() {
		e := entry{Statement: s, policy: name, sid: s.Sid()}
		if e.sid == "" {
			e.sid = fmt.Sprintf("#%d", i+1)
		}
		all = append(all, e)
	}
	return all
}

func (e entry) String() string {
	if e.policy == "" {
		return fmt.Sprintf("statement %q", e.sid)
	}
	return fmt.Sprintf("policy %q: statement %q", e.policy, e.sid)
}

// denial looks for Deny statements: one that is known to catch one of the
// requests decides, those that may are told in words.
func denial(entries []entry, requests []request) (denied *Verdict, doubts []string) {
	for _, e := range entries {
		if e.view.Effect != "Deny" {
			continue
		}
		for _, r := range requests {
			f := r.match(e.view)
			if f.answer == yes {
				reason := fmt.Sprintf("%s denies %s to %s", e, r.action, r.service)
				return &Verdict{Denied: true, Policy: e.policy, Sids: []string{e.sid}, Reason: reason}, nil
			}
			if f.answer == maybe {
				doubts = append(doubts, fmt.Sprintf("%s may deny %s to %s: %s", e, r.action, r.service, f.why))
				break
			}
		}
	}
	return nil, doubts
}

// doubtful adds what may deny to a verdict.
func (v Verdict) doubtful(doubts []string) Verdict {
	v.Uncertain = len(doubts) > 0
	v.Reason = strings.Join(append([]string{v.Reason}, doubts...), "; ")
	return v
}

// AllowsRecording says whether the policy of a bucket lets IVS record from a
// region: its service principal may do s3:PutObject and s3:PutObjectAcl, by one
// statement or two, on all objects of the bucket, in a request over TLS with the
// ACL bucket-owner-full-control. Nothing more is known of that request, so an
// Allow with another condition counts for nothing and a Deny with one makes the
// verdict Uncertain.
func AllowsRecording(d *Document, bucket, region string) Verdict {
	var requests []request
	for _, action := range []string{actionPutObject, actionPutObjectACL} {
		requests = append(requests, recordingRequest(bucket, region, action))
	}
	entries := entriesOf("", d)
	denied, doubts := denial(entries, requests)
	if denied != nil {
		return *denied
	}
	v := Verdict{Allowed: true, Reason: fmt.Sprintf("%s may write to bucket %q", RecordingPrincipal(region), bucket)}
	for _, r := range requests {
		e, missed := granting(entries, r)
		if e == nil {
			return Verdict{Reason: missed}.doubtful(doubts)
		}
		if !slices.Contains(v.Sids, e.sid) {
			v.Sids = append(v.Sids, e.sid)
		}
	}
	return v.doubtful(doubts)
}

func recordingRequest(bucket, region, action string) request {
	return request{
		service:  RecordingPrincipal(region),
		action:   action,
		resource: objectsARN(bucket),
		context: map[string]string{
			strings.ToLower(keyACL):             ownerFullControl,
			strings.ToLower(keySecureTransport): "true",
		},
	}
}

// granting returns the first Allow that surely applies, or says what came near.
func granting(entries []entry, r request) (granted *entry, missed string) {
	missed = fmt.Sprintf("no statement allows %s to %s on %s", r.action, r.service, r.resource)
	for _, e := range entries {
		// An Allow for everyone but some is left out: it is not meant for IVS.
		if e.view.Effect != "Allow" || e.view.NotPrincipals != nil || r.matchPrincipal(e.view).answer != yes {
			continue
		}
		f := r.match(e.view)
		if f.answer == yes {
			return &e, ""
		}
		missed += fmt.Sprintf("; %s does not count: %s", e, f.why)
	}
	return nil, missed
}
