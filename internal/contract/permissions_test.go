package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// fewer is why a belief about permissions is not tried on an account.
const fewer = "it takes an identity with fewer rights than the profile's"

var permissionBeliefs = []belief{
	{
		id: "IAM-09", source: "IAM user guide: Policy evaluation logic; Troubleshoot access denied error messages", onlyEmulated: fewer,
		claim: "what no policy allows is refused in the service's form, in words that name user, action and resource",
		prove: func(c *check) {
			c.may(`"iam:GetRole"`, `"*"`, "")
			_, err := s3.NewFromConfig(c.in(home)).GetBucketPolicy(c.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(c.mark)})
			c.refused(err, 403, "AccessDenied", ":user/", `perform: s3:GetBucketPolicy on resource: "arn:aws:s3:::`+c.mark+`" because no identity-based policy allows`)
			_, err = c.ivs().ListStages(c.Context(), &ivsrealtime.ListStagesInput{})
			c.refused(err, 403, "AccessDeniedException")
			_, err = cloudwatchlogs.NewFromConfig(c.in(home)).DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
			c.refused(err, 400, "AccessDeniedException", "perform: logs:DescribeLogGroups on resource: *")
			_, err = eventbridge.NewFromConfig(c.in(home)).DescribeRule(c.Context(), &eventbridge.DescribeRuleInput{Name: aws.String(c.mark)})
			c.refused(err, 400, "AccessDeniedException", "perform: events:DescribeRule", ":rule/"+c.mark)
			_, err = c.iam().ListRoles(c.Context(), &iam.ListRolesInput{})
			c.refused(err, 403, "AccessDenied", "perform: iam:ListRoles")
		},
	},
	{
		id: "IAM-10", source: "STS API: GetCallerIdentity", onlyEmulated: fewer,
		claim: "no policy can deny GetCallerIdentity",
		prove: func(c *check) {
			c.limited(`{"Effect":"Deny","Action":"*","Resource":"*"}`)
			who, err := sts.NewFromConfig(c.in(home)).GetCallerIdentity(c.Context(), &sts.GetCallerIdentityInput{})
			if c.ok(err); !strings.Contains(*who.Arn, ":user/") {
				c.Errorf("the caller is %s", *who.Arn)
			}
		},
	},
	{
		id: "IAM-11", source: "IAM user guide: Policy evaluation logic; JSON policy elements: Resource", onlyEmulated: fewer,
		claim: "a Deny wins, actions match in any case, and a * in a resource covers no colon but in the last part",
		prove: func(c *check) {
			role := func() error {
				_, err := c.iam().GetRole(c.Context(), &iam.GetRoleInput{RoleName: aws.String(c.mark)})
				return err
			}
			c.may(`"IAM:getrole"`, `"arn:aws:iam::*:role/`+c.mark[:4]+`*"`, "")
			c.refused(role(), 404, "NoSuchEntity")
			c.may(`"logs:DescribeLogStreams"`, `"arn:aws:*:log-group:*:*"`, "")
			_, err := cloudwatchlogs.NewFromConfig(c.in(home)).DescribeLogStreams(c.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(c.mark)})
			c.refused(err, 400, "AccessDeniedException")
			c.limited(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:Get*","Resource":"*"}`)
			c.refused(role(), 403, "AccessDenied", "with an explicit deny in an identity-based policy")
		},
	},
	{
		id: "IAM-12", source: "open: whether S3 tells first that there is no such bucket is not documented (S3 API: HeadBucket)", onlyEmulated: fewer,
		claim: "HeadBucket takes s3:ListBucket, and is refused without it whether there is such a bucket or not",
		prove: func(c *check) {
			_, there := c.bucket(home)
			for _, name := range []*string{there, aws.String(c.mark + "-not-there")} {
				head := func() error {
					_, err := s3.NewFromConfig(c.in(home)).HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: name})
					return err
				}
				c.may(`"s3:GetBucketPolicy"`, `"*"`, "")
				c.refused(head(), 403, "Forbidden")
				c.may(`"s3:ListBucket"`, `"arn:aws:s3:::`+*name+`"`, "")
				if err := head(); name == there {
					c.ok(err)
				} else {
					c.refused(err, 404, "NotFound")
				}
			}
		},
	},
	{
		id: "IAM-13", source: "S3 user guide: Required permissions for Amazon S3 API operations", onlyEmulated: fewer,
		claim: "CreateBucket with object ownership and tags takes s3:PutBucketOwnershipControls and s3:TagResource too",
		prove: func(c *check) {
			all := []string{"s3:CreateBucket", "s3:PutBucketOwnershipControls", "s3:TagResource"}
			name := c.mark + "-made"
			create := func() error {
				_, err := s3.NewFromConfig(c.in(away)).CreateBucket(c.Context(), &s3.CreateBucketInput{
					Bucket: aws.String(name), ObjectOwnership: s3types.ObjectOwnershipBucketOwnerPreferred,
					CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
						LocationConstraint: away, Tags: []s3types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
					},
				})
				return err
			}
			c.each(all, create, 403, "AccessDenied")
			c.ok(create())
		},
	},
	{
		id: "IAM-14", onlyEmulated: fewer,
		source: "open: AWS documents it for CloudFormation (AWS::IVS::StorageConfiguration) and for people (IVS Real-Time user guide: IAM permissions), not for the API",
		claim:  "CreateStorageConfiguration and DeleteStorageConfiguration take rights on the bucket's policy of their caller",
		prove: func(c *check) {
			_, bucket := c.bucket(home)
			var made *ivsrealtime.CreateStorageConfigurationOutput
			create := func() (err error) {
				made, err = c.ivs().CreateStorageConfiguration(c.Context(), &ivsrealtime.CreateStorageConfigurationInput{S3: &types.S3StorageConfiguration{BucketName: bucket}})
				return err
			}
			c.each([]string{"ivs:CreateStorageConfiguration", "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:PutBucketPolicy"}, create, 403, "AccessDeniedException")
			c.ok(create())
			remove := func() error {
				_, err := c.ivs().DeleteStorageConfiguration(c.Context(), &ivsrealtime.DeleteStorageConfigurationInput{Arn: made.StorageConfiguration.Arn})
				return err
			}
			c.each([]string{"ivs:DeleteStorageConfiguration", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}, remove, 403, "AccessDeniedException")
			c.ok(remove())
		},
	},
	{
		id: "IAM-15", source: "Service Authorization Reference: IVS, CloudWatch Logs, EventBridge (dependent actions)", onlyEmulated: fewer,
		claim: "what is made with tags takes TagResource too",
		prove: func(c *check) {
			tags := map[string]string{"k": "v"}
			group := "/" + c.mark
			c.each([]string{"ivs:CreateStage", "ivs:TagResource"}, func() error {
				made, err := c.ivs().CreateStage(c.Context(), &ivsrealtime.CreateStageInput{Tags: tags})
				if err == nil {
					c.unlimit()
					_, err = c.ivs().DeleteStage(c.Context(), &ivsrealtime.DeleteStageInput{Arn: made.Stage.Arn})
				}
				return err
			}, 403, "AccessDeniedException")
			logs := cloudwatchlogs.NewFromConfig(c.in(home))
			c.each([]string{"logs:CreateLogGroup", "logs:TagResource"}, func() error {
				_, err := logs.CreateLogGroup(c.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group), Tags: tags})
				return err
			}, 400, "AccessDeniedException")
			events := eventbridge.NewFromConfig(c.in(home))
			c.each([]string{"events:PutRule", "events:TagResource"}, func() error {
				_, err := events.PutRule(c.Context(), &eventbridge.PutRuleInput{
					Name: aws.String(c.mark), EventPattern: aws.String(`{"source":["x"]}`), Tags: []eventtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
				})
				return err
			}, 400, "AccessDeniedException")
		},
	},
	{
		id: "IAM-16", source: "Service Authorization Reference: IVS (condition keys); IAM user guide: Global condition keys", onlyEmulated: fewer,
		claim: "IVS heeds aws:RequestTag on what is made, aws:ResourceTag on what is there, and all heed aws:RequestedRegion",
		prove: func(c *check) {
			made := func(tags map[string]string) *string {
				out, err := c.ivs().CreateEncoderConfiguration(c.Context(), &ivsrealtime.CreateEncoderConfigurationInput{Tags: tags})
				c.ok(err)
				return out.EncoderConfiguration.Arn
			}
			ours, theirs := made(map[string]string{"app": "a"}), made(map[string]string{"app": "b"})
			c.may(`["ivs:CreateEncoderConfiguration","ivs:TagResource"]`, `"*"`, `{"StringEquals":{"aws:RequestTag/app":"a"}}`)
			_, err := c.ivs().CreateEncoderConfiguration(c.Context(), &ivsrealtime.CreateEncoderConfigurationInput{Tags: map[string]string{"app": "b"}})
			c.refused(err, 403, "AccessDeniedException")
			_, err = c.ivs().CreateEncoderConfiguration(c.Context(), &ivsrealtime.CreateEncoderConfigurationInput{})
			c.refused(err, 403, "AccessDeniedException")
			c.may(`"ivs:DeleteEncoderConfiguration"`, `"*"`, `{"StringEquals":{"aws:ResourceTag/app":"a","aws:RequestedRegion":"`+home+`"}}`)
			_, err = c.ivs().DeleteEncoderConfiguration(c.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: theirs})
			c.refused(err, 403, "AccessDeniedException")
			_, err = c.ivs().DeleteEncoderConfiguration(c.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: ours})
			c.ok(err)
			c.may(`"logs:DescribeLogGroups"`, `"*"`, `{"StringEquals":{"aws:RequestedRegion":"`+home+`"}}`)
			_, err = cloudwatchlogs.NewFromConfig(c.in(home)).DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
			c.ok(err)
			_, err = cloudwatchlogs.NewFromConfig(c.in(away)).DescribeLogGroups(c.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
			c.refused(err, 400, "AccessDeniedException")
			c.unlimit()
			_, err = c.ivs().DeleteEncoderConfiguration(c.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: theirs})
			c.ok(err)
		},
	},
	{
		id: "IAM-17", source: "S3 API: DeleteObjects, DeleteObject", onlyEmulated: fewer,
		claim: "DeleteObjects with version ids takes s3:DeleteObject and s3:DeleteObjectVersion, and answers for each object",
		prove: func(c *check) {
			client, bucket := c.bucket(home)
			_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("k"), Body: strings.NewReader("x")})
			c.ok(err)
			remove := func() error {
				out, err := client.DeleteObjects(c.Context(), &s3.DeleteObjectsInput{
					Bucket: bucket, Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: aws.String("k"), VersionId: aws.String("null")}}},
				})
				c.ok(err)
				if len(out.Errors) > 0 {
					return fmt.Errorf("%s", *out.Errors[0].Code)
				}
				return nil
			}
			for _, action := range []string{"s3:DeleteObject", "s3:DeleteObjectVersion"} {
				c.may(`"`+action+`"`, `"*"`, "")
				if err := remove(); err == nil || err.Error() != "AccessDenied" {
					c.Errorf("with %s alone: %v", action, err)
				}
			}
			c.may(`["s3:DeleteObject","s3:DeleteObjectVersion"]`, `"arn:aws:s3:::`+*bucket+`/*"`, "")
			c.ok(remove())
		},
	},
	{
		id: "IAM-18", source: "open: the Service Authorization Reference gives ListCompositions the resources that it is filtered by, and says nothing of no filter", onlyEmulated: fewer,
		claim: "ListCompositions without a filter takes the resource *",
		prove: func(c *check) {
			c.may(`"ivs:ListCompositions"`, `"arn:aws:ivs:*:*:stage/*"`, "")
			_, err := c.ivs().ListCompositions(c.Context(), &ivsrealtime.ListCompositionsInput{})
			c.refused(err, 403, "AccessDeniedException")
			c.may(`"ivs:ListCompositions"`, `"*"`, "")
			_, err = c.ivs().ListCompositions(c.Context(), &ivsrealtime.ListCompositionsInput{})
			c.ok(err)
		},
	},
	{
		id: "IAM-19", source: "S3 API: GetObject (Permissions)", onlyEmulated: fewer,
		claim: "an object that is not there is denied without s3:ListBucket",
		prove: func(c *check) {
			client, bucket := c.bucket(home)
			get := func() error {
				_, err := client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String("k")})
				return err
			}
			c.may(`"s3:GetObject"`, `"*"`, "")
			c.refused(get(), 403, "AccessDenied")
			c.may(`["s3:GetObject","s3:ListBucket"]`, `"*"`, "")
			c.refused(get(), 404, "NoSuchKey")
		},
	},
}

// limited has the callers have a policy of these statements, until the proof
// ends.
func (c *check) limited(statements string) {
	c.ok(c.limit(`{"Version":"2012-10-17","Statement":[` + statements + `]}`))
}

// may has the callers be allowed some actions and nothing else.
func (c *check) may(actions, resources, condition string) {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	c.limited(`{"Effect":"Allow","Action":` + actions + `,"Resource":` + resources + condition + `}`)
}

// each wants a call refused without any one of the actions. In the end it may be
// made.
func (c *check) each(actions []string, call func() error, status int, code string) {
	for _, missing := range actions {
		c.limited(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"` + missing + `","Resource":"*"}`)
		c.refusedFor("without "+missing, call(), status, code)
	}
	c.unlimit()
	c.may(`["`+strings.Join(actions, `","`)+`","ivs:DeleteStage"]`, `"*"`, "")
}
