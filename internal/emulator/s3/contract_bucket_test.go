package s3_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var bucketBeliefs = []belief{
	{"S3-01 outside us-east-1 the location constraint is the endpoint's region (§6.1)", func(t *testing.T, w *world) {
		client := w.s3(w.mine, "eu-west-1")
		for constraint, code := range map[string]string{
			"":          "IllegalLocationConstraintException",
			"us-west-2": "IllegalLocationConstraintException",
			"us-east-1": "InvalidLocationConstraint",
			"nowhere":   "InvalidLocationConstraint",
		} {
			in := &s3.CreateBucketInput{Bucket: aws.String(newName())}
			if constraint != "" {
				in.CreateBucketConfiguration = inRegion("eu-west-1")
				in.CreateBucketConfiguration.LocationConstraint = types.BucketLocationConstraint(constraint)
			}
			_, err := client.CreateBucket(t.Context(), in)
			refused(t, err, 400, code)
		}
	}},
	{"S3-02 in us-east-1 there is no location constraint (§6.1)", func(t *testing.T, w *world) {
		_, err := w.s3(w.mine, "us-east-1").CreateBucket(t.Context(), &s3.CreateBucketInput{
			Bucket:                    aws.String(newName()),
			CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "us-east-1"},
		})
		refused(t, err, 400, "InvalidLocationConstraint")
	}},
	{"S3-03 a name that breaks the naming rules is refused (§2)", func(t *testing.T, w *world) {
		for _, name := range []string{"ab", "Abc", "a_b", "-abc", "abc-", "a..b", "192.168.5.4", "xn--abc", "sthree-a", "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a--table-s3", "name-an", strings.Repeat("a", 64)} {
			_, err := w.s3(w.mine, "us-east-1").CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
			refused(t, err, 400, "InvalidBucketName")
		}
	}},
	{"S3-04 a name that another account has is taken (§6.1)", func(t *testing.T, w *world) {
		_, name := w.bucket(t, "us-east-1")
		_, err := w.s3(w.theirs, "us-east-1").CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name})
		refused(t, err, 409, "BucketAlreadyExists")
	}},
	{"S3-05 a bucket that is yours is refused with its own code (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "eu-west-1")
		_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: inRegion("eu-west-1")})
		refused(t, err, 409, "BucketAlreadyOwnedByYou")
	}},
	{"S3-06 us-east-1 refuses a bucket of yours in another region (§6.1)", func(t *testing.T, w *world) {
		_, name := w.bucket(t, "eu-west-1")
		_, err := w.s3(w.mine, "us-east-1").CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name})
		refused(t, err, 409, "BucketAlreadyOwnedByYou")
	}},
	{"S3-07 us-east-1 answers 200 for a bucket that is yours and resets its ACL only (§6.1)", proveRecreation},
	{"S3-08 a new bucket has ACLs disabled, public access blocked and SSE-S3 (§1.1)", proveDefaults},
	{"S3-09 tags and ownership can be sent with CreateBucket (§7.2)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "eu-west-1", preferred, func(in *s3.CreateBucketInput) {
			in.CreateBucketConfiguration.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b c")}}
		})
		tags, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
		ok(t, err)
		if len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "b c" {
			t.Errorf("tags %+v", tags.TagSet)
		}
		owned, err := client.GetBucketOwnershipControls(t.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
		ok(t, err)
		if got := owned.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerPreferred {
			t.Errorf("ownership %s", got)
		}
	}},
	{"S3-10 HeadBucket tells the region (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "ap-south-1")
		head, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name})
		ok(t, err)
		if *head.BucketRegion != "ap-south-1" {
			t.Errorf("region %s", *head.BucketRegion)
		}
	}},
	{"S3-11 HeadBucket on a free name is NotFound (§6.1)", func(t *testing.T, w *world) {
		_, err := w.s3(w.mine, "us-east-1").HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String(newName())})
		refused(t, err, 404, "NotFound")
	}},
	{"S3-12 HeadBucket of another account is Forbidden and tells the region (§6.1)", func(t *testing.T, w *world) {
		_, name := w.bucket(t, "eu-west-1")
		_, err := w.s3(w.theirs, "eu-west-1").HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name})
		refused(t, err, 403, "Forbidden")
		if got := header(err, "X-Amz-Bucket-Region"); got != "eu-west-1" {
			t.Errorf("region %q", got)
		}
	}},
	{"S3-13 another region redirects and tells the right one (§6.1)", func(t *testing.T, w *world) {
		_, name := w.bucket(t, "eu-west-1")
		elsewhere := w.s3(w.mine, "us-west-2")
		_, err := elsewhere.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name})
		refused(t, err, 301, "MovedPermanently")
		if got := header(err, "X-Amz-Bucket-Region"); got != "eu-west-1" {
			t.Errorf("region %q", got)
		}
		_, err = elsewhere.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
		refused(t, err, 301, "PermanentRedirect")
	}},
	{"S3-14 an expected owner who is not the owner is refused (§7.2)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name, ExpectedBucketOwner: &w.theirs})
		refused(t, err, 403, "Forbidden")
		_, err = client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name, ExpectedBucketOwner: &w.theirs})
		refused(t, err, 403, "AccessDenied")
		_, err = client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name, ExpectedBucketOwner: &w.mine})
		ok(t, err)
	}},
	{"S3-15 GetBucketLocation is empty for us-east-1 (§6.1)", func(t *testing.T, w *world) {
		for region, want := range map[string]types.BucketLocationConstraint{"us-east-1": "", "eu-west-1": "eu-west-1"} {
			client, name := w.bucket(t, region)
			location, err := client.GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: name})
			ok(t, err)
			if location.LocationConstraint != want {
				t.Errorf("%s: %q", region, location.LocationConstraint)
			}
		}
	}},
	{"S3-16 a bucket with an object is not deleted (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x")})
		ok(t, err)
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		refused(t, err, 409, "BucketNotEmpty")
		_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
		ok(t, err)
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		ok(t, err)
		_, err = client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
		refused(t, err, 404, "NoSuchBucket")
	}},
	{"S3-17 ListBuckets lists all regions and pages (§2.4)", proveBucketPages},
	{"S3-18 a name with the account regional suffix needs the namespace, account and region (§7.2)", func(t *testing.T, w *world) {
		client := w.s3(w.mine, "eu-west-1")
		make := func(account string) error {
			_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
				Bucket:          aws.String(fmt.Sprintf("p%s-%s-eu-west-1-an", strings.ToLower(rand.Text())[:8], account)),
				BucketNamespace: types.BucketNamespaceAccountRegional, CreateBucketConfiguration: inRegion("eu-west-1"),
			})
			return err
		}
		ok(t, make(w.mine))
		refused(t, make(w.theirs), 400, "InvalidBucketName")
	}},
}

func proveRecreation(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1", preferred, func(in *s3.CreateBucketInput) { in.ACL = types.BucketCannedACL("log-delivery-write") })
	grants := func() int {
		acl, err := client.GetBucketAcl(t.Context(), &s3.GetBucketAclInput{Bucket: name})
		ok(t, err)
		return len(acl.Grants)
	}
	if got := grants(); got != 3 {
		t.Fatalf("%d grants before", got)
	}
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name})
	ok(t, err)
	if got := grants(); got != 1 {
		t.Errorf("%d grants after", got)
	}
	owned, err := client.GetBucketOwnershipControls(t.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
	ok(t, err)
	if got := owned.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerPreferred {
		t.Errorf("ownership changed to %s", got)
	}
}

func proveDefaults(t *testing.T, w *world) {
	client, name := w.bucket(t, "eu-west-1")
	owned, err := client.GetBucketOwnershipControls(t.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
	ok(t, err)
	if got := owned.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership %s", got)
	}
	block, err := client.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
	ok(t, err)
	b := block.PublicAccessBlockConfiguration
	if !*b.BlockPublicAcls || !*b.BlockPublicPolicy || !*b.IgnorePublicAcls || !*b.RestrictPublicBuckets {
		t.Errorf("public access %+v", b)
	}
	encryption, err := client.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: name})
	ok(t, err)
	if got := encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm; got != types.ServerSideEncryptionAes256 {
		t.Errorf("encryption %s", got)
	}
}

func proveBucketPages(t *testing.T, w *world) {
	want := map[string]string{}
	for _, region := range []string{"us-east-1", "eu-west-1", "us-west-2"} {
		_, name := w.bucket(t, region)
		want[*name] = region
	}
	got := map[string]string{}
	pages := s3.NewListBucketsPaginator(w.s3(w.mine, "us-east-1"), &s3.ListBucketsInput{MaxBuckets: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.WithoutCancel(t.Context()))
		ok(t, err)
		if len(page.Buckets) > 2 {
			t.Errorf("a page of %d", len(page.Buckets))
		}
		for _, b := range page.Buckets {
			got[*b.Name] = *b.BucketRegion
		}
	}
	for name, region := range want {
		if got[name] != region {
			t.Errorf("%s: region %q, want %q", name, got[name], region)
		}
	}
}
