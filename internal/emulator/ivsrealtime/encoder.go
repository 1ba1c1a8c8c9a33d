package ivsrealtime

import (
	"fmt"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// video is what a composition is encoded to. Bitrate is in bits a second.
type video struct {
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	Framerate float64 `json:"framerate"`
	Bitrate   int     `json:"bitrate"`
}

// defaultVideo is what omitted members are (RealTimeAPIReference, Video).
var defaultVideo = video{Width: 1280, Height: 720, Framerate: 30, Bitrate: 2_500_000}

type encoder struct {
	resource
	Video video `json:"video"`
}

type encoderOutput struct {
	EncoderConfiguration encoder `json:"encoderConfiguration"`
}

type createEncoderInput struct {
	Name  *string           `json:"name"`
	Tags  map[string]string `json:"tags"`
	Video struct {
		Width     *int     `json:"width"`
		Height    *int     `json:"height"`
		Framerate *float64 `json:"framerate"`
		Bitrate   *int     `json:"bitrate"`
	} `json:"video"`
}

func (in *createEncoderInput) video() video {
	v := defaultVideo
	replace(&v.Width, in.Video.Width)
	replace(&v.Height, in.Video.Height)
	replace(&v.Framerate, in.Video.Framerate)
	replace(&v.Bitrate, in.Video.Bitrate)
	return v
}

// replace sets what was given.
func replace[T any](to, given *T) {
	if given != nil {
		*to = *given
	}
}

func (s *Service) createEncoder(r *wire.Request, in *createEncoderInput) (*encoderOutput, error) {
	var c constraint.Checks
	c.Text("name", in.Name, nameLimit)
	checkTags(&c, in.Tags)
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	if err := refuseReserved(in.Tags); err != nil {
		return nil, err
	}
	if err := checkVideo(in.video()); err != nil {
		return nil, err
	}
	i := newID(r, kindEncoder)
	e := encoder{resource: newResource(i, in.Name, in.Tags), Video: in.video()}
	err := s.store.Update(func(tx *store.Tx) error {
		if quota := s.options.EncoderConfigurations; count(tx, r, kindEncoder) >= quota {
			return quotaExceeded(fmt.Sprintf("Quota exceeded: %d EncoderConfigurations", quota))
		}
		store.Put(tx, table(kindEncoder), i.key(), e)
		return nil
	})
	return &encoderOutput{EncoderConfiguration: e}, err
}

func newResource(i id, name *string, tags map[string]string) resource {
	made := resource{ARN: i.arn(), Tags: tags}
	replace(&made.Name, name)
	if made.Tags == nil {
		made.Tags = map[string]string{}
	}
	return made
}

// named is the input of the operations on one resource.
type named struct {
	ARN *string `json:"arn"`
}

func (s *Service) getEncoder(r *wire.Request, in *named) (*encoderOutput, error) {
	e, err := find[encoder](s.store, r, in.ARN, kindEncoder)
	return &encoderOutput{EncoderConfiguration: e}, err
}

// encoderList holds summaries, which lack the video (RealTimeAPIReference,
// EncoderConfigurationSummary).
type encoderList struct {
	EncoderConfigurations []*resource `json:"encoderConfigurations"`
	NextToken             string      `json:"nextToken,omitempty"`
}

func (s *Service) listEncoders(r *wire.Request, in *page) (*encoderList, error) {
	items, token, err := listOf[*resource](r, kindEncoder, in, maxResults).read(s.store)
	return &encoderList{EncoderConfigurations: items, NextToken: token}, err
}

type empty struct{}

func (s *Service) deleteEncoder(r *wire.Request, in *named) (*empty, error) {
	i, err := identify(r, in.ARN, kindEncoder)
	if err != nil {
		return nil, err
	}
	return &empty{}, s.store.Update(func(tx *store.Tx) error {
		if err := refuseUsed(tx, r, i.arn()); err != nil {
			return err
		}
		if !tx.Delete(table(kindEncoder), i.key()) {
			return missing(i)
		}
		return nil
	})
}
