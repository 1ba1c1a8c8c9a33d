package eventpattern_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/yolo-live/yolo/internal/eventpattern"
)

// aParticipant and aComposition are events of IVS, as its guide shows them
// (RealTimeUserGuide, "Using Amazon EventBridge").
func aParticipant(user string) string {
	return `{"version":"0","detail-type":"IVS Stage Update","source":"aws.ivs","resources":["arn:aws:ivs:us-east-1:123456789012:stage/WyGkzNFGwiwr"],
		"detail":{"session_id":"st-1","event_name":"Participant Published",` + user + `"participant_id":"p"}}`
}

func aComposition(stage string) string {
	return `{"version":"0","detail-type":"IVS Composition State Change","source":"aws.ivs","resources":["arn:aws:ivs:us-east-1:123456789012:composition/s2AdaGUbvQgp"],
		"detail":{"event_name":"Destination Failure","stage_arn":"arn:aws:ivs:us-east-1:123456789012:stage/` + stage + `","id":"d"}}`
}

// TestPatternsOfTheProofPage: the patterns that are given to those whose rules
// see the test show do what is said of them.
func TestPatternsOfTheProofPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/proof.md")
	if err != nil {
		t.Fatal(err)
	}
	patterns := map[string]string{}
	for _, one := range regexp.MustCompile("(?s)<!-- pattern: (.*?) -->\n```json\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		patterns[one[1]] = one[2]
	}
	for name, events := range map[string]map[string]bool{
		"without the test show's participants": {
			aParticipant(`"user_id":"yolo-verify",`): false,
			aParticipant(`"user_id":"alice",`):       true,
			aParticipant(`"user_id":"",`):            true,
			aParticipant(""):                         true,
			aComposition("WyGkzNFGwiwr"):             false,
		},
		"of one's own stages": {
			aComposition("WyGkzNFGwiwr"):    true,
			aComposition("TestShowsStage"):  false,
			aParticipant(`"user_id":"al",`): false,
		},
	} {
		if patterns[name] == "" {
			t.Errorf("the page has no pattern %q", name)
		}
		for event, want := range events {
			if got, err := eventpattern.Match(patterns[name], event); got != want || err != nil {
				t.Errorf("%s: matches %t, %v, want %t: %s", name, got, err, want, event)
			}
		}
		delete(patterns, name)
	}
	for name := range patterns {
		t.Errorf("nothing tries the pattern %q", name)
	}
}
