package resource

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestSurveyQuotas(t *testing.T) {
	a := start(t, regional)
	a.sync()
	a.manifest(regionalOne)
	s, _ := a.surveyWith(func(s *Survey) ([]reconcile.Group, []reconcile.Node) { s.Rules = true; return s.Build() })
	var got []string
	for _, q := range s.Inventory().Quotas {
		used := fmt.Sprint(q.Used)
		if q.Used > 10 {
			used = "some"
		}
		got = append(got, fmt.Sprintf("%s %s: %s of %d", q.Region, q.What, used, q.Limit))
	}
	var want []string
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		want = append(want,
			region+" storage configurations: 1 of 5", region+" encoder configurations: 1 of 20",
			region+" bytes of the policy of yolo-production-app-ivs-recordings-"+region+": some of 20480",
			region+" logs resource policies: 1 of 10", region+" characters of yolo-production-ivs-eventbridge-policy: some of 5120",
			region+" rules of the event bus: 1 of 300", region+" targets of the rule: 1 of 5")
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("quotas (-want +got):\n%s", diff)
	}
}

// How configurations of one name and content stand to what a sync picks.
func TestStandings(t *testing.T) {
	ours := map[string]string{"yolo:app": "app", "yolo:environment": "production"}
	pending := merge(ours, map[string]string{tagPending: "run"})
	foreign := map[string]string{"yolo:app": "other"}
	tests := map[string]struct {
		candidates []candidate
		want       string
	}{
		"none":             {nil, ""},
		"one":              {[]candidate{{"a", ours}}, "a wanted"},
		"tagged first":     {[]candidate{{"a", nil}, {"b", ours}}, "b wanted, a duplicate"},
		"smallest first":   {[]candidate{{"b", nil}, {"a", nil}}, "a wanted, b duplicate"},
		"unsettled alone":  {[]candidate{{"b", pending}, {"a", pending}}, "a wanted, b unsettled"},
		"unsettled beside": {[]candidate{{"a", pending}, {"b", nil}}, "b wanted, a unsettled"},
		"of others":        {[]candidate{{"a", foreign}, {"b", ours}}, "b wanted"},
		"only of others":   {[]candidate{{"a", foreign}}, ""},
	}
	w := &world{env: environment(t, shared, "")}
	c := newConfiguration(w, StepEncoder, w.env.EncoderName(), encoderKey("us-east-1"), nil)
	words := map[Standing]string{Wanted: "wanted", Duplicate: "duplicate", Unsettled: "unsettled"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, thing := range c.standings(test.candidates) {
				got = append(got, thing.ARN+" "+cmp.Or(words[thing.Standing], "?"))
			}
			if line := strings.Join(got, ", "); line != test.want {
				t.Errorf("got %q, want %q", line, test.want)
			}
		})
	}
}

func TestSizeText(t *testing.T) {
	for bytes, want := range map[int64]string{1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 1_234_567: "1.2 MB", 5e15: "5000.0 TB"} {
		if got := sizeText(bytes); got != want {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}
