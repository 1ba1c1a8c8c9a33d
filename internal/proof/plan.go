package proof

import (
	"fmt"
	"strings"
	"time"
)

// Show is what a proof will put on in one region.
type Show struct {
	Region string
	// Records tells that a composition records it; else it only publishes, for
	// the log.
	Records bool
	// Logs tells that its events are looked for.
	Logs bool
	// Picture is how long the picture is on.
	Picture time.Duration
	// Width and Height are the encoder's.
	Width, Height int
}

// What a show takes beside its picture; what is waited for at most is verify's
// patience.
const (
	// settingUp is a stage, a connection, and a destination that becomes ACTIVE.
	settingUp = 20 * time.Second
	// composing is waited for the destination to become ACTIVE, and for the
	// composition to stop.
	composing = 2 * time.Minute
	// cleaning is waited for the stage to be gone.
	cleaning = 2 * time.Minute
	// lookingForRecording is waited for its end, lookingForEvents for these and for
	// a canary; both at once.
	lookingForRecording = time.Minute
	lookingForEvents    = 3 * time.Minute
	// segment is how long a segment lasts by default (StartComposition).
	segment = 2 * time.Second
)

// Lasts is how long it will take, as a rule and at most.
func (s Show) Lasts() (usual, most time.Duration) {
	usual = s.Picture + settingUp
	most = usual + cleaning
	if s.Records {
		most += composing
	}
	if s.Logs {
		return usual, most + lookingForEvents
	}
	return usual, most + lookingForRecording
}

// objects are how many a recording writes: its segments, both playlists as they
// grow, and metadata. A playlist is written anew with each segment.
func (s Show) objects() int {
	segments := int((s.Picture + settingUp) / segment)
	const others = 6
	return 2*segments + others
}

// Bill is what AWS bills for the show, a line each. No prices: these are AWS's
// to change.
func (s Show) Bill() []string {
	usual, _ := s.Lasts()
	minutes := int((usual + time.Minute - 1) / time.Minute)
	lines := []string{fmt.Sprintf("%s of one participant who publishes", plural(minutes, "minute"))}
	if s.Records {
		lines = append(lines,
			fmt.Sprintf("%s of a composition at %dx%d", plural(minutes, "minute"), s.Width, s.Height),
			fmt.Sprintf("about %d S3 requests, and the storage of some megabytes until they are deleted", s.objects()))
	}
	if s.Logs {
		lines = append(lines, "a few log events and requests for them")
	}
	return lines
}

func plural(n int, noun string) string {
	if n == 1 {
		return "about 1 " + noun
	}
	return fmt.Sprintf("about %d %ss", n, noun)
}

// Does says in one sentence what the show is.
func (s Show) Does() string {
	usual, most := s.Lasts()
	parts := []string{"a tagged stage", fmt.Sprintf("a test picture of %d s", int(s.Picture.Seconds()))}
	if s.Records {
		parts = append(parts, "a composition that records it to the bucket")
	}
	return fmt.Sprintf("%s; takes about %s, at most %s", strings.Join(parts, ", "), inSeconds(usual), inSeconds(most))
}

func inSeconds(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min", int((d+time.Minute-1)/time.Minute))
}
