package contract

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

var listingBeliefs = []belief{
	{
		id: "S3-52", source: "S3 API: ListObjectsV2, ListObjects",
		claim: "ListObjectsV2 pages, rolls up prefixes and starts after a key",
		prove: proveListing,
	},
	{
		id: "S3-53", source: "S3 API: DeleteObjects",
		claim: "DeleteObjects deletes at most 1000 keys and reports each",
		prove: func(c *check) {
			client, name := c.bucket(home)
			putObject(c, client, name, "a & <b>", "x")
			remove := func(keys int) (*s3.DeleteObjectsOutput, error) {
				list := []types.ObjectIdentifier{{Key: aws.String("a & <b>")}}
				for i := range keys - 1 {
					list = append(list, types.ObjectIdentifier{Key: aws.String(fmt.Sprint(i))})
				}
				return client.DeleteObjects(c.Context(), &s3.DeleteObjectsInput{Bucket: name, Delete: &types.Delete{Objects: list}})
			}
			_, err := remove(1001)
			c.refused(err, 400, "MalformedXML")
			out, err := remove(1000)
			c.ok(err)
			if len(out.Deleted) != 1000 || *out.Deleted[0].Key != "a & <b>" {
				c.Errorf("%d deleted, first %s", len(out.Deleted), *out.Deleted[0].Key)
			}
			_, err = client.DeleteBucket(c.Context(), &s3.DeleteBucketInput{Bucket: name})
			c.ok(err)
		},
	},
}

func proveListing(c *check) {
	client, name := c.bucket(home)
	for _, key := range []string{"a", "a b", "b/1", "b/2", "b/3/4", "c", "d/1", "é"} {
		putObject(c, client, name, key, key)
	}
	list := func(in s3.ListObjectsV2Input) (all []string) {
		in.Bucket = name
		pages := s3.NewListObjectsV2Paginator(client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(c.Context())
			c.ok(err)
			if int(*page.KeyCount) != len(page.Contents)+len(page.CommonPrefixes) || len(page.Contents)+len(page.CommonPrefixes) > int(*page.MaxKeys) {
				c.Errorf("count %d of %d", *page.KeyCount, *page.MaxKeys)
			}
			for _, object := range page.Contents {
				all = append(all, *object.Key)
			}
			for _, prefix := range page.CommonPrefixes {
				all = append(all, *prefix.Prefix)
			}
		}
		return all
	}
	for what, test := range map[string]struct {
		in   s3.ListObjectsV2Input
		want []string
	}{
		"all":                 {s3.ListObjectsV2Input{}, []string{"a", "a b", "b/1", "b/2", "b/3/4", "c", "d/1", "é"}},
		"pages":               {s3.ListObjectsV2Input{MaxKeys: aws.Int32(3)}, []string{"a", "a b", "b/1", "b/2", "b/3/4", "c", "d/1", "é"}},
		"delimiter, one each": {s3.ListObjectsV2Input{Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)}, []string{"a", "a b", "b/", "c", "d/", "é"}},
		"prefix":              {s3.ListObjectsV2Input{Prefix: aws.String("b/"), Delimiter: aws.String("/")}, []string{"b/1", "b/2", "b/3/"}},
		"after":               {s3.ListObjectsV2Input{StartAfter: aws.String("b/3")}, []string{"b/3/4", "c", "d/1", "é"}},
		"encoded":             {s3.ListObjectsV2Input{Prefix: aws.String("a "), EncodingType: types.EncodingTypeUrl}, []string{"a+b"}},
		"none":                {s3.ListObjectsV2Input{Prefix: aws.String("x")}, nil},
	} {
		if diff := cmp.Diff(test.want, list(test.in)); diff != "" {
			c.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	_, err := client.ListObjectsV2(c.Context(), &s3.ListObjectsV2Input{Bucket: name, ContinuationToken: aws.String("nonsense")})
	c.refused(err, 400, "InvalidArgument")
	_, err = client.ListObjectsV2(c.Context(), &s3.ListObjectsV2Input{Bucket: name, MaxKeys: aws.Int32(-1)})
	c.refused(err, 400, "InvalidArgument")
	old, err := client.ListObjects(c.Context(), &s3.ListObjectsInput{Bucket: name, Marker: aws.String("b/3/4"), MaxKeys: aws.Int32(1)})
	c.ok(err)
	if len(old.Contents) != 1 || *old.Contents[0].Key != "c" || !*old.IsTruncated || old.NextMarker != nil {
		c.Errorf("ListObjects: %+v", old.Contents)
	}
	old, err = client.ListObjects(c.Context(), &s3.ListObjectsInput{
		Bucket: name, Prefix: aws.String("a"), Delimiter: aws.String(" "), MaxKeys: aws.Int32(1), EncodingType: types.EncodingTypeUrl,
	})
	c.ok(err)
	if aws.ToString(old.NextMarker) != "a" || aws.ToString(old.Delimiter) != "+" {
		c.Errorf("ListObjects: next %s, delimiter %s", aws.ToString(old.NextMarker), aws.ToString(old.Delimiter))
	}
}
