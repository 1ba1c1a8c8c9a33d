package resource

import (
	"cmp"
	"errors"
	"slices"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// Hold is how a link of a chain is.
type Hold int

// The states of a link. A Moot one is about something that is not there, or
// that another link tells of.
const (
	Holds Hold = iota + 1
	Doubtful
	Broken
	Moot
)

// Link is one condition that recording or event logging depends on.
type Link struct {
	ID, Title string
	Hold      Hold
	// Evidence is what was read, as a clause.
	Evidence string
	// Fix is "" where nothing is to be done, or a sync does it.
	Fix string
	// Err is why it could not be looked at, nil otherwise.
	Err error
	// Fact is what has to stay as it is for a proof to hold: of a doubtful link
	// too, since a show may settle the doubt. "" where nothing was read.
	Fact string

	// lack is how the resource is that the link is about, of a kind, where that
	// alone keeps it from holding; "" otherwise.
	lack State
	kind string
}

// The features that a chain may be of.
const (
	FeatureRecording = "recording"
	FeatureLogging   = "logging"
)

// Chain is what one feature depends on in one region, each link before those
// that matter only if it holds.
type Chain struct {
	Region, Feature string
	// Skipped is why the feature is not wanted; there are no links then.
	Skipped string
	Links   []Link
	// Storage, Encoder, Bucket and Rule are what the chain goes through, "" for
	// what is not there.
	Storage, Encoder, Bucket, Rule string
	// BucketRegion is where the bucket is, "" when that is not known.
	BucketRegion string
	// Receipt is the tag that a proof of the feature left, "" for none.
	Receipt string
}

// Broken is the first link that is, nil when none is known to be.
func (c Chain) Broken() *Link {
	i := slices.IndexFunc(c.Links, func(l Link) bool { return l.Hold == Broken })
	if i < 0 {
		return nil
	}
	return &c.Links[i]
}

// Chains are those of a wish, region by region, judged from a plan of what it
// wants. App, when not nil, is what an app uses in truth.
func Chains(wish Wish, plan *reconcile.Report, app *AppEnv) []Chain {
	var all []Chain
	for _, region := range wish.Regions {
		l := linking{wish: wish, plan: plan, region: region, app: app}
		if wish.Recording {
			all = append(all, l.recording())
		}
		if wish.Logging {
			all = append(all, l.logging())
		}
	}
	return all
}

// AppEnv is what was found about the variables that an app has.
type AppEnv struct {
	File     string
	Findings []EnvFinding
}

// linking puts one chain together.
type linking struct {
	wish   Wish
	plan   *reconcile.Report
	region string
	app    *AppEnv
	links  []Link
}

// name is a link's ID and title.
type name struct{ id, title string }

func (l *linking) holds(of name, fact, evidence string) {
	l.links = append(l.links, Link{ID: of.id, Title: of.title, Hold: Holds, Evidence: evidence, Fact: fact})
}

func (l *linking) broken(of name, evidence, fix string) {
	l.links = append(l.links, Link{ID: of.id, Title: of.title, Hold: Broken, Evidence: evidence, Fix: fix})
}

func (l *linking) doubtful(of name, evidence, fix string, err error) {
	l.links = append(l.links, Link{ID: of.id, Title: of.title, Hold: Doubtful, Evidence: evidence, Fix: fix, Err: err})
}

func (l *linking) moot(names ...name) {
	for _, of := range names {
		l.links = append(l.links, Link{ID: of.id, Title: of.title, Hold: Moot})
	}
}

// there is the report of a resource that is there and ours. Else the link says
// so, and it is nil.
func (l *linking) there(of name, key reconcile.Key) *reconcile.NodeReport {
	what := inWords(key.Kind)
	n := l.plan.Node(key)
	if n == nil {
		l.doubtful(of, "the "+what+" was not looked at", "", nil)
		l.lacks(Unknown, what)
		return nil
	}
	state := StateOf(n)
	switch state {
	case Missing:
		l.broken(of, "the "+what+" is missing", "")
	case Foreign:
		l.broken(of, "the "+what+" is someone else's", hintOf(n.Err))
		l.last().Err = n.Err
	case Unknown:
		l.doubtful(of, "the "+what+" could not be looked at", hintOf(n.Err), n.Err)
	default:
		return n
	}
	l.lacks(state, what)
	return nil
}

func (l *linking) last() *Link { return &l.links[len(l.links)-1] }

func (l *linking) lacks(state State, kind string) { l.last().lack, l.last().kind = state, kind }

func hintOf(err error) string {
	if coded, ok := errors.AsType[reconcile.Coded](reconcile.Plain(err)); ok {
		return coded.Hint()
	}
	return ""
}

// unsettled tells whether a run left the resource that did not finish: it may be
// deleted again.
func (l *linking) unsettled(of name, n *reconcile.NodeReport) bool {
	if differs(n, "tag "+tagPending) {
		l.broken(of, "the "+inWords(n.Key.Kind)+" is of a run that did not finish", "")
		return true
	}
	return false
}

var linkIVS = name{"ivs", "IVS is there"}

// ivs tells whether the region has IVS at all. A list of its configurations was
// answered if the storage configuration could be compared.
func (l *linking) ivs() {
	n := l.plan.Node(storageKey(l.region))
	switch {
	case n == nil && manifest.IsIVSRegion(l.region):
		l.holds(linkIVS, l.region, "AWS lists IVS Real-Time in "+l.region)
	case n == nil:
		l.doubtful(linkIVS, "AWS lists no IVS Real-Time in "+l.region+", and without it there are no events", "use one of "+regionList(), nil)
	case n.Err != nil && (codeOf(n.Err) == CodeNoIVS || cloud.Is(n.Err, cloud.CodeNoSuchHost)):
		l.broken(linkIVS, "IVS Real-Time does not answer in "+l.region, cmp.Or(hintOf(n.Err), "use one of "+regionList()))
		l.last().Err = n.Err
	case StateOf(n) == Unknown && codeOf(n.Err) != reconcile.CodeBlocked:
		l.doubtful(linkIVS, "IVS did not answer in "+l.region, hintOf(n.Err), n.Err)
	default:
		l.holds(linkIVS, l.region, "IVS answers in "+l.region)
	}
}

// chain is what was put together.
func (l *linking) chain(feature string) Chain {
	c := Chain{Region: l.region, Feature: feature, Links: l.links}
	l.links = nil
	arn := func(key reconcile.Key) string {
		if n := l.plan.Node(key); n != nil {
			return n.ARN
		}
		return ""
	}
	c.Storage, c.Encoder, c.Rule = arn(storageKey(l.region)), arn(encoderKey(l.region)), arn(ruleKey(l.region))
	if n := l.plan.Node(bucketKey(bucketRegionOf(l.wish.Env, l.region))); n != nil {
		c.Bucket, c.BucketRegion = n.Outputs[outBucket], n.Outputs[outRegion]
	}
	carrier := storageKey(l.region)
	if feature == FeatureLogging {
		carrier = ruleKey(l.region)
	}
	if n := l.plan.Node(carrier); n != nil {
		c.Receipt = n.Outputs[outReceipt]
	}
	return c
}

func days(n string) string {
	switch n {
	case "0":
		return "all time"
	case "1":
		return "1 day"
	}
	return n + " days"
}
