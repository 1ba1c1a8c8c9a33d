package ivsrealtime

import (
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Limits of recording (RealTimeAPIReference:
// AutoParticipantRecordingConfiguration, ParticipantThumbnailConfiguration,
// CompositionThumbnailConfiguration and the HLS configurations).
const (
	maxReconnectWindow       = 300 // seconds
	minSegment, maxSegment   = 2, 10
	minInterval, maxInterval = 1, 86400 // seconds
	maxThumbnailStorage      = 2
)

var (
	// recordingARN is the ARN of a storage configuration, or "" for none.
	recordingARN     = constraint.Matching(0, maxARNLength, `^$|^arn:aws:ivs:[a-z0-9-]+:[0-9]+:storage-configuration/[a-zA-Z0-9-]+$`)
	mediaType        = constraint.Text{Enum: []string{"AUDIO_VIDEO", "AUDIO_ONLY", "NONE"}}
	thumbnailMode    = constraint.Text{Enum: []string{"INTERVAL", "DISABLED"}}
	thumbnailStorage = constraint.Text{Enum: []string{"SEQUENTIAL", "LATEST"}}
)

// recording is the individual recording of a stage's participants.
type recording struct {
	StorageARN      string     `json:"storageConfigurationArn"` // "": they are not recorded
	MediaTypes      []string   `json:"mediaTypes"`
	Thumbnails      thumbnails `json:"thumbnailConfiguration"`
	ReconnectWindow int        `json:"recordingReconnectWindowSeconds"`
	HLS             hlsOptions `json:"hlsConfiguration"`
	Replicas        bool       `json:"recordParticipantReplicas"`
}

type thumbnails struct {
	Mode     string   `json:"recordingMode"`
	Storage  []string `json:"storage"`
	Interval int      `json:"targetIntervalSeconds"`
}

type hlsOptions struct {
	Segment int `json:"targetSegmentDurationSeconds"`
}

// defaultRecording records nothing.
func defaultRecording() recording {
	return recording{
		MediaTypes: []string{"AUDIO_VIDEO"},
		Thumbnails: thumbnails{Mode: "DISABLED", Storage: []string{"SEQUENTIAL"}, Interval: 60},
		HLS:        hlsOptions{Segment: 6},
		Replicas:   true,
	}
}

type recordingInput struct {
	StorageARN *string  `json:"storageConfigurationArn"`
	MediaTypes []string `json:"mediaTypes"`
	Thumbnails *struct {
		Mode     *string  `json:"recordingMode"`
		Storage  []string `json:"storage"`
		Interval *int     `json:"targetIntervalSeconds"`
	} `json:"thumbnailConfiguration"`
	ReconnectWindow *int      `json:"recordingReconnectWindowSeconds"`
	HLS             *hlsInput `json:"hlsConfiguration"`
	Replicas        *bool     `json:"recordParticipantReplicas"`
}

type hlsInput struct {
	Segment *int `json:"targetSegmentDurationSeconds"`
}

func (in *hlsInput) check(c *constraint.Checks, member string) {
	if in != nil {
		c.Int(member+".targetSegmentDurationSeconds", in.Segment, minSegment, maxSegment)
	}
}

// check collects what is wrong with the form; nil is absent and passes.
func (in *recordingInput) check(c *constraint.Checks) {
	if in == nil {
		return
	}
	const member = "autoParticipantRecordingConfiguration"
	constraint.Required(c, member+".storageConfigurationArn", in.StorageARN)
	c.Text(member+".storageConfigurationArn", in.StorageARN, recordingARN)
	checkList(c, member+".mediaTypes", in.MediaTypes, 0, 1, mediaType)
	c.Int(member+".recordingReconnectWindowSeconds", in.ReconnectWindow, 0, maxReconnectWindow)
	in.HLS.check(c, member+".hlsConfiguration")
	if t := in.Thumbnails; t != nil {
		c.Text(member+".thumbnailConfiguration.recordingMode", t.Mode, thumbnailMode)
		c.Int(member+".thumbnailConfiguration.targetIntervalSeconds", t.Interval, minInterval, maxInterval)
		checkList(c, member+".thumbnailConfiguration.storage", t.Storage, 0, maxThumbnailStorage, thumbnailStorage)
	}
}

// apply replaces a recording configuration whole: what the request leaves out
// is reset to its default, and "" as the storage configuration resets
// everything. nil leaves the configuration as it is.
func (in *recordingInput) apply(tx *store.Tx, r *wire.Request, to *recording) error {
	if in == nil {
		return nil
	}
	*to = defaultRecording()
	if *in.StorageARN == "" {
		return nil
	}
	// CreateStage lists no ResourceNotFoundException among its errors.
	if _, _, err := lookup[storage](tx, r, *in.StorageARN); err != nil {
		return invalid("StorageConfiguration not found: " + *in.StorageARN)
	}
	to.StorageARN = *in.StorageARN
	replaceList(&to.MediaTypes, in.MediaTypes)
	replace(&to.ReconnectWindow, in.ReconnectWindow)
	replace(&to.Replicas, in.Replicas)
	if in.HLS != nil {
		replace(&to.HLS.Segment, in.HLS.Segment)
	}
	if t := in.Thumbnails; t != nil {
		replace(&to.Thumbnails.Mode, t.Mode)
		replace(&to.Thumbnails.Interval, t.Interval)
		replaceList(&to.Thumbnails.Storage, t.Storage)
		if to.Thumbnails.Mode != "INTERVAL" && to.Thumbnails.Interval != defaultRecording().Thumbnails.Interval {
			return invalid("targetIntervalSeconds is configurable only if recordingMode is INTERVAL")
		}
	}
	return nil
}

// replaceList sets a list that has something in it.
func replaceList(to *[]string, given []string) {
	if len(given) > 0 {
		*to = slices.Clone(given)
	}
}
