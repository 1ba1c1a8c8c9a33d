package resource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// PruneOptions say what of that which is left over goes.
type PruneOptions struct {
	// Replaced lets replaced configurations go, of which the deployed app may
	// still hold the ARN.
	Replaced bool
	// ARNs, when there are any, are all that goes. One that may not go keeps
	// the others from being begun.
	ARNs []string
	// Mentions are what keeps a thing that is named in one of them.
	Mentions []Mention
}

// Mention is a value of an env file.
type Mention struct {
	// Where is the file with the line.
	Where, Value string
}

// Prune lists the steps and the removals of what a survey, which is over, found
// to be left over. What is in use or holds objects stays, with the reason. Looks
// is the survey's report. What a node reads it reads once, however many passes
// are made over it.
func Prune(s *Survey, looks *reconcile.Report, o PruneOptions) (groups []reconcile.Group, nodes []reconcile.Node) {
	t := newTeardown(s, looks)
	t.prunes = true
	if len(o.ARNs) > 0 {
		t.things = t.namedBy(o.ARNs)
	} else {
		t.things = t.leftOver()
	}
	return t.build(looks, func(thing Thing) verdict { return t.pruned(thing, o) })
}

func (t *teardown) leftOver() []Thing {
	return slices.DeleteFunc(slices.Clone(t.all), func(thing Thing) bool { return thing.Standing == Wanted })
}

// namedBy are the things of the ARNs, each once. One that the survey does not
// list has no standing.
func (t *teardown) namedBy(arns []string) []Thing {
	var named []Thing
	for _, text := range arns {
		i := slices.IndexFunc(t.all, func(thing Thing) bool { return thing.ARN == text })
		switch {
		case slices.ContainsFunc(named, func(thing Thing) bool { return thing.ARN == text }):
		case i >= 0:
			named = append(named, t.all[i])
		default:
			named = append(named, stranger(text))
		}
	}
	return named
}

// stranger is a thing of which nothing but an ARN is known.
func stranger(text string) Thing {
	parsed, _ := arn.Parse(text)
	kind, _, _ := strings.Cut(parsed.Resource, "/")
	step := map[string]string{"s3": StepBucket, "logs": StepLogGroup, "events": StepRule}[parsed.Service]
	switch {
	case step != "":
	case kind == "stage":
		step = StepProof
	case kind == encoderKey("").Kind:
		step = StepEncoder
	default:
		step = StepStorage
	}
	return Thing{Key: reconcile.Key{Region: parsed.Region, Kind: kind, Name: text}, Step: step, Name: text, ARN: text}
}

// pruned is what becomes of a thing when what is left over is to go.
func (t *teardown) pruned(thing Thing, o PruneOptions) verdict {
	named := len(o.ARNs) > 0
	if named && (thing.Standing == 0 || thing.Standing == Wanted) {
		return verdict{refusal: t.notLeftOver(thing, t.standsAs(thing), "")}
	}
	v := verdict{stays: t.keeps(thing, o, named)}
	switch {
	case v.stays != "" && named:
		return verdict{refusal: t.notLeftOver(thing, v.stays, thing.Why)}
	case v.stays == "" && (thing.Standing == Replaced || thing.Standing == Duplicate):
		v.warnings = []reconcile.Warning{{
			Code: WarnAppMayUse, Region: thing.Key.Region, Step: thing.Step, Resource: thing.Name,
			Text: fmt.Sprintf("an app that is still configured with %s will not record any more", thing.ARN),
			Fix:  fmt.Sprintf("have yolo env %s --check look at the app's .env first, or give it here with --env-file", t.env.Name),
		}}
	}
	return v
}

// notLeftOver refuses to remove an ARN that was named, and says what it is.
func (t *teardown) notLeftOver(thing Thing, what, why string) error {
	code := CodeNotLeftOver
	if slices.ContainsFunc(thing.Uses, func(u Use) bool { return u.Kind == useComposition }) {
		code = CodeInUse
	}
	if why != "" {
		what += " (it is left over: " + why + ")"
	}
	return &reconcile.Problem{
		ProblemCode: code,
		Text:        fmt.Sprintf("%s is not removed: %s", thing.ARN, what),
		Fix:         fmt.Sprintf("leave this one out, or end what stands against it first; yolo status %s lists what is left over", t.env.Name),
	}
}

// standsAs says what a thing is that is not left over.
func (t *teardown) standsAs(thing Thing) string {
	if thing.Standing == Wanted {
		return "it is what the manifest asks for"
	}
	seen := t.found[thing.Key.Region]
	if seen == nil && thing.Key.Region != "" {
		return fmt.Sprintf("%s was not looked at", thing.Key.Region)
	}
	name := ""
	if seen != nil {
		for _, one := range seen.storages {
			if aws.ToString(one.Arn) == thing.ARN {
				name = aws.ToString(one.Name)
			}
		}
		for _, one := range seen.encoders.all {
			if aws.ToString(one.Arn) == thing.ARN {
				name = aws.ToString(one.Name)
			}
		}
	}
	if name != "" {
		return fmt.Sprintf("it is not ours, its name is %q", name)
	}
	return "nothing of ours has that ARN"
}

// keeps says why something that is left over stays; "" lets it go.
func (t *teardown) keeps(thing Thing, o PruneOptions, named bool) string {
	kind := thing.Key.Kind
	uses := slices.DeleteFunc(slices.Clone(thing.Uses), func(u Use) bool { return t.goes(u) })
	switch {
	case thing.untold != nil:
		return fmt.Sprintf("it stays, because its tags are not known: %v", reconcile.Plain(thing.untold))
	case !thing.Tagged:
		return untagged
	case t.proofStays(thing) != "":
		return t.proofStays(thing)
	case len(uses) > 0:
		return fmt.Sprintf("it stays, because it is in use by the %s %s", uses[0].Kind, strings.Join(names(uses), ", "))
	case mentioned(thing, o.Mentions) != "":
		return fmt.Sprintf("it stays, because %s names it", mentioned(thing, o.Mentions))
	case thing.Unknown != nil:
		return fmt.Sprintf("it stays, because it could not be found out whether it is in use: %v", reconcile.Plain(thing.Unknown))
	case kind == bucketKey("").Kind && thing.Holds != "":
		return fmt.Sprintf("it stays, because it holds %s", thing.Holds)
	case kind == bucketKey("").Kind && !thing.Created:
		return "it stays, because yolo did not make it"
	case t.servesAnotherRule(thing):
		return withRule
	case thing.Standing == Replaced && !o.Replaced && !named:
		return "it stays, because the app may still hold its ARN; --replaced removes it, and so does naming the ARN"
	case thing.Standing == Unsettled && !t.settled(thing):
		return "it stays, because nothing is settled in its place yet; a sync does that"
	}
	return ""
}

// goes tells whether what uses a thing goes itself.
func (t *teardown) goes(use Use) bool {
	if use.Kind == useComposition && t.stops(use.Name) {
		return true
	}
	for key, going := range t.going {
		if going && key.Name == use.Name && use.Kind == useStorage {
			return true
		}
	}
	return false
}

// settled tells whether there is one as wanted beside an unsettled one.
func (t *teardown) settled(thing Thing) bool {
	return slices.ContainsFunc(t.all, func(other Thing) bool {
		return other.Standing == Wanted && other.Key.Kind == thing.Key.Kind && other.Key.Region == thing.Key.Region
	})
}

// mentioned is where a thing is named, "" for nowhere. Values hold ARNs and
// names in many ways, such as a list or a URL.
func mentioned(thing Thing, mentions []Mention) string {
	name := thing.ARN
	if thing.Key.Kind == bucketKey("").Kind {
		name = thing.Name
	}
	for _, m := range mentions {
		if name != "" && strings.Contains(m.Value, name) {
			return m.Where
		}
	}
	return ""
}

// emptyBucketNode deletes a bucket that holds nothing.
func (t *teardown) emptyBucketNode(thing Thing, needs []reconcile.Key, v verdict) reconcile.Node {
	b := t.bucketNamed(thing.place)
	return removing(thing, needs,
		func(ctx context.Context) (uploads bool, err error) {
			e, err := b.emptier(ctx, thing.place)
			if err != nil {
				return false, err
			}
			out, err := cloud.Call(ctx, e.client.ListMultipartUploads, &s3.ListMultipartUploadsInput{
				Bucket: e.name, ExpectedBucketOwner: e.owner, MaxUploads: aws.Int32(1),
			})
			if err != nil {
				return false, absent(err, "NoSuchBucket")
			}
			return len(out.Uploads) > 0, nil
		},
		func(uploads bool) (reconcile.Comparison, error) {
			c := reconcile.Comparison{Warnings: v.warnings}
			if uploads {
				c.Notes = []string{"it stays, because it holds unfinished uploads"}
				return c, nil
			}
			c.Steps = []reconcile.Step{{
				Action: reconcile.Delete, Doing: "delete the empty bucket", Changes: []reconcile.Change{{Attribute: "name", From: thing.Name}},
				Do: func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
					e, err := b.emptier(ctx, thing.place)
					if err == nil {
						err = e.deleteBucket(ctx)
					}
					return reconcile.Outcome{}, err
				},
			}}
			return c, nil
		})
}
