package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/proof"
)

// tolerance is how far a recording's length may be from what was sent.
const tolerance = 3 * time.Second

// Metadata is what is read of recording-ended.json and recording-failed.json
// (RealTimeUserGuide, composite recording).
type Metadata struct {
	Status  string `json:"recording_status"`
	Message string `json:"recording_status_message"`
	Media   struct {
		HLS struct {
			Path       string `json:"path"`
			Playlist   string `json:"playlist"`
			DurationMS int64  `json:"duration_ms"`
		} `json:"hls"`
	} `json:"media"`
}

const statusEnded = "RECORDING_ENDED"

// Bucket reads what is in a recordings bucket of this account.
type Bucket struct {
	Client        *s3.Client
	Name, Account string
}

// longestObject bounds metadata and playlists.
const longestObject = 4 << 20

// Read returns an object; there is none if it returns nil without an error.
func (b Bucket) Read(ctx context.Context, key string) ([]byte, error) {
	out, err := cloud.Call(ctx, b.Client.GetObject, &s3.GetObjectInput{
		Bucket: aws.String(b.Name), Key: aws.String(key), ExpectedBucketOwner: aws.String(b.Account),
	})
	if cloud.Is(err, "NoSuchKey", "NotFound") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Body.Close() }()
	return io.ReadAll(io.LimitReader(out.Body, longestObject))
}

// End reads how a recording ended: its metadata, and whether IVS calls it
// failed. Both are nil and false as long as it has not.
func (b Bucket) End(ctx context.Context, prefix string) (m *Metadata, failed bool, err error) {
	for _, name := range []string{"recording-failed.json", "recording-ended.json"} {
		text, err := b.Read(ctx, path.Join(prefix, "events", name))
		if err != nil {
			return nil, false, err
		}
		if text == nil {
			continue
		}
		m = &Metadata{}
		if err := json.Unmarshal(text, m); err != nil {
			return nil, false, fmt.Errorf("%s: %w", name, err)
		}
		return m, name == "recording-failed.json", nil
	}
	return nil, false, nil
}

// lookAtRecording waits for the recording's end and judges it.
func (g *regionRun) lookAtRecording(ctx context.Context) {
	begun := time.Now()
	defer func() { g.lasted(proof.StepRecording, begun) }()
	b := Bucket{Client: g.Cloud.In(g.region).S3, Name: g.Recording.Bucket, Account: g.Account}
	var m *Metadata
	var failed bool
	err := g.poll(ctx, g.waits.ended, func(ctx context.Context) (done bool, seen string, err error) {
		m, failed, err = b.End(ctx, g.composition.prefix)
		return m != nil, "there is no recording-ended.json in s3://" + b.Name + "/" + g.composition.prefix, err
	})
	f := proof.Finding{Region: g.region, Feature: g.Recording.Feature, ID: "ended", Title: "IVS says that the recording ended well"}
	_, late := errors.AsType[*timeoutError](err)
	switch {
	case late:
		f.Verdict, f.Evidence = proof.Fail, err.Error()
	case err != nil:
		g.unseen(ctx, &f, "the recording", err)
	case failed || m.Status != statusEnded:
		f.Verdict, f.Evidence = proof.Fail, strings.TrimSuffix(fmt.Sprintf("IVS says %s: %s", m.Status, m.Message), ": ")
	default:
		f.Verdict, f.Evidence = proof.Pass, fmt.Sprintf("%s, in s3://%s/%s", m.Status, b.Name, g.composition.prefix)
	}
	g.find(proof.StepRecording, f)
	if f.Verdict == proof.Pass {
		g.find(proof.StepRecording, g.duration(m))
	}
}

// duration compares what was recorded with what was sent.
func (g *regionRun) duration(m *Metadata) proof.Finding {
	recorded := time.Duration(m.Media.HLS.DurationMS) * time.Millisecond
	f := proof.Finding{
		Region: g.region, Feature: g.Recording.Feature, ID: "duration", Title: "It is as long as the show", Verdict: proof.Pass,
		Evidence: fmt.Sprintf("%.1f s were recorded, %.1f s sent", recorded.Seconds(), g.sent.Seconds()),
	}
	if (recorded - g.sent).Abs() > tolerance {
		f.Verdict = proof.Fail
	}
	return f
}

// purge deletes what is below the prefix that StartComposition returned to this
// run, in all versions, and nothing else.
func (g *regionRun) purge(ctx context.Context) {
	ctx, cancel := g.cleaning(ctx)
	defer cancel()
	prefix := strings.TrimSuffix(g.composition.prefix, "/") + "/"
	f := proof.Finding{Region: g.region, ID: "purge", Title: "The recording is deleted, as asked", Verdict: proof.Pass}
	deleted, err := g.deleteBelow(ctx, prefix)
	f.Evidence = fmt.Sprintf("%d objects below s3://%s/%s are gone", deleted, g.Recording.Bucket, prefix)
	if err != nil {
		f.Verdict, f.Evidence, f.Err = proof.Fail, "objects below s3://"+g.Recording.Bucket+"/"+prefix+" may be left", err
		f.Fix = "delete them by hand"
	}
	g.find(proof.StepCleanup, f)
}

var errNoPurge = errors.New("IVS returned no prefix of a recording, so nothing is deleted")

func (g *regionRun) deleteBelow(ctx context.Context, prefix string) (deleted int, err error) {
	if strings.Trim(prefix, "/") == "" {
		return 0, errNoPurge
	}
	client := g.Cloud.In(g.region).S3
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{
		Bucket: aws.String(g.Recording.Bucket), Prefix: aws.String(prefix), ExpectedBucketOwner: aws.String(g.Account),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return deleted, cloud.Plain(err)
		}
		var all []s3types.ObjectIdentifier
		for _, one := range page.Versions {
			all = append(all, s3types.ObjectIdentifier{Key: one.Key, VersionId: one.VersionId})
		}
		for _, one := range page.DeleteMarkers {
			all = append(all, s3types.ObjectIdentifier{Key: one.Key, VersionId: one.VersionId})
		}
		if len(all) == 0 {
			continue
		}
		out, err := cloud.Call(ctx, client.DeleteObjects, &s3.DeleteObjectsInput{
			Bucket: aws.String(g.Recording.Bucket), ExpectedBucketOwner: aws.String(g.Account),
			Delete: &s3types.Delete{Objects: all, Quiet: aws.Bool(true)},
		})
		if err != nil {
			return deleted, err
		}
		if len(out.Errors) > 0 {
			return deleted, fmt.Errorf("%s: %s: %s", aws.ToString(out.Errors[0].Key), aws.ToString(out.Errors[0].Code), aws.ToString(out.Errors[0].Message))
		}
		deleted += len(all)
	}
	return deleted, nil
}
