package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/camera"
	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/playback"
)

// show is a stage with all that is needed to record it, in pictures of 320 by 180.
type show struct {
	*fixture
	t                       *testing.T
	stage, storage, encoder string
	whip                    string
}

const showWidth, showHeight = 320, 180

func newShow(t *testing.T, f *fixture) *show {
	t.Helper()
	s := &show{fixture: f, t: t}
	f.bucket(t, "us-east-1")
	stage, err := f.ivs.CreateStage(t.Context(), nil)
	s.must(err)
	storage, err := f.ivs.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{
		S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(recordings)},
	})
	s.must(err)
	encoder, err := f.ivs.CreateEncoderConfiguration(t.Context(), &ivsrealtime.CreateEncoderConfigurationInput{
		Video: &ivstypes.Video{Width: aws.Int32(showWidth), Height: aws.Int32(showHeight)},
	})
	s.must(err)
	s.stage, s.storage, s.encoder = *stage.Stage.Arn, *storage.StorageConfiguration.Arn, *encoder.EncoderConfiguration.Arn
	s.whip = *stage.Stage.Endpoints.Whip
	return s
}

func (s *show) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *show) film() *film.Film { return &film.Film{Width: showWidth, Height: showHeight} }

// token is for somebody who publishes.
func (s *show) token() string {
	s.t.Helper()
	out, err := s.ivs.CreateParticipantToken(s.t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageArn: &s.stage, UserId: aws.String("anna")})
	s.must(err)
	return *out.ParticipantToken.Token
}

// publisher is somebody new on the stage, and how to leave it.
func (s *show) publisher() (c *camera.Camera, leave func()) {
	s.t.Helper()
	c, token := camera.New(s.t, camera.Options{}), s.token()
	location := c.Publish(s.whip, token)
	s.waitFor(s.session)
	return c, func() {
		s.t.Helper()
		if status := c.Leave(location, token); status != 200 {
			s.t.Errorf("leaving answers %d", status)
		}
	}
}

// waitFor looks again and again for what is a matter of milliseconds.
func (s *show) waitFor(there func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !there(); {
		if time.Now().After(deadline) {
			s.t.Fatal("it does not come about")
		}
		time.Sleep(time.Millisecond)
	}
}

// compose starts a composition, which is up when it returns.
func (s *show) compose() *ivstypes.Composition {
	s.t.Helper()
	out, err := s.ivs.StartComposition(s.t.Context(), &ivsrealtime.StartCompositionInput{
		StageArn: &s.stage, Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: &s.storage, EncoderConfigurationArns: []string{s.encoder},
		}}},
	})
	s.must(err)
	s.Advance(3 * time.Second)
	return out.Composition
}

// stop stops a composition, which is over when it returns.
func (s *show) stop(c *ivstypes.Composition) {
	s.t.Helper()
	_, err := s.ivs.StopComposition(s.t.Context(), &ivsrealtime.StopCompositionInput{Arn: c.Arn})
	s.must(err)
	s.Advance(2 * time.Second)
}

// states are the composition's and its destination's.
func (s *show) statesOf(c *ivstypes.Composition) string {
	s.t.Helper()
	out, err := s.ivs.GetComposition(s.t.Context(), &ivsrealtime.GetCompositionInput{Arn: c.Arn})
	s.must(err)
	return fmt.Sprintf("%s %s", out.Composition.State, out.Composition.Destinations[0].State)
}

// recording is what is below the prefix that StartComposition returned.
type recording map[string]string

func (s *show) recording(c *ivstypes.Composition) recording {
	s.t.Helper()
	client, prefix := s.s3(), *c.Destinations[0].Detail.S3.RecordingPrefix+"/"
	all := recording{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String(recordings), FetchOwner: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		s.must(err)
		for _, o := range page.Contents {
			path, ok := strings.CutPrefix(*o.Key, prefix)
			if !ok {
				s.t.Errorf("%s is outside of the prefix", *o.Key)
			}
			all[path] = s.object(*o.Key)
		}
	}
	return all
}

func (s *show) object(key string) string {
	s.t.Helper()
	out, err := s.s3().GetObject(s.t.Context(), &s3.GetObjectInput{Bucket: aws.String(recordings), Key: &key})
	s.must(err)
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	s.must(err)
	return string(body)
}

// find is the object whose path begins and ends so, and its path.
func (r recording) find(t *testing.T, begin, end string) (path, text string) {
	t.Helper()
	for path, text := range r {
		if strings.HasPrefix(path, begin) && strings.HasSuffix(path, end) {
			return path, text
		}
	}
	t.Fatalf("there is no %s…%s among %q", begin, end, r.paths())
	return "", ""
}

func (r recording) paths() (all []string) {
	for path := range r {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// metadata is what a recording says of itself.
type metadata struct {
	Version, Stage string
	Status         string `json:"recording_status"`
	Message        string `json:"recording_status_message"`
	StageARN       string `json:"stage_arn"`
	Started        string `json:"recording_started_at"`
	Ended          string `json:"recording_ended_at"`
	Media          struct {
		HLS struct {
			Duration   int `json:"duration_ms"`
			Path       string
			Playlist   string
			Renditions []struct {
				Path, Playlist string
				Width          int `json:"resolution_width"`
				Height         int `json:"resolution_height"`
			}
		}
	}
}

func (r recording) metadata(t *testing.T, name string) (m metadata) {
	t.Helper()
	_, text := r.find(t, "events/recording-"+name, ".json")
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// play reads the recording as a player does: from its multivariant playlist to
// the segments that the media playlist names, with their lengths.
func (r recording) play(t *testing.T) (stream *playback.Stream, playlist string) {
	t.Helper()
	_, multivariant := r.find(t, "media/hls/multivariant", ".m3u8")
	lines := strings.Split(strings.TrimSpace(multivariant), "\n")
	path := "media/hls/" + lines[len(lines)-1]
	playlist, ok := r[path]
	if !ok {
		t.Fatalf("there is no %s", path)
	}
	folder := path[:strings.LastIndex(path, "/")+1]
	var segments [][]byte
	for line := range strings.Lines(playlist) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			segments = append(segments, []byte(r[folder+line]))
		}
	}
	stream, err := playback.Read(segments...)
	if err != nil {
		t.Fatalf("%v\n%s", err, playlist)
	}
	return stream, playlist
}

// A show from the token to the last object.
func TestShowIsRecorded(t *testing.T) {
	for name, dir := range map[string]string{"in memory": "", "in a folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShow(t, start(t, emulator.Options{Dir: dir, Clock: standing()}))
			camera, leave := s.publisher()
			sent := s.film()
			composition := s.compose()
			camera.Roll(sent, 5*time.Second)
			if got := s.statesOf(composition); got != "ACTIVE ACTIVE" {
				t.Errorf("it is %s", got)
			}
			leave()
			running := s.recording(composition)
			if _, playlist := running.play(t); !strings.Contains(playlist, "TYPE:EVENT") || strings.Contains(playlist, "ENDLIST") {
				t.Errorf("while it runs\n%s", playlist)
			}
			s.stop(composition)
			if got := s.statesOf(composition); got != "STOPPED STOPPED" {
				t.Errorf("it is %s", got)
			}
			s.checkRecording(composition, 150)
		})
	}
}

// checkRecording wants an ended recording of so many pictures of 1/30 s.
func (s *show) checkRecording(c *ivstypes.Composition, pictures int) {
	s.t.Helper()
	r := s.recording(c)
	stream, playlist := r.play(s.t)
	if len(stream.Pictures) != pictures || !stream.Opus || len(stream.Sounds) == 0 {
		s.t.Errorf("%d pictures, %d sounds, want %d", len(stream.Pictures), len(stream.Sounds), pictures)
	}
	if !strings.Contains(playlist, "TYPE:VOD") || !strings.Contains(playlist, "ENDLIST") || !strings.Contains(playlist, "TARGETDURATION:2") {
		s.t.Errorf("the playlist is\n%s", playlist)
	}
	m := r.metadata(s.t, "ended")
	if m.Version != "v1" || m.Status != "RECORDING_ENDED" || m.Message != "" || m.StageARN != s.stage || m.Media.HLS.Duration != pictures*1000/30 || m.Ended <= m.Started {
		s.t.Errorf("%+v", m)
	}
	rendition := m.Media.HLS.Renditions[0]
	if m.Media.HLS.Path != "media/hls" || m.Media.HLS.Playlist != "multivariant.m3u8" || rendition.Playlist != "playlist.m3u8" ||
		!strings.HasPrefix(rendition.Path, "180p30-") || rendition.Width != showWidth || rendition.Height != showHeight {
		s.t.Errorf("%+v", m.Media.HLS)
	}
	if begun := r.metadata(s.t, "started"); begun.Status != "RECORDING_STARTED" || begun.Ended != "" || begun.Started != m.Started {
		s.t.Errorf("%+v", begun)
	}
	if _, failed := r["events/recording-failed.json"]; failed {
		s.t.Error("it says that it failed, too")
	}
}
