package emulator

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseFault(t *testing.T) {
	tests := map[string]Fault{
		"region=eu-west-1 op=CreateStorageConfiguration code=InternalServerException after times=1": {
			Region: "eu-west-1", Operation: "CreateStorageConfiguration", Kind: KindCode, Code: "InternalServerException", After: true, Times: 1,
		},
		"refuse":                                          {Kind: KindRefuse},
		"share=30% seed=7 no-such-host":                   {Kind: KindNoSuchHost, Share: 30, Seed: 7},
		"share=100 event-lost event=End":                  {Kind: KindEventLost, Share: 100, Event: "End"},
		" service=s3  reset before skip=2 account=1*":     {Service: "s3", Kind: KindReset, Skip: 2, Account: "1*"},
		"invisible=90s operation=Put*":                    {Operation: "Put*", Kind: KindInvisible, Duration: Duration(90 * time.Second)},
		"skew=-1h":                                        {Kind: KindSkew, Duration: Duration(-time.Hour)},
		"failed-entry=InternalException times=2":          {Kind: KindFailedEntry, Code: "InternalException", Times: 2},
		"stale-policy-edit times=1":                       {Kind: KindStalePolicyEdit, Times: 1},
		`event-late=1h event="Destination *" region=eu-*`: {Kind: KindEventLate, Duration: Duration(time.Hour), Event: "Destination *", Region: "eu-*"},
		"event-twice skip=1":                              {Kind: KindEventTwice, Skip: 1},
		"empty-page times=2":                              {Kind: KindEmptyPage, Times: 2},
		`code=X status=599 message="two  words" op=''`:    {Kind: KindCode, Code: "X", Status: 599, Message: "two  words"},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := ParseFault(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			raw, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var again Fault
			if err := json.Unmarshal(raw, &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, again); diff != "" {
				t.Errorf("through JSON %s: (-want +got)\n%s", raw, diff)
			}
		})
	}
}

func TestParseFaultRefuses(t *testing.T) {
	tests := map[string]string{
		"":                       "is empty",
		"region=eu-west-1":       "says nothing of what goes wrong",
		"refuse reset":           "has one kind",
		"cod=X":                  "cod: is no word of a fault",
		"times":                  "its value is missing",
		"refuse times=x":         `"x" is not a number`,
		"refuse times=-1":        "cannot be negative",
		"refuse share=101%":      "101% is not between 0% and 100%",
		"refuse share=-1":        "-1% is not between",
		"refuse share=half":      `"half" is not a number`,
		"refuse seed=3":          "goes with share=",
		"refuse after":           "after: does not go with refuse",
		"cut after":              "after: does not go with cut",
		"reset before after":     "exclude each other",
		"reset=1":                "takes no value",
		"invisible":              "is not a duration",
		"invisible=-1s":          "needs a duration",
		"skew=0s":                "needs a duration",
		"code=Unheard":           "status=",
		"code=X status=200":      "is not the HTTP status of an error",
		"failed-entry":           "its code is missing",
		"failed-entry=X after":   "does not go with failed-entry",
		"failed-entry=X code=Y":  "has one kind",
		"hang status=500":        "do not go with hang",
		"service=s4 refuse":      "matches none of events, iam, ivs",
		"region=[ refuse":        "is not a pattern",
		"refuse refuse":          "is there twice",
		`code=X message="open`:   "does not end",
		"event-late":             "is not a duration",
		"event-late=-1s":         "needs a duration",
		"event-lost op=Put*":     "service and op do not go with event-lost; event= does",
		"event-lost service=ivs": "service and op do not go with event-lost",
		"event-lost event=[":     "is not a pattern",
		"event-twice after":      "after: does not go with event-twice",
		"refuse event=Session*":  "event does not go with refuse",
		"region=a region=b hang": "region: is there twice",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			_, err := ParseFault(text)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want an error with %q", err, want)
			}
		})
	}
}

func TestLatencyThatSaysMostCounts(t *testing.T) {
	var s latencySet
	for _, text := range []string{"100ms", "eu-west-1=240ms", "s3=50ms", "s3/eu-*=60ms", "ivs=1ms", "ivs=2ms"} {
		l, err := ParseLatency(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.add(l); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]time.Duration{}
	for _, where := range []string{"logs/us-east-1", "logs/eu-west-1", "s3/us-east-1", "s3/eu-west-1", "ivs/us-east-1"} {
		service, region, _ := strings.Cut(where, "/")
		got[where] = s.of(service, region)
	}
	want := map[string]time.Duration{
		"logs/us-east-1": 100 * time.Millisecond, "logs/eu-west-1": 240 * time.Millisecond,
		"s3/us-east-1": 50 * time.Millisecond, "s3/eu-west-1": 60 * time.Millisecond, "ivs/us-east-1": 2 * time.Millisecond,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseLatencyRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "is not a duration", "eu-west-1=fast": `"fast" is not a duration`,
		"-1s": "cannot be negative", "s4/eu-west-1=1s": "matches none of", "[=1s": "is not a pattern",
	} {
		if _, err := ParseLatency(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}
