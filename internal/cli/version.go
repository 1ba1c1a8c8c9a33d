package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is what the program knows of its own making.
type version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // "unknown" when it was built without version control
	Go      string `json:"go"`
	System  string `json:"system"`
}

func readVersion() version {
	v := version{Version: "(devel)", Commit: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	if revision := settings["vcs.revision"]; revision != "" {
		v.Commit = revision
	}
	if settings["vcs.modified"] == "true" {
		v.Commit += " (modified)"
	}
	return v
}

func (a *app) newVersion() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Long: `Prints which yolo this is: its version, the commit that it was built from, the
version of Go, and the system that it was built for.

Exit codes: 0 done; 1 stdout could not be written; 64 usage.`,
		Example: "  $ yolo version\n  $ yolo version --json",
		Args:    noArguments,
		RunE: a.run(func(context.Context, []string) (int, error) {
			return a.printVersion(readVersion(), asJSON)
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (a *app) printVersion(v version, asJSON bool) (int, error) {
	text := fmt.Sprintf("yolo %s\ncommit %s\n%s %s\n", v.Version, v.Commit, v.Go, v.System)
	if asJSON {
		document, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return exitError, err
		}
		text = string(document) + "\n"
	}
	if _, err := a.streams.Out.Write([]byte(text)); err != nil {
		return exitError, fmt.Errorf("write the version: %w", err)
	}
	return exitDone, nil
}
