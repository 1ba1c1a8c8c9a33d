package script

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/emulator"
)

// stage makes a stage, which records each participant if it names a storage
// configuration.
func (s *seeder) stage(a arguments) error {
	input := &ivsrealtime.CreateStageInput{Name: aws.String(a.word(0)), Tags: a.pairs("tag")}
	if name := a.option("storage"); name != "" {
		arn, err := s.oneStorage(name, a.option("bucket"))
		if err != nil {
			return err
		}
		input.AutoParticipantRecordingConfiguration = &ivstypes.AutoParticipantRecordingConfiguration{StorageConfigurationArn: aws.String(arn)}
	}
	_, err := s.ivs.CreateStage(s.ctx, input)
	return err
}

func (s *seeder) composition(a arguments) error {
	stage, err := s.stageARN(a.word(0))
	if err != nil {
		return err
	}
	storage, err := s.oneStorage(a.option("storage"), a.option("bucket"))
	if err != nil {
		return err
	}
	width, err := a.number("width")
	if err != nil {
		return err
	}
	encoder, err := s.oneEncoder(a.option("encoder"), width)
	if err != nil {
		return err
	}
	_, err = s.ivs.StartComposition(s.ctx, &ivsrealtime.StartCompositionInput{
		StageArn: aws.String(stage),
		Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: aws.String(storage), EncoderConfigurationArns: []string{encoder},
		}}},
	})
	return err
}

// stopComposition stops all compositions of a stage.
func (s *seeder) stopComposition(a arguments) error {
	stage, err := s.stageARN(a.word(0))
	if err != nil {
		return err
	}
	out, err := s.ivs.ListCompositions(s.ctx, &ivsrealtime.ListCompositionsInput{FilterByStageArn: aws.String(stage)})
	if err != nil {
		return err
	}
	for _, one := range out.Compositions {
		if _, err := s.ivs.StopComposition(s.ctx, &ivsrealtime.StopCompositionInput{Arn: one.Arn}); err != nil {
			return err
		}
	}
	return nil
}

// publisher has somebody publish to a stage, without media.
func (s *seeder) publisher(a arguments) error {
	stage, err := s.stageARN(a.word(0))
	if err != nil {
		return err
	}
	_, err = worldOf(s.ts).aws.Server.Publish(emulator.Publisher{Stage: stage})
	return err
}

// leave has everybody leave a stage.
func (s *seeder) leave(a arguments) error {
	stage, err := s.stageARN(a.word(0))
	if err != nil {
		return err
	}
	_, err = worldOf(s.ts).aws.Server.Unpublish(emulator.Publisher{Stage: stage})
	return err
}

func (s *seeder) stageARN(name string) (string, error) {
	out, err := s.ivs.ListStages(s.ctx, &ivsrealtime.ListStagesInput{})
	if err != nil {
		return "", err
	}
	for _, one := range out.Stages {
		if aws.ToString(one.Name) == name {
			return *one.Arn, nil
		}
	}
	return "", fmt.Errorf("no stage %q is there", name)
}

// oneStorage is a storage configuration of a name, with the bucket unless that
// is "".
func (s *seeder) oneStorage(name, bucket string) (arn string, err error) {
	out, err := s.ivs.ListStorageConfigurations(s.ctx, &ivsrealtime.ListStorageConfigurationsInput{})
	if err != nil {
		return "", err
	}
	for _, one := range out.StorageConfigurations {
		if aws.ToString(one.Name) == name && (bucket == "" || *one.S3.BucketName == bucket) {
			return *one.Arn, nil
		}
	}
	return "", fmt.Errorf("no storage configuration %q is there", name)
}

// oneEncoder is an encoder configuration of a name, with a width unless that is
// 0.
func (s *seeder) oneEncoder(name string, width int32) (arn string, err error) {
	arns, err := s.configurations("encoder", name)
	if err != nil {
		return "", err
	}
	for _, arn := range arns {
		out, err := s.ivs.GetEncoderConfiguration(s.ctx, &ivsrealtime.GetEncoderConfigurationInput{Arn: aws.String(arn)})
		if err != nil {
			return "", err
		}
		if width == 0 || *out.EncoderConfiguration.Video.Width == width {
			return arn, nil
		}
	}
	return "", fmt.Errorf("no encoder configuration %q is %d wide", name, width)
}
