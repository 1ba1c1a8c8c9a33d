package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width of help in columns, as of most terminals.
const helpWidth = 80

// commandGroup is what a person may want to do, and the commands for it.
type commandGroup struct {
	title    string
	commands []string
}

// commandGroups have every command that is not shown with the last of them.
var commandGroups = []commandGroup{
	{"Set up and mend", []string{"init", "sync", "sync:recording", "sync:logging"}},
	{"Look", []string{"status", "events", "env"}},
	{"Prove", []string{"verify", "verify:recording", "verify:logging", "doctor"}},
	{"Clear away", []string{"prune", "destroy", "destroy:recording", "destroy:logging"}},
	{"Tools", nil},
}

// help prints what a command does, how it is called, and how it ends.
func help(c *cobra.Command, _ []string) {
	var b strings.Builder
	text, codes, _ := strings.Cut(c.Long, "\n\nExit codes:")
	b.WriteString(strings.TrimSpace(text) + "\n")
	if c.IsAdditionalHelpTopicCommand() {
		_, _ = c.OutOrStdout().Write([]byte(b.String()))
		return
	}
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", usageLine(c))
	if c.HasAvailableSubCommands() {
		b.WriteString(commandList(c))
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Example)
	}
	fmt.Fprintf(&b, "\nFlags:\n%s", allFlags(c).FlagUsagesWrapped(helpWidth))
	if codes != "" {
		fmt.Fprintf(&b, "\nExit codes:%s\n", codes)
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s <command> --help tells more about one of them.\n", c.CommandPath())
	}
	_, _ = c.OutOrStdout().Write([]byte(b.String()))
}

func usageLine(c *cobra.Command) string {
	if c.HasAvailableSubCommands() {
		return c.CommandPath() + " <command> [flags]"
	}
	return c.UseLine()
}

// allFlags are a command's own and those of all commands.
func allFlags(c *cobra.Command) *pflag.FlagSet {
	c.InitDefaultHelpFlag()
	all := pflag.NewFlagSet(c.Name(), pflag.ContinueOnError)
	all.AddFlagSet(c.LocalFlags())
	all.AddFlagSet(c.InheritedFlags())
	return all
}

func commandList(root *cobra.Command) string {
	var b strings.Builder
	for i, commands := range inGroups(root) {
		if len(commands) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n", commandGroups[i].title)
		for _, c := range commands {
			fmt.Fprintf(&b, "  %-*s  %s\n", root.Commands()[0].NamePadding(), c.Name(), c.Short)
		}
	}
	for _, c := range topics(root) {
		fmt.Fprintf(&b, "\nTopics:\n  help %-*s %s\n", root.Commands()[0].NamePadding()-4, c.Name(), c.Short)
	}
	return b.String()
}

// topics are pages of help that belong to no command.
func topics(root *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(root.Commands()), func(c *cobra.Command) bool {
		return !c.IsAdditionalHelpTopicCommand()
	})
}

// inGroups are the commands that help shows, one list for each group.
func inGroups(root *cobra.Command) [][]*cobra.Command {
	lists := make([][]*cobra.Command, len(commandGroups))
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() && c.Name() != "help" {
			continue
		}
		group := slices.IndexFunc(commandGroups, func(g commandGroup) bool { return slices.Contains(g.commands, c.Name()) })
		if group < 0 {
			group = len(lists) - 1
		}
		lists[group] = append(lists[group], c)
	}
	for i, list := range lists {
		slices.SortStableFunc(list, func(a, b *cobra.Command) int {
			order := commandGroups[i].commands
			return slices.Index(order, a.Name()) - slices.Index(order, b.Name())
		})
	}
	return lists
}
