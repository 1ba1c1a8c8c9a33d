package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yolo-live/yolo/internal/permissions"
	"github.com/yolo-live/yolo/internal/ui"
)

// permissionsOptions are the flags of permissions.
type permissionsOptions struct {
	options
	purposes []string
}

func (a *app) newPermissions() *cobra.Command {
	o := permissionsOptions{options: options{command: "permissions"}}
	c := &cobra.Command{
		Use:   "permissions <environment>",
		Short: "Print the smallest IAM policy for what yolo.yml needs",
		Long: `Prints on stdout the smallest IAM policy with which a command does its work for
this environment: only the features, buckets, log groups, rules and regions of
yolo.yml, and where AWS has no names to go by, only what has this app's tags.
How large it is, and how to attach it, is told on stderr. AWS is asked nothing.

--for says what the identity is to do; several are separated by commas:

  sync     sync, in all its forms (the default)
  plan     only read for it: sync --dry-run and env
  status   status, which looks in every region that has IVS
  verify   verify: a show of its own, and its removal
  purge    what verify --purge takes beside
  doctor   doctor
  events   events
  destroy  destroy, with --delete-recordings
  prune    prune
  app      not yolo but the app: make a stage with tokens, and have it recorded

Exit codes: 0 done; 1 stdout could not be written; 64 usage or manifest.`,
		Example: `  $ yolo permissions production
  $ yolo permissions production --for sync,verify >policy.json
  $ yolo permissions production --for app`,
		ValidArgsFunction: a.completeEnvironments(&o.options),
	}
	f := c.Flags()
	f.StringSliceVar(&o.purposes, "for", []string{string(permissions.Sync)}, "what it is `FOR`: "+strings.Join(purposeNames(), ", "))
	f.BoolVar(&o.json, "json", false, "print one JSON document, with the policy in it")
	f.VarP((*pathValue)(&o.file), "file", "f", "the manifest's `PATH` (default: yolo.yml, looked for from here upwards)")
	_ = c.RegisterFlagCompletionFunc("for", completeValues(purposeNames()...))
	c.RunE = a.run(func(_ context.Context, args []string) (int, error) {
		if err := o.takeEnvironment(args, a.dir); err != nil {
			return exitUsage, err
		}
		return a.runPermissions(o)
	})
	return c
}

func purposeNames() []string {
	var names []string
	for _, p := range permissions.Purposes() {
		names = append(names, string(p))
	}
	return names
}

// chosen are the purposes that are asked for, each once.
func (o *permissionsOptions) chosen() ([]permissions.Purpose, error) {
	var chosen []permissions.Purpose
	for _, name := range o.purposes {
		p := permissions.Purpose(name)
		if !slices.Contains(permissions.Purposes(), p) {
			return nil, usagef("there are "+strings.Join(purposeNames(), ", "), "--for %q: is not known", name)
		}
		if !slices.Contains(chosen, p) {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		return nil, usagef("there are "+strings.Join(purposeNames(), ", "), "--for names nothing")
	}
	return chosen, nil
}

func (a *app) runPermissions(o permissionsOptions) (int, error) {
	purposes, err := o.chosen()
	if err != nil {
		return exitUsage, err
	}
	s, err := a.newSession(o.options, true, true)
	if err != nil {
		return exitUsage, err
	}
	said, err := s.permissions(purposes)
	if err != nil {
		return exitError, err
	}
	m := s.meta()
	m.Account = s.env.AccountID
	if warning := said.Warning(); warning != nil {
		m.Warnings = append(m.Warnings, *warning)
	}
	if o.json {
		err = ui.JSON(s.streams.Out, ui.NewPermissionsDocument(m, said))
	} else {
		_, err = s.streams.Out.Write(said.Policy)
	}
	if err != nil {
		return exitError, fmt.Errorf("write the policy to stdout: %w", err)
	}
	ui.PermissionsSummary(s.streams, m, said)
	return exitDone, nil
}

// permissions derives the policy, and what there is to say of it.
func (s *session) permissions(purposes []permissions.Purpose) (ui.Permissions, error) {
	said := ui.Permissions{Purposes: listed(purposes), Limit: permissions.MaxSize, NoAccount: s.env.AccountID == ""}
	policy := permissions.For(s.env, purposes...)
	if policy == nil {
		reasons := []string{s.env.Recording.SkipReason}
		if !slices.Contains(reasons, s.env.Logging.SkipReason) {
			reasons = append(reasons, s.env.Logging.SkipReason)
		}
		said.Reason = strings.Join(slices.DeleteFunc(reasons, func(r string) bool { return r == "" }), "; ")
		return said, nil
	}
	text, err := policy.JSON()
	if err != nil {
		return said, fmt.Errorf("write the policy as JSON: %w", err)
	}
	said.Policy, said.Size = json.RawMessage(bytes.Clone(text)), policy.Size()
	said.Actions, said.Statements = len(policy.Actions()), len(policy.Statements)
	if said.Warning() == nil {
		said.Commands = s.attaching(purposes)
		return said, nil
	}
	for _, one := range purposes {
		said.Commands = append(said.Commands, s.attaching([]permissions.Purpose{one})...)
	}
	return said, nil
}

func listed(purposes []permissions.Purpose) string {
	var names []string
	for _, p := range purposes {
		names = append(names, string(p))
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// attaching are the commands that make the policy and attach it to a role.
func (s *session) attaching(purposes []permissions.Purpose) []string {
	var words []string
	for _, p := range purposes {
		words = append(words, string(p))
	}
	name := strings.Join(append([]string{"yolo", s.env.Name, s.env.App}, words...), "-")
	file := typed(name + ".json")
	return []string{
		s.command("permissions", "--for", strings.Join(words, ",")) + " >" + file,
		"aws iam create-policy --policy-name " + typed(name) + " --policy-document file://" + file,
		"aws iam attach-role-policy --role-name ROLE --policy-arn arn:aws:iam::" + cmp.Or(s.env.AccountID, "ACCOUNT") + ":policy/" + typed(name),
	}
}
