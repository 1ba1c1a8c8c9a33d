package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/recording"
	"github.com/yolo-live/yolo/internal/resource"
)

const (
	testRegion = "us-east-1"
	testBucket = "recordings"
)

// fixture is an environment whose events are logged, an hour after noon.
type fixture struct {
	*emulatortest.Instance
	t       *testing.T
	options Options
	clients *cloud.Clients
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	now := after(60)
	f := &fixture{t: t, Instance: emulatortest.Start(t, emulator.Options{Clock: func() time.Time { return now }})}
	c, err := cloud.Load(t.Context(), cloud.Options{Region: testRegion, Endpoint: f.URL, AccessKey: emulator.DefaultAccount})
	if err != nil {
		t.Fatal(err)
	}
	env := &manifest.Environment{App: "a", Name: "e", Recording: manifest.Recording{Enabled: true}, Logging: manifest.Logging{Enabled: true}}
	f.clients = c.In(testRegion)
	f.options = Options{
		Cloud: c, Account: emulator.DefaultAccount, Env: env, Now: now,
		Command: func(name string, flags ...string) string { return "yolo " + name + " e " + strings.Join(flags, " ") },
		Chains: []resource.Chain{
			{Region: testRegion, Feature: resource.FeatureRecording, Bucket: testBucket, BucketRegion: testRegion},
			{Region: testRegion, Feature: resource.FeatureLogging, Links: []resource.Link{{ID: resource.LinkRetention, Fact: "14"}}},
		},
	}
	ctx, group := t.Context(), env.LogGroupName()
	_, err = f.clients.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(testBucket)})
	_, err1 := f.clients.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	_, err2 := f.clients.Logs.PutResourcePolicy(ctx, &cloudwatchlogs.PutResourcePolicyInput{
		PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":` +
			`"events.amazonaws.com"},"Action":"logs:*","Resource":"*"}}`),
	})
	_, err3 := f.clients.Events.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String(`{"source":["aws.ivs"]}`)})
	_, err4 := f.clients.Events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("r"), Targets: []ebtypes.Target{
		{Id: aws.String("t"), Arn: aws.String("arn:aws:logs:" + testRegion + ":" + emulator.DefaultAccount + ":log-group:" + group)},
	}})
	if err := errors.Join(err, err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	f.ResetCalls()
	return f
}

// happens has IVS tell of a composition's destination, so many minutes after
// noon.
func (f *fixture) happens(name, composition string, minutes float64) {
	f.t.Helper()
	err := f.Server.Send(emulator.Event{
		Account: emulator.DefaultAccount, Region: testRegion, Source: "aws.ivs", DetailType: "IVS Composition State Change", Time: after(minutes),
		Resources: []string{"arn:aws:ivs:" + testRegion + ":" + emulator.DefaultAccount + ":composition/" + composition},
		Detail:    map[string]string{"event_name": name, "id": "d", "stage_arn": testStage},
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// put writes the metadata of a recording.
func (f *fixture) put(prefix, object string, m *recording.Metadata) {
	f.t.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = f.clients.S3.PutObject(f.t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(testBucket), Key: aws.String(prefix + "/events/" + object), Body: strings.NewReader(string(body)),
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// whole puts a show that is half an hour long in log and bucket.
func (f *fixture) whole(composition string) {
	f.happens(eventDestinationStart, composition, 0)
	f.happens(eventDestinationEnd, composition, 30)
	prefix := "a-" + composition + "/" + composition + "/d/composite"
	f.put(prefix, "recording-started.json", started().Started)
	f.put(prefix, "recording-ended.json", ended(30, 30*time.Minute).Ended)
}

func (f *fixture) since(minutes float64) Result {
	f.ResetCalls()
	found := Since(f.t.Context(), f.options, after(minutes))
	if writes := f.Writes(); len(writes) > 0 {
		f.t.Errorf("it wrote: %v", writes)
	}
	return found
}

// step is one of a result.
func step(t *testing.T, r Result, id string) proof.Step {
	t.Helper()
	for _, s := range r.Steps {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no step %s", id)
	return proof.Step{}
}

func ids(s proof.Step) map[string]int {
	n := map[string]int{}
	for i := range s.Findings {
		n[s.Findings[i].ID]++
	}
	return n
}

// Many shows are read page by page, and the one that is missing among them found.
func TestSinceMany(t *testing.T) {
	const shows = 100
	f := newFixture(t)
	for n := range shows {
		f.whole(fmt.Sprintf("c%d", n))
	}
	f.happens(eventDestinationStart, "lost", 0)
	f.happens(eventDestinationEnd, "lost", 30)
	f.Fault("empty-page times=3")
	found := f.since(-60)
	got := ids(step(t, found, proof.StepRecording))
	if got[idRecorded] != shows || got[idMissing] != 1 || len(got) != 2 {
		t.Errorf("%v", got)
	}
	if v := step(t, found, proof.StepLog).Verdict(); v != proof.Pass || len(found.Warnings) > 0 {
		t.Errorf("the log is %v, warnings: %v", v, found.Warnings)
	}
}

// An entry of another stage that names a composition hides neither its stage nor
// who published to it.
func TestCompositionNamed(t *testing.T) {
	f := newFixture(t)
	arn := "arn:aws:ivs:" + testRegion + ":" + emulator.DefaultAccount + ":composition/c1"
	for minutes, event := range map[float64]emulator.Event{
		-2: {DetailType: "IVS Limit Breach", Detail: map[string]string{"limit_name": arn, "stage_arn": testStage + "2"}},
		-1: {DetailType: "IVS Stage Update", Resources: []string{testStage}, Detail: map[string]string{"event_name": eventPublished, "participant_id": "p"}},
	} {
		event.Account, event.Region, event.Source, event.Time = emulator.DefaultAccount, testRegion, "aws.ivs", after(minutes)
		if err := f.Server.Send(event); err != nil {
			t.Fatal(err)
		}
	}
	f.whole("c1")
	f.put("a-c1/c1/d/composite", "recording-ended.json", ended(30, 10*time.Minute).Ended)
	found := Composition(t.Context(), f.options, arn)
	if got := step(t, found, proof.StepRecording).Findings[0]; got.ID != idTooShort || got.Verdict != proof.Fail {
		t.Errorf("%s %s: %s", got.ID, got.Verdict, got.Evidence)
	}
}

// What could not be searched to its end keeps a show that was not found from
// failing, and no other.
func TestSinceBounded(t *testing.T) {
	f := newFixture(t)
	f.whole("c1")
	f.whole("c2")
	d := newDoctor(f.options)
	s := d.shelf(testBucket, testRegion)
	s.most = 1
	s.search(t.Context())
	shelves := library{s}
	if shelves.find("c1", "d") == nil || shelves.find("c2", "d") != nil {
		t.Errorf("%v", s.places)
	}
	if err := shelves.err(t.Context(), d.regions[0]); err == nil || !strings.Contains(err.Error(), "more than 1 folders") {
		t.Error(err)
	}
	f.put("a-c1/c3/d/composite", "recording-started.json", started().Started)
	s = d.shelf(testBucket, testRegion)
	s.most = 2
	f.put("a-c1/c4/d/composite", "recording-started.json", started().Started)
	s.search(t.Context())
	if s.places["c1"] == nil || s.places["c2"] == nil || s.places["c4"] != nil || s.err == nil || !strings.Contains(s.err.Error(), "/a-c1/ has more than 2 folders") {
		t.Errorf("%v, %v", s.places, s.err)
	}
	f.Fault("op=ListObjectsV2 code=AccessDenied status=403")
	got := step(t, f.since(-60), proof.StepRecording)
	if n := ids(got); n[idUnread] != 2 || len(n) != 1 || got.Verdict() != proof.NotProven {
		t.Errorf("%+v", got.Findings)
	}
	if f := got.Findings[0]; f.Err == nil || !strings.Contains(f.Fix, "s3:ListBucket") {
		t.Errorf("%v, fix: %s", f.Err, f.Fix)
	}
}

// A bucket that is gone has no recording; of one that could not be seen nothing
// is known.
func TestSinceWithoutBucket(t *testing.T) {
	denied := errors.New("denied")
	for name, test := range map[string]struct {
		link resource.Link
		want string
	}{
		"missing":    {resource.Link{ID: "bucket", Hold: resource.Broken}, idMissing},
		"not ours":   {resource.Link{ID: "bucket", Hold: resource.Broken, Err: denied}, idUnread},
		"not looked": {resource.Link{ID: "bucket", Hold: resource.Doubtful, Err: denied}, idUnread},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.whole("c1")
			f.options.Chains[0].Bucket, f.options.Chains[0].Links = "", []resource.Link{test.link}
			if got := ids(step(t, f.since(-60), proof.StepRecording)); got[test.want] != 1 || len(got) != 1 {
				t.Errorf("%v, want %s", got, test.want)
			}
		})
	}
}

// A log that keeps less than was asked for, or cannot be read, is said.
func TestSinceLog(t *testing.T) {
	f := newFixture(t)
	f.whole("c1")
	got := step(t, f.since(-30*24*60), proof.StepLog)
	if n := ids(got); n["log"] != 1 || n["retention"] != 1 || got.Verdict() != proof.NotProven {
		t.Errorf("%+v", got.Findings)
	}
	f.Fault("op=FilterLogEvents code=AccessDeniedException status=400")
	found := f.since(-60)
	if got := step(t, found, proof.StepLog); got.Verdict() != proof.NotProven || got.Findings[0].Err == nil {
		t.Errorf("%+v", got.Findings)
	}
	if got := step(t, found, proof.StepRecording); got.Verdict() != proof.Pass || len(found.Warnings) > 0 {
		t.Errorf("the bucket alone tells: %+v, warnings %v", got.Findings, found.Warnings)
	}
}

// The other destination of a composition is a channel, of which nothing is in
// the bucket.
func TestSinceChannel(t *testing.T) {
	f := newFixture(t)
	f.whole("c1")
	err := f.Server.Send(emulator.Event{
		Account: emulator.DefaultAccount, Region: testRegion, Source: "aws.ivs", DetailType: "IVS Composition State Change", Time: after(0),
		Resources: []string{"arn:aws:ivs:" + testRegion + ":" + emulator.DefaultAccount + ":composition/c1"},
		Detail:    map[string]string{"event_name": eventDestinationStart, "id": "channel", "stage_arn": testStage},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := step(t, f.since(-60), proof.StepRecording); len(got.Findings) != 1 || got.Verdict() != proof.Pass {
		t.Errorf("%+v", got.Findings)
	}
}

// An object without its event is a warning, and one of a day ago nobody's
// business.
func TestSinceUnlogged(t *testing.T) {
	f := newFixture(t)
	f.whole("c1")
	f.put("x/c2/d/composite", "recording-started.json", started().Started)
	f.put("x/c2/d/composite", "recording-ended.json", ended(30, 30*time.Minute).Ended)
	f.put("x/c3/d/composite", "recording-failed.json", failedOutcome().Failed)
	found := f.since(-60)
	got := step(t, found, proof.StepRecording)
	if n := ids(got); n[idRecorded] != 2 || n[idFailed] != 1 {
		t.Errorf("%+v", got.Findings)
	}
	if len(found.Warnings) != 1 || !strings.HasPrefix(found.Warnings[0].Text, "2 recordings without Destination Start") {
		t.Errorf("%+v", found.Warnings)
	}
	f.Advance(48 * time.Hour)
	f.options.Now = f.options.Now.Add(48 * time.Hour)
	if got := step(t, f.since(24*60), proof.StepRecording); ids(got)["no-traffic"] != 1 {
		t.Errorf("%+v", got.Findings)
	}
}
