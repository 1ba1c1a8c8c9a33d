package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

var bucketBeliefs = []belief{
	{
		id: "S3-01", source: "S3 API: CreateBucket; Error responses",
		claim: "outside us-east-1 the location constraint is the endpoint's region",
		prove: func(c *check) {
			client := s3.NewFromConfig(c.in(away))
			for constraint, code := range map[string]string{
				"":          "IllegalLocationConstraintException",
				"us-west-2": "IllegalLocationConstraintException",
				"us-east-1": "InvalidLocationConstraint",
				"nowhere":   "InvalidLocationConstraint",
			} {
				in := &s3.CreateBucketInput{Bucket: aws.String(c.name())}
				if constraint != "" {
					in.CreateBucketConfiguration = inRegion(away)
					in.CreateBucketConfiguration.LocationConstraint = types.BucketLocationConstraint(constraint)
				}
				_, err := client.CreateBucket(c.Context(), in)
				c.refused(err, 400, code)
			}
		},
	},
	{
		id: "S3-02", source: "S3 API: CreateBucket",
		claim: "in us-east-1 there is no location constraint",
		prove: func(c *check) {
			_, err := s3.NewFromConfig(c.in(home)).CreateBucket(c.Context(), &s3.CreateBucketInput{
				Bucket:                    aws.String(c.name()),
				CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "us-east-1"},
			})
			c.refused(err, 400, "InvalidLocationConstraint")
		},
	},
	{
		id: "S3-03", source: "S3 user guide: General purpose bucket naming rules",
		claim: "a name that breaks the naming rules is refused",
		prove: func(c *check) {
			for _, name := range []string{"ab", "Abc", "a_b", "-abc", "abc-", "a..b", "192.168.5.4", "xn--abc", "sthree-a", "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a--table-s3", "name-an", strings.Repeat("a", 64)} {
				_, err := s3.NewFromConfig(c.in(home)).CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: &name})
				c.refused(err, 400, "InvalidBucketName")
			}
		},
	},
	{
		id: "S3-04", source: "S3 API: CreateBucket",
		claim:        "a name that another account has is taken",
		onlyEmulated: "it takes a second account",
		prove: func(c *check) {
			_, name := c.bucket(home)
			_, err := s3.NewFromConfig(c.asStranger(home)).CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: name})
			c.refused(err, 409, "BucketAlreadyExists")
		},
	},
	{
		id: "S3-05", source: "S3 API: CreateBucket",
		claim: "a bucket that is yours is refused with its own code",
		prove: func(c *check) {
			client, name := c.bucket(away)
			_, err := client.CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: inRegion(away)})
			c.refused(err, 409, "BucketAlreadyOwnedByYou")
		},
	},
	{
		id: "S3-06", source: "S3 API: CreateBucket",
		claim: "us-east-1 refuses a bucket of yours in another region",
		prove: func(c *check) {
			_, name := c.bucket(away)
			_, err := s3.NewFromConfig(c.in(home)).CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: name})
			c.refused(err, 409, "BucketAlreadyOwnedByYou")
		},
	},
	{
		id: "S3-07", source: "S3 API: CreateBucket",
		claim: "us-east-1 answers 200 for a bucket that is yours and resets its ACL only",
		prove: proveRecreation,
	},
	{
		id: "S3-08", source: "S3 user guide: Object Ownership; Block Public Access; default encryption",
		claim: "a new bucket has ACLs disabled, public access blocked and SSE-S3",
		prove: proveDefaults,
	},
	{
		id: "S3-09", source: "S3 API: CreateBucket",
		claim: "tags and ownership can be sent with CreateBucket",
		prove: func(c *check) {
			client, name := c.bucket(away, preferred, func(in *s3.CreateBucketInput) {
				in.CreateBucketConfiguration.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b c")}}
			})
			tags, err := client.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name})
			c.ok(err)
			if len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "b c" {
				c.Errorf("tags %+v", tags.TagSet)
			}
			owned, err := client.GetBucketOwnershipControls(c.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
			c.ok(err)
			if got := owned.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerPreferred {
				c.Errorf("ownership %s", got)
			}
		},
	},
	{
		id: "S3-10", source: "S3 API: HeadBucket",
		claim: "HeadBucket tells the region",
		prove: func(c *check) {
			client, name := c.bucket(away)
			head, err := client.HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: name})
			c.ok(err)
			if *head.BucketRegion != away {
				c.Errorf("region %s", *head.BucketRegion)
			}
		},
	},
	{
		id: "S3-11", source: "S3 API: HeadBucket; measured with the SDK",
		claim: "HeadBucket on a free name is NotFound",
		prove: func(c *check) {
			_, err := s3.NewFromConfig(c.in(home)).HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: aws.String(c.name())})
			c.refused(err, 404, "NotFound")
		},
	},
	{
		id: "S3-12", source: "S3 API: HeadBucket",
		claim:        "HeadBucket of another account is Forbidden and tells the region",
		onlyEmulated: "it takes a second account",
		prove: func(c *check) {
			_, name := c.bucket(away)
			_, err := s3.NewFromConfig(c.asStranger(away)).HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: name})
			c.refused(err, 403, "Forbidden")
			if got := header(err, "X-Amz-Bucket-Region"); got != away {
				c.Errorf("region %q", got)
			}
		},
	},
	{
		id: "S3-13", source: "S3 API: HeadBucket; Error responses",
		claim: "another region redirects and tells the right one",
		prove: func(c *check) {
			_, name := c.bucket(away)
			elsewhere := s3.NewFromConfig(c.in(home))
			_, err := elsewhere.HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: name})
			c.refused(err, 301, "MovedPermanently")
			if got := header(err, "X-Amz-Bucket-Region"); got != away {
				c.Errorf("region %q", got)
			}
			_, err = elsewhere.GetBucketPolicy(c.Context(), &s3.GetBucketPolicyInput{Bucket: name})
			c.refused(err, 301, "PermanentRedirect")
		},
	},
	{
		id: "S3-14", source: "S3 user guide: Verifying bucket ownership",
		claim: "an expected owner who is not the owner is refused",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: name, ExpectedBucketOwner: aws.String(stranger)})
			c.refused(err, 403, "Forbidden")
			_, err = client.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name, ExpectedBucketOwner: aws.String(stranger)})
			c.refused(err, 403, "AccessDenied")
			_, err = client.HeadBucket(c.Context(), &s3.HeadBucketInput{Bucket: name, ExpectedBucketOwner: aws.String(c.id)})
			c.ok(err)
		},
	},
	{
		id: "S3-15", source: "S3 API: GetBucketLocation",
		claim: "GetBucketLocation is empty for us-east-1",
		prove: func(c *check) {
			for region, want := range map[string]types.BucketLocationConstraint{home: "", away: away} {
				client, name := c.bucket(region)
				location, err := client.GetBucketLocation(c.Context(), &s3.GetBucketLocationInput{Bucket: name})
				c.ok(err)
				if location.LocationConstraint != want {
					c.Errorf("%s: %q", region, location.LocationConstraint)
				}
			}
		},
	},
	{
		id: "S3-16", source: "S3 API: DeleteBucket",
		claim: "a bucket with an object is not deleted",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.PutObject(c.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("k"), Body: strings.NewReader("x")})
			c.ok(err)
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.refused(err, 409, "BucketNotEmpty")
			_, err = client.DeleteObject(c.Context(), &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
			c.ok(err)
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.ok(err)
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.refused(err, 404, "NoSuchBucket")
		},
	},
	{
		id: "S3-17", source: "S3 API: ListBuckets",
		claim: "ListBuckets lists all regions and pages",
		prove: proveBucketPages,
	},
	{
		id: "S3-18", source: "S3 API: CreateBucket",
		claim: "a name with the account regional suffix needs the namespace, account and region",
		prove: func(c *check) {
			client := s3.NewFromConfig(c.in(away))
			create := func(account string) error {
				_, err := client.CreateBucket(c.Context(), &s3.CreateBucketInput{
					Bucket:          aws.String(fmt.Sprintf("%s-%s-%s-an", c.mark, account, away)),
					BucketNamespace: types.BucketNamespaceAccountRegional, CreateBucketConfiguration: inRegion(away),
				})
				return err
			}
			c.ok(create(c.id))
			c.refused(create(stranger), 400, "InvalidBucketName")
		},
	},
}

func proveRecreation(c *check) {
	client, name := c.bucket(home, preferred, func(in *s3.CreateBucketInput) { in.ACL = types.BucketCannedACL("log-delivery-write") })
	grants := func() int {
		acl, err := client.GetBucketAcl(c.Context(), &s3.GetBucketAclInput{Bucket: name})
		c.ok(err)
		return len(acl.Grants)
	}
	if got := grants(); got != 3 {
		c.Fatalf("%d grants before", got)
	}
	_, err := client.CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: name})
	c.ok(err)
	if got := grants(); got != 1 {
		c.Errorf("%d grants after", got)
	}
	owned, err := client.GetBucketOwnershipControls(c.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
	c.ok(err)
	if got := owned.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerPreferred {
		c.Errorf("ownership changed to %s", got)
	}
}

func proveDefaults(c *check) {
	client, name := c.bucket(away)
	owned, err := client.GetBucketOwnershipControls(c.Context(), &s3.GetBucketOwnershipControlsInput{Bucket: name})
	c.ok(err)
	if got := owned.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerEnforced {
		c.Errorf("ownership %s", got)
	}
	block, err := client.GetPublicAccessBlock(c.Context(), &s3.GetPublicAccessBlockInput{Bucket: name})
	c.ok(err)
	b := block.PublicAccessBlockConfiguration
	if !*b.BlockPublicAcls || !*b.BlockPublicPolicy || !*b.IgnorePublicAcls || !*b.RestrictPublicBuckets {
		c.Errorf("public access %+v", b)
	}
	encryption, err := client.GetBucketEncryption(c.Context(), &s3.GetBucketEncryptionInput{Bucket: name})
	c.ok(err)
	if got := encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm; got != types.ServerSideEncryptionAes256 {
		c.Errorf("encryption %s", got)
	}
}

func proveBucketPages(c *check) {
	want := map[string]string{}
	for _, region := range []string{home, away, home} {
		_, name := c.bucket(region)
		want[*name] = region
	}
	got := map[string]string{}
	pages := s3.NewListBucketsPaginator(s3.NewFromConfig(c.in(home)), &s3.ListBucketsInput{MaxBuckets: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.Context())
		c.ok(err)
		if len(page.Buckets) > 2 {
			c.Errorf("a page of %d", len(page.Buckets))
		}
		for _, b := range page.Buckets {
			got[*b.Name] = *b.BucketRegion
		}
	}
	for name, region := range want {
		if got[name] != region {
			c.Errorf("%s: region %q, want %q", name, got[name], region)
		}
	}
}
