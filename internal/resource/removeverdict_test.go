package resource

import (
	"errors"
	"slices"
	"strings"
	"testing"

	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/google/go-cmp/cmp"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

const (
	usOne   = "us-east-1"
	euOne   = "eu-west-1"
	usArn   = "arn:aws:ivs:us-east-1:123456789012:storage-configuration/aaaaaaaaaaaa"
	euArn   = "arn:aws:ivs:eu-west-1:123456789012:storage-configuration/bbbbbbbbbbbb"
	encArn  = "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/cccccccccccc"
	showArn = "arn:aws:ivs:us-east-1:123456789012:composition/dddddddddddd"
)

// thing is one with both tags that the manifest asks for.
func thing(region, kind, name string, change ...func(*Thing)) Thing {
	t := Thing{Key: reconcile.Key{Region: region, Kind: kind, Name: name}, Name: name, Standing: Wanted, Tagged: true, Created: true}
	if strings.HasPrefix(name, "arn:") {
		t.ARN, t.Name = name, "yolo-production-app-ivs-"+kind
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

func untaggedOne(t *Thing) { t.Tagged = false }
func composed(t *Thing)    { t.Uses = append(t.Uses, Use{useComposition, showArn}) }
func staged(t *Thing)      { t.Uses = append(t.Uses, Use{useStage, "stage"}) }
func sharedGroup(t *Thing) {
	t.Uses = append(t.Uses, Use{useLogGroup, "/aws/ivs/yolo-production-other"})
}
func unknownUse(t *Thing)           { t.Unknown = errors.New("denied") }
func adopted(t *Thing)              { t.Created = false }
func holding(t *Thing)              { t.Holds = "objects" }
func usedByUS(t *Thing)             { t.Uses = append(t.Uses, Use{useStorage, usArn}) }
func in(bucket string) func(*Thing) { return func(t *Thing) { t.In = bucket } }

func standing(s Standing) func(*Thing) { return func(t *Thing) { t.Standing, t.Why = s, "why" } }

// over is a teardown over hand-made things. The storage configurations of usArn
// and euArn record to the buckets us and eu, whose policies name their regions.
func over(t *testing.T, things ...Thing) *teardown {
	t.Helper()
	w := testWorld(t, shared)
	storages := func(arn, bucket string) []ivstypes.StorageConfigurationSummary {
		return []ivstypes.StorageConfigurationSummary{{Arn: aws.String(arn), Name: aws.String("theirs"), S3: &ivstypes.S3StorageConfiguration{BucketName: aws.String(bucket)}}}
	}
	grant := func(region string) *policy.Document {
		want, _ := policy.WantedRecording(nil, "b", []string{region})
		document, _ := (&policy.Document{}).Merge(want...)
		return document
	}
	s := &Survey{world: w, wish: Wish{Env: w.env, Regions: w.regions, Recording: true, Logging: true}, found: map[string]*sight{
		usOne: {region: usOne, storages: storages(usArn, "us"), buckets: []bucketSight{{place: place{name: "us"}, document: grant(usOne)}}},
		euOne: {region: euOne, storages: storages(euArn, "eu"), buckets: []bucketSight{{place: place{name: "eu"}, document: grant(euOne)}}},
	}}
	return &teardown{
		Survey: s, all: things, things: things,
		unseen: map[string]reconcile.Key{}, going: map[reconcile.Key]bool{}, buckets: map[string]*bucket{},
	}
}

// verdictText is a verdict in a form that a table can hold.
func verdictText(v verdict) string {
	text := "goes"
	if v.stays != "" {
		text = v.stays
	}
	if v.refusal != nil {
		text = codeOf(v.refusal) + ": " + v.refusal.Error()
	}
	for _, w := range v.warnings {
		text += ", warns " + w.Code
	}
	return text
}

func TestDestroys(t *testing.T) {
	rule, policyKind := thing(usOne, "rule", ""), "logs-resource-policy"
	tests := map[string]struct {
		thing  Thing
		beside []Thing
		want   string
	}{
		"wanted":                 {thing: thing(usOne, "storage-configuration", usArn), want: "goes"},
		"left over":              {thing: thing(usOne, "encoder-configuration", encArn, standing(Replaced)), want: "goes"},
		"untagged":               {thing: thing(usOne, "encoder-configuration", encArn, untaggedOne), want: untagged + ", warns NotTagged"},
		"an untagged log group":  {thing: thing(usOne, "log-group", "", untaggedOne), want: untagged + ", warns NotTagged"},
		"in a composition":       {thing: thing(usOne, "encoder-configuration", encArn, composed, staged), want: "InUse: the encoder configuration " + encArn + " is in use by the composition " + showArn},
		"untagged and in one":    {thing: thing(usOne, "encoder-configuration", encArn, composed, untaggedOne), want: "InUse: the encoder configuration " + encArn + " is in use by the composition " + showArn},
		"of a stage":             {thing: thing(usOne, "storage-configuration", usArn, staged), want: "goes, warns StageRecords"},
		"untagged, of a stage":   {thing: thing(usOne, "storage-configuration", usArn, staged, untaggedOne), want: untagged + ", warns NotTagged"},
		"who uses it is unknown": {thing: thing(usOne, "storage-configuration", usArn, unknownUse), want: "goes, warns UseUnknown"},
		"a bucket":               {thing: thing(usOne, "recordings-bucket", "us", usedByUS), want: "goes"},
		"an untagged bucket":     {thing: thing(usOne, "recordings-bucket", "us", untaggedOne), want: "goes"},
		"a policy":               {thing: thing(usOne, policyKind, ""), want: "goes"},
		"a shared policy":        {thing: thing(usOne, policyKind, "", sharedGroup), want: "it stays, because it lets EventBridge write to another app's log group too: /aws/ivs/yolo-production-other"},
		"a policy, perhaps shared": {
			thing: thing(usOne, policyKind, "", unknownUse),
			want:  "it stays, because it could not be found out whether another app's log group needs it, warns UseUnknown",
		},
		"a target":                   {thing: thing(usOne, "target", ""), beside: []Thing{rule}, want: "goes"},
		"a target of another's rule": {thing: thing(usOne, "target", ""), beside: []Thing{thing(euOne, "rule", "")}, want: withRule},
		"a group of an untagged rule": {
			thing:  thing(usOne, "log-group", ""),
			beside: []Thing{thing(usOne, "rule", "", untaggedOne), thing(usOne, "target", "")}, want: withRule,
		},
		"a target of an untagged one": {thing: thing(usOne, "target", ""), beside: []Thing{thing(usOne, "rule", "", untaggedOne)}, want: withRule},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tear := over(t, append(test.beside, test.thing)...)
			if got := verdictText(tear.destroys(test.thing)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestPruned(t *testing.T) {
	replaced := thing(usOne, "encoder-configuration", encArn, standing(Replaced))
	dropped := standing(Dropped)
	named := func(arn string) PruneOptions { return PruneOptions{ARNs: []string{arn}} }
	mentions := func(value string) PruneOptions { return PruneOptions{Mentions: []Mention{{".env:3", value}}} }
	inUse := "it stays, because it is in use by the "
	tests := map[string]struct {
		thing  Thing
		beside []Thing
		going  string // the ARN of a storage configuration that goes
		how    PruneOptions
		want   string
	}{
		"dropped":            {thing: thing(usOne, "encoder-configuration", encArn, dropped), want: "goes"},
		"a duplicate":        {thing: thing(usOne, "encoder-configuration", encArn, standing(Duplicate)), want: "goes, warns AppMayUseIt"},
		"untagged":           {thing: thing(usOne, "encoder-configuration", encArn, dropped, untaggedOne), want: untagged},
		"in a composition":   {thing: thing(usOne, "encoder-configuration", encArn, dropped, composed), want: inUse + "composition " + showArn},
		"of a stage":         {thing: thing(usOne, "storage-configuration", usArn, dropped, staged), want: inUse + "stage stage"},
		"who knows":          {thing: thing(usOne, "storage-configuration", usArn, dropped, unknownUse), want: "it stays, because it could not be found out whether it is in use: denied"},
		"in an env file":     {thing: thing(usOne, "storage-configuration", usArn, dropped), how: mentions(usArn), want: "it stays, because .env:3 names it"},
		"in a list":          {thing: thing(usOne, "storage-configuration", usArn, dropped), how: mentions(euArn + "," + usArn), want: "it stays, because .env:3 names it"},
		"another in a file":  {thing: thing(usOne, "storage-configuration", usArn, dropped), how: mentions(euArn), want: "goes"},
		"a bucket in a file": {thing: thing(usOne, "recordings-bucket", "us", dropped), how: mentions("s3://us/live"), want: "it stays, because .env:3 names it"},

		"replaced":             {thing: replaced, want: "it stays, because the app may still hold its ARN; --replaced removes it, and so does naming the ARN"},
		"replaced, all":        {thing: replaced, how: PruneOptions{Replaced: true}, want: "goes, warns AppMayUseIt"},
		"replaced, named":      {thing: replaced, how: named(encArn), want: "goes, warns AppMayUseIt"},
		"replaced, in a file":  {thing: replaced, how: PruneOptions{Replaced: true, Mentions: []Mention{{".env:3", encArn}}}, want: "it stays, because .env:3 names it"},
		"unsettled, alone":     {thing: thing(usOne, "encoder-configuration", encArn, standing(Unsettled)), want: "it stays, because nothing is settled in its place yet; a sync does that"},
		"unsettled, elsewhere": {thing: thing(usOne, "encoder-configuration", encArn, standing(Unsettled)), beside: []Thing{thing(euOne, "encoder-configuration", "arn:x")}, want: "it stays, because nothing is settled in its place yet; a sync does that"},
		"unsettled":            {thing: thing(usOne, "encoder-configuration", encArn, standing(Unsettled)), beside: []Thing{thing(usOne, "encoder-configuration", "arn:x")}, want: "goes"},

		"an empty bucket":         {thing: thing(usOne, "recordings-bucket", "us", dropped), want: "goes"},
		"a bucket in use":         {thing: thing(usOne, "recordings-bucket", "us", dropped, usedByUS), want: inUse + "storage configuration " + usArn},
		"a bucket no more in use": {thing: thing(usOne, "recordings-bucket", "us", dropped, usedByUS), going: usArn, want: "goes"},
		"a full bucket":           {thing: thing(usOne, "recordings-bucket", "us", dropped, holding), want: "it stays, because it holds objects"},
		"an adopted bucket":       {thing: thing(usOne, "recordings-bucket", "us", dropped, adopted), want: "it stays, because yolo did not make it"},
		"a bucket, who knows":     {thing: thing(usOne, "recordings-bucket", "us", dropped, unknownUse), want: "it stays, because it could not be found out whether it is in use: denied"},
		"a principal":             {thing: thing(usOne, kindPrincipal, "p", dropped, in("us")), want: "goes"},
		"a principal in use":      {thing: thing(usOne, kindPrincipal, "p", dropped, in("us"), usedByUS), want: inUse + "storage configuration " + usArn},
		"a target":                {thing: thing(usOne, "target", "", dropped), want: withRule},

		"named and wanted":   {thing: thing(usOne, "encoder-configuration", encArn), how: named(encArn), want: "NotLeftOver: " + encArn + " is not removed: it is what the manifest asks for"},
		"named and in use":   {thing: thing(usOne, "encoder-configuration", encArn, dropped, composed), how: named(encArn), want: "InUse: " + encArn + " is not removed: " + inUse + "composition " + showArn + " (it is left over: why)"},
		"named and untagged": {thing: thing(usOne, "encoder-configuration", encArn, dropped, untaggedOne), how: named(encArn), want: "NotLeftOver: " + encArn + " is not removed: " + untagged + " (it is left over: why)"},
		"named, not ours":    {thing: stranger(usArn), how: named(usArn), want: "NotLeftOver: " + usArn + ` is not removed: it is not ours, its name is "theirs"`},
		"named and unknown":  {thing: stranger(encArn), how: named(encArn), want: "NotLeftOver: " + encArn + " is not removed: nothing of ours has that ARN"},
		"named, elsewhere": {
			thing: stranger("arn:aws:ivs:us-west-2:123456789012:encoder-configuration/x"), how: named("x"),
			want: "NotLeftOver: arn:aws:ivs:us-west-2:123456789012:encoder-configuration/x is not removed: us-west-2 was not looked at",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tear := over(t, append(test.beside, test.thing)...)
			if test.going != "" {
				tear.going[reconcile.Key{Region: usOne, Kind: "storage-configuration", Name: test.going}] = true
			}
			if got := verdictText(tear.pruned(test.thing, test.how)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// What cannot be undone comes last, and nothing waits for a region that it has
// nothing to do with.
func TestRemovalNeeds(t *testing.T) {
	var things []Thing
	for region, arn := range map[string]string{usOne: usArn, euOne: euArn} {
		things = append(things, thing(region, "recordings-bucket", region[:2]), thing(region, "storage-configuration", arn),
			thing(region, "encoder-configuration", "arn:"+region), thing(region, "log-group", ""), thing(region, "logs-resource-policy", ""),
			thing(region, "rule", ""), thing(region, "target", ""))
	}
	for region, other := range map[string]string{usOne: "us", euOne: "eu"} {
		things = append(things, thing(region, kindPrincipal, policy.RecordingPrincipal(region), in(other)))
	}
	tear := over(t, things...)
	for _, one := range things {
		tear.going[one.Key] = true
	}
	want := map[string][]string{
		"recordings-bucket":     {kindPrincipal, "encoder-configuration", "storage-configuration"},
		"storage-configuration": nil,
		"encoder-configuration": {"storage-configuration"},
		"log-group":             {"logs-resource-policy", "rule", "target"},
		"logs-resource-policy":  {"target"},
		"rule":                  {"target"},
		"target":                nil,
		kindPrincipal:           {"storage-configuration"},
	}
	for _, one := range things {
		var got []string
		for _, key := range tear.needsOf(one) {
			got = append(got, key.Kind)
			if region := key.Region; region != one.Key.Region && one.Key.Kind != kindPrincipal {
				t.Errorf("%v waits for %v", one.Key, key)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want[one.Key.Kind], got); diff != "" {
			t.Errorf("%v (-want +got)\n%s", one.Key, diff)
		}
	}
	// What stays holds nothing up.
	clear(tear.going)
	for _, one := range things {
		if needs := tear.needsOf(one); len(needs) > 0 {
			t.Errorf("%v needs %v, which stay", one.Key, needs)
		}
	}
	// A region that could not be seen may record to the bucket that its policy
	// says it does, and then the bucket is not emptied.
	tear.empties, tear.unseen[euOne] = true, reconcile.Key{Region: euOne, Kind: "survey"}
	for _, one := range things {
		if needs := tear.needsOf(one); (len(needs) > 0) != (one.Name == "eu") {
			t.Errorf("%v needs %v", one.Key, needs)
		}
	}
}

func TestCompareBucket(t *testing.T) {
	granted := func(regions ...string) *policy.Document {
		want, _ := policy.WantedRecording(nil, "us", regions)
		document, _ := (&policy.Document{}).Merge(want...)
		return document
	}
	kept := "note: the bucket and its recordings stay; --delete-recordings deletes them too"
	hands := "note: the bucket and its recordings stay; yolo never deletes a bucket that it did not make and tag"
	ungrant := func(from, to any) string {
		return "take our statement out of the bucket policy: policy statement IVSRealtimeRecording Principal.Service: " + text(from).(string) + " -> " + text(to).(string)
	}
	full := contents{objects: 3, versions: 2, markers: 1, bytes: 1500}
	tests := map[string]struct {
		thing   Thing
		empties bool
		beside  Thing
		// dark is a region that could not be looked at.
		dark string
		live doomed
		want []string
	}{
		"nothing of ours": {thing: thing(usOne, "recordings-bucket", "us"), live: doomed{document: &policy.Document{}}, want: []string{kept}},
		"adopted":         {thing: thing(usOne, "recordings-bucket", "us", adopted), live: doomed{document: &policy.Document{}}, want: []string{hands}},
		"a region in the dark": {
			thing: thing(usOne, "recordings-bucket", "us"), dark: euOne, live: doomed{document: granted(usOne, euOne)},
			want: []string{ungrant("[ivs-composite.eu-west-1.amazonaws.com ivs-composite.us-east-1.amazonaws.com]", "ivs-composite.eu-west-1.amazonaws.com"), kept},
		},
		"a configuration stays": {
			thing: thing(usOne, "recordings-bucket", "us"), beside: thing(usOne, "storage-configuration", usArn, untaggedOne),
			live: doomed{document: granted(usOne)}, want: []string{kept},
		},
		"emptied": {
			thing: thing(usOne, "recordings-bucket", "us"), empties: true, live: doomed{document: &policy.Document{}, holds: full},
			want: []string{
				"delete the recordings and the bucket: objects: 3 -> <nil>", "delete the recordings and the bucket: earlier-versions: 2 -> <nil>",
				"delete the recordings and the bucket: delete-markers: 1 -> <nil>", "delete the recordings and the bucket: size: 1.5 kB -> <nil>",
			},
		},
		"emptied, adopted":  {thing: thing(usOne, "recordings-bucket", "us", adopted), empties: true, live: doomed{document: &policy.Document{}}, want: []string{"error BucketNotMade"}},
		"emptied, untagged": {thing: thing(usOne, "recordings-bucket", "us", untaggedOne), empties: true, live: doomed{document: &policy.Document{}}, want: []string{"error BucketNotMade"}},
		"emptied, in use":   {thing: thing(usOne, "recordings-bucket", "us"), empties: true, live: doomed{document: &policy.Document{}, users: []string{usArn}}, want: []string{"error BucketInUse"}},
		"emptied, MFA":      {thing: thing(usOne, "recordings-bucket", "us"), empties: true, live: doomed{document: &policy.Document{}, mfaDelete: true}, want: []string{"error MFADelete"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tear := over(t, test.thing, test.beside)
			tear.empties = test.empties
			if test.dark != "" {
				tear.found[test.dark].unseen.storages = errors.New("dark")
			}
			c, err := tear.compareBucket(tear.bucketNamed(test.thing.place), test.thing, test.live)
			if err != nil {
				c.Steps = nil
			}
			got := lines(c, err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
