package resource

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

func (a *account) createBucket(name, region string) {
	in := &s3.CreateBucketInput{Bucket: aws.String(name)}
	if region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	do(a.t, a.clients(region).S3.CreateBucket, in)
}

// A bucket that appears between the look and the create has a policy that
// nobody has read yet.
func TestBucketMadeMeanwhileKeepsItsPolicy(t *testing.T) {
	a := start(t, driftLayout)
	var made atomic.Bool
	a.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/"+*a.bucketName() && len(r.URL.Query()) == 0 && made.CompareAndSwap(false, true) {
			a.createBucket(*a.bucketName(), driftRegion)
			a.putBucketPolicy(foreignPolicy)
		}
		return false
	}
	report := a.sync()
	a.has(t, "Theirs", "IVSRealtimeRecording")
	n := report.Node(bucketKey(driftRegion))
	if n.Result != reconcile.Synced || len(n.Notes) == 0 || !strings.Contains(n.Notes[len(n.Notes)-1], "was there already") && !strings.Contains(n.Notes[0], "was there already") {
		t.Errorf("the bucket reports %v, %q", n.Result, n.Notes)
	}
	a.settled()
}

// Each region's bucket, by what is there before.
func TestPlaces(t *testing.T) {
	const sharedName, other = "yolo-production-app-ivs-realtime-recordings", "yolo-production-app-ivs-recordings-"
	tests := map[string]struct {
		ivs    string
		before map[string]string // bucket to region
		want   map[string]string // region to its bucket
	}{
		"nothing":                        {regional, nil, map[string]string{"us-east-1": other + "us-east-1", "eu-west-1": other + "eu-west-1"}},
		"the shared one in the primary":  {regional, map[string]string{sharedName: "us-east-1"}, map[string]string{"us-east-1": sharedName, "eu-west-1": other + "eu-west-1"}},
		"the shared one in the other":    {regional, map[string]string{sharedName: "eu-west-1"}, map[string]string{"us-east-1": other + "us-east-1", "eu-west-1": sharedName}},
		"the shared one in no region":    {regional, map[string]string{sharedName: "ap-south-1"}, map[string]string{"us-east-1": other + "us-east-1", "eu-west-1": other + "eu-west-1"}},
		"shared, in the second region":   {shared, map[string]string{sharedName: "eu-west-1"}, map[string]string{"us-east-1": sharedName, "eu-west-1": sharedName}},
		"shared, in a region of no name": {shared, map[string]string{sharedName: "ap-south-1"}, map[string]string{"us-east-1": sharedName, "eu-west-1": sharedName}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, test.ivs)
			for bucket, region := range test.before {
				a.createBucket(bucket, region)
			}
			report := a.sync()
			for region, bucket := range test.want {
				storage := report.Node(storageKey(region))
				want, exists := test.before[bucket]
				if !exists {
					want = region
					if test.ivs == shared {
						want = "us-east-1"
					}
				}
				if storage.CanRecord == nil || *storage.CanRecord != (want == region) {
					t.Errorf("%s: can record is %v with a bucket in %s", region, *storage.CanRecord, want)
				}
				if dump := a.dump(); !slices.ContainsFunc(dump, func(line string) bool {
					return strings.HasPrefix(line, "storage "+region) && strings.Contains(line, `{"BucketName":"`+bucket+`"}`)
				}) {
					t.Errorf("no storage configuration of %s has %s:\n%s", region, bucket, strings.Join(dump, "\n"))
				}
			}
			a.settled()
		})
	}
}

// One region's S3 that fails does not keep the other ones from their buckets.
func TestRegionalBucketsDoNotNeedEachOther(t *testing.T) {
	a := start(t, regional)
	a.wish.Logging = false
	a.fault("service=s3 region=us-east-1 code=InvalidRequest status=400")
	report := a.run()
	for region, want := range map[string]reconcile.Result{"us-east-1": reconcile.Failed, "eu-west-1": reconcile.Created} {
		for _, key := range []reconcile.Key{bucketKey(region), storageKey(region)} {
			if n := report.Node(key); n.Result != want {
				t.Errorf("%v: result %v, %v; want %v", key, n.Result, n.Err, want)
			}
		}
	}
	if n := report.Node(storageKey("us-east-1")); codeOf(n.Err) != reconcile.CodeBlocked {
		t.Errorf("the storage configuration says %v", n.Err)
	}
}

// No name is spent where IVS does not answer, and the reason is told in words.
func TestNoBucketWithoutIVS(t *testing.T) {
	a := start(t, "regions: [us-east-9, eu-west-1]\n        recording: {real_time: true, bucket: regional}")
	a.wish.Logging = false
	a.fault("service=ivs region=us-east-9 refuse")
	report := a.run()
	bucket, storage := report.Node(bucketKey("us-east-9")), report.Node(storageKey("us-east-9"))
	if codeOf(bucket.Err) != reconcile.CodeBlocked || codeOf(storage.Err) != CodeNoIVS {
		t.Errorf("the bucket says %v, the storage configuration %v", bucket.Err, storage.Err)
	}
	if !strings.HasPrefix(storage.Err.Error(), "AWS lists no IVS Real-Time in us-east-9, and nothing answers for it there") {
		t.Errorf("error %q", storage.Err)
	}
	if report.Node(bucketKey("eu-west-1")).Result != reconcile.Created {
		t.Error("the other region was not set up")
	}
	for _, c := range a.calls() {
		if c.Operation == "CreateBucket" && c.Region == "us-east-9" {
			t.Error("a bucket was created in a region without IVS")
		}
	}
}

// What a person reads of a bucket that is somebody else's.
func TestBucketOfAnotherAccount(t *testing.T) {
	a := start(t, shared)
	other, err := cloud.Load(t.Context(), cloud.Options{Region: "us-east-1", Endpoint: a.url, AccessKey: "999999999999"})
	if err != nil {
		t.Fatal(err)
	}
	do(t, other.In("us-east-1").S3.CreateBucket, &s3.CreateBucketInput{Bucket: a.bucketName()})
	n := a.run().Node(bucketKey("us-east-1"))
	p, ok := errors.AsType[*reconcile.Problem](n.Err)
	if !ok || p.ProblemCode != CodeBucketForbidden || !strings.Contains(p.Fix, "bucket-name") {
		t.Errorf("the bucket says %v", n.Err)
	}
}

// A bucket of the shared name that may not be seen may be ours, so the region
// it is in gets no second one beside it.
func TestSharedBucketThatMayNotBeSeen(t *testing.T) {
	tests := map[string]struct {
		region string // of the bucket of the shared name
		own    bool   // the region has a bucket of its own already
		code   string
	}{
		"in the region":               {"us-east-1", false, CodeBucketForbidden},
		"in the region, beside ours":  {"us-east-1", true, ""},
		"in a region of nobody's":     {"ap-south-1", false, ""},
		"in another one of the run's": {"eu-west-1", false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := start(t, regional)
			a.wish.Logging = false
			other, err := cloud.Load(t.Context(), cloud.Options{Region: test.region, Endpoint: a.url, AccessKey: "999999999999"})
			if err != nil {
				t.Fatal(err)
			}
			if test.own {
				a.createBucket(a.wish.Env.BucketName("us-east-1"), "us-east-1")
			}
			bucket := &s3.CreateBucketInput{Bucket: aws.String(a.wish.Env.SharedBucketName())}
			if test.region != "us-east-1" {
				bucket.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(test.region)}
			}
			do(t, other.In(test.region).S3.CreateBucket, bucket)
			n := a.run().Node(bucketKey("us-east-1"))
			if test.code == "" {
				if n.Err != nil {
					t.Errorf("the bucket says %v", n.Err)
				}
				return
			}
			p, ok := errors.AsType[*reconcile.Problem](n.Err)
			if !ok || p.ProblemCode != test.code || !strings.Contains(p.Fix, "s3:ListBucket") || !strings.Contains(p.Fix, "{region}") {
				t.Errorf("the bucket says %v", n.Err)
			}
			for _, c := range a.calls() {
				if c.Operation == "CreateBucket" && c.Region == "us-east-1" && c.Account != "999999999999" {
					t.Error("a second bucket was created")
				}
			}
		})
	}
}

// A bucket whose first answer got lost is one that the run made, not one that
// was there before.
func TestBucketWhoseAnswerGotLost(t *testing.T) {
	for _, region := range []string{"eu-west-1", "us-east-1"} {
		t.Run(region, func(t *testing.T) {
			a := start(t, layoutOf("shared", region))
			a.fault("op=CreateBucket reset after times=1")
			if n := a.sync().Node(bucketKey(region)); n.Result != reconcile.Created || !n.Changed {
				t.Errorf("the bucket reports %v, changes %v", n.Result, n.Changes)
			}
			a.settled()
		})
	}
}

// The line of a bucket is told as soon as there is one.
func TestBucketLineDespiteAFailure(t *testing.T) {
	a := start(t, layoutOf("shared", "eu-west-1"))
	a.sync()
	do(t, a.clients(driftRegion).S3.DeleteBucketTagging, &s3.DeleteBucketTaggingInput{Bucket: a.bucketName()})
	a.fault("op=PutBucketTagging code=AccessDenied status=403")
	report := a.run()
	if n := report.Node(bucketKey(driftRegion)); n.Result != reconcile.Failed {
		t.Errorf("the bucket reports %v", n.Result)
	}
	want := EnvVar{Name: envBucket, Value: *a.bucketName()}
	if got := Env(a.wish, report); got[0] != want {
		t.Errorf("the first line is %+v, want %+v", got[0], want)
	}

	a = start(t, layoutOf("shared", "eu-west-1"))
	a.fault("op=CreateBucket code=AccessDenied status=403")
	if got := Env(a.wish, a.run()); got[0].Value != "" || !strings.Contains(got[0].Comment, "failed: AccessDenied") {
		t.Errorf("without a bucket the first line is %+v", got[0])
	}
}

// Only a grant that is plainly the MediaConvert role's goes with the role.
func TestReadGrantOfOthersStays(t *testing.T) {
	b := testWorld(t, shared).bucketOf("us-east-1")
	role := `"AWS":"arn:aws:iam::123456789012:role/` + b.env.MediaConvertRoleName() + `"`
	grant := func(effect, members string) string {
		return `{"Sid":"MediaConvertRead","Effect":"` + effect + `",` + members + `"Action":"s3:GetObject","Resource":"*"}`
	}
	ours := grant("Allow", `"Principal":{`+role+`},`)
	tests := map[string]struct {
		statements string
		stays      bool
	}{
		"the role's":          {ours, false},
		"a deleted role's":    {grant("Allow", `"Principal":{"AWS":"AROAEXAMPLEEXAMPLE12"},`), false},
		"somebody else's too": {grant("Allow", `"Principal":{"AWS":["arn:aws:iam::123456789012:role/other"]},`), true},
		"two of that Sid":     {ours + "," + ours, true},
		"a Deny":              {grant("Deny", `"Principal":{`+role+`},`), true},
		"all but the role":    {grant("Allow", `"NotPrincipal":{`+role+`},`), true},
		"without a principal": {grant("Allow", ``), true},
		"an empty list":       {grant("Allow", `"Principal":{"AWS":[]},`), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			live, err := policy.Parse(`{"Version":"2012-10-17","Statement":[` + test.statements + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			merged, _ := b.merged(live, bucketLive{place: place{name: "b"}})
			if _, stays := merged.Statement(policy.SidMediaConvertRead); stays != test.stays {
				t.Errorf("stays is %v, want %v", stays, test.stays)
			}
		})
	}
}

// That a role cannot be read is no reason to leave the rest undone.
func TestRoleThatCannotBeRead(t *testing.T) {
	a := start(t, layoutOf("shared", "eu-west-1"))
	a.fault("op=GetRole code=ServiceFailure status=400")
	n := a.sync().Node(bucketKey("eu-west-1"))
	if n.Result != reconcile.Created || len(n.Warnings) != 1 || n.Warnings[0].Code != WarnOptionalRead {
		t.Errorf("the bucket reports %v, %+v", n.Result, n.Warnings)
	}
}

// A warning joins the row of its bucket, and tells when that is elsewhere.
func TestBucketWarningsJoinTheirRow(t *testing.T) {
	for at, suffix := range map[string]string{"us-east-1": "(AES256)", "ap-south-1": "(AES256); the bucket is in ap-south-1"} {
		t.Run(at, func(t *testing.T) {
			b := testWorld(t, shared).bucketOf("us-east-1")
			c, err := b.Compare(bucketLive{place: place{name: "b", region: at, exists: true}, document: &policy.Document{}, encryption: "aws:kms"})
			if err != nil || len(c.Warnings) != 1 {
				t.Fatalf("warnings %+v, %v", c.Warnings, err)
			}
			if w := c.Warnings[0]; w.Region != b.Key().Region || !strings.HasSuffix(w.Text, suffix) {
				t.Errorf("the warning is of %s and says %q, want it of %s and to end with %q", w.Region, w.Text, b.Key().Region, suffix)
			}
		})
	}
}
