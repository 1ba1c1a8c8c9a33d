package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// EventDocument is an event for machines; docs/json.md tells of every field.
type EventDocument struct {
	ID          string  `json:"id"`
	Region      string  `json:"region"`
	Time        string  `json:"time"`
	Logged      string  `json:"logged"`
	Type        *string `json:"type"`
	Name        *string `json:"name"`
	Stage       *string `json:"stage"`
	StageARN    *string `json:"stage_arn"`
	Composition *string `json:"composition_arn"`
	Destination *string `json:"destination"`
	Participant *string `json:"participant"`
	Failed      bool    `json:"failed"`
	Code        *string `json:"code"`
	Reason      *string `json:"reason"`
	// Entry is the whole entry of the log: JSON, or a text that is none.
	Entry json.RawMessage `json:"entry"`
}

// NewEventsDocument is NewDocument with the events that were read.
func NewEventsDocument(r *reconcile.Report, m Meta, events []EventDocument) Document {
	d := NewDocument(r, m, nil)
	d.Events = notNil(events)
	return d
}

// CompositionDocument is a composition for machines, as IVS lists it.
type CompositionDocument struct {
	Region       string                `json:"region"`
	ARN          string                `json:"arn"`
	Stage        *string               `json:"stage"`
	StageARN     string                `json:"stage_arn"`
	State        string                `json:"state"`
	Started      string                `json:"started"`
	Destinations []DestinationDocument `json:"destinations"`
}

// DestinationDocument is where a composition goes to.
type DestinationDocument struct {
	ID    string  `json:"id"`
	Kind  *string `json:"kind"` // recording or channel
	State string  `json:"state"`
}

// EventLine is one line of a stream that has no end: just one of its members is
// there.
type EventLine struct {
	Event       *EventDocument       `json:"event,omitempty"`
	Composition *CompositionDocument `json:"composition,omitempty"`
	Warning     *reconcile.Warning   `json:"warning,omitempty"`
	End         *Document            `json:"end,omitempty"`
}

// JSONLine writes a line of a stream; the error is the writer's.
func JSONLine(w io.Writer, l EventLine) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(l); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err := io.WriteString(w, escapeControls(b.String()))
	return err
}
