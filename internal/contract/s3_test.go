package contract

import (
	"errors"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucket makes a bucket in a region, and a client of that region.
func (c *check) bucket(region string, with ...func(*s3.CreateBucketInput)) (*s3.Client, *string) {
	client, name := s3.NewFromConfig(c.in(region)), c.name()
	in := &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: inRegion(region)}
	for _, change := range with {
		change(in)
	}
	_, err := client.CreateBucket(c.Context(), in)
	c.ok(err)
	return client, &name
}

func inRegion(region string) *types.CreateBucketConfiguration {
	if region == "us-east-1" {
		return nil
	}
	return &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
}

// preferred makes a bucket on which ACLs can be used.
func preferred(in *s3.CreateBucketInput) {
	in.ObjectOwnership = types.ObjectOwnershipBucketOwnerPreferred
}

// header returns a header of the answer that an error came with.
func header(err error, name string) string {
	if response, isHTTP := errors.AsType[*awshttp.ResponseError](err); isHTTP {
		return response.Response.Header.Get(name)
	}
	return ""
}
