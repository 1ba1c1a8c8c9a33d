package contract

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/camera"
	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/playback"
)

// filming is a check that a camera can belong to.
type filming struct{ *check }

// Helper marks nothing: places are found otherwise.
func (filming) Helper() {}

// Cleanup is for the end of the attempt.
func (f filming) Cleanup(undo func()) {
	f.undo = append(f.undo, func(context.Context) error {
		undo()
		return nil
	})
}

// live is somebody who publishes the pictures that a show's encoder is for.
type live struct {
	*camera.Camera
	film            film.Film
	token, location string
}

func (s *show) live() *live {
	token := s.c.token(&tokenInput{StageArn: s.stage})
	l := &live{Camera: camera.New(filming{s.c}, camera.Options{}), film: film.Film{Width: 1280, Height: 720}, token: *token.Token}
	l.location = l.Publish(*s.c.stageNow(s.stage).Endpoints.Whip, l.token)
	return l
}

// recorded are the objects below the prefix of a composition's destination, the
// rendition's folder being called rendition.
func (s *show) recorded(c *types.Composition) map[string]string {
	client, prefix, all := s3.NewFromConfig(s.c.in(home)), *c.Destinations[0].Detail.S3.RecordingPrefix, map[string]string{}
	list, err := client.ListObjectsV2(s.c.Context(), &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &prefix})
	s.c.ok(err)
	for _, o := range list.Contents {
		out, err := client.GetObject(s.c.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: o.Key})
		s.c.ok(err)
		body, err := io.ReadAll(out.Body)
		s.c.ok(err)
		path := strings.TrimPrefix(*o.Key, prefix+"/")
		all[regexp.MustCompile(`^media/hls/720p30-[a-zA-Z0-9]+/`).ReplaceAllString(path, "rendition/")] = string(body)
	}
	return all
}

func (c *check) paths(objects map[string]string, want ...string) {
	var got []string
	for path := range objects {
		got = append(got, path)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("objects (-want +got)\n%s", diff)
	}
}

// metadataOf is what a recording says of itself.
func (c *check) metadataOf(text string) (m struct {
	Version  string
	Status   string `json:"recording_status"`
	StageARN string `json:"stage_arn"`
	Media    struct {
		HLS struct {
			Duration   int `json:"duration_ms"`
			Path       string
			Playlist   string
			Renditions []struct {
				Playlist string
				Width    int `json:"resolution_width"`
				Height   int `json:"resolution_height"`
			}
		}
	}
},
) {
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		c.Errorf("%v: %q", err, text)
	}
	return m
}

// posted is the status that an offer is answered with, redirects not followed.
func (c *check) posted(url, token, offer string) *http.Response {
	request, err := http.NewRequestWithContext(c.Context(), http.MethodPost, url, strings.NewReader(offer))
	c.ok(err)
	request.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	c.ok(err)
	c.ok(answer.Body.Close())
	return answer
}

var showBeliefs = []belief{
	{
		id: "IVS-63", source: "IVS Real-Time user guide: IVS WHIP publishing; RFC 9725", onlyEmulated: needsMedia,
		claim: "the WHIP endpoint redirects to the region with 307, which answers 201 with a Location that DELETE ends",
		prove: func(c *check) {
			s := c.show()
			token := *c.token(&tokenInput{StageArn: s.stage}).Token
			redirect := c.posted(*c.stageNow(s.stage).Endpoints.Whip, token, "")
			c.equal(http.StatusTemporaryRedirect, redirect.StatusCode)
			one := camera.New(filming{c}, camera.Options{})
			answer := one.Post(redirect.Header.Get("Location"), token, one.Offer())
			c.equal(http.StatusCreated, answer.Status)
			c.equal("application/sdp", answer.Header.Get("Content-Type"))
			one.Accept(answer.Body)
			one.Roll(&film.Film{Width: 1280, Height: 720}, time.Second)
			c.equal(http.StatusOK, one.Leave(answer.Header.Get("Location"), token))
			one.Ended()
			c.equal(0, len(aws.ToString(c.stageNow(s.stage).ActiveSessionId)))
		},
	},
	{
		id: "IVS-64", source: "RFC 9725 (authentication); IVS Real-Time API: CreateParticipantToken", onlyEmulated: needsMedia,
		claim: "WHIP answers 401 without a token, and with one that expired, was revoked or may not publish",
		prove: func(c *check) {
			s := c.show()
			region := c.posted(*c.stageNow(s.stage).Endpoints.Whip, *c.token(&tokenInput{StageArn: s.stage}).Token, "").Header.Get("Location")
			expired := c.token(&tokenInput{StageArn: s.stage, Duration: aws.Int32(1)})
			revoked := c.token(&tokenInput{StageArn: s.stage})
			viewer := c.token(&tokenInput{StageArn: s.stage, Capabilities: []types.ParticipantTokenCapability{"SUBSCRIBE"}})
			_, err := c.ivs().DisconnectParticipant(c.Context(), &ivsrealtime.DisconnectParticipantInput{StageArn: s.stage, ParticipantId: revoked.ParticipantId})
			c.ok(err)
			c.advance(time.Minute)
			offer := camera.New(filming{c}, camera.Options{}).Offer()
			for name, token := range map[string]string{"none": "", "expired": *expired.Token, "revoked": *revoked.Token, "a viewer's": *viewer.Token} {
				if got := c.posted(region, token, offer).StatusCode; got != http.StatusUnauthorized {
					c.Errorf("%s: %d", name, got)
				}
			}
		},
	},
	{
		id: "IVS-65", source: "IVS Real-Time user guide: IVS WHIP publishing; Stream ingest", onlyEmulated: needsMedia,
		claim: "an offer without video of H.264, or with other audio than Opus, is refused",
		prove: func(c *check) {
			s := c.show()
			token := *c.token(&tokenInput{StageArn: s.stage}).Token
			region := c.posted(*c.stageNow(s.stage).Endpoints.Whip, token, "").Header.Get("Location")
			for name, o := range map[string]camera.Options{"VP8": {Video: "video/VP8"}, "audio alone": {Video: "none"}, "PCMU": {Audio: "audio/PCMU"}} {
				if got := c.posted(region, token, camera.New(filming{c}, o).Offer()).StatusCode; got/100 != 4 || got == http.StatusUnauthorized {
					c.Errorf("%s: %d", name, got)
				}
			}
		},
	},
	{
		id: "IVS-66", source: "IVS Real-Time user guide: Stream ingest; API: Event", onlyEmulated: needsMedia,
		claim: "B-frames and pictures larger than 720p end the publishing",
		prove: func(c *check) {
			s := c.show()
			for _, f := range []film.Film{{Width: 1280, Height: 720, B: true}, {Width: 1920, Height: 1080}} {
				l := s.live()
				l.Roll(&f, time.Second)
				l.Ended()
				c.equal(0, len(aws.ToString(c.stageNow(s.stage).ActiveSessionId)))
			}
		},
	},
	{
		id: "IVS-67", source: "IVS Real-Time API: Participant", onlyEmulated: needsMedia,
		claim: "who publishes by WHIP is a participant who is connected and published, by that protocol",
		prove: func(c *check) {
			s := c.show()
			l := s.live()
			l.Roll(&l.film, time.Second)
			session := c.stageNow(s.stage).ActiveSessionId
			who := c.participants(&ivsrealtime.ListParticipantsInput{StageArn: s.stage, SessionId: session})[0]
			out, err := c.ivs().GetParticipant(c.Context(), &ivsrealtime.GetParticipantInput{StageArn: s.stage, SessionId: session, ParticipantId: who.ParticipantId})
			c.ok(err)
			if p := out.Participant; p.State != "CONNECTED" || !p.Published || p.Protocol != "WHIP" {
				c.Errorf("%s, published %t, by %s", p.State, p.Published, p.Protocol)
			}
			c.equal(http.StatusOK, l.Leave(l.location, l.token))
		},
	},
	{
		id: "IVS-68", source: "IVS Real-Time user guide: Composite recording (contents, JSON metadata files)", onlyEmulated: costs,
		claim: "a recording has its metadata, a multivariant playlist, and a rendition that plays to the end",
		prove: func(c *check) {
			s := c.show()
			l := s.live()
			arn := s.start(s.s3()).Arn
			c.advance(timeToStart)
			l.Roll(&l.film, 5*time.Second)
			begun := s.recorded(s.now(arn))
			c.equal("RECORDING_STARTED", c.metadataOf(begun["events/recording-started.json"]).Status)
			if !strings.Contains(begun["rendition/playlist.m3u8"], "#EXT-X-PLAYLIST-TYPE:EVENT\n") {
				c.Errorf("while it runs:\n%s", begun["rendition/playlist.m3u8"])
			}
			c.equal(http.StatusOK, l.Leave(l.location, l.token))
			s.stop(arn)
			c.advance(timeToStop)
			objects := s.recorded(s.now(arn))
			c.paths(objects, "events/recording-ended.json", "events/recording-started.json", "media/hls/multivariant.m3u8",
				"rendition/0.ts", "rendition/1.ts", "rendition/2.ts", "rendition/playlist.m3u8")
			m := c.metadataOf(objects["events/recording-ended.json"])
			rendition := m.Media.HLS.Renditions[0]
			if m.Version != "v1" || m.Status != "RECORDING_ENDED" || m.StageARN != *s.stage || m.Media.HLS.Duration != 5000 || rendition.Width != 1280 || rendition.Height != 720 {
				c.Errorf("%+v", m)
			}
			if list := objects["rendition/playlist.m3u8"]; !strings.Contains(list, "#EXT-X-PLAYLIST-TYPE:VOD\n") || !strings.HasSuffix(list, "#EXT-X-ENDLIST\n") {
				c.Errorf("once it has ended:\n%s", list)
			}
			stream, err := playback.Read([]byte(objects["rendition/0.ts"]), []byte(objects["rendition/1.ts"]), []byte(objects["rendition/2.ts"]))
			c.ok(err)
			c.equal(150, len(stream.Pictures))
		},
	},
	{
		id: "IVS-69", source: "IVS Real-Time user guide: Composite recording; Using EventBridge", onlyEmulated: costs,
		claim: "a bucket policy that is broken in mid-show breaks the recording, and what may still be written says so",
		prove: func(c *check) {
			for effect, more := range map[string][]string{"*": nil, "*/media/*": {"events/recording-failed.json"}} {
				s := c.show()
				l := s.live()
				arn := s.start(s.s3()).Arn
				c.advance(timeToStart)
				l.Roll(&l.film, 3*time.Second)
				service := "ivs-composite." + home + ".amazonaws.com"
				denied := strings.Replace(statementOf(grantTo(s.bucket, service, "Deny", "")), s.bucket+"/*", s.bucket+"/"+effect, 1)
				c.putDocument(s.bucket, strings.Replace(grantTo(s.bucket, service, "Allow", ""), `"Statement": [`, `"Statement": [`+denied+`,`, 1))
				l.Roll(&l.film, 3*time.Second)
				c.equal("FAILED FAILED", states(s.now(arn)))
				c.paths(s.recorded(s.now(arn)), append(more, "events/recording-started.json", "media/hls/multivariant.m3u8", "rendition/0.ts", "rendition/playlist.m3u8")...)
				c.deleteStorage(&types.StorageConfiguration{Arn: s.storage})
				c.deleteEncoder(s.encoder)
			}
		},
	},
	{
		id: "IVS-70", source: "not documented", onlyEmulated: costs,
		claim: "a composition to whose stage nobody publishes has a recording without media",
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3()).Arn
			c.advance(timeToStart + longerThanQuiet)
			c.equal("STOPPED STOPPED", states(s.now(arn)))
			objects := s.recorded(s.now(arn))
			c.paths(objects, "events/recording-ended.json", "events/recording-started.json", "media/hls/multivariant.m3u8", "rendition/playlist.m3u8")
			c.equal(0, c.metadataOf(objects["events/recording-ended.json"]).Media.HLS.Duration)
		},
	},
}
