package ui

import (
	"context"
	"encoding/json"
	"time"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// arnOf is an ARN as AWS makes it for a thing of the fixtures.
func arnOf(t *thing) string {
	switch t.key.Kind {
	case "recording-bucket":
		return "arn:aws:s3:::" + t.name
	case "storage-configuration", "encoder-configuration":
		return "arn:aws:ivs:" + t.key.Region + ":" + account + ":" + t.key.Kind + "/AbCdEfGhIjKl"
	case "log-group":
		return "arn:aws:logs:" + t.key.Region + ":" + account + ":log-group:" + t.name
	case "rule":
		return "arn:aws:events:" + t.key.Region + ":" + account + ":rule/" + t.name
	default:
		return ""
	}
}

// unwanted makes the thing one that is there and is to go.
func (f *thing) unwanted() {
	f.found.ARN = arnOf(f)
	f.found.Steps = []reconcile.Step{f.step(reconcile.Delete, "delete the "+words(f.key.Kind), reconcile.Outcome{},
		reconcile.Change{Attribute: "name", From: f.name})}
}

// deleted is an environment that goes with everything in it.
func deleted(regions []string) *world {
	w := inSync(regions)
	for _, t := range w.things {
		t.takes = 400 * time.Millisecond
		t.unwanted()
		t.needs = nil
	}
	for _, region := range regions {
		w.at(region, "log-group").found.Notes = []string{"12.3 MB of events go with it"}
	}
	return w
}

// destroyed is an environment that goes but for its bucket and its recordings.
func destroyed(regions []string) *world {
	w := deleted(regions)
	b := w.at(regions[0], "recording-bucket")
	b.found = reconcile.Comparison{
		Name: bucket, ARN: arnOf(b),
		Notes: []string{"kept with its 412 recordings; --delete-recordings deletes them"},
	}
	b.drifted("put the bucket policy", reconcile.Change{
		Attribute: "statement IVSRealtimeRecording", From: json.RawMessage(statement("s3:PutObject")),
	})
	p := w.at(regions[0], "logs-policy")
	p.found = reconcile.Comparison{
		Name: p.name, Notes: []string{"kept, since /aws/ivs/yolo-production-other needs it"},
	}
	return w
}

// inUse is what an encoder or storage configuration fails with that cannot go.
func inUse(region string) error {
	return &apiError{
		text: "in use by the composition arn:aws:ivs:" + region + ":" + account + ":composition/s2AdaGUbvQgp",
		code: "InUse", hint: "stop the composition, or wait for its end; then run the same command again",
	}
}

// refused is a destruction of which one is refused in the plan, another one
// when it is carried out, and what needs them is held up.
func refused() *world {
	w := destroyed(twoRegions)
	w.at("eu-west-1", "encoder-configuration").readErr = inUse("eu-west-1")
	w.at("us-east-1", "storage-configuration").doErr = inUse("us-east-1")
	w.at("us-east-1", "recording-bucket").needs = []reconcile.Key{key("us-east-1", "storage-configuration")}
	w.at("eu-west-1", "log-group").needs = []reconcile.Key{key("eu-west-1", "encoder-configuration")}
	return w
}

// purging deletes what is in a bucket of each region, at a rate of its own; in
// the second region the whole is not known before half of it is done, and in
// the third one it waits.
func purging(regions []string) *world {
	w := deleted(regions)
	for i, region := range regions {
		t := &thing{group: w.groups[0].ID, key: key(region, "recordings"), name: "recordings in " + bucket}
		t.unwanted()
		t.found.Steps[0].Changes = []reconcile.Change{{Attribute: "objects", From: 1000000}, {Attribute: "bytes", From: int64(1) << 40}}
		t.found.Steps[0].Do = func(ctx context.Context, _ reconcile.Lookup) (reconcile.Outcome, error) {
			const whole, page = 1_000_000, 1000
			if i == 2 {
				defer reconcile.Hold(ctx, "S3 to take the next request")()
			}
			for done := int64(0); done <= whole; done += page {
				p := reconcile.Progress{Done: done, Total: whole, Bytes: done << 20, Unit: "objects"}
				if i == 1 && done < whole/2 {
					p.Total = 0
				}
				reconcile.Advance(ctx, p)
				if err := reconcile.Pause(ctx, time.Duration(i+1)*50*time.Millisecond, ""); err != nil {
					return reconcile.Outcome{}, err
				}
			}
			return reconcile.Outcome{}, nil
		}
		w.add(t)
	}
	w.at(regions[0], "recording-bucket").needs = []reconcile.Key{key(regions[0], "recordings")}
	return w
}

// regional is an empty account with a bucket of its own for every region.
func regional(regions []string) *world {
	w := empty(regions)
	for _, region := range regions[1:] {
		b := &thing{
			group: w.groups[0].ID, key: key(region, "recording-bucket"), name: "yolo-production-liveplatforms-ivs-recordings-" + region,
			reads: 300 * time.Millisecond, takes: 800 * time.Millisecond,
		}
		b.missing(arnOf(b))
		w.add(b)
		w.at(region, "storage-configuration").needs = []reconcile.Key{b.key}
	}
	return w
}
