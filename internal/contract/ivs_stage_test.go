package contract

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

// stage makes a stage with a name of ours.
func (c *check) stage(in *ivsrealtime.CreateStageInput) *types.Stage {
	if in.Name == nil {
		in.Name = aws.String(c.name())
	}
	out, err := c.ivs().CreateStage(c.Context(), in)
	c.ok(err)
	return out.Stage
}

func (c *check) stageNow(arn *string) *types.Stage {
	out, err := c.ivs().GetStage(c.Context(), &ivsrealtime.GetStageInput{Arn: arn})
	c.ok(err)
	return out.Stage
}

// noRecording is the recording configuration of a stage that has none.
var noRecording = types.AutoParticipantRecordingConfiguration{
	StorageConfigurationArn:   aws.String(""),
	MediaTypes:                []types.ParticipantRecordingMediaType{types.ParticipantRecordingMediaTypeAudioVideo},
	HlsConfiguration:          &types.ParticipantRecordingHlsConfiguration{TargetSegmentDurationSeconds: aws.Int32(6)},
	RecordParticipantReplicas: true,
	ThumbnailConfiguration: &types.ParticipantThumbnailConfiguration{
		RecordingMode:         types.ThumbnailRecordingModeDisabled,
		Storage:               []types.ThumbnailStorageType{types.ThumbnailStorageTypeSequential},
		TargetIntervalSeconds: aws.Int32(60),
	},
}

func recordingTo(storage *string) *types.AutoParticipantRecordingConfiguration {
	return &types.AutoParticipantRecordingConfiguration{StorageConfigurationArn: storage}
}

// wrongRecordings break the limits of individual recording.
var wrongRecordings = map[string]types.AutoParticipantRecordingConfiguration{
	"no ARN":                {StorageConfigurationArn: aws.String("x")},
	"segments too short":    {HlsConfiguration: &types.ParticipantRecordingHlsConfiguration{TargetSegmentDurationSeconds: aws.Int32(1)}},
	"segments too long":     {HlsConfiguration: &types.ParticipantRecordingHlsConfiguration{TargetSegmentDurationSeconds: aws.Int32(11)}},
	"window too long":       {RecordingReconnectWindowSeconds: 301},
	"two media types":       {MediaTypes: []types.ParticipantRecordingMediaType{"AUDIO_VIDEO", "AUDIO_ONLY"}},
	"unknown media type":    {MediaTypes: []types.ParticipantRecordingMediaType{"VIDEO"}},
	"unknown mode":          {ThumbnailConfiguration: &types.ParticipantThumbnailConfiguration{RecordingMode: "ALWAYS"}},
	"interval too long":     {ThumbnailConfiguration: &types.ParticipantThumbnailConfiguration{TargetIntervalSeconds: aws.Int32(86401)}},
	"unknown kind of thumb": {ThumbnailConfiguration: &types.ParticipantThumbnailConfiguration{Storage: []types.ThumbnailStorageType{"NONE"}}},
}

var stageBeliefs = []belief{
	{
		id: "IVS-29", source: "IVS Real-Time API: CreateStage, Stage, StageEndpoints",
		claim: "a created stage has an ARN, its name and tags, endpoints, and no recording",
		prove: func(c *check) {
			name, tags := c.name(), map[string]string{"show": "tonight"}
			made := c.stage(&ivsrealtime.CreateStageInput{Name: &name, Tags: tags})
			if !regexp.MustCompile(`^arn:aws:ivs:` + home + `:` + c.id + `:stage/[a-zA-Z0-9]{12}$`).MatchString(*made.Arn) {
				c.Errorf("ARN %s", *made.Arn)
			}
			for what, start := range map[*string]string{
				made.Endpoints.Events: "wss://", made.Endpoints.Whip: "http", made.Endpoints.Rtmp: "rtmp://", made.Endpoints.Rtmps: "rtmps://",
			} {
				if !strings.HasPrefix(aws.ToString(what), start) {
					c.Errorf("endpoint %q, want %s", aws.ToString(what), start)
				}
			}
			c.equal(name, *made.Name)
			c.equal(tags, made.Tags)
			c.equal(&noRecording, made.AutoParticipantRecordingConfiguration)
			c.equal(made, c.stageNow(made.Arn))
		},
	},
	{
		id: "IVS-30", source: "IVS Real-Time API: ListStages, StageSummary",
		claim: "the list of stages is paged and has neither endpoints nor recording configurations",
		prove: func(c *check) {
			var want, got []types.StageSummary
			for range 3 {
				made := c.stage(&ivsrealtime.CreateStageInput{})
				want = append(want, types.StageSummary{Arn: made.Arn, Name: made.Name, Tags: map[string]string{}})
			}
			ours := func(s types.StageSummary) bool { return strings.HasPrefix(aws.ToString(s.Name), c.mark) }
			pages := ivsrealtime.NewListStagesPaginator(c.ivs(), &ivsrealtime.ListStagesInput{MaxResults: aws.Int32(2)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(c.Context())
				c.ok(err)
				if len(page.Stages) > 2 {
					c.Errorf("a page of %d, want 2 at most", len(page.Stages))
				}
				got = append(got, slices.DeleteFunc(page.Stages, func(s types.StageSummary) bool { return !ours(s) })...)
			}
			byARN := func(a, b types.StageSummary) int { return strings.Compare(*a.Arn, *b.Arn) }
			slices.SortFunc(want, byARN)
			slices.SortFunc(got, byARN)
			c.equal(want, got)
		},
	},
	{
		id: "IVS-31", source: "IVS Real-Time API: DeleteStage",
		claim: "what was deleted is not found, by get, update, delete and tags",
		prove: func(c *check) {
			arn := c.stage(&ivsrealtime.CreateStageInput{}).Arn
			_, err := c.ivs().DeleteStage(c.Context(), &ivsrealtime.DeleteStageInput{Arn: arn})
			c.ok(err)
			for name, request := range map[string]func() error{
				"get": func() error {
					_, err := c.ivs().GetStage(c.Context(), &ivsrealtime.GetStageInput{Arn: arn})
					return err
				},
				"update": func() error {
					_, err := c.ivs().UpdateStage(c.Context(), &ivsrealtime.UpdateStageInput{Arn: arn})
					return err
				},
				"delete": func() error {
					_, err := c.ivs().DeleteStage(c.Context(), &ivsrealtime.DeleteStageInput{Arn: arn})
					return err
				},
				"tags": func() error {
					_, err := c.ivs().ListTagsForResource(c.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceArn: arn})
					return err
				},
				"token": func() error {
					_, err := c.ivs().CreateParticipantToken(c.Context(), &ivsrealtime.CreateParticipantTokenInput{StageArn: arn})
					return err
				},
			} {
				c.refusedFor(name, request(), http.StatusNotFound, "ResourceNotFoundException")
			}
		},
	},
	{
		id: "IVS-32", source: "IVS Real-Time API: TagResource, UntagResource",
		claim: "a stage's tags can be changed",
		prove: func(c *check) {
			arn := c.stage(&ivsrealtime.CreateStageInput{Tags: map[string]string{"a": "1", "b": "2"}}).Arn
			_, err := c.ivs().TagResource(c.Context(), &ivsrealtime.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"c": "3"}})
			c.ok(err)
			_, err = c.ivs().UntagResource(c.Context(), &ivsrealtime.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
			c.ok(err)
			c.equal(map[string]string{"b": "2", "c": "3"}, c.stageNow(arn).Tags)
		},
	},
	{
		id: "IVS-33", source: "IVS Real-Time API: UpdateStage, AutoParticipantRecordingConfiguration (inferred)",
		claim: "an update changes what it names, and a recording configuration as a whole",
		prove: func(c *check) {
			storage := c.storage(storageInput(c.recordings())).Arn
			made := c.stage(&ivsrealtime.CreateStageInput{AutoParticipantRecordingConfiguration: &types.AutoParticipantRecordingConfiguration{
				StorageConfigurationArn: storage, RecordingReconnectWindowSeconds: 100,
			}})
			want := noRecording
			want.StorageConfigurationArn, want.RecordingReconnectWindowSeconds = storage, 100
			c.equal(&want, made.AutoParticipantRecordingConfiguration)

			renamed := c.name()
			_, err := c.ivs().UpdateStage(c.Context(), &ivsrealtime.UpdateStageInput{Arn: made.Arn, Name: &renamed})
			c.ok(err)
			now := c.stageNow(made.Arn)
			c.equal(renamed, *now.Name)
			c.equal(&want, now.AutoParticipantRecordingConfiguration)

			for _, change := range []*types.AutoParticipantRecordingConfiguration{recordingTo(storage), recordingTo(aws.String(""))} {
				_, err := c.ivs().UpdateStage(c.Context(), &ivsrealtime.UpdateStageInput{Arn: made.Arn, AutoParticipantRecordingConfiguration: change})
				c.ok(err)
				want := noRecording
				want.StorageConfigurationArn = change.StorageConfigurationArn
				c.equal(&want, c.stageNow(made.Arn).AutoParticipantRecordingConfiguration)
			}
		},
	},
	{
		id: "IVS-34", source: "IVS Real-Time API: CreateStage (its errors; inferred)",
		claim: "a stage is not recorded to a storage configuration that its region does not have",
		prove: func(c *check) {
			gone := c.storage(storageInput(c.recordings()))
			c.deleteStorage(gone)
			elsewhere := strings.Replace(*gone.Arn, home, away, 1)
			for _, arn := range []string{*gone.Arn, elsewhere} {
				_, err := c.ivs().CreateStage(c.Context(), &ivsrealtime.CreateStageInput{
					Name: aws.String(c.name()), AutoParticipantRecordingConfiguration: recordingTo(&arn),
				})
				c.refusedFor(arn, err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-35", source: "IVS Real-Time API: AutoParticipantRecordingConfiguration",
		claim: "the limits of individual recording",
		prove: func(c *check) {
			storage := c.storage(storageInput(c.recordings())).Arn
			for name, wrong := range wrongRecordings {
				if wrong.StorageConfigurationArn == nil {
					wrong.StorageConfigurationArn = storage
				}
				_, err := c.ivs().CreateStage(c.Context(), &ivsrealtime.CreateStageInput{
					Name: aws.String(c.name()), AutoParticipantRecordingConfiguration: &wrong,
				})
				c.refusedFor(name, err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-36", source: "not documented",
		claim: "a storage configuration that only a stage names can be deleted, and the stage still names it",
		prove: func(c *check) {
			storage := c.storage(storageInput(c.recordings()))
			made := c.stage(&ivsrealtime.CreateStageInput{AutoParticipantRecordingConfiguration: recordingTo(storage.Arn)})
			c.deleteStorage(storage)
			c.equal(storage.Arn, c.stageNow(made.Arn).AutoParticipantRecordingConfiguration.StorageConfigurationArn)
		},
	},
}
