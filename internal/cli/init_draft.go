package cli

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/ui"
)

// piece is one thing that a draft has to know.
type piece struct {
	known bool
	// flag tells it without a terminal, as in an example; "" for what has a
	// default there too.
	flag, example string
	// ask makes the question when its turn comes, since its default may depend
	// on the answers before; nil when there is nothing to ask any more.
	ask func() *question
}

func (w *writing) pieces() []piece {
	o, d := w.options, w.draft
	_, recording := o.saysRecording()
	_, logging := o.saysLogging()
	return []piece{
		{w.named() != "", "--name", "--name " + d.App, w.askName},
		{o.given("environment"), "--environment", "--environment " + d.Environment, w.askEnvironment},
		{o.given("account-id"), "", "", w.askAccount},
		{o.given("region"), "--region", "--region " + strings.Join(d.Regions, " --region "), w.askRegions},
		{recording, "--recording or --no-recording", "--recording", w.askRecording},
		{logging, "--logging or --no-logging", "--logging", w.askLogging},
		{o.given("log-retention-days"), "", "", w.askRetention},
	}
}

// complete makes the draft of flags, of answers, and of defaults for the rest.
func (w *writing) complete() error {
	if err := w.takeFlags(); err != nil || w.options.yes {
		return err
	}
	if !w.streams.Interactive {
		return refuse(w.unknown())
	}
	return w.askFor(w.unknown())
}

// unknown are the pieces that no flag and no file tells.
func (w *writing) unknown() []piece {
	return slices.DeleteFunc(w.pieces(), func(p piece) bool { return p.known })
}

// refuse names the flags without which somebody would have to be asked.
func refuse(open []piece) error {
	open = slices.DeleteFunc(open, func(p piece) bool { return p.flag == "" })
	if len(open) == 0 {
		return nil
	}
	var flags, example []string
	for _, p := range open {
		flags, example = append(flags, p.flag), append(example, p.example)
	}
	return usagef("add "+strings.Join(example, " ")+", or --yes for all defaults",
		"there is nobody to ask here, so init needs: %s", strings.Join(flags, ", "))
}

// named is the app's name as far as it is settled, "" when it is not.
func (w *writing) named() string {
	if w.base != nil && w.base.App != "" {
		return w.base.App
	}
	return w.options.name
}

// takeFlags fills the draft with what the flags say, and with defaults.
func (w *writing) takeFlags() error {
	if err := w.takeNames(); err != nil {
		return err
	}
	w.inherit()
	return w.checkFlags()
}

func (w *writing) takeNames() error {
	o := w.options
	for _, flag := range []struct{ name, value string }{
		{"name", o.name},
		{"environment", o.environment},
		{"account-id", o.account},
		{"bucket", o.bucket},
		{"region", strings.Join(o.regions, " ")},
	} {
		if o.given(flag.name) && strings.TrimSpace(flag.value) == "" {
			return usagef("give it a value, or leave it out", "--%s %q: is empty", flag.name, flag.value)
		}
		if !utf8.ValidString(flag.value) {
			return usagef("type it anew", "--%s %q: is not UTF-8", flag.name, flag.value)
		}
	}
	w.draft.Environment = o.environment
	if w.draft.Environment == "" && w.base != nil {
		w.draft.Environment = w.lacking()
	}
	w.draft.Environment = cmp.Or(w.draft.Environment, "production")
	folder, _ := filepath.Abs(filepath.Dir(w.path))
	w.draft.App = cmp.Or(w.named(), manifest.AppName(filepath.Base(folder), w.draft.Environment))
	return w.sameAsThere()
}

// sameAsThere refuses a name and an account that are not those of the file.
func (w *writing) sameAsThere() error {
	if w.base == nil {
		return nil
	}
	o := w.options
	if o.given("name") && o.name != w.named() {
		return usagef("leave --name out, or change the name there", "--name %q: the name in %s is %q", o.name, w.path, w.named())
	}
	if account := w.base.AccountID(o.environment); account != "" && o.given("account-id") && account != o.account {
		return usagef("leave --account-id out, or change it there", "--account-id %q: %s has %s in %s", o.account, o.environment, account, w.path)
	}
	return nil
}

// inherit fills what no flag says with what the file has of the environment,
// and else with defaults.
func (w *writing) inherit() {
	d := manifest.Draft{Regions: manifest.IVSRegions()[:1], Recording: true, Logging: true}
	if w.base != nil {
		d = w.inBase(d)
	}
	o := w.options
	d.App, d.Environment = w.draft.App, w.draft.Environment
	d.AccountID = cmp.Or(o.account, d.AccountID)
	if o.given("region") {
		d.Regions = unique(o.regions)
	}
	if on, said := o.saysRecording(); said {
		d.Recording = on
	}
	if on, said := o.saysLogging(); said {
		d.Logging = on
	}
	if o.given("log-retention-days") {
		d.RetentionDays = &o.retention
	}
	if o.given("bucket") {
		d.Layout = manifest.Layout(o.bucket)
	}
	w.draft = d
}

// inBase is the draft with what the file has of the environment.
func (w *writing) inBase(d manifest.Draft) manifest.Draft {
	name := w.draft.Environment
	if form, _ := w.base.IVS(name); form == manifest.Full || form == manifest.Short {
		d, _ = w.base.Environment(name).Draft()
		return d
	}
	d.AccountID = w.base.AccountID(name)
	if region := w.base.Region(name); manifest.IsIVSRegion(region) {
		d.Regions = []string{region}
	}
	return d
}

// checkFlags has the validator look at the draft, in which only flags, and the
// file's own name, can be wrong.
func (w *writing) checkFlags() error {
	for _, f := range w.draft.Check() {
		flag := flagOf(f.Path)
		switch {
		case f.Severity == manifest.SeverityWarning:
			w.warn(f)
		case w.options.given(flag):
			return usagef(typedFix(f), "--%s: %s", flag, f.Message)
		default:
			return usagef(f.Fix, "%s: %s: %s", w.path, flag, f.Message)
		}
	}
	return nil
}

// typedFix is a finding's fix for somebody who types the value, not the line of
// the file around it.
func typedFix(f manifest.Finding) string {
	switch {
	case f.Code == manifest.CodeInvalidAccountID:
		return `type the 12 digits and nothing else; "aws sts get-caller-identity" tells them`
	case f.Code == manifest.CodeInvalidRegion && strings.Contains(f.Message, ","):
		return "give --region once for each"
	}
	return f.Fix
}

// flagOf is the flag that sets the key of a path.
func flagOf(path string) string {
	_, key, _ := strings.Cut(path, ".aws.")
	for _, one := range []struct{ key, flag string }{
		{"account-id", "account-id"},
		{"ivs.region", "region"},
		{"ivs.log-retention-days", "log-retention-days"},
		{"ivs.recording.bucket", "bucket"},
	} {
		if strings.HasPrefix(key, one.key) {
			return one.flag
		}
	}
	if path == "name" {
		return "name"
	}
	return "environment"
}

// warn says what the validator warns of, once.
func (w *writing) warn(f manifest.Finding) {
	if slices.Contains(w.warned, f.Message) {
		return
	}
	w.warned = append(w.warned, f.Message)
	ui.Tell(w.streams, 0, "warning: "+f.Message)
	ui.Tell(w.streams, 2, "fix: "+f.Fix)
}
