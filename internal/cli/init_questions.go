package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/ui"
)

// question asks for one part of the draft.
type question struct {
	text     string
	standard string   // what Enter takes
	choice   []string // lines above the question
	take     func(answer string) *answerError
}

// answerError is what is wrong with an answer, and what to type instead.
type answerError struct{ text, fix string }

// errNoAnswer is the end of the input at a question.
var errNoAnswer = errors.New("no answer: nothing was written")

func (w *writing) askFor(open []piece) error {
	if len(open) == 0 {
		return nil
	}
	does := "makes"
	if w.base != nil {
		does = "adds to"
	}
	ui.Tell(w.streams, 0, fmt.Sprintf("This %s %s. Enter takes what is in brackets.", does, w.path))
	ui.Tell(w.streams, 0, "")
	for _, p := range open {
		if q := p.ask(); q != nil {
			if err := w.ask(*q); err != nil {
				return err
			}
		}
	}
	ui.Tell(w.streams, 0, "")
	return nil
}

// ask asks until the answer is one that the validator takes.
func (w *writing) ask(q question) error {
	for i, line := range q.choice {
		ui.Tell(w.streams, min(i, 1)*2, line)
	}
	for {
		answer, err := ui.Ask(w.stop, w.streams, fmt.Sprintf("%s [%s]", q.text, q.standard))
		if errors.Is(err, io.EOF) {
			return errNoAnswer
		}
		if err != nil {
			return err
		}
		// In the manifest, some answers need quotes.
		if w.try(q, cmp.Or(strings.Trim(answer, `"'`), q.standard)) {
			return nil
		}
	}
}

// try puts an answer into the draft, or says what is wrong with it.
func (w *writing) try(q question, answer string) bool {
	before := w.draft
	if wrong := q.take(answer); wrong != nil {
		w.object(*wrong)
		return false
	}
	for _, f := range w.draft.Check() {
		if f.Severity == manifest.SeverityError {
			w.object(answerError{f.Message, typedFix(f)})
			w.draft = before
			return false
		}
		w.warn(f)
	}
	return true
}

func (w *writing) object(wrong answerError) {
	ui.Tell(w.streams, 2, wrong.text)
	ui.Tell(w.streams, 2, "fix: "+wrong.fix)
}

func (w *writing) askName() *question {
	return &question{text: "Name of the app", standard: w.draft.App, take: func(answer string) *answerError {
		w.draft.App = answer
		return nil
	}}
}

func (w *writing) askEnvironment() *question {
	return &question{text: "Environment", standard: w.draft.Environment, take: func(answer string) *answerError {
		if w.base != nil {
			form, at := w.base.IVS(answer)
			if form == manifest.Full || form == manifest.Short && answer != w.options.environment {
				return &answerError{fmt.Sprintf("%s has its ivs already, on line %d", answer, at.Line), "type another name; it need not be there yet"}
			}
		}
		w.draft.Environment = answer
		w.inherit()
		return nil
	}}
}

// askAccount asks nothing where the file has the answer.
func (w *writing) askAccount() *question {
	if w.draft.AccountID != "" {
		return nil
	}
	const none = "none"
	return &question{text: "AWS account id, the only one that yolo may touch", standard: none, take: func(answer string) *answerError {
		if answer != none {
			w.draft.AccountID = answer
		}
		return nil
	}}
}

func (w *writing) askRegions() *question {
	q := question{
		text: "Regions, as numbers or names, the primary one first", standard: strings.Join(w.draft.Regions, ", "),
		choice: []string{"IVS Real-Time is in these regions:"},
		take: func(answer string) *answerError {
			regions, wrong := chosen(answer, manifest.IVSRegions())
			if wrong == nil {
				w.draft.Regions = regions
			}
			return wrong
		},
	}
	for i, region := range manifest.IVSRegions() {
		q.choice = append(q.choice, fmt.Sprintf("%d  %-14s %s", i+1, region, manifest.RegionPlace(region)))
	}
	return &q
}

// chosen are the regions that an answer has, by number or name.
func chosen(answer string, regions []string) ([]string, *answerError) {
	words := strings.FieldsFunc(answer, func(r rune) bool { return strings.ContainsRune(",; \t", r) })
	for i, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil {
			continue
		}
		if n < 1 || n > len(regions) {
			return nil, &answerError{fmt.Sprintf("there is no region %d", n), fmt.Sprintf("type numbers from 1 to %d, as in 1, 3", len(regions))}
		}
		words[i] = regions[n-1]
	}
	if len(words) == 0 {
		return nil, &answerError{"that is no region", "type numbers or names, as in 1, 3"}
	}
	return unique(words), nil
}

func (w *writing) askRecording() *question {
	return askWhether("Record compositions to S3?", w.draft.Recording, func(yes bool) { w.draft.Recording = yes })
}

func (w *writing) askLogging() *question {
	return askWhether("Keep IVS's events in CloudWatch Logs?", w.draft.Logging, func(yes bool) { w.draft.Logging = yes })
}

func askWhether(text string, standard bool, set func(yes bool)) *question {
	enter := "y/N"
	if standard {
		enter = "Y/n"
	}
	return &question{text: text, standard: enter, take: func(answer string) *answerError {
		switch strings.ToLower(answer) {
		case "y", "yes":
			set(true)
		case "n", "no":
			set(false)
		case strings.ToLower(enter):
			set(standard)
		default:
			return &answerError{fmt.Sprintf("%q is neither yes nor no", answer), "type y or n"}
		}
		return nil
	}}
}

// askRetention asks nothing when no events are kept.
func (w *writing) askRetention() *question {
	if !w.draft.Logging {
		return nil
	}
	standard := strconv.Itoa(manifest.DefaultRetentionDays)
	return &question{text: "Days to keep them", standard: standard, take: func(answer string) *answerError {
		days, err := strconv.Atoi(answer)
		switch {
		case err != nil:
			return &answerError{fmt.Sprintf("%q is not a whole number", answer), "type digits only, such as 30"}
		case answer == standard:
			w.draft.RetentionDays = nil
		default:
			w.draft.RetentionDays = &days
		}
		return nil
	}}
}

// confirm asks whether ivs: true or false gives way to the draft.
func (w *writing) confirm() error {
	form, at := w.base.IVS(w.draft.Environment)
	if form == manifest.Absent || w.options.yes || w.options.dryRun {
		return nil
	}
	text := fmt.Sprintf("%s: %s has ivs: %t", at, w.draft.Environment, form == manifest.Short)
	if !w.streams.Interactive {
		return &hintedError{errors.New(text), "--yes puts the lines above in its place"}
	}
	yes, err := ui.Confirm(w.stop, w.streams, text+". Put what you chose in its place?")
	if err == nil && !yes {
		err = errors.New("nothing was written")
	}
	return err
}
