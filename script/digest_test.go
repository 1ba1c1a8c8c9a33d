package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// document is the part of the JSON document that a digest tells.
type document struct {
	Result   string
	Changed  bool
	Requests struct{ Mutating int }
	Env      json.RawMessage
	Warnings []struct{ Code, Region, Text, Fix string }
	Steps    []struct {
		ID, Result string
		Reason     string
		Resources  []struct {
			Region, Kind, Name string
			ARN                *string
			Result             string
			Changed            bool
			CanRecord          *bool `json:"can_record"`
			Changes            []struct {
				Attribute string
				From, To  json.RawMessage
			}
			Notes []string
			Error *struct{ Code, Message, Hint string }
		}
	}
}

func digest(ts *testscript.TestScript, _ arguments) error {
	var d document
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &d); err != nil {
		return fmt.Errorf("stdout is no JSON document: %w", err)
	}
	stderr := ts.ReadFile("stderr")
	if _, err := io.WriteString(ts.Stdout(), worldOf(ts).mask.text(d.short())); err != nil {
		return err
	}
	_, err := io.WriteString(ts.Stderr(), stderr)
	return err
}

func (d *document) short() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, changed %t\n", d.Result, d.Changed)
	for _, s := range d.Steps {
		fmt.Fprintf(&b, "%s: %s%s\n", s.ID, s.Result, bracketed(s.Reason))
		for _, r := range s.Resources {
			if !r.Changed && r.Error == nil && len(r.Notes) == 0 && r.Result == "SYNCED" {
				continue
			}
			fmt.Fprintf(&b, "  %s %s %s: %s\n", r.Region, r.Kind, r.Name, r.Result)
			if r.CanRecord != nil && !*r.CanRecord {
				fmt.Fprintf(&b, "    cannot record\n")
			}
			for _, c := range r.Changes {
				fmt.Fprintf(&b, "    %s: %s -> %s\n", c.Attribute, orNull(c.From), orNull(c.To))
			}
			for _, note := range r.Notes {
				fmt.Fprintf(&b, "    note: %s\n", note)
			}
			if r.Error != nil {
				fmt.Fprintf(&b, "    %s: %s\n    hint: %s\n", r.Error.Code, r.Error.Message, r.Error.Hint)
			}
		}
	}
	for _, line := range d.env() {
		fmt.Fprintf(&b, "%s\n", line)
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(&b, "warning %s %s: %s\n  fix: %s\n", w.Code, w.Region, w.Text, w.Fix)
	}
	return b.String()
}

// env are the env object's lines in their order, which a map would not keep.
func (d *document) env() []string {
	var lines []string
	decoder := json.NewDecoder(strings.NewReader(string(d.Env)))
	var words []string
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		if word, ok := token.(string); ok {
			words = append(words, word)
		}
	}
	for pair := range slices.Chunk(words, 2) {
		lines = append(lines, strings.Join(pair, "="))
	}
	return lines
}

func bracketed(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

func orNull(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "null"
	}
	var short bytes.Buffer
	if err := json.Compact(&short, raw); err != nil {
		return string(raw)
	}
	return short.String()
}
