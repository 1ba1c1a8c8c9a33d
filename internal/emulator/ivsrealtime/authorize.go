package ivsrealtime

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// asked are the members of all inputs that name what a request is about.
type asked struct {
	ARN                string             `json:"arn"`
	StageARN           string             `json:"stageArn"`
	FilterByStageARN   string             `json:"filterByStageArn"`
	FilterByEncoderARN string             `json:"filterByEncoderConfigurationArn"`
	Tags               map[string]string  `json:"tags"`
	S3                 s3Storage          `json:"s3"`
	Destinations       []askedDestination `json:"destinations"`
	tagged             string             // the resource of the path /tags/{resourceArn}
}

type askedDestination struct {
	Channel struct {
		ChannelARN string `json:"channelArn"`
		EncoderARN string `json:"encoderConfigurationArn"`
	} `json:"channel"`
	S3 struct {
		StorageARN  string   `json:"storageConfigurationArn"`
		EncoderARNs []string `json:"encoderConfigurationArns"`
	} `json:"s3"`
}

func (d askedDestination) arns() []string {
	arns := append([]string{d.Channel.ChannelARN, d.Channel.EncoderARN, d.S3.StorageARN}, d.S3.EncoderARNs...)
	return slices.DeleteFunc(arns, func(arn string) bool { return arn == "" })
}

// made are the kinds of what the operations make. What is made has no id yet,
// so that it takes the permission for all of its kind (service authorization
// reference, Amazon Interactive Video Service).
var made = map[string]string{
	"CreateStorageConfiguration": kindStorage,
	"CreateEncoderConfiguration": kindEncoder,
	"CreateStage":                kindStage,
	"StartComposition":           kindComposition,
}

// The actions that IVS takes on the bucket, in its caller's name, as it edits
// the bucket's policy (the permissions of CloudFormation's
// AWS::IVS::StorageConfiguration).
var (
	actionsOfCreate = []string{"s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:PutBucketPolicy"}
	actionsOfDelete = []string{"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
)

// Authorize implements wire.Guarded.
func (s *Service) Authorize(r *wire.Request) error {
	var in asked
	_ = json.Unmarshal(r.Body, &in) // one that cannot be read is refused for that
	if arn, ok := taggedARN(r.HTTP); ok {
		in.tagged = arn
	}
	var asks []wire.Ask
	err := s.store.View(func(tx *store.Tx) error {
		asks = asksOf(tx, r, &in)
		return nil
	})
	if err != nil {
		return err
	}
	return r.Allow(http.StatusForbidden, asks...)
}

// asksOf are all permissions that a request takes, of which the first that is
// missing is named.
func asksOf(tx *store.Tx, r *wire.Request, in *asked) []wire.Ask {
	action := "ivs:" + r.Operation
	kind := made[r.Operation]
	all := "arn:aws:ivs:" + r.Region + ":" + r.Account + ":" + kind + "/*"
	var asks []wire.Ask
	switch {
	case r.Operation == "StartComposition":
		asks = append(asks, of(tx, action, in.StageARN, in.Tags))
		for _, d := range in.Destinations {
			for _, arn := range d.arns() {
				asks = append(asks, of(tx, action, arn, in.Tags))
			}
		}
	case kind != "":
		asks = append(asks, wire.Ask{Action: action, Resource: all, Keys: wire.TagKeys(in.Tags)})
	default:
		return append(asksAbout(tx, r, in), bucketAsks(tx, r, in)...)
	}
	if len(in.Tags) > 0 {
		asks = append(asks, wire.Ask{Action: "ivs:TagResource", Resource: all, Keys: wire.TagKeys(in.Tags)})
	}
	return append(asks, bucketAsks(tx, r, in)...)
}

// asksAbout are those about things that are there. The lists know no resources,
// but for that of compositions of one stage or encoder configuration.
func asksAbout(tx *store.Tx, r *wire.Request, in *asked) []wire.Ask {
	var asks []wire.Ask
	for _, arn := range []string{in.tagged, in.ARN, in.StageARN, in.FilterByStageARN, in.FilterByEncoderARN} {
		if arn != "" {
			asks = append(asks, of(tx, "ivs:"+r.Operation, arn, in.Tags))
		}
	}
	if asks == nil {
		asks = []wire.Ask{{Action: "ivs:" + r.Operation, Resource: "*"}}
	}
	return asks
}

// of asks for an action on what an ARN names, with the tags that it has.
func of(tx *store.Tx, action, arn string, sent map[string]string) wire.Ask {
	ask := wire.Ask{Action: action, Resource: arn, Keys: wire.TagKeys(sent)}
	i, ok := parseARN(arn)
	if !ok || !slices.Contains(kinds, i.kind) {
		return ask
	}
	found, _ := store.Get[resource](tx, table(i.kind), i.key())
	return ask.With(found.Tags)
}

// bucketAsks are those on the bucket of a storage configuration.
func bucketAsks(tx *store.Tx, r *wire.Request, in *asked) []wire.Ask {
	var bucket string
	var actions []string
	switch r.Operation {
	case "CreateStorageConfiguration":
		bucket, actions = in.S3.BucketName, actionsOfCreate
	case "DeleteStorageConfiguration":
		i, _ := parseARN(in.ARN)
		found, _ := store.Get[storage](tx, table(kindStorage), i.key())
		bucket, actions = found.S3.BucketName, actionsOfDelete
	}
	if bucket == "" {
		return nil
	}
	var asks []wire.Ask
	for _, action := range actions {
		asks = append(asks, wire.Ask{Action: action, Resource: s3.ARN(bucket)})
	}
	return asks
}
