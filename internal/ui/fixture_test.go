package ui

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	account = "123456789012"
	bucket  = "yolo-production-liveplatforms-ivs-realtime-recordings"
)

var (
	twoRegions   = []string{"us-east-1", "eu-west-1"}
	sevenRegions = []string{
		"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
	}
)

func groups() []reconcile.Group {
	return []reconcile.Group{
		{ID: "ivs-realtime-recording-bucket", Title: "Recordings bucket"},
		{ID: "ivs-storage-configuration", Title: "Storage configurations"},
		{ID: "ivs-encoder-configuration", Title: "Encoder configurations"},
		{ID: "ivs-cloudwatch-log-group", Title: "Log groups"},
		{ID: "ivs-eventbridge-rule", Title: "EventBridge rules"},
		{ID: "ivs-eventbridge-target", Title: "EventBridge targets"},
	}
}

// thing is a resource of the fixtures: what its read and its steps find is
// known, and how long they take.
type thing struct {
	group, name string
	key         reconcile.Key
	needs       []reconcile.Key
	reads       time.Duration
	takes       time.Duration
	found       reconcile.Comparison
	readErr     error
	doErr       error
}

func (f *thing) Key() reconcile.Key     { return f.key }
func (f *thing) Needs() []reconcile.Key { return f.needs }

func (f *thing) Read(ctx context.Context) (struct{}, error) {
	select {
	case <-time.After(f.reads):
		return struct{}{}, f.readErr
	case <-ctx.Done():
		return struct{}{}, ctx.Err()
	}
}

func (f *thing) Compare(struct{}) (reconcile.Comparison, error) { return f.found, nil }

// missing makes the thing one that is created with an ARN.
func (f *thing) missing(arn string) {
	f.found.Steps = []reconcile.Step{f.step(reconcile.Create, "create it", reconcile.Outcome{ARN: arn},
		reconcile.Change{Attribute: "name", To: f.name})}
}

// drifted makes it one that is there and differs.
func (f *thing) drifted(doing string, changes ...reconcile.Change) {
	f.found.Steps = append(f.found.Steps, f.step(reconcile.Update, doing, reconcile.Outcome{}, changes...))
}

func (f *thing) step(a reconcile.Action, doing string, o reconcile.Outcome, c ...reconcile.Change) reconcile.Step {
	return reconcile.Step{Action: a, Doing: doing, Changes: c, Do: func(context.Context, reconcile.Lookup) (reconcile.Outcome, error) {
		time.Sleep(f.takes)
		return o, f.doErr
	}}
}

// world is a set of things and what follows them.
type world struct {
	groups    []reconcile.Group
	things    []*thing
	followUps []reconcile.Node
}

func key(region, kind string) reconcile.Key {
	return reconcile.Key{Region: region, Kind: kind, Name: kind}
}

// inSync is an environment as it should be, one shared bucket in the first region.
func inSync(regions []string) *world {
	w := &world{groups: groups()}
	home := key(regions[0], "recording-bucket")
	w.add(&thing{group: w.groups[0].ID, key: home, name: bucket, reads: 300 * time.Millisecond})
	kinds := []struct{ kind, name string }{
		{"storage-configuration", "yolo-production-liveplatforms-ivs-storage"},
		{"encoder-configuration", "yolo-production-liveplatforms-ivs-encoder"},
		{"log-group", "/aws/ivs/yolo-production-liveplatforms"},
		{"logs-policy", "yolo-production-ivs-eventbridge-policy"},
		{"rule", "yolo-production-liveplatforms-ivs-state-change"},
		{"target", "ivs-cloudwatch-logs"},
	}
	group := []int{1, 2, 3, 3, 4, 5}
	for i, k := range kinds {
		for j, region := range regions {
			t := &thing{
				group: w.groups[group[i]].ID, key: key(region, k.kind), name: k.name,
				reads: time.Duration(200+100*i+50*j) * time.Millisecond,
			}
			switch k.kind {
			case "storage-configuration":
				t.needs = []reconcile.Key{home}
			case "target":
				t.needs = []reconcile.Key{key(region, "rule"), key(region, "log-group"), key(region, "logs-policy")}
			}
			w.add(t)
		}
	}
	return w
}

func (w *world) add(t *thing) {
	t.found.Name = t.name
	w.things = append(w.things, t)
}

func (w *world) at(region, kind string) *thing {
	for _, t := range w.things {
		if t.key == key(region, kind) {
			return t
		}
	}
	panic("no " + region + " " + kind)
}

// empty is an account with nothing in it.
func empty(regions []string) *world {
	w := inSync(regions)
	var storages []reconcile.Key
	for _, t := range w.things {
		t.takes = 800 * time.Millisecond
		arn := "arn:aws:logs:" + t.key.Region + ":" + account + ":" + t.name
		switch t.key.Kind {
		case "recording-bucket":
			arn = "arn:aws:s3:::" + bucket
		case "storage-configuration", "encoder-configuration":
			arn = "arn:aws:ivs:" + t.key.Region + ":" + account + ":" + t.key.Kind + "/AbCdEfGhIjKl"
		}
		if t.key.Kind == "storage-configuration" {
			storages = append(storages, t.key)
		}
		t.missing(arn)
	}
	check := reconcile.Step{
		Action: reconcile.Check, Doing: "read the bucket policy again, and put back what IVS's own edits lost",
		Do: func(context.Context, reconcile.Lookup) (reconcile.Outcome, error) {
			return reconcile.Outcome{Revised: true}, nil
		},
	}
	w.followUps = append(w.followUps, reconcile.FollowUp(w.groups[0].ID, bucket, key(regions[0], "policy-check"), storages, check))
	return w
}

// cannotRecord marks the storage configurations away from the bucket.
func (w *world) cannotRecord(home string) *world {
	for _, t := range w.things {
		if t.key.Kind != "storage-configuration" {
			continue
		}
		can := t.key.Region == home
		t.found.CanRecord = &can
		if !can {
			t.found.Warnings = []reconcile.Warning{{
				Code: CodeCannotRecord, Region: t.key.Region, Step: t.group, Resource: t.name,
				Text: t.key.Region + " cannot record: its bucket is in " + home + ", and IVS records only to a bucket of its own region",
				Fix:  "set aws.ivs.recording.bucket: regional",
			}}
		}
	}
	return w
}

// drift is an environment that somebody changed by hand.
func drift() *world {
	w := inSync(twoRegions)
	b := w.at("us-east-1", "recording-bucket")
	b.drifted("set the object ownership", reconcile.Change{Attribute: "object ownership", From: "ObjectWriter", To: "BucketOwnerPreferred"})
	b.drifted("put the bucket policy",
		reconcile.Change{
			Attribute: "statement IVSRealtimeRecording Principal.Service",
			From:      []string{"ivs-composite.us-east-1.amazonaws.com"},
			To:        []string{"ivs-composite.eu-west-1.amazonaws.com", "ivs-composite.us-east-1.amazonaws.com"},
		},
		reconcile.Change{Attribute: "statement MediaConvertRead", To: json.RawMessage(statement("s3:GetObjectVersion"))})
	w.at("eu-west-1", "log-group").drifted("set the retention",
		reconcile.Change{Attribute: "retention in days", To: 14},
		reconcile.Change{Attribute: "tags", From: map[string]string{"Name": "x"}, To: map[string]string{"Name": "x", "yolo:app": "liveplatforms"}})
	w.at("eu-west-1", "log-group").found.Notes = []string{"events older than 14 days will be deleted"}
	w.at("eu-west-1", "logs-policy").drifted("put the resource policy",
		reconcile.Change{Attribute: "statement YoloIvsEvents", From: json.RawMessage(statement("logs:PutLogEvents")), To: json.RawMessage(statement("logs:CreateLogStream"))})
	w.at("us-east-1", "rule").drifted("put the rule", reconcile.Change{Attribute: "state", From: "DISABLED", To: "ENABLED"},
		reconcile.Change{Attribute: "event pattern", From: `{"source":["aws.ivs"]}`, To: `{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`})
	e := w.at("us-east-1", "encoder-configuration")
	e.missing("arn:aws:ivs:us-east-1:" + account + ":encoder-configuration/MnOpQrStUvWx")
	e.found.Steps[0].Changes = append(e.found.Steps[0].Changes, reconcile.Change{Attribute: "video.bitrate", From: 2500000, To: 4000000})
	e.found.Notes = []string{"arn:aws:ivs:us-east-1:" + account + ":encoder-configuration/AbCdEfGhIjKl stays until nothing uses it"}
	return w
}

func statement(action string) string {
	return `{"Sid":"Example","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:role/yolo-production-liveplatforms-mediaconvert-role"},` +
		`"Action":["` + action + `","s3:ListBucket"],"Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` + bucket + `/*"]}`
}

// apiError is what the AWS side gives.
type apiError struct{ text, code, hint, id string }

func (e *apiError) Error() string     { return e.text }
func (e *apiError) Code() string      { return e.code }
func (e *apiError) Hint() string      { return e.hint }
func (e *apiError) RequestID() string { return e.id }

func denied(region string) error {
	return &apiError{
		text: "create: AccessDenied on ivs:CreateStorageConfiguration: not authorized on arn:aws:ivs:" + region + ":" + account + ":storage-configuration/*",
		code: "AccessDenied", id: "req-" + region,
		hint: "give the user the managed policy IVSFullAccess",
	}
}

// failing is an empty account in which much goes wrong.
func failing() *world {
	w := empty(sevenRegions)
	for _, region := range sevenRegions[:4] {
		w.at(region, "storage-configuration").doErr = denied(region)
	}
	w.at("ap-south-1", "rule").readErr = &apiError{text: "read: events:DescribeRule: no answer: connection refused", code: "Network"}
	w.at("ap-south-1", "logs-policy").doErr = errors.Join(
		errors.New("tag: no"), &apiError{text: "put: ten of ten resource policies are taken: a, b, c", code: "LimitExceeded", hint: "delete one of them"})
	return w
}

func skipped(reason string, w *world, ids ...string) *world {
	for i := range w.groups {
		for _, id := range ids {
			if w.groups[i].ID == id {
				w.groups[i].Reason = reason
			}
		}
	}
	var kept []*thing
	for _, t := range w.things {
		if !strings.Contains(strings.Join(ids, " "), t.group) {
			kept = append(kept, t)
		}
	}
	w.things = kept
	return w
}

func (w *world) engine() *reconcile.Engine {
	e := &reconcile.Engine{Groups: w.groups}
	for _, t := range w.things {
		e.Nodes = append(e.Nodes, reconcile.Of(t.group, t.name, t))
	}
	e.Nodes = append(e.Nodes, w.followUps...)
	return e
}

// plan and run are reports with exact times.
func (w *world) plan(t *testing.T) (r *reconcile.Report) {
	synctest.Test(t, func(t *testing.T) { r = w.engine().Plan(t.Context()) })
	return r
}

func (w *world) run(t *testing.T) (r *reconcile.Report) {
	synctest.Test(t, func(t *testing.T) { r = w.engine().Run(t.Context()) })
	return r
}

// stopped is a run that is interrupted after d.
func (w *world) stopped(t *testing.T, d time.Duration) (r *reconcile.Report) {
	synctest.Test(t, func(t *testing.T) {
		stop, cancel := context.WithCancel(t.Context())
		time.AfterFunc(d, cancel)
		e := w.engine()
		e.Stop = stop
		r = e.Run(t.Context())
	})
	return r
}

func meta() Meta {
	return Meta{
		Command: "sync", Environment: "production", App: "liveplatforms", Account: account,
		Elapsed: 2345 * time.Millisecond, Requests: Requests{Total: 41, Mutating: 12},
	}
}
