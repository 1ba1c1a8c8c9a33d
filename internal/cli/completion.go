package cli

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yolo-live/yolo/internal/manifest"
)

// bashFallback stands in for the package bash-completion, which cobra's script
// for bash expects and many machines do not have.
//
//go:embed completion.bash
var bashFallback string

// zshFallback makes cobra's script for zsh work where no compinit came before.
const zshFallback = "(( $+functions[compdef] )) || { autoload -U compinit && compinit }\n"

// shells are those with completion.
var shells = []string{"bash", "fish", "powershell", "zsh"}

func (a *app) newCompletion() *cobra.Command {
	plain := false
	c := &cobra.Command{
		Use:   "completion <shell>",
		Short: "Print a script that makes a shell complete yolo",
		Long: `Prints the script that makes bash, zsh, fish or PowerShell complete yolo's
commands and flags, the environments of yolo.yml and their regions. This line
has every new shell read it:

  bash  echo 'eval "$(yolo completion bash)"' >>~/.bashrc
  zsh   echo 'eval "$(yolo completion zsh)"' >>~/.zshrc
  fish  echo 'yolo completion fish | source' >>~/.config/fish/config.fish
  pwsh  Add-Content $PROFILE 'yolo completion powershell | Out-String | iex'

Exit codes: 0 done; 1 stdout could not be written; 64 usage.`,
		Example: `  $ yolo completion bash`,
		Args:    oneShell,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return shells, cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().BoolVar(&plain, "no-descriptions", false, "complete words only, without what they mean")
	c.RunE = a.run(func(_ context.Context, args []string) (int, error) {
		return a.printCompletion(c.Root(), args[0], !plain)
	})
	return c
}

func oneShell(_ *cobra.Command, args []string) error {
	hint := "there are " + strings.Join(shells[:len(shells)-1], ", ") + " and " + shells[len(shells)-1]
	switch {
	case len(args) == 0:
		return usagef(hint, "completion needs the name of a shell")
	case len(args) > 1:
		return usagef("as in: yolo completion "+args[0], "completion takes one shell, not %d: %s", len(args), strings.Join(args, " "))
	case !slices.Contains(shells, args[0]):
		return usagef(hint, "there is no completion for %q", args[0])
	}
	return nil
}

func (a *app) printCompletion(root *cobra.Command, shell string, descriptions bool) (int, error) {
	var script bytes.Buffer
	if err := writeCompletion(root, &script, shell, descriptions); err != nil {
		return exitError, fmt.Errorf("make the completion for %s: %w", shell, err)
	}
	text := script.String()
	if shell == "zsh" { // whose first line has to stay the first
		text = strings.Replace(text, "\n", "\n"+zshFallback, 1)
	}
	if _, err := a.streams.Out.Write([]byte(text)); err != nil {
		return exitError, fmt.Errorf("write the completion: %w", err)
	}
	return exitDone, nil
}

func writeCompletion(root *cobra.Command, to *bytes.Buffer, shell string, descriptions bool) error {
	switch {
	case shell == "bash":
		to.WriteString(bashFallback)
		return root.GenBashCompletionV2(to, descriptions)
	case shell == "fish":
		return root.GenFishCompletion(to, descriptions)
	case shell == "zsh" && descriptions:
		return root.GenZshCompletion(to)
	case shell == "zsh":
		return root.GenZshCompletionNoDesc(to)
	case descriptions:
		return root.GenPowerShellCompletionWithDesc(to)
	}
	return root.GenPowerShellCompletion(to)
}

// completeEnvironments offers the manifest's environments with their regions,
// as the ValidArgsFunction of a command that takes one.
func (a *app) completeEnvironments(o *options) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var offers []string
		for _, name := range environments(o.file, a.dir) {
			offers = append(offers, offer(name, countRegions(environmentRegions(o.file, a.dir, name))))
		}
		return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeRegions offers the regions of the environment on the command line,
// or of all environments when none is there yet, with their places. It is that
// of every flag --region with a --file beside it, unless the command says
// otherwise.
func (a *app) completeRegions(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	file := c.Flags().Lookup("file").Value.String()
	if len(args) == 0 {
		args = environments(file, a.dir)
	}
	var regions []string
	for _, name := range args {
		for _, region := range environmentRegions(file, a.dir, name) {
			if !slices.Contains(regions, region) {
				regions = append(regions, region)
			}
		}
	}
	given, _ := c.Flags().GetStringArray("region")
	return offerRegions(regions, given, "")
}

// completeIVSRegions offers every region in which AWS lists IVS Real-Time, with
// its place, for a flag of a command that goes by no manifest:
//
//	_ = c.RegisterFlagCompletionFunc("region", completeIVSRegions)
//
// Of a list with commas, as in us-east-1,eu-w, it completes the last one.
func completeIVSRegions(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	list := typed[:strings.LastIndexByte(typed, ',')+1]
	return offerRegions(manifest.IVSRegions(), strings.Split(list, ","), list)
}

// completeValues offers the values of a flag or argument that takes one of a
// few, in this order; one with a meaning is written with cobra.CompletionWithDesc:
//
//	_ = c.RegisterFlagCompletionFunc("format", completeValues("dotenv", "json"))
func completeValues(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
}

// offerRegions leaves out what was given already.
func offerRegions(regions, given []string, before string) ([]string, cobra.ShellCompDirective) {
	var offers []string
	for _, region := range regions {
		if !slices.Contains(given, region) {
			offers = append(offers, offer(before+region, manifest.RegionPlace(region)))
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// offer is a word with its meaning, which may be empty.
func offer(word, meaning string) string {
	if meaning == "" {
		return word
	}
	return cobra.CompletionWithDesc(word, meaning)
}

func countRegions(regions []string) string {
	switch len(regions) {
	case 0:
		return ""
	case 1:
		return "1 region: " + regions[0]
	}
	return fmt.Sprintf("%d regions: %s", len(regions), strings.Join(regions, ", "))
}

// environmentRegions are an environment's regions, none when the manifest has
// mistakes or no such environment.
func environmentRegions(file, dir, name string) []string {
	path, err := findManifest(file, dir)
	if err != nil {
		return nil
	}
	env, _, err := manifest.Load(path, name)
	if err != nil {
		return nil
	}
	return env.Regions
}

// completeTheRest gives the arguments and flags of all commands that have no
// completion of their own the one that the word for their value calls for, and
// most of them none: left alone, the shell would offer files.
func (a *app) completeTheRest(c *cobra.Command) {
	if c.ValidArgsFunction == nil && c.Runnable() && !c.HasSubCommands() {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if complete := a.completionOf(c, f); complete != nil {
			// The error is that the command has registered another.
			_ = c.RegisterFlagCompletionFunc(f.Name, complete)
		}
	})
	for _, below := range c.Commands() {
		a.completeTheRest(below)
	}
}

// completionOf is nil for flags that take no value, or the name of any file.
func (a *app) completionOf(c *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	value, _ := pflag.UnquoteUsage(f)
	switch {
	case f.NoOptDefVal != "":
		return nil
	case f.Name == "file":
		return cobra.FixedCompletions([]string{"yml", "yaml"}, cobra.ShellCompDirectiveFilterFileExt)
	case f.Name == "region" && c.Flags().Lookup("file") != nil:
		return a.completeRegions
	case f.Name == "ivs-regions":
		return completeIVSRegions
	case value == "FOLDER":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case value == "FILE" || value == "PATH":
		return nil
	}
	return cobra.NoFileCompletions
}

// unquoteUsages takes the marks from around the words for flags' values, which
// cobra's completion would show.
func unquoteUsages(c *cobra.Command) {
	unquote := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	c.Flags().VisitAll(unquote)
	for _, below := range c.Commands() {
		unquoteUsages(below)
	}
}
