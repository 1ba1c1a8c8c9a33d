package recording

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"sync"
	"time"
)

// The objects of IVS's metadata below a recording's prefix (IVS Real-Time
// "Composite recording").
const (
	startedKey = "events/recording-started.json"
	endedKey   = "events/recording-ended.json"
	failedKey  = "events/recording-failed.json"
	// mediaPath is where HLS is when the metadata do not tell.
	mediaPath, multivariantName = "media/hls", "multivariant.m3u8"
)

// The values of recording_status (IVS Real-Time "Composite recording").
const (
	StatusStarted          = "RECORDING_STARTED"
	StatusEnded            = "RECORDING_ENDED"
	StatusStartFailed      = "RECORDING_START_FAILED"
	StatusEndedWithFailure = "RECORDING_ENDED_WITH_FAILURE"
)

// Metadata is one of IVS's metadata objects. Members that are not known are left
// alone, since AWS adds some.
type Metadata struct {
	Version  string `json:"version"`
	StageARN string `json:"stage_arn"`
	Status   string `json:"recording_status"`
	// Message is why a recording failed, if it did.
	Message   string    `json:"recording_status_message"`
	StartedAt time.Time `json:"recording_started_at"`
	EndedAt   time.Time `json:"recording_ended_at"`
	Media     struct {
		HLS struct {
			Path       string      `json:"path"`
			Playlist   string      `json:"playlist"`
			DurationMS int64       `json:"duration_ms"`
			Renditions []Rendition `json:"renditions"`
		} `json:"hls"`
	} `json:"media"`
}

// Rendition is a version of the recording, as the metadata tell.
type Rendition struct {
	Path     string `json:"path"`
	Playlist string `json:"playlist"`
	Width    int    `json:"resolution_width"`
	Height   int    `json:"resolution_height"`
}

// Duration is the length that IVS tells.
func (m *Metadata) Duration() time.Duration {
	const longest = int64(48 * time.Hour / time.Millisecond)
	return time.Duration(min(max(m.Media.HLS.DurationMS, 0), longest)) * time.Millisecond
}

// ParseMetadata reads a metadata object.
func ParseMetadata(text []byte) (*Metadata, error) {
	m := &Metadata{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("not IVS's metadata: %w", err)
	}
	if m.Status == "" {
		return nil, errors.New("not IVS's metadata: no recording_status")
	}
	return m, nil
}

// State is how far a recording came, by its metadata.
type State string

// The states of a recording.
const (
	Absent  State = "absent"  // no metadata at all
	Running State = "running" // started, and neither ended nor failed
	Ended   State = "ended"
	Failed  State = "failed"
	Unclear State = "unclear" // the metadata could not be read
)

// Outcome is what the metadata of a recording tell. Each is nil when it is not
// there.
type Outcome struct {
	Started, Ended, Failed *Metadata
	// Problem is the first object that could not be read, nil for none.
	Problem error
}

// State tells how far the recording came.
func (o *Outcome) State() State {
	switch {
	case o.Failed != nil, o.Ended != nil && o.Ended.Status != StatusEnded:
		return Failed
	case o.Problem != nil:
		return Unclear
	case o.Ended != nil:
		return Ended
	case o.Started != nil:
		return Running
	}
	return Absent
}

// Message is what IVS wrote about a failure, "" for nothing.
func (o *Outcome) Message() string {
	for _, m := range []*Metadata{o.Failed, o.Ended} {
		if m != nil && m.Message != "" {
			return m.Message
		}
	}
	return ""
}

// ReadOutcome reads the metadata of the recording at prefix, all at once.
func ReadOutcome(ctx context.Context, store Store, prefix string) Outcome {
	var o Outcome
	keys := []string{startedKey, endedKey, failedKey}
	to := []**Metadata{&o.Started, &o.Ended, &o.Failed}
	problems := make([]error, len(keys))
	var reads sync.WaitGroup
	for i, key := range keys {
		reads.Go(func() {
			text, err := store.Get(ctx, path.Join(prefix, key), maxMetadata)
			if errors.Is(err, ErrNotFound) {
				return
			}
			if err == nil {
				*to[i], err = ParseMetadata(text)
			}
			if err != nil {
				problems[i] = fmt.Errorf("%s: %w", key, err)
			}
		})
	}
	reads.Wait()
	for _, problem := range problems {
		if o.Problem == nil {
			o.Problem = problem
		}
	}
	return o
}

// multivariantPath is where the metadata say that the multivariant playlist is.
func (o *Outcome) multivariantPath() string {
	folder, name := mediaPath, multivariantName
	for _, m := range []*Metadata{o.Started, o.Failed, o.Ended} {
		if m == nil {
			continue
		}
		if m.Media.HLS.Path != "" {
			folder = m.Media.HLS.Path
		}
		if m.Media.HLS.Playlist != "" {
			name = m.Media.HLS.Playlist
		}
	}
	return path.Join(folder, name)
}
