package contract

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/recording"
)

// How long yolo gives AWS (patience in internal/verify).
const (
	activeWithin = time.Minute
	endedWithin  = time.Minute
	loggedWithin = 2 * time.Minute
)

// recordShow puts a show on, has it recorded for as long, and ends it. It returns
// the composition and how much of the picture was sent while it recorded.
func (s *studio) recordShow(length time.Duration) (*types.Composition, time.Duration) {
	s.publish()
	made := s.begin()
	s.c.notef("ACTIVE after %v", s.becomes(made.Arn, "ACTIVE ACTIVE", activeWithin).Round(time.Second/10))
	from := s.on.Sent()
	s.play(length)
	sent := s.on.Sent() - from
	s.stop(made.Arn)
	s.c.notef("STOPPED after %v", s.becomes(made.Arn, "STOPPED STOPPED", activeWithin).Round(time.Second/10))
	s.leave()
	return made, sent
}

// bucketNotFound is what IVS says of a bucket that it does not see.
const bucketNotFound = "ResourceNotFoundException: S3 bucket not found. Please verify your bucket exists."

func prefixOf(composition *types.Composition) string {
	return aws.ToString(composition.Destinations[0].Detail.S3.RecordingPrefix)
}

// metadata waits for the object that says how a recording ended.
func (s *studio) metadata(prefix string) (outcome recording.Outcome, took time.Duration) {
	store := objects{s3.NewFromConfig(s.c.in(home)), s.bucket}
	took, _ = s.c.await(endedWithin, func() bool {
		outcome = recording.ReadOutcome(s.c.Context(), store, prefix)
		return outcome.Ended != nil || outcome.Failed != nil
	})
	return outcome, took
}

// written counts what IVS put below a prefix of a bucket that keeps versions.
func (s *studio) written(prefix string) (puts int) {
	pages := s3.NewListObjectVersionsPaginator(s3.NewFromConfig(s.c.in(home)), &s3.ListObjectVersionsInput{Bucket: &s.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.c.Context())
		s.c.ok(err)
		puts += len(page.Versions)
	}
	return puts
}

// keys are the objects of a recording, without its prefix.
func (s *studio) keys(prefix string) (all []string) {
	list, err := objects{s3.NewFromConfig(s.c.in(home)), s.bucket}.List(s.c.Context(), prefix+"/")
	s.c.ok(err)
	for _, one := range list {
		all = append(all, strings.TrimPrefix(one.Key, prefix+"/"))
	}
	return all
}

var showCases = []belief{
	{
		id: "SHOW-01", source: "IVS Real-Time user guide: IVS WHIP publishing; Stream ingest", bills: bill{participant: 2},
		claim: "IVS takes yolo's WHIP client and its picture: who publishes so is a participant who is connected and published, until DELETE",
		prove: func(c *check) {
			s := c.studio()
			s.publish()
			s.play(10 * time.Second)
			var who types.ParticipantSummary
			_, ok := c.await(activeWithin, func() bool {
				session := c.stageNow(s.stage).ActiveSessionId
				if aws.ToString(session) == "" {
					return false
				}
				all := c.participants(&ivsrealtime.ListParticipantsInput{StageArn: s.stage, SessionId: session})
				i := slices.IndexFunc(all, func(p types.ParticipantSummary) bool {
					return p.Published && p.State == types.ParticipantStateConnected
				})
				if i >= 0 {
					who = all[i]
				}
				return i >= 0
			})
			if !ok {
				c.Fatalf("nobody is connected and published")
			}
			c.equal("yolo-contract", aws.ToString(who.UserId))
			s.play(5 * time.Second)
			result := s.leave()
			c.notef("sent: %d pictures of %dx%d, %d of them key pictures", result.VideoFrames, result.Width, result.Height, result.Keyframes)
			c.ok(result.Unended)
			if _, ok := c.await(activeWithin, func() bool { return aws.ToString(c.stageNow(s.stage).ActiveSessionId) == "" }); !ok {
				c.Errorf("the session goes on after DELETE")
			}
			if e := named(s.events(), "Participant Publish Error"); e != nil {
				c.Errorf("IVS says %s: %s", e.Detail.ErrorCode, e.Detail.Reason)
			}
		},
	},
	{
		id: "SHOW-02", source: "IVS Real-Time user guide: Composite recording", bills: bill{participant: 3, composition: 3, objects: 200},
		claim: "yolo can read all of a recording of its picture, and finds it as long as what was sent; MPEG-TS or fMP4 is told",
		prove: func(c *check) {
			s := c.studio()
			made, sent := s.recordShow(20 * time.Second)
			s.metadata(prefixOf(made))
			r := s.inspected(prefixOf(made), recording.Expected{Sent: sent})
			for _, f := range r.Findings {
				if f.Verdict != recording.Pass {
					c.Errorf("%s is %s: %s", f.Check, f.Verdict, f.Evidence)
				}
				c.notef("%s: %s", f.Check, f.Evidence)
			}
			takes, reason := r.MediaConvert()
			c.notef("MediaConvert takes it: %t, %s; playlists are of version %d", takes, reason, r.Version)
		},
	},
	{
		id: "SHOW-03", source: "open: AWS documents neither how long it takes nor how often IVS writes", bills: bill{participant: 3, composition: 3, objects: 200},
		claim: "recording-ended.json is there a minute after the stop; the times, the requests and the minutes that AWS bills are told",
		prove: func(c *check) {
			s := c.studio()
			_, err := s3.NewFromConfig(c.in(home)).PutBucketVersioning(c.Context(), &s3.PutBucketVersioningInput{
				Bucket: &s.bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
			})
			c.ok(err)
			made, sent := s.recordShow(20 * time.Second)
			outcome, took := s.metadata(prefixOf(made))
			if outcome.Ended == nil {
				c.answerf("there is no recording-ended.json within %v of the stop: %v", took, outcome.Problem)
				return
			}
			c.notef("recording-ended.json %v later; %v recorded, %v sent", took.Round(time.Second/10), outcome.Ended.Duration(), sent)
			c.notef("IVS wrote %d times, %d objects", s.written(prefixOf(made)), len(s.keys(prefixOf(made))))
			now := s.now(made.Arn)
			c.notef("the composition lived from %v to %v; find it in tomorrow's bill by the tag yolo:contract=%s", now.StartTime, now.EndTime, c.mark)
		},
	},
	{
		id: "SHOW-04", source: "open: IVS sends events as best it can (IVS Real-Time user guide: Using EventBridge)",
		bills: bill{participant: 3, composition: 3, objects: 200},
		claim: "all events of a show are logged two minutes after it, once, in the order of their times; lateness is told",
		prove: func(c *check) {
			s := c.studio()
			s.recordShow(10 * time.Second)
			want := []string{"Participant Published", "Session Start", "Destination Start", "Destination End", "Session End", "Participant Unpublished"}
			var all []event
			took, ok := c.await(loggedWithin, func() bool {
				all = s.events()
				return !slices.ContainsFunc(want, func(name string) bool { return named(all, name) == nil })
			})
			c.notef("looked for %v; all are there: %t", took.Round(time.Second), ok)
			ids := map[string]bool{}
			for i, e := range all {
				c.notef("%s: of %v, logged %v later", e.Detail.Name, e.Time.Format(time.TimeOnly), e.logged.Sub(e.Time).Round(time.Second/10))
				if ids[e.ID] {
					c.answerf("%s came twice", e.Detail.Name)
				}
				ids[e.ID] = true
				if i > 0 && e.Time.Before(all[i-1].Time) {
					c.answerf("%s came after %s, which is later", e.Detail.Name, all[i-1].Detail.Name)
				}
			}
			for _, name := range want {
				if named(all, name) == nil {
					c.answerf("no %s in the log", name)
				}
			}
		},
	},
	{
		id: "SHOW-05", source: "open: what it writes is not documented, that it stops is (IVS Real-Time API: StartComposition)",
		bills: bill{composition: 4, objects: 50},
		claim: "a composition to whose stage nobody publishes stops itself after a minute, and says that the recording ended; what it writes is told",
		prove: func(c *check) {
			s := c.studio()
			made := s.begin()
			c.notef("STOPPED after %v", s.becomes(made.Arn, "STOPPED STOPPED", 3*time.Minute).Round(time.Second))
			outcome, _ := s.metadata(prefixOf(made))
			c.notef("objects: %s", strings.Join(s.keys(prefixOf(made)), ", "))
			if outcome.Ended == nil {
				c.answerf("there is no recording-ended.json: %v; failed: %+v", outcome.Problem, outcome.Failed)
				return
			}
			c.notef("%s %q, %v", outcome.Ended.Status, outcome.Ended.Message, outcome.Ended.Duration())
			if outcome.Ended.Status != recording.StatusEnded {
				c.answerf("recording-ended.json says %s", outcome.Ended.Status)
			}
		},
	},
	{
		id: "SHOW-06", source: "open: AWS documents that it fails (IVS Real-Time user guide: Composite recording; Using EventBridge), not where",
		bills: bill{participant: 2, composition: 2},
		claim: "a storage configuration for a bucket of another region is made, and a composition with it fails: S3 bucket not found",
		prove: func(c *check) {
			s := c.studio()
			_, elsewhere := c.bucket(away)
			in := storageInput(*elsewhere)
			in.Name, in.Tags = aws.String(c.name()), c.tagged()
			out, err := c.ivs().CreateStorageConfiguration(c.Context(), in)
			if err != nil {
				c.answerf("the storage configuration is refused: %v", err)
				return
			}
			s.storage = out.StorageConfiguration.Arn
			s.publish()
			started, err := c.ivs().StartComposition(c.Context(), s.input(s.s3()))
			if err != nil {
				c.answerf("the composition is refused: %v", err)
				return
			}
			s.leaveFirst()
			c.notef("FAILED after %v", s.becomes(started.Composition.Arn, "FAILED FAILED", activeWithin).Round(time.Second))
			s.leave()
			var failure *event
			c.await(loggedWithin, func() bool {
				failure = named(s.events(), "Destination Failure")
				return failure != nil
			})
			if failure == nil {
				c.Fatalf("no Destination Failure is logged")
			}
			if got := failure.Detail.ErrorCode + ": " + failure.Detail.Reason; got != bucketNotFound {
				c.answerf("Destination Failure says %s", got)
			}
		},
	},
	{
		id: "SHOW-07", source: "IVS Real-Time user guide: Composite recording; Using EventBridge", bills: bill{participant: 3, composition: 3, objects: 200},
		claim: "a Deny that comes in mid-show fails the destination; after how long, and what is left, is told",
		prove: func(c *check) {
			s := c.studio()
			s.publish()
			made := s.begin()
			s.becomes(made.Arn, "ACTIVE ACTIVE", activeWithin)
			s.play(5 * time.Second)
			service := "ivs-composite." + home + ".amazonaws.com"
			c.putDocument(s.bucket, grantTo(s.bucket, service, "Deny", ""))
			begun := s.on.Sent()
			_, failed := c.await(activeWithin, func() bool {
				s.play(2 * time.Second)
				return s.now(made.Arn).Destinations[0].State == types.DestinationStateFailed
			})
			if !failed {
				c.Fatalf("it goes on recording")
			}
			lasted := s.leave().Lasted - begun
			c.notef("FAILED after %v; left: %s", lasted, strings.Join(s.keys(prefixOf(made)), ", "))
			var failure *event
			c.await(loggedWithin, func() bool {
				failure = named(s.events(), "Destination Failure")
				return failure != nil
			})
			if failure == nil {
				c.Fatalf("no Destination Failure is logged")
			}
			c.equal("AccessDeniedException", failure.Detail.ErrorCode)
		},
	},
}
