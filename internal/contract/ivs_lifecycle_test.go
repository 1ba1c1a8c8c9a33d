package contract

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// spoils are what keeps IVS from recording to a bucket, and how its
// destination then fails.
var spoils = map[string]func(c *check, bucket string){
	"no policy": func(c *check, bucket string) {
		_, err := s3.NewFromConfig(c.in(home)).DeleteBucketPolicy(c.Context(), &s3.DeleteBucketPolicyInput{Bucket: &bucket})
		c.ok(err)
	},
	"another grant only": func(c *check, bucket string) {
		c.putDocument(bucket, grantTo(bucket, "ivs.amazonaws.com", "Allow", ""))
	},
	"a deny": func(c *check, bucket string) {
		deny := grantTo(bucket, "ivs-composite."+home+".amazonaws.com", "Deny", "")
		c.putDocument(bucket, strings.Replace(deny, `"Statement": [`, `"Statement": [`+statementOf(grantTo(bucket, "ivs-composite."+home+".amazonaws.com", "Allow", ""))+`,`, 1))
	},
	"a condition on the account": func(c *check, bucket string) {
		c.putDocument(bucket, grantTo(bucket, "ivs-composite."+home+".amazonaws.com", "Allow",
			`, "Condition": {"StringEquals": {"aws:SourceAccount": "`+c.id+`"}}`))
	},
	"KMS": func(c *check, bucket string) {
		_, err := s3.NewFromConfig(c.in(home)).PutBucketEncryption(c.Context(), &s3.PutBucketEncryptionInput{
			Bucket: &bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms},
			}}},
		})
		c.ok(err)
	},
	"ObjectWriter": func(c *check, bucket string) {
		_, err := s3.NewFromConfig(c.in(home)).PutBucketOwnershipControls(c.Context(), &s3.PutBucketOwnershipControlsInput{
			Bucket: &bucket, OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipObjectWriter}}},
		})
		c.ok(err)
	},
	"no bucket": func(c *check, bucket string) { c.ok(removeBucket(c.Context(), c.in(home), &bucket)) },
}

// grantTo is a policy that lets a service write, or keeps it from writing.
func grantTo(bucket, service, effect, more string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "` + effect + `", "Principal": {"Service": "` + service + `"},
		"Action": ["s3:PutObject", "s3:PutObjectAcl"], "Resource": "arn:aws:s3:::` + bucket + `/*"` + more + `}]}`
}

// statementOf is the one statement of a policy.
func statementOf(policy string) string {
	_, after, _ := strings.Cut(policy, "[{")
	return "{" + strings.TrimSuffix(after, "]}")
}

var lifecycleBeliefs = []belief{
	{
		id: "IVS-47", source: "IVS Real-Time user guide: Server-side composition, Composition lifecycle",
		claim: "a composition and its destinations are STARTING, ACTIVE, STOPPING and STOPPED, and are forgotten five minutes later", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3(), s.channel()).Arn
			c.equal("STARTING STARTING STARTING", states(s.now(arn)))
			c.advance(timeToStart)
			c.equal("ACTIVE ACTIVE ACTIVE", states(s.now(arn)))
			s.stop(arn)
			c.equal("STOPPING STOPPING STOPPING", states(s.now(arn)))
			c.advance(timeToStop)
			stopped := s.now(arn)
			c.equal("STOPPED STOPPED STOPPED", states(stopped))
			if d := stopped.Destinations[0]; stopped.EndTime == nil || d.EndTime == nil || d.StartTime == nil || d.StartTime.Before(*stopped.StartTime) {
				c.Errorf("times %v to %v, of the destination %v to %v", stopped.StartTime, stopped.EndTime, d.StartTime, d.EndTime)
			}
			c.advance(4 * time.Minute)
			c.equal("STOPPED STOPPED STOPPED", states(s.now(arn)))
			c.advance(time.Minute)
			s.gone(arn)
		},
	},
	{
		id: "IVS-48", source: "IVS Real-Time API: StartComposition",
		claim: "a composition stops itself after a minute without publishers", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3()).Arn
			c.advance(58 * time.Second)
			c.equal("ACTIVE ACTIVE", states(s.now(arn)))
			c.advance(2*time.Second + timeToStop)
			c.equal("STOPPED STOPPED", states(s.now(arn)))
			c.advance(5 * time.Minute)
			s.gone(arn)
		},
	},
	{
		id: "IVS-49", source: "IVS Real-Time user guide: Composite recording; Using EventBridge",
		claim: "a destination whose bucket IVS cannot write to fails, and with the last one the composition", onlyEmulated: costs,
		prove: func(c *check) {
			for name, spoil := range spoils {
				s := c.show()
				spoil(c, s.bucket)
				arn := s.start(s.s3()).Arn
				c.equal("STARTING STARTING", states(s.now(arn)))
				c.advance(timeToStart)
				if got := states(s.now(arn)); got != "FAILED FAILED" {
					c.Errorf("%s: %s", name, got)
				}
				c.deleteStorage(&types.StorageConfiguration{Arn: s.storage})
				c.deleteEncoder(s.encoder)
			}
		},
	},
	{
		id: "IVS-50", source: "IVS Real-Time user guide: Composite recording (same region); Using EventBridge",
		claim: "a destination whose bucket is in another region fails", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			_, elsewhere := c.bucket(away)
			s.storage = c.storage(storageInput(*elsewhere)).Arn
			arn := s.start(s.s3()).Arn
			c.advance(timeToStart)
			c.equal("FAILED FAILED", states(s.now(arn)))
		},
	},
	{
		id: "IVS-51", source: "IVS Real-Time user guide: Server-side composition, Composition lifecycle",
		claim: "a composition lives on as long as one destination is left", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3(), s.channel()).Arn
			c.advance(timeToStart)
			c.equal("ACTIVE ACTIVE ACTIVE", states(s.now(arn)))
			spoils["no policy"](c, s.bucket)
			c.equal("ACTIVE FAILED ACTIVE", states(s.now(arn)))
			s.stop(arn)
			c.advance(timeToStop)
			c.equal("STOPPED FAILED STOPPED", states(s.now(arn)))
		},
	},
	{
		id: "IVS-52", source: "IVS Real-Time user guide: Using EventBridge (Stream already exists)",
		claim: "a channel takes one composition at a time", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			first, second := s.start(s.channel()).Arn, s.start(s.s3(), s.channel()).Arn
			c.advance(timeToStart)
			c.equal("ACTIVE ACTIVE", states(s.now(first)))
			c.equal("ACTIVE ACTIVE FAILED", states(s.now(second)))
		},
	},
	{
		id: "IVS-53", source: "IVS Real-Time API: DeleteStage; user guide: Using EventBridge (StageDeleted)",
		claim: "a stage can be deleted while it is composed, and the composition fails", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3()).Arn
			c.advance(timeToStart)
			_, err := c.ivs().DeleteStage(c.Context(), &ivsrealtime.DeleteStageInput{Arn: s.stage})
			c.ok(err)
			c.equal("FAILED STOPPED", states(s.now(arn)))
			s.stage = c.stage(&ivsrealtime.CreateStageInput{}).Arn
			stopping := s.start(s.s3()).Arn
			s.stop(stopping)
			_, err = c.ivs().DeleteStage(c.Context(), &ivsrealtime.DeleteStageInput{Arn: s.stage})
			c.ok(err)
			c.advance(timeToStop)
			c.equal("STOPPED STOPPED", states(s.now(stopping)))
			c.deleteStorage(&types.StorageConfiguration{Arn: s.storage})
		},
	},
	{
		id: "IVS-54", source: "not documented",
		claim: "stopping a composition that has ended succeeds as long as it can be seen", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3()).Arn
			s.stop(arn)
			c.advance(timeToStop)
			ended := s.now(arn)
			s.stop(arn)
			c.equal(ended, s.now(arn))
			c.advance(5 * time.Minute)
			_, err := c.ivs().StopComposition(c.Context(), &ivsrealtime.StopCompositionInput{Arn: arn})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
		},
	},
	{
		id: "IVS-55", source: "IVS Real-Time API: TagResource; StartComposition",
		claim: "a composition's tags can be changed as long as it can be seen", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			in := s.input(s.s3())
			in.Tags = map[string]string{"a": "1"}
			out, err := c.ivs().StartComposition(c.Context(), in)
			c.ok(err)
			arn := out.Composition.Arn
			_, err = c.ivs().TagResource(c.Context(), &ivsrealtime.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"b": "2"}})
			c.ok(err)
			c.equal(map[string]string{"a": "1", "b": "2"}, s.now(arn).Tags)
			c.equal(aws.ToString(arn), *s.list(&ivsrealtime.ListCompositionsInput{})[0].Arn)
			c.advance(timeToStop + 6*time.Minute)
			_, err = c.ivs().ListTagsForResource(c.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceArn: arn})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
		},
	},
}
