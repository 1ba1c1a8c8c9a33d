package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/ui"
)

// open finds the manifest, and reads it if there is one.
func (w *writing) open() error {
	path, err := findManifest(w.options.file, w.dir)
	if err == nil && !exists(path) {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return w.begin(err)
	}
	if err != nil {
		return err
	}
	w.path = path
	w.base, err = manifest.ReadBase(path)
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// begin decides on a new file, of which missing tells that it is not there.
func (w *writing) begin(missing error) error {
	w.path = w.options.file
	if w.path == "" {
		w.path = filepath.Join(w.dir, manifest.FileName)
		if exists(filepath.Join(w.dir, "yolo.yaml")) {
			return missing // which says what to do about a file of that name
		}
	}
	if link, err := os.Readlink(w.path); err == nil {
		return &hintedError{
			fmt.Errorf("%s: is a link to %s, which is not there", w.path, link), "remove the link, or make what it leads to",
		}
	}
	folder := filepath.Dir(w.path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return &hintedError{fmt.Errorf("%s: there is no folder %s", w.path, folder), "make the folder first, or correct the path"}
	}
	return nil
}

// there tells whether the manifest has it all already, and says so.
func (w *writing) there() (done bool, err error) {
	if w.base == nil {
		return false, nil
	}
	name := w.options.environment
	if name == "" && len(w.base.Environments) > 0 && w.lacking() == "" {
		if len(w.base.Environments) > 1 {
			return true, w.everywhere()
		}
		name = w.base.Environments[0]
	}
	w.options.environment = name
	form, at := w.base.IVS(name)
	if name == "" || form != manifest.Full && form != manifest.Short {
		return false, nil
	}
	different := w.differences(name)
	if len(different) == 0 {
		w.draft.Environment = name
		ui.Tell(w.streams, 0, fmt.Sprintf("Nothing to do: %s has its ivs on line %d of %s.", name, at.Line, w.path))
		w.next()
		return true, nil
	}
	if form == manifest.Short {
		return false, nil // the draft can take its place
	}
	if _, whole := w.base.Environment(name).Draft(); whole && w.takeFlags() == nil {
		w.paste()
	}
	return true, &hintedError{
		fmt.Errorf("%s: %s has its ivs already, and it differs: %s", at, name, strings.Join(different, "; ")),
		"nothing was written; change it there yourself",
	}
}

// lacking is the first environment without ivs, "" for none.
func (w *writing) lacking() string {
	for _, name := range w.base.Environments {
		if form, _ := w.base.IVS(name); form == manifest.Absent || form == manifest.Off {
			return name
		}
	}
	return ""
}

// everywhere is the end when all of several environments have it.
func (w *writing) everywhere() error {
	names := strings.Join(w.base.Environments, ", ")
	if flag := w.wished(); flag != "" {
		return usagef("the manifest has: "+names, "--%s: say which environment it is for, with --environment", flag)
	}
	ui.Tell(w.streams, 0, fmt.Sprintf("Nothing to do: in %s each environment has its ivs: %s.", w.path, names))
	ui.Tell(w.streams, 0, "For another one: yolo init --environment NAME")
	return nil
}

// wished is a flag that says how an environment is to be, "" for none.
func (w *writing) wished() string {
	for _, flag := range []string{
		"account-id", "region", "recording", "no-recording", "logging", "no-logging", "log-retention-days", "bucket",
	} {
		if w.options.given(flag) {
			return flag
		}
	}
	return ""
}

// differences are what the flags ask for and an environment has not.
func (w *writing) differences(name string) []string {
	env, o := w.base.Environment(name), w.options
	var all []string
	differ := func(flag, want, have string) {
		if o.given(flag) && want != have {
			all = append(all, fmt.Sprintf("%s is %s, not %s", flag, have, want))
		}
	}
	differ("name", o.name, w.base.App)
	differ("account-id", o.account, cmp.Or(env.AccountID, "none"))
	differ("region", strings.Join(unique(o.regions), ", "), cmp.Or(strings.Join(env.Regions, ", "), "none"))
	if recording, said := o.saysRecording(); said && recording != env.Recording.Enabled {
		all = append(all, "recording is "+onOff(env.Recording.Enabled))
	}
	if logging, said := o.saysLogging(); said && logging != env.Logging.Enabled {
		all = append(all, "logging is "+onOff(env.Logging.Enabled))
	}
	differ("log-retention-days", strconv.Itoa(o.retention), strconv.Itoa(env.Logging.RetentionDays))
	differ("bucket", o.bucket, string(env.Recording.Layout))
	return all
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func unique(words []string) []string {
	var all []string
	for _, word := range words {
		if !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}
