package ivsrealtime

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
)

// codeInvalid is the code of every request that breaks a limit.
const codeInvalid = "ValidationException"

// Default quotas per account and region (RealTimeUserGuide, Service Quotas).
const (
	defaultStorageQuota     = 5
	defaultEncoderQuota     = 20
	defaultCompositionQuota = 20 // at the same time
	maxStageCompositions    = 5  // of one stage, at the same time
)

// Limits of the API (RealTimeAPIReference: CreateStorageConfiguration, Video,
// TagResource and the lists).
const (
	minSide, maxSide             = 2, 1920
	maxPixels                    = 1920 * 1080
	minFramerate                 = 1.0
	maxFramerate                 = 60.0
	minBitrate, maxBitrate       = 1, 8_500_000 // bits a second
	maxTags                      = 50
	minResults, maxResults       = 1, 100
	reservedTags                 = "aws:"
	maxTokenLength, maxARNLength = 1024, 128
)

var (
	nameLimit   = constraint.Matching(0, 128, `[a-zA-Z0-9-_]*`)
	bucketLimit = constraint.Matching(3, 63, `[a-z0-9-.]+`)
	tokenLimit  = constraint.Matching(0, maxTokenLength, `[a-zA-Z0-9+/=_-]*`)
	tagKey      = constraint.Text{Min: 1, Max: 128}
	tagValue    = constraint.Text{Max: 256}
)

// arnLimit is what the model says of an ARN of one kind.
func arnLimit(kind string) constraint.Text {
	return constraint.Matching(1, maxARNLength, `arn:aws:ivs:[a-z0-9-]+:[0-9]+:`+kind+`/[a-zA-Z0-9-]+`)
}

// checkTags collects what is wrong with the tags of one request.
func checkTags(c *constraint.Checks, tags map[string]string) {
	c.Size("tags", "{"+strings.Join(slices.Sorted(maps.Keys(tags)), ", ")+"}", len(tags), 0, maxTags)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		c.Text("tags", &key, tagKey)
		c.Text("tags."+key+".member", &value, tagValue)
	}
}

// refuseReserved refuses the keys that only AWS may set.
func refuseReserved(tags map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if strings.HasPrefix(strings.ToLower(key), reservedTags) {
			return invalid(fmt.Sprintf("Tag keys cannot start with %s, which is reserved for AWS use: %s", reservedTags, key))
		}
	}
	return nil
}

// checkVideo tells the first thing that is wrong with a video of which
// nothing is missing any more.
func checkVideo(v video) error {
	var c constraint.Checks
	c.Int("video.width", &v.Width, minSide, maxSide)
	c.Int("video.height", &v.Height, minSide, maxSide)
	c.Int("video.bitrate", &v.Bitrate, minBitrate, maxBitrate)
	if err := c.Err(codeInvalid); err != nil {
		return err
	}
	switch {
	case v.Framerate < minFramerate:
		return invalidFramerate(v.Framerate, "greater", minFramerate)
	case v.Framerate > maxFramerate:
		return invalidFramerate(v.Framerate, "less", maxFramerate)
	case v.Width%2 != 0 || v.Height%2 != 0:
		return invalid(fmt.Sprintf("Video width and height must be even numbers, not %dx%d", v.Width, v.Height))
	case v.Width*v.Height > maxPixels:
		return invalid(fmt.Sprintf("Video of %dx%d has %d pixels, the maximum is %d", v.Width, v.Height, v.Width*v.Height, maxPixels))
	}
	return nil
}

func invalidFramerate(value float64, than string, limit float64) error {
	return invalid(fmt.Sprintf("1 validation error detected: Value '%s' at 'video.framerate' failed to satisfy constraint: "+
		"Member must have value %s than or equal to %g", strconv.FormatFloat(value, 'g', -1, 64), than, limit))
}

// checkList collects what is wrong with a list of texts.
func checkList(c *constraint.Checks, member string, list []string, minimum, maximum int, each constraint.Text) {
	c.Size(member, "["+strings.Join(list, ", ")+"]", len(list), minimum, maximum)
	for _, text := range list {
		c.Text(member, &text, each)
	}
}
