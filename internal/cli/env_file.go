package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/yolo-live/yolo/internal/dotenv"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
	"github.com/yolo-live/yolo/internal/ui"
)

// codeEnvFile is documented in docs/json.md.
const codeEnvFile = "EnvFile"

// fileProblem is a file's error with the parts that a document has.
func fileProblem(err error) error {
	if e, ok := errors.AsType[*dotenv.FileError](err); ok {
		return &reconcile.Problem{ProblemCode: codeEnvFile, Text: e.Text, Fix: e.Fix, Cause: e.Cause}
	}
	return err
}

// open reads the file that is to be checked, and makes sure that the one that
// is to be written can be read, before AWS is asked for anything.
func (e *envRun) open() error {
	switch path := e.options.look; {
	case e.options.write != "":
		_, err := dotenv.Load(e.options.write)
		return fileProblem(err)
	case path == "-":
		text, err := dotenv.Read(e.fileName(), e.streams.In)
		e.found = foundIn(text)
		return fileProblem(err)
	case isPipe(path):
		return fileProblem(&dotenv.FileError{Text: path + " is no ordinary file", Fix: "give its text on stdin, and name it -"})
	case path != "":
		file, err := dotenv.Load(path)
		if err == nil && file.Missing {
			err = &dotenv.FileError{Text: path + " is not there", Fix: e.writeCommand() + " makes it"}
		}
		e.found = foundIn(file.Text)
		return fileProblem(err)
	}
	return nil
}

// isPipe tells whether a path leads to something that is neither a file nor a
// folder, such as what a shell makes of <(command).
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// fileName is the checked file's name for people.
func (e *envRun) fileName() string {
	if e.options.look == "-" {
		return "stdin"
	}
	return e.options.look
}

func foundIn(text string) []resource.EnvFound {
	var found []resource.EnvFound
	for _, a := range dotenv.Parse(text) {
		found = append(found, resource.EnvFound{Name: a.Key, Value: a.Value, Line: a.Line, Commented: a.Commented, Odd: !a.Uniform})
	}
	return found
}

// judge compares the file with the plan, in what is left of the run's time.
func (e *envRun) judge(ctx context.Context, plan *reconcile.Report) {
	ctx, cancel := context.WithTimeout(ctx, e.left)
	defer cancel()
	defer context.AfterFunc(e.stop, cancel)()
	var leftovers []resource.EnvFinding
	e.findings, leftovers, e.err = resource.CheckEnv(ctx, e.cloud, e.wish, plan, e.found)
	for _, one := range leftovers {
		e.leftover = append(e.leftover, reconcile.Warning{
			Code: one.Code, Region: one.Region, Text: fmt.Sprintf("%s:%d: %s: %s", e.fileName(), one.Line, one.Name, one.Text), Fix: one.Fix,
		})
	}
	if e.stop.Err() != nil {
		plan.Interrupted, e.err = true, nil
	}
}

// checked are the findings with their fixes. Pending tells that a sync has to
// make something first, before which nothing is written.
func (e *envRun) checked(pending bool) *ui.Checked {
	fix := e.writeCommand()
	if pending {
		fix = e.command("sync:recording") + " && " + fix
	}
	c := &ui.Checked{File: e.fileName(), Findings: []ui.Finding{}}
	for _, f := range e.findings {
		one := ui.Finding{Code: f.Code, Key: f.Name, Line: f.Line, Text: f.Text, Fix: f.Fix}
		if one.Fix == "" {
			one.Fix = fix
		}
		if f.Line > 0 && f.Code != resource.CodeCommentedOut {
			one.Have = &f.Have
		}
		if f.Want != "" {
			one.Want = &f.Want
		}
		c.Findings = append(c.Findings, one)
	}
	return c
}

// writeCommand is what writes the checked file anew.
func (e *envRun) writeCommand() string {
	var flags []string
	for _, region := range e.options.regions {
		flags = append(flags, "--region", region)
	}
	if e.options.look == "-" {
		return e.command("env", flags...) + " prints the right values"
	}
	return e.command("env", append(flags, "--write", e.options.look)...)
}

// writeEnv merges the values into a file.
func writeEnv(path string, values []resource.EnvValue) (*ui.Written, error) {
	var want []dotenv.Variable
	for _, v := range values {
		want = append(want, dotenv.Variable{Key: v.Name, Value: v.Value})
	}
	done, err := dotenv.MergeFile(path, want)
	if err != nil {
		return nil, fileProblem(err)
	}
	w := &ui.Written{File: path, Created: done.Created, Changes: []ui.EnvChange{}, Lost: done.Lost}
	for _, c := range done.Changes {
		one := ui.EnvChange{Key: c.Key, Line: c.Line, To: c.To}
		if !c.Added {
			one.From = &c.From
		}
		w.Changes = append(w.Changes, one)
	}
	return w, nil
}
