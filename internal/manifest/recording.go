package manifest

import (
	"fmt"
	"strconv"
	"strings"
)

func (r *reader) recording(v value) {
	wish := &r.environment.Recording
	wish.SkipReason = "aws.ivs.recording is not in the manifest"
	if !v.exists() {
		return
	}
	if !isMap(v.node) || tagOf(v.node) != "" {
		r.mistyped(v, "a map", `write "real_time: true" below it`)
		wish.SkipReason = "aws.ivs.recording is not a map"
		return
	}
	entries := r.fields(v, "aws.ivs.recording")
	realTime := lookup(entries, "real_time")
	on, ok := r.boolean(realTime)
	wish.Enabled = on
	wish.SkipReason = offReason("aws.ivs.recording.real_time", realTime, !ok)
	if on {
		wish.SkipReason = ""
	}
	layoutKnown := r.layout(lookup(entries, "bucket"))
	r.bucketName(lookup(entries, "bucket-name"), layoutKnown)
	r.encoder(lookup(entries, "encoder"))
}

// layout reads bucket and reports whether the layout is sure.
func (r *reader) layout(v value) bool {
	if !v.exists() {
		return true
	}
	word, ok := r.text(v, "shared or regional", "shared")
	if !ok {
		return false
	}
	switch layout := Layout(word); layout {
	case Shared, Regional:
		r.environment.Recording.Layout = layout
		return true
	}
	fix := "write shared for one bucket in the first region, or regional for one in each"
	if near := nearest(word, []string{string(Shared), string(Regional)}, 3); len(near) > 0 {
		fix = fmt.Sprintf("did you mean %s?", near[0])
	} else if strings.ContainsAny(word, "-.") {
		fix = "write shared or regional; a name of your own goes in bucket-name"
	}
	r.reportValue(v, finding{
		code:    CodeInvalidValue,
		message: fmt.Sprintf("must be shared or regional, not %s", quote(word)), fix: fix,
	})
	return false
}

const placeholder = "{region}"

// bucketName reads bucket-name. Its braces must suit the layout; whether S3
// takes the name is looked at with the other names.
func (r *reader) bucketName(v value, layoutKnown bool) {
	example := "my-archive"
	if r.environment.Recording.Layout == Regional {
		example = "my-archive-{region}"
	}
	name, ok := r.text(v, "the name of a bucket", example)
	if !ok {
		return
	}
	r.environment.Recording.BucketName = name
	r.bucketNames[r.environment.Name] = v
	bare := strings.ReplaceAll(name, placeholder, "")
	holds := bare != name
	f := finding{code: CodePlaceholder}
	switch {
	case strings.ContainsAny(bare, "{}"):
		f.message = fmt.Sprintf("%s has braces that are not {region}, the only placeholder", quote(name))
		f.fix = v.write(withoutBraces(name))
	case layoutKnown && holds && r.environment.Recording.Layout == Shared:
		f.message = "one shared bucket has one name, and {region} stands for several"
		f.fix = `write "bucket: regional" beside it, or take {region} out`
	case layoutKnown && !holds && r.environment.Recording.Layout == Regional:
		f.message = "bucket: regional makes a bucket in each region, and this is one name for all of them"
		f.fix = v.write(strings.TrimRight(name, "-") + "-" + placeholder)
	default:
		return
	}
	r.reportValue(v, f)
}

// withoutBraces repairs a placeholder such as ${Region}, or takes it out.
func withoutBraces(name string) string {
	if strings.Contains(strings.ToLower(name), "region") {
		return "my-archive-" + placeholder
	}
	return "my-archive"
}

// Limits of the shape Video (CreateEncoderConfiguration).
const (
	minSide, maxSide = 2, 1920
	maxPixels        = 2_073_600
	minFramerate     = 1
	maxFramerate     = 60
	minBitrate       = 1
	maxBitrate       = 8_500_000
)

func (r *reader) encoder(v value) {
	if !v.exists() {
		return
	}
	if !isMap(v.node) || tagOf(v.node) != "" {
		r.mistyped(v, "a map", v.write("{width: 1280, height: 720, framerate: 30, bitrate: 2500000}"))
		return
	}
	wish := &r.environment.Recording.Encoder
	entries := r.fields(v, "aws.ivs.recording.encoder")
	width, height := lookup(entries, "width"), lookup(entries, "height")
	widthFits := r.side(width, &wish.Width, defaultEncoder.Width)
	heightFits := r.side(height, &wish.Height, defaultEncoder.Height)
	if widthFits && heightFits {
		r.pixels(height)
	}
	r.framerate(lookup(entries, "framerate"))
	r.bitrate(lookup(entries, "bitrate"))
}

// side reads a width or height and reports whether it fits by itself.
func (r *reader) side(v value, into *int32, standard int32) bool {
	n, ok := r.whole(v, "a whole number of pixels", strconv.Itoa(int(standard)))
	switch {
	case !v.exists():
		return true
	case !ok:
		return false
	case n < minSide || n > maxSide:
		r.limit(v, fmt.Sprintf("IVS takes %d to %d pixels, not %s", minSide, maxSide, v.node.Value),
			v.write(strconv.Itoa(max(minSide, min(n, maxSide)))))
		return false
	case n%2 != 0:
		r.limit(v, fmt.Sprintf("IVS takes even numbers of pixels, and %d is odd", n),
			fmt.Sprintf("write %d or %d", max(minSide, n-1), min(n+1, maxSide)))
		return false
	}
	*into = int32(n)
	return true
}

// pixels checks the product of width and height. Over the limit the height is
// always written: with the default height the greatest width is within it.
func (r *reader) pixels(height value) {
	wish := r.environment.Recording.Encoder
	product := int(wish.Width) * int(wish.Height)
	if product <= maxPixels {
		return
	}
	r.limit(height, fmt.Sprintf("%d x %d are %d pixels, and IVS takes %d", wish.Width, wish.Height, product, maxPixels),
		"make one of the two smaller; 1920 x 1080 is the largest usual size")
}

func (r *reader) framerate(v value) {
	n, ok := r.number(v, "a number of frames a second", "30")
	if !ok {
		return
	}
	if n < minFramerate || n > maxFramerate {
		r.limit(v, fmt.Sprintf("IVS takes %d to %d frames a second, not %s", minFramerate, maxFramerate, v.node.Value),
			v.write(strconv.Itoa(int(max(minFramerate, min(n, maxFramerate))))))
		return
	}
	r.environment.Recording.Encoder.Framerate = float32(n)
}

func (r *reader) bitrate(v value) {
	n, ok := r.whole(v, "a whole number of bits a second", strconv.Itoa(int(defaultEncoder.Bitrate)))
	if !ok {
		return
	}
	if n < minBitrate || n > maxBitrate {
		r.limit(v, fmt.Sprintf("IVS takes %d to %d bits a second, not %s", minBitrate, maxBitrate, v.node.Value),
			v.write(strconv.Itoa(max(minBitrate, min(n, maxBitrate)))))
		return
	}
	r.environment.Recording.Encoder.Bitrate = int32(n)
}

func (r *reader) limit(v value, message, fix string) {
	r.reportValue(v, finding{code: CodeInvalidEncoder, message: message, fix: fix})
}
