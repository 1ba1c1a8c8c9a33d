package contract

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

var encoderBeliefs = []belief{
	{
		id: "IVS-01", source: "IVS Real-Time API: CreateEncoderConfiguration",
		claim: "a created encoder configuration has an ARN of twelve letters and digits, its name and tags",
		prove: func(c *check) {
			name := c.name()
			made := c.encoder(&encoderInput{Name: &name, Tags: map[string]string{"a": "b", "empty": ""}})
			form := regexp.MustCompile(`^arn:aws:ivs:` + home + `:` + c.id + `:encoder-configuration/[a-zA-Z0-9]{12}$`)
			if !form.MatchString(*made.Arn) {
				c.Errorf("ARN %s, want %s", *made.Arn, form)
			}
			if *made.Name != name {
				c.Errorf("name %q, want %q", *made.Name, name)
			}
			c.equal(map[string]string{"a": "b", "empty": ""}, made.Tags)
			got, err := c.ivs().GetEncoderConfiguration(c.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: made.Arn})
			c.ok(err)
			c.equal(made, got.EncoderConfiguration)
		},
	},
	{
		id: "IVS-02", source: "IVS Real-Time API: CreateEncoderConfiguration (names need not be unique, no idempotency token)",
		claim: "names are not unique, and a repeated create makes another one",
		prove: func(c *check) {
			in := &encoderInput{Name: aws.String(c.name())}
			if a, b := c.encoder(in), c.encoder(in); *a.Arn == *b.Arn {
				c.Errorf("both creates made %s", *a.Arn)
			}
		},
	},
	{
		id: "IVS-03", source: "IVS Real-Time API: Video",
		claim: "video is 1280x720 at 30 fps and 2.5 Mbps by default, member by member",
		prove: func(c *check) {
			whole := c.encoder(&encoderInput{})
			c.equal(&types.Video{Width: aws.Int32(1280), Height: aws.Int32(720), Framerate: aws.Float32(30), Bitrate: aws.Int32(2500000)}, whole.Video)
			partly := c.encoder(&encoderInput{Video: &types.Video{Framerate: aws.Float32(29.97)}})
			c.equal(&types.Video{Width: aws.Int32(1280), Height: aws.Int32(720), Framerate: aws.Float32(29.97), Bitrate: aws.Int32(2500000)}, partly.Video)
		},
	},
	{
		id: "IVS-04", source: "IVS Real-Time API: EncoderConfigurationSummary",
		claim: "the list of encoder configurations has no video",
		prove: func(c *check) {
			made := c.encoder(&encoderInput{Name: aws.String(c.name()), Tags: map[string]string{"a": "b"}})
			client, answer := c.overheardIVS()
			_, err := client.ListEncoderConfigurations(c.Context(), nil)
			c.ok(err)
			items, _ := answer.members(c)["encoderConfigurations"].([]any)
			at := slices.IndexFunc(items, func(item any) bool { return item.(map[string]any)["arn"] == *made.Arn })
			if at < 0 {
				c.Fatalf("%s is not in the list %v", *made.Arn, items)
			}
			c.equal(any(map[string]any{"arn": *made.Arn, "name": *made.Name, "tags": map[string]any{"a": "b"}}), items[at])
		},
	},
	{
		id: "IVS-05", source: "IVS Real-Time API: GetEncoderConfiguration, DeleteEncoderConfiguration",
		claim: "what was deleted is not found, by get, delete and tags",
		prove: func(c *check) {
			arn := c.encoder(&encoderInput{}).Arn
			c.deleteEncoder(arn)
			_, err := c.ivs().GetEncoderConfiguration(c.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: arn})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
			_, err = c.ivs().DeleteEncoderConfiguration(c.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: arn})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
			_, err = c.ivs().ListTagsForResource(c.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceArn: arn})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
		},
	},
	{
		id: "IVS-06", source: "IVS Real-Time user guide: Global solution, regional control",
		claim: "a region knows only its own configurations",
		prove: func(c *check) {
			made := c.encoder(&encoderInput{})
			elsewhere := ivsrealtime.NewFromConfig(c.in(away))
			_, err := elsewhere.GetEncoderConfiguration(c.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: made.Arn})
			c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
		},
	},
	{
		id: "IVS-07", source: "IVS Real-Time API: ListEncoderConfigurations",
		claim: "a list is paged, and each page but the last has a token",
		prove: func(c *check) {
			want := []string{}
			for range 3 {
				want = append(want, *c.encoder(&encoderInput{}).Arn)
			}
			pages := ivsrealtime.NewListEncoderConfigurationsPaginator(c.ivs(), &ivsrealtime.ListEncoderConfigurationsInput{MaxResults: aws.Int32(2)})
			got := []string{}
			for pages.HasMorePages() {
				page, err := pages.NextPage(c.Context())
				c.ok(err)
				if len(page.EncoderConfigurations) > 2 {
					c.Errorf("a page of %d, want 2 at most", len(page.EncoderConfigurations))
				}
				for _, item := range page.EncoderConfigurations {
					if slices.Contains(want, *item.Arn) {
						got = append(got, *item.Arn)
					}
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			c.equal(want, got)
		},
	},
	{
		id: "IVS-08", source: "IVS Real-Time user guide: Composite recording",
		claim:        "there are no compositions and stages until some are made",
		onlyEmulated: "an account may have some",
		prove: func(c *check) {
			if out, err := c.ivs().ListCompositions(c.Context(), nil); err != nil || len(out.Compositions) > 0 {
				c.Errorf("compositions: %v, %v", out, err)
			}
			if out, err := c.ivs().ListStages(c.Context(), nil); err != nil || len(out.Stages) > 0 {
				c.Errorf("stages: %v, %v", out, err)
			}
		},
	},
	{
		id: "IVS-09", source: "IVS Real-Time API: Errors; the SDK's source",
		claim: "an error's code is in a header, its text in exceptionMessage",
		prove: func(c *check) {
			client, answer := c.overheardIVS()
			_, err := client.GetStorageConfiguration(c.Context(), &ivsrealtime.GetStorageConfigurationInput{Arn: aws.String("x")})
			c.refused(err, http.StatusBadRequest, "ValidationException")
			c.equal("ValidationException", answer.header.Get("X-Amzn-Errortype"))
			if text, _ := answer.members(c)["exceptionMessage"].(string); strings.TrimSpace(text) == "" {
				c.Errorf("the error has no exceptionMessage: %s", answer.body)
			}
		},
	},
}
