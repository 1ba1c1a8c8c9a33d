package contract

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

func sized(width, height int32) *types.Video {
	return &types.Video{Width: aws.Int32(width), Height: aws.Int32(height)}
}

func manyTags(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[fmt.Sprintf("key-%02d", i)] = "value"
	}
	return tags
}

// within are the edges of what is allowed.
var within = map[string]encoderInput{
	"largest name":      {Name: aws.String(strings.Repeat("a-_Z9", 25) + "xyz")},
	"empty name":        {Name: aws.String("")},
	"smallest video":    {Video: sized(2, 2)},
	"largest landscape": {Video: sized(1920, 1080)},
	"largest portrait":  {Video: sized(1080, 1920)},
	"least bitrate":     {Video: &types.Video{Bitrate: aws.Int32(1)}},
	"most bitrate":      {Video: &types.Video{Bitrate: aws.Int32(8_500_000)}},
	"least framerate":   {Video: &types.Video{Framerate: aws.Float32(1)}},
	"most framerate":    {Video: &types.Video{Framerate: aws.Float32(60)}},
	"fifty tags":        {Tags: manyTags(50)},
	"largest tag":       {Tags: map[string]string{strings.Repeat("k", 128): strings.Repeat("v", 256)}},
}

// beyond are the nearest things that are not.
var beyond = map[string]encoderInput{
	"name too long":         {Name: aws.String(strings.Repeat("a", 129))},
	"name with a dot":       {Name: aws.String("a.b")},
	"name with a line end":  {Name: aws.String("a\n")},
	"odd width":             {Video: sized(641, 480)},
	"odd height":            {Video: sized(640, 481)},
	"no width":              {Video: sized(0, 480)},
	"too wide":              {Video: sized(1922, 1080)},
	"too high":              {Video: sized(1080, 1922)},
	"too many pixels":       {Video: sized(1920, 1082)},
	"no bitrate":            {Video: &types.Video{Bitrate: aws.Int32(0)}},
	"bitrate too high":      {Video: &types.Video{Bitrate: aws.Int32(8_500_001)}},
	"framerate too low":     {Video: &types.Video{Framerate: aws.Float32(0.9)}},
	"framerate too high":    {Video: &types.Video{Framerate: aws.Float32(60.1)}},
	"fifty-one tags":        {Tags: manyTags(51)},
	"empty tag key":         {Tags: map[string]string{"": "v"}},
	"tag key too long":      {Tags: map[string]string{strings.Repeat("k", 129): "v"}},
	"tag value too long":    {Tags: map[string]string{"k": strings.Repeat("v", 257)}},
	"tag key of AWS":        {Tags: map[string]string{"aws:mine": "v"}},
	"tag key of AWS, AWS's": {Tags: map[string]string{"AWS:mine": "v"}},
}

var ivsLimitBeliefs = []belief{
	{
		id: "IVS-10", source: "IVS Real-Time API: CreateEncoderConfiguration, Video",
		claim: "the limits of names, video and tags",
		prove: func(c *check) {
			for name, in := range within {
				made, err := c.ivs().CreateEncoderConfiguration(c.Context(), &in)
				if err != nil {
					c.Errorf("%s: %v", name, err)
					continue
				}
				c.deleteEncoder(made.EncoderConfiguration.Arn)
			}
			for name, in := range beyond {
				_, err := c.ivs().CreateEncoderConfiguration(c.Context(), &in)
				c.refusedFor(name, err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-11", source: "IVS Real-Time API: S3StorageConfiguration",
		claim: "the limits of bucket names",
		prove: func(c *check) {
			for _, bucket := range []string{"ab", strings.Repeat("b", 64), "Capital", "under_score", ""} {
				_, err := c.ivs().CreateStorageConfiguration(c.Context(), storageInput(bucket))
				c.refused(err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-12", source: "IVS Real-Time API: ListStorageConfigurations",
		claim: "the limits of lists",
		prove: func(c *check) {
			for _, in := range []*ivsrealtime.ListStorageConfigurationsInput{
				{MaxResults: aws.Int32(0)}, {MaxResults: aws.Int32(101)}, {NextToken: aws.String("never-given")},
			} {
				_, err := c.ivs().ListStorageConfigurations(c.Context(), in)
				c.refused(err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-13", source: "IVS Real-Time API: GetEncoderConfiguration",
		claim: "an ARN of another form is refused",
		prove: func(c *check) {
			for _, arn := range []string{"x", "arn:aws:ivs:" + home + ":" + c.id + ":storage-configuration/abcdefghijkl"} {
				_, err := c.ivs().GetEncoderConfiguration(c.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: &arn})
				c.refused(err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-14", source: "IVS Real-Time user guide: Service quotas",
		claim:        "past the quota a create is refused with 402, in one region only",
		onlyEmulated: "it would use up a quota that others may need",
		prove: func(c *check) {
			for range 20 {
				c.encoder(&encoderInput{})
			}
			_, err := c.ivs().CreateEncoderConfiguration(c.Context(), &encoderInput{})
			c.refused(err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
			if _, err := ivsrealtime.NewFromConfig(c.in(away)).CreateEncoderConfiguration(c.Context(), &encoderInput{}); err != nil {
				c.Errorf("another region: %v", err)
			}
		},
	},
}

var ivsTagBeliefs = []belief{
	{
		id: "IVS-15", source: "IVS Real-Time API: TagResource, UntagResource",
		claim: "tags are merged by key and removed by key, whatever the key is",
		prove: func(c *check) {
			arn := c.encoder(&encoderInput{Tags: map[string]string{"keep": "1", "change": "1"}}).Arn
			_, err := c.ivs().TagResource(c.Context(), &ivsrealtime.TagResourceInput{
				ResourceArn: arn, Tags: map[string]string{"change": "2", "a key/with: marks": "3", "more": "4"},
			})
			c.ok(err)
			_, err = c.ivs().UntagResource(c.Context(), &ivsrealtime.UntagResourceInput{
				ResourceArn: arn, TagKeys: []string{"more", "never there"},
			})
			c.ok(err)
			want := map[string]string{"keep": "1", "change": "2", "a key/with: marks": "3"}
			listed, err := c.ivs().ListTagsForResource(c.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceArn: arn})
			c.ok(err)
			c.equal(want, listed.Tags)
			got, err := c.ivs().GetEncoderConfiguration(c.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: arn})
			c.ok(err)
			c.equal(want, got.EncoderConfiguration.Tags)
			c.equal(int32(1280), *got.EncoderConfiguration.Video.Width)
		},
	},
	{
		id: "IVS-16", source: "IVS Real-Time API: TagResource",
		claim: "the limits of tags hold for what a resource has in the end",
		prove: func(c *check) {
			arn := c.encoder(&encoderInput{Tags: manyTags(50)}).Arn
			for _, tags := range []map[string]string{{"one more": "x"}, {"aws:mine": "x"}, {"key-00": strings.Repeat("v", 257)}} {
				_, err := c.ivs().TagResource(c.Context(), &ivsrealtime.TagResourceInput{ResourceArn: arn, Tags: tags})
				c.refused(err, http.StatusBadRequest, "ValidationException")
			}
			if _, err := c.ivs().TagResource(c.Context(), &ivsrealtime.TagResourceInput{
				ResourceArn: arn, Tags: map[string]string{"key-00": "changed"},
			}); err != nil {
				c.Errorf("a change of one of fifty: %v", err)
			}
		},
	},
}
