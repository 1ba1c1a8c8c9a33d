package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/manifest"
)

// schemaFile is what help calls the file of the schema, and where init looks
// for it.
const schemaFile = "yolo.schema.json"

// schemaLine is the comment with which the language servers for YAML find the
// schema of a file.
const schemaLine = "# yaml-language-server: $schema=" + schemaFile

func (a *app) newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of yolo.yml, for editors",
		Long: `Prints the JSON Schema (2020-12) of the manifest on stdout. With it an editor
completes keys, regions and values, shows what they mean, and marks mistakes.

Put it beside yolo.yml, and name it in the first line there:

  ` + schemaLine + `

Editors with the YAML language server read that line; in VS Code it comes with
the extension "YAML". yolo init writes the line if the file is there already.
A mistake that no schema can see, such as a key that is there twice, is found by
every sync, before AWS is asked anything.

Exit codes: 0 done; 1 stdout could not be written; 64 usage.`,
		Example: "  $ yolo schema > " + schemaFile,
		Args:    noArguments,
		RunE: a.run(func(context.Context, []string) (int, error) {
			return a.printSchema()
		}),
	}
}

func (a *app) printSchema() (int, error) {
	text, err := manifest.Schema()
	if err != nil {
		return exitError, fmt.Errorf("make the schema: %w", err)
	}
	if _, err := a.streams.Out.Write(text); err != nil {
		return exitError, fmt.Errorf("write the schema to stdout: %w", err)
	}
	return exitDone, nil
}
