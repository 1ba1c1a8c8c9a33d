package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Draft is what an environment that is not written yet is to ask for.
type Draft struct {
	App, Environment string
	// AccountID is empty for an environment without one.
	AccountID string
	Regions   []string
	Logging   bool
	// RetentionDays is nil for yolo's default, which is then only shown.
	RetentionDays *int
	Recording     bool
	// Layout is empty to leave it to the number of regions: with several, only
	// [Regional] lets each of them record.
	Layout Layout
}

// Draft returns a draft of what an environment asks for, and whether that is all
// of it: a draft knows neither a bucket's own name nor an encoder's settings.
func (e *Environment) Draft() (d Draft, whole bool) {
	d = Draft{
		App: e.App, Environment: e.Name, AccountID: e.AccountID, Regions: slices.Clone(e.Regions),
		Logging: e.Logging.Enabled, Recording: e.Recording.Enabled, Layout: e.Recording.Layout,
	}
	if e.Logging.RetentionExplicit {
		d.RetentionDays = new(e.Logging.RetentionDays)
	}
	return d, e.Recording.BucketName == "" && e.Recording.Encoder == defaultEncoder
}

// Text returns a whole manifest with this one environment. Comments explain
// each key, and show those that have a default.
func (d Draft) Text() string { return d.document().text(1, 2, "\n") }

// Block returns the lines that Text has for the environment.
func (d Draft) Block() string { return d.environments().text(1, 2, "\n") }

// AppName makes an app's name of any text, such as a folder's name. It is short
// enough for an environment called so.
func AppName(text, environment string) string {
	const anything = "my-app"
	for name := sanitized(text, bucketRule); name != ""; name = strings.Trim(name[:len(name)-1], "-") {
		d := Draft{App: name, Environment: environment, Regions: ivsRegions, Logging: true, Recording: true}
		if !slices.ContainsFunc(d.Check(), Finding.isError) {
			return name
		}
	}
	return anything
}

// Check returns what the validator says of Text. No error among it means that
// the draft can be written.
func (d Draft) Check() []Finding {
	m, err := openSource(newSource(FileName, d.Text()))
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid.Findings
	}
	return m.warnings
}

func (d Draft) layout() Layout {
	switch {
	case d.Layout != "":
		return d.Layout
	case len(d.Regions) > 1:
		return Regional
	}
	return Shared
}

func (d Draft) document() sketch {
	environment := "<environment>"
	if plainForm.MatchString(d.Environment) {
		environment = d.Environment
	}
	return slices.Concat(lines(
		"# Where Amazon IVS records and logs. yolo makes it so, and keeps it so:",
		"#",
		"#   yolo sync "+environment+" --emulator   tries it without an AWS account",
		"#   yolo sync "+environment+" --dry-run    shows what it would do in yours",
		"#   yolo sync "+environment+"              does it",
		"",
		"# The app. Its name is part of the names of all that yolo makes.",
		"name: "+scalarText(d.App),
		"",
	), d.environments())
}

func (d Draft) environments() sketch {
	return slices.Concat(lines("environments:"), d.environment().deeper())
}

func (d Draft) environment() sketch {
	return slices.Concat(
		lines("# The word after `yolo sync`.", scalarText(d.Environment)+":"),
		lines("aws:").deeper(), d.aws().deeper().deeper(),
	)
}

func (d Draft) aws() sketch {
	account := lines("# With an account id yolo touches no other account.")
	if d.AccountID == "" {
		account = append(account, lines(`# account-id: "123456789012"`, "")...)
	} else {
		account = append(account, lines(d.account(), "")...)
	}
	return slices.Concat(account, lines("ivs:"), d.ivs().deeper())
}

func (d Draft) account() string { return "account-id: " + quotedText(d.AccountID) }

func (d Draft) ivs() sketch {
	regions := lines("# The region IVS works in. For several, write `regions: [a, b]`.")
	if len(d.Regions) == 1 {
		regions = append(regions, lines("region: "+scalarText(d.Regions[0]))...)
	} else {
		written := make([]string, len(d.Regions))
		for i, region := range d.Regions {
			written[i] = scalarText(region)
		}
		regions = lines("# The regions IVS works in, the primary one first.", "regions: ["+strings.Join(written, ", ")+"]")
	}
	return slices.Concat(regions, lines(""), d.logging(), lines("", "recording:"), d.recording().deeper())
}

func (d Draft) logging() sketch {
	retention := fmt.Sprintf("# log-retention-days: %d", DefaultRetentionDays)
	if d.RetentionDays != nil {
		retention = fmt.Sprintf("log-retention-days: %d", *d.RetentionDays)
	}
	return lines(
		"# IVS's events, such as a participant who joins or a recording that",
		"# ends, in a log group of each region.",
		fmt.Sprintf("logging: %t", d.Logging),
		"# How long they are kept; CloudWatch Logs has a list of what is possible.",
		retention,
	)
}

func (d Draft) recording() sketch {
	const ofItsOwn = "# A composition records only to a bucket of its own region. "
	s := lines("# Compositions of Real-Time stages can be recorded to S3.", fmt.Sprintf("real_time: %t", d.Recording))
	switch {
	case d.layout() == Regional && len(d.Regions) > 1:
		s = append(s, lines(ofItsOwn+"So several", "# regions need a bucket in each of them: regional.")...)
	case d.layout() == Regional:
		s = append(s, lines("# A bucket in each region; shared is one in the first region for all.")...)
	case len(d.Regions) > 1:
		s = append(s, lines(ofItsOwn+"With", "# shared that is the first one; regional is a bucket in each of them.")...)
	default:
		s = append(s, lines(ofItsOwn+"For", "# several regions write regional: a bucket in each of them.")...)
	}
	layout, example := "bucket: "+scalarText(string(d.layout())), "my-archive"
	if d.layout() == Regional {
		example += "-" + placeholder
	}
	if d.Layout == "" && (d.layout() == Shared || !d.Recording) {
		layout = "# " + layout
		example = "my-archive"
	}
	video := defaultEncoder
	return append(s, lines(
		layout,
		"# A name of your own for the bucket, instead of yolo's:",
		"# bucket-name: "+example,
		"# The video of a recording. These are the defaults:",
		fmt.Sprintf("# encoder: {width: %d, height: %d, framerate: %g, bitrate: %d}", video.Width, video.Height, video.Framerate, video.Bitrate),
	)...)
}
