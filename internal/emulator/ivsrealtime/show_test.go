package ivsrealtime_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/film"
	"github.com/yolo-live/yolo/internal/emulator/media"
)

// whole is the objects of a recording of so many segments.
func whole(segments int, events ...string) (all []string) {
	for _, e := range events {
		all = append(all, "events/recording-"+e+".json")
	}
	all = append(all, "media/hls/multivariant.m3u8")
	for n := range segments {
		all = append(all, "rendition/"+string(rune('0'+n))+".ts")
	}
	return append(all, "rendition/playlist.m3u8")
}

func TestEventsOfAShow(t *testing.T) {
	w := newWorld(t, "")
	p := w.publish()
	w.must(p.roll(time.Second))
	w.advance(10 * time.Second)
	c := w.compose()
	w.must(p.roll(5 * time.Second))
	w.advance(20 * time.Second)
	p.leave(nil)
	w.advance(10 * time.Second)
	c.stop()
	want := []string{
		"  0 Participant Published", " 13 Session Start", " 13 Destination Start", " 33 Participant Unpublished",
		" 45 Destination End", " 45 Session End",
	}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.advance(time.Hour)
	if n := len(*w.events); n != len(want) {
		t.Errorf("%d events after all is over: %q", n, w.told())
	}
}

// The events are as IVS documents them, member for member.
func TestFormOfEvents(t *testing.T) {
	w := newWorld(t, "")
	p := w.publish()
	w.must(p.roll(time.Second))
	c := w.compose()
	w.policy(w.denies("*"))
	w.settle()
	p.leave(&media.Refusal{Code: media.CodeBFrame})
	got := strings.NewReplacer(w.stage, "STAGE", c.arn, "COMPOSITION", p.id, "WHO").Replace(pretty(t, *w.events))
	got = regexp.MustCompile(`st-\w{13}`).ReplaceAllString(got, "SESSION")
	got = regexp.MustCompile(`"id": "\w{12}"`).ReplaceAllString(got, `"id": "DESTINATION"`)
	const head = `{
    "Account": "123456789012",
    "Region": "us-east-1",
    "Time": "2026-11-22T18:00:%s",
    "DetailType": "%s",
    "Resources": [
      "%s"
    ],
    "Detail": {
%s
    }
  }`
	composition := func(detail string) string {
		return fmt.Sprintf(head, "03Z", "IVS Composition State Change", "COMPOSITION", detail)
	}
	stage := func(at, detail string) string { return fmt.Sprintf(head, at, "IVS Stage Update", "STAGE", detail) }
	want := "[\n  " + strings.Join([]string{
		stage("00Z", `      "session_id": "SESSION",
      "event_name": "Participant Published",
      "event_time": "2026-11-22T18:00:00Z",
      "event_time_precise": "2026-11-22T18:00:00.000Z",
      "user_id": "anna",
      "participant_id": "WHO"`),
		composition(`      "event_name": "Session Start",
      "stage_arn": "STAGE"`),
		composition(`      "event_name": "Destination Start",
      "stage_arn": "STAGE",
      "id": "DESTINATION"`),
		composition(`      "event_name": "Destination Failure",
      "stage_arn": "STAGE",
      "id": "DESTINATION",
      "error_code": "AccessDeniedException",
      "reason": "Access denied to S3 bucket. Please verify your bucket policy."`),
		composition(`      "event_name": "Session Failure",
      "stage_arn": "STAGE",
      "error_code": "DestinationFailure",
      "reason": "One or more outputs failed"`),
		stage("03Z", `      "session_id": "SESSION",
      "event_name": "Participant Publish Error",
      "event_time": "2026-11-22T18:00:03Z",
      "user_id": "anna",
      "participant_id": "WHO",
      "error_code": "B_FRAME_PRESENT"`),
		stage("03Z", `      "session_id": "SESSION",
      "event_name": "Participant Unpublished",
      "event_time": "2026-11-22T18:00:03Z",
      "event_time_precise": "2026-11-22T18:00:03.000Z",
      "user_id": "anna",
      "participant_id": "WHO"`),
	}, ",\n  ") + "\n]"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What breaks a recording before or during the show, and what is left of it.
func TestRecordingThatIsBroken(t *testing.T) {
	for name, test := range map[string]struct {
		spoil  func(w *world, prefix string)
		code   string
		reason string
		late   []string // objects when it was broken in mid-show; nil if that is no harm
		early  []string // and when it was broken from the start
	}{
		"no policy": {
			func(w *world, _ string) { w.s3(http.MethodDelete, "/"+bucket+"?policy", "") },
			"AccessDeniedException", "Please verify your bucket policy.", whole(2, "started"), nil,
		},
		"a deny of everything": {
			func(w *world, _ string) { w.policy(w.allows(), w.denies("*")) },
			"AccessDeniedException", "Please verify your bucket policy.", whole(2, "started"), nil,
		},
		"a deny of media": {
			func(w *world, _ string) { w.policy(w.allows(), w.denies("*/media/*")) },
			"AccessDeniedException", "Please verify your bucket policy.", whole(2, "failed", "started"),
			[]string{"events/recording-failed.json", "events/recording-started.json"},
		},
		"a deny of the playlist": {
			func(w *world, _ string) { w.policy(w.allows(), w.denies("*/playlist.m3u8")) },
			"AccessDeniedException", "Please verify your bucket policy.", whole(3, "failed", "started"),
			[]string{"events/recording-failed.json", "events/recording-started.json"},
		},
		"a deny of the beginning": {
			func(w *world, _ string) { w.policy(w.allows(), w.denies("*/recording-started.json")) },
			"AccessDeniedException", "Please verify your bucket policy.", nil,
			[]string{"events/recording-failed.json"},
		},
		"the grant of another region": {
			func(w *world, _ string) { w.policy(strings.Replace(w.allows(), region, "eu-west-1", 1)) },
			"AccessDeniedException", "Please verify your bucket policy.", whole(2, "started"), nil,
		},
		"KMS": {
			func(w *world, _ string) {
				w.s3(http.MethodPut, "/"+bucket+"?encryption", `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`)
			},
			"AccessDeniedException", "Please verify your bucket policy.", whole(2, "started"), nil,
		},
		"ObjectWriter": {
			func(w *world, _ string) {
				w.s3(http.MethodPut, "/"+bucket+"?ownershipControls", `<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>`)
			},
			"AccessDeniedException", "Please verify your bucket policy.", whole(2, "started"), nil,
		},
		"no bucket": {
			func(w *world, prefix string) {
				for _, part := range strings.Split(w.s3(http.MethodGet, "/"+bucket+"?list-type=2", ""), "<Key>")[1:] {
					key, _, _ := strings.Cut(part, "</Key>")
					w.s3(http.MethodDelete, "/"+bucket+"/"+key, "")
				}
				w.s3(http.MethodDelete, "/"+bucket, "")
			},
			"ResourceNotFoundException", "S3 bucket not found. Please verify your bucket exists.", nil, nil,
		},
	} {
		for _, late := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, late %t", name, late), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "")
				p := w.publish()
				w.must(p.roll(2 * time.Second))
				want := test.early
				if !late {
					test.spoil(w, "")
				}
				c := w.compose()
				if late {
					w.must(p.roll(5 * time.Second))
					test.spoil(w, c.prefix)
					want = test.late
				}
				w.must(p.roll(5 * time.Second))
				if late && test.late == nil && test.early != nil {
					// What is not written any more may be denied.
					if got := c.states(); got != "ACTIVE ACTIVE" {
						t.Errorf("it is %s", got)
					}
					return
				}
				if got := c.states(); got != "FAILED FAILED" {
					t.Errorf("it is %s", got)
				}
				checkFailure(t, w, test.code, test.reason)
				if test.code == "ResourceNotFoundException" {
					return
				}
				objects := c.recording()
				if diff := cmp.Diff(want, paths(objects)); diff != "" {
					t.Errorf("objects (-want +got)\n%s", diff)
				}
				if failed := objects["events/recording-failed.json"]; failed != "" && !strings.Contains(member(t, failed, "recording_status_message"), test.reason) {
					t.Errorf("it says %s", failed)
				}
			})
		}
	}
}

// checkFailure wants one failure of a destination among the events, and then the
// composition's.
func checkFailure(t *testing.T, w *world, code, reason string) {
	t.Helper()
	told := w.told()
	if !strings.HasSuffix(told[len(told)-2], "Destination Failure "+code) || !strings.HasSuffix(told[len(told)-1], "Session Failure DestinationFailure") {
		t.Errorf("told %q, want %s", told, code)
	}
	if last := pretty(t, (*w.events)[len(told)-2].Detail); !strings.Contains(last, reason) {
		t.Errorf("%s, want the reason %q", last, reason)
	}
}

// A recording that is to begin wants a key picture, and no other time is one
// wanted.
func TestKeyPictureIsWanted(t *testing.T) {
	w := newWorld(t, "")
	p := w.publish()
	w.must(p.roll(3 * time.Second))
	if p.wanted > 0 {
		t.Errorf("%d key pictures are wanted for nothing", p.wanted)
	}
	w.compose()
	w.must(p.roll(3 * time.Second)) // the next one comes after one second
	if p.wanted != 30 {
		t.Errorf("a key picture is wanted after %d pictures, want 30", p.wanted)
	}
}

// What IVS would do and the emulator cannot is refused in words.
func TestWhatIsNotRecorded(t *testing.T) {
	for name, test := range map[string]struct {
		members []string
		film    film.Film
		guests  int
		reason  string
	}{
		"another size":       {nil, film.Film{Width: 640, Height: 360}, 0, "the publisher sends 640x360, the encoder configuration wants 320x180"},
		"another shape":      {nil, film.Film{Width: 180, Height: 320}, 0, "the publisher sends 180x320"},
		"several publishers": {nil, film.Film{Width: 320, Height: 180}, 1, "several publish to the stage"},
		"thumbnails":         {[]string{`"thumbnailConfigurations":[{"targetIntervalSeconds":5}]`}, film.Film{Width: 320, Height: 180}, 0, "makes no thumbnails"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "")
			p := w.publish()
			p.film = test.film
			w.must(p.roll(2 * time.Second))
			for range test.guests {
				w.must(w.publish().roll(time.Second))
			}
			c := w.compose(test.members...)
			w.must(p.roll(5 * time.Second))
			if got := c.states(); got != "FAILED FAILED" {
				t.Errorf("it is %s", got)
			}
			checkFailure(t, w, "NotImplemented", test.reason)
			objects := c.recording()
			failed := objects["events/recording-failed.json"]
			if !strings.Contains(member(t, failed, "recording_status_message"), test.reason) || strings.Contains(strings.Join(paths(objects), " "), ".ts") {
				t.Errorf("it has %q and says %s", paths(objects), failed)
			}
		})
	}
}

// A size that changes in mid-show, and a second publisher, end a recording with
// what there is.
func TestRecordingThatBecomesImpossible(t *testing.T) {
	for name, change := range map[string]func(w *world, p *publisher){
		"another size":       func(_ *world, p *publisher) { p.film = film.Film{Width: 640, Height: 360} },
		"a second publisher": func(w *world, _ *publisher) { w.must(w.publish().roll(time.Second)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "")
			p := w.publish()
			c := w.compose()
			w.must(p.roll(5 * time.Second))
			change(w, p)
			w.must(p.roll(5 * time.Second))
			checkFailure(t, w, "NotImplemented", "without encoding")
			if diff := cmp.Diff(whole(2, "failed", "started"), paths(c.recording())); diff != "" {
				t.Errorf("objects (-want +got)\n%s", diff)
			}
			failed := c.recording()["events/recording-failed.json"]
			if member(t, failed, "recording_status") != "RECORDING_ENDED_WITH_FAILURE" || member(t, failed, "media.hls.duration_ms") != "4000" {
				t.Errorf("it says %s", failed)
			}
		})
	}
}
