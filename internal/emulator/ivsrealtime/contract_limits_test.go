package ivsrealtime_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/emulator"
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

type encoderInput = ivsrealtime.CreateEncoderConfigurationInput

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

var limitBeliefs = []belief{
	{"IVS-10 the limits of names, video and tags (§1.6)", func(t *testing.T, w *world) {
		for name, in := range within {
			t.Run(name, func(t *testing.T) { w.encoder(t, &in) })
		}
		for name, in := range beyond {
			t.Run(name, func(t *testing.T) {
				_, err := w.ivs.CreateEncoderConfiguration(t.Context(), &in)
				w.refused(t, err, http.StatusBadRequest, "ValidationException")
			})
		}
	}},
	{"IVS-11 the limits of bucket names (§1.6)", func(t *testing.T, w *world) {
		for _, bucket := range []string{"ab", strings.Repeat("b", 64), "Capital", "under_score", ""} {
			_, err := w.ivs.CreateStorageConfiguration(t.Context(), storageInput(bucket))
			w.refused(t, err, http.StatusBadRequest, "ValidationException")
		}
	}},
	{"IVS-12 the limits of lists (§1.6)", func(t *testing.T, w *world) {
		for _, in := range []*ivsrealtime.ListStorageConfigurationsInput{
			{MaxResults: aws.Int32(0)}, {MaxResults: aws.Int32(101)}, {NextToken: aws.String("never-given")},
		} {
			_, err := w.ivs.ListStorageConfigurations(t.Context(), in)
			w.refused(t, err, http.StatusBadRequest, "ValidationException")
		}
	}},
	{"IVS-13 an ARN of another form is refused (§1.6)", func(t *testing.T, w *world) {
		for _, arn := range []string{"x", "arn:aws:ivs:" + w.Region + ":" + w.ID + ":storage-configuration/abcdefghijkl"} {
			_, err := w.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: &arn})
			w.refused(t, err, http.StatusBadRequest, "ValidationException")
		}
	}},
	{"IVS-14 past the quota a create is refused with 402, in one region only (§2.1)", func(t *testing.T, w *world) {
		w.NeedsEmulator(t, "an account on AWS may have another quota, and others' configurations")
		for range 20 {
			w.encoder(t, &encoderInput{})
		}
		_, err := w.ivs.CreateEncoderConfiguration(t.Context(), &encoderInput{})
		w.refused(t, err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
		if _, err := w.client(w.Elsewhere).CreateEncoderConfiguration(t.Context(), &encoderInput{}); err != nil {
			t.Errorf("another region: %v", err)
		}
	}},
}

func TestQuotaCanBeRaised(t *testing.T) {
	w := newWorld(t, emulator.Options{Quotas: emulator.Quotas{EncoderConfigurations: 21}})
	w.NeedsEmulator(t, "the quota is an option of the emulator")
	for range 21 {
		w.encoder(t, &encoderInput{})
	}
	_, err := w.ivs.CreateEncoderConfiguration(t.Context(), &encoderInput{})
	w.refused(t, err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
}

var tagBeliefs = []belief{
	{"IVS-20 tags are merged by key and removed by key, whatever the key is (§1.6)", func(t *testing.T, w *world) {
		arn := w.encoder(t, &encoderInput{Tags: map[string]string{"keep": "1", "change": "1"}}).Arn
		if _, err := w.ivs.TagResource(t.Context(), &ivsrealtime.TagResourceInput{
			ResourceArn: arn, Tags: map[string]string{"change": "2", "a key/with: marks": "3", "more": "4"},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ivs.UntagResource(t.Context(), &ivsrealtime.UntagResourceInput{
			ResourceArn: arn, TagKeys: []string{"more", "never there"},
		}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"keep": "1", "change": "2", "a key/with: marks": "3"}
		listed, err := w.ivs.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceArn: arn})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, want, listed.Tags)
		got, err := w.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: arn})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, want, got.EncoderConfiguration.Tags)
		diff(t, int32(1280), *got.EncoderConfiguration.Video.Width)
	}},
	{"IVS-21 the limits of tags hold for what a resource has in the end (§1.6)", func(t *testing.T, w *world) {
		arn := w.encoder(t, &encoderInput{Tags: manyTags(50)}).Arn
		for _, tags := range []map[string]string{{"one more": "x"}, {"aws:mine": "x"}, {"key-00": strings.Repeat("v", 257)}} {
			_, err := w.ivs.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceArn: arn, Tags: tags})
			w.refused(t, err, http.StatusBadRequest, "ValidationException")
		}
		if _, err := w.ivs.TagResource(t.Context(), &ivsrealtime.TagResourceInput{
			ResourceArn: arn, Tags: map[string]string{"key-00": "changed"},
		}); err != nil {
			t.Errorf("a change of one of fifty: %v", err)
		}
	}},
}
