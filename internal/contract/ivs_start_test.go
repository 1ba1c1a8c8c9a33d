package contract

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

// wrongStarts are requests that break the limits of StartComposition.
func (s *show) wrongStarts() map[string]*ivsrealtime.StartCompositionInput {
	changed := func(change func(d *types.DestinationConfiguration)) *ivsrealtime.StartCompositionInput {
		d := s.s3()
		change(&d)
		return s.input(d)
	}
	both, neither, token, layout := s.s3(), types.DestinationConfiguration{Name: aws.String("n")}, s.input(s.s3()), s.input(s.s3())
	both.Channel = s.channel().Channel
	token.IdempotencyToken = aws.String("a b")
	layout.Layout = &types.LayoutConfiguration{Grid: &types.GridConfiguration{VideoAspectRatio: "WIDE"}}
	return map[string]*ivsrealtime.StartCompositionInput{
		"no destination":     {StageArn: s.stage, Destinations: []types.DestinationConfiguration{}},
		"three destinations": s.input(s.s3(), s.channel(), s.s3()),
		"two buckets":        s.input(s.s3(), s.s3()),
		"two channels":       s.input(s.channel(), s.channel()),
		"both in one":        s.input(both),
		"neither":            s.input(neither),
		"no encoder":         changed(func(d *types.DestinationConfiguration) { d.S3.EncoderConfigurationArns = []string{} }),
		"two encoders": changed(func(d *types.DestinationConfiguration) {
			d.S3.EncoderConfigurationArns = []string{*s.encoder, *s.encoder}
		}),
		"no storage":         changed(func(d *types.DestinationConfiguration) { d.S3.StorageConfigurationArn = s.encoder }),
		"name with a dot":    changed(func(d *types.DestinationConfiguration) { d.Name = aws.String("a.b") }),
		"segments too long":  changed(func(d *types.DestinationConfiguration) { d.S3.RecordingConfiguration = segments(11) }),
		"segments too short": changed(func(d *types.DestinationConfiguration) { d.S3.RecordingConfiguration = segments(1) }),
		"two thumbnails": changed(func(d *types.DestinationConfiguration) {
			d.S3.ThumbnailConfigurations = make([]types.CompositionThumbnailConfiguration, 2)
		}),
		"interval too long": changed(func(d *types.DestinationConfiguration) {
			d.S3.ThumbnailConfigurations = []types.CompositionThumbnailConfiguration{{TargetIntervalSeconds: aws.Int32(86401)}}
		}),
		"token with a blank":   token,
		"unknown aspect ratio": layout,
	}
}

func segments(seconds int32) *types.RecordingConfiguration {
	return &types.RecordingConfiguration{HlsConfiguration: &types.CompositionRecordingHlsConfiguration{TargetSegmentDurationSeconds: &seconds}}
}
