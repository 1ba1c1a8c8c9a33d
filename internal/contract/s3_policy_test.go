package contract

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

const composite = `"Service": "ivs-composite.us-east-1.amazonaws.com"`

// allow is a document of one statement on the objects of BUCKET.
func allow(principal string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Sid": "One", "Effect": "Allow", "Principal": {` + principal + `},
	  "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::BUCKET/*"}]}`
}

// statement is a document of one statement with the given members.
func statement(members string) string {
	return `{"Version":"2012-10-17","Statement":[{` + members + `}]}`
}

func putPolicy(c *check, client *s3.Client, name *string, document string) error {
	_, err := client.PutBucketPolicy(c.Context(), &s3.PutBucketPolicyInput{
		Bucket: name, Policy: aws.String(strings.ReplaceAll(document, "BUCKET", *name)),
	})
	return err
}

func getPolicy(c *check, client *s3.Client, name *string) string {
	got, err := client.GetBucketPolicy(c.Context(), &s3.GetBucketPolicyInput{Bucket: name})
	c.ok(err)
	return strings.ReplaceAll(*got.Policy, *name, "BUCKET")
}

var bucketPolicyBeliefs = []belief{
	{
		id: "S3-30", source: "S3 API: GetBucketPolicy, DeleteBucketPolicy",
		claim: "a bucket without a policy is NoSuchBucketPolicy",
		prove: func(c *check) {
			client, name := c.bucket(home)
			_, err := client.GetBucketPolicy(c.Context(), &s3.GetBucketPolicyInput{Bucket: name})
			c.refused(err, 404, "NoSuchBucketPolicy")
			_, err = client.DeleteBucketPolicy(c.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
			c.ok(err)
		},
	},
	{
		id: "S3-31", source: "not documented; seen by users of infrastructure tools",
		claim: "a policy is read back in other words with the same meaning",
		prove: func(c *check) {
			client, name := c.bucket(home)
			c.ok(putPolicy(c, client, name, allow(`"AWS": ["`+c.id+`"], `+composite)))
			want := `{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + c.id +
				`:root","Service":"ivs-composite.us-east-1.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::BUCKET/*"}]}`
			if diff := cmp.Diff(want, getPolicy(c, client, name)); diff != "" {
				c.Errorf("(-want +got)\n%s", diff)
			}
			_, err := client.DeleteBucketPolicy(c.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
			c.ok(err)
			_, err = client.GetBucketPolicy(c.Context(), &s3.GetBucketPolicyInput{Bucket: name})
			c.refused(err, 404, "NoSuchBucketPolicy")
		},
	},
	{
		id: "S3-32", source: "IVS Real-Time user guide: Composite recording",
		claim: "the statement that IVS documents is accepted",
		prove: func(c *check) {
			client, name := c.bucket(home)
			c.ok(putPolicy(c, client, name, statement(`"Sid": "CompositeWrite-7eiKaIGkC9DO", "Effect": "Allow", "Principal": {`+composite+`},
		  "Action": ["s3:PutObject", "s3:PutObjectAcl"], "Resource": "arn:aws:s3:::BUCKET/*",
		  "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}, "Bool": {"aws:SecureTransport": "true"}}`)))
		},
	},
	{
		id: "S3-33", source: "IAM user guide: Grammar of the JSON policy language",
		claim: "a document that breaks the language is MalformedPolicy",
		prove: proveMalformed,
	},
	{
		id: "S3-34", source: "S3 API: PutBucketPolicy; issues of infrastructure tools",
		claim: "a role that does not exist is no principal",
		prove: proveRolePrincipal,
	},
	{
		id: "S3-35", source: "IAM user guide: Principal",
		claim: "a role made again under the same name has no part in the old one's grants",
		prove: proveRecreatedRole,
	},
	{
		id: "S3-36", source: "IAM user guide: Principal",
		claim: "other principals that nobody has are refused",
		prove: func(c *check) {
			client, name := c.bucket(home)
			for _, principal := range []string{
				`"AWS": "arn:aws:iam::` + c.id + `:user/nobody"`, `"AWS": "AROAAAAAAAAAAAAAAAAAA"`, `"AWS": "12345"`, `"AWS": "arn:aws:iam::` + c.id + `:role/*"`,
				`"Service": "ivs"`, `"Service": "ivs-composite.amazonaws.com"`, `"Service": "ivs-compositor.us-east-1.amazonaws.com"`, `"Other": "x"`, `"AWS": []`,
			} {
				c.refused(putPolicy(c, client, name, allow(principal)), 400, "MalformedPolicy")
			}
			for _, principal := range []string{`"AWS": "` + c.id + `"`, `"AWS": "arn:aws:iam::` + c.id + `:root"`, `"Service": "cloudfront.amazonaws.com"`} {
				c.ok(putPolicy(c, client, name, allow(principal)))
			}
		},
	},
	{
		id: "S3-37", source: "S3 user guide: Block Public Access",
		claim:        "a public policy is refused while public access is blocked",
		onlyEmulated: "it would open a bucket to the public for a moment",
		prove:        provePublicPolicy,
	},
	{
		id: "S3-38", source: "S3 API: PutBucketPolicy, DeleteBucketPolicy",
		claim:        "another account's identity may not even ask",
		onlyEmulated: "it takes a second account",
		prove: func(c *check) {
			_, name := c.bucket(home)
			theirs := s3.NewFromConfig(c.asStranger(home))
			c.refused(putPolicy(c, theirs, name, allow(composite)), 405, "MethodNotAllowed")
			_, err := theirs.DeleteBucketPolicy(c.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
			c.refused(err, 405, "MethodNotAllowed")
			_, err = theirs.GetBucketTagging(c.Context(), &s3.GetBucketTaggingInput{Bucket: name})
			c.refused(err, 403, "AccessDenied")
		},
	},
	{
		id: "S3-39", source: "S3 user guide: Bucket policies",
		claim: "a policy has at most 20 KB, white space not counted",
		prove: func(c *check) {
			client, name := c.bucket(home)
			document := func(statements int) string {
				var list []string
				for i := range statements {
					list = append(list, fmt.Sprintf(`{"Sid": "S%d", "Effect": "Allow", "Principal": {%s}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/%s/*"}`, i, composite, strings.Repeat("x", 400)))
				}
				return `{"Version":"2012-10-17",` + strings.Repeat(" ", 20<<10) + `"Statement":[` + strings.Join(list, ",") + `]}`
			}
			c.ok(putPolicy(c, client, name, document(30)))
			c.refused(putPolicy(c, client, name, document(40)), 400, "PolicyTooLarge")
		},
	},
}

func proveMalformed(c *check) {
	client, name := c.bucket(home)
	rest := `"Principal": {` + composite + `}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/*"`
	valid := `"Effect": "Allow", ` + rest
	c.ok(putPolicy(c, client, name, statement(valid)))
	for what, document := range map[string]string{
		"no JSON":                     `{"Version"`,
		"not an object":               `[]`,
		"two documents":               statement(valid) + `{}`,
		"no statement":                `{"Version":"2012-10-17"}`,
		"empty statement list":        `{"Version":"2012-10-17","Statement":[]}`,
		"unknown version":             `{"Version":"2020-01-01","Statement":[{` + valid + `}]}`,
		"unknown member":              statement(valid + `, "Foo": 1`),
		"a member twice":              statement(valid + `, "Effect": "Deny"`),
		"no effect":                   statement(rest),
		"unknown effect":              statement(`"Effect": "allow", ` + rest),
		"no principal":                statement(`"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/*"`),
		"no action":                   statement(`"Effect": "Allow", "Principal": {` + composite + `}, "Resource": "arn:aws:s3:::BUCKET/*"`),
		"no resource":                 statement(`"Effect": "Allow", "Principal": {` + composite + `}, "Action": "s3:PutObject"`),
		"another bucket":              strings.ReplaceAll(statement(valid), "BUCKET/", "BUCKET-2/"),
		"any resource":                strings.ReplaceAll(statement(valid), "arn:aws:s3:::BUCKET/*", "*"),
		"unknown action":              strings.ReplaceAll(statement(valid), "s3:PutObject", "s3:PutObjects"),
		"action of another service":   strings.ReplaceAll(statement(valid), "s3:PutObject", "ivs:CreateStage"),
		"bucket action on objects":    strings.ReplaceAll(statement(valid), "s3:PutObject", "s3:ListBucket"),
		"object action on the bucket": strings.ReplaceAll(statement(valid), "BUCKET/*", "BUCKET"),
		"unknown condition operator":  statement(valid + `, "Condition": {"StringIs": {"aws:SourceAccount": "1"}}`),
		"unknown condition key":       statement(valid + `, "Condition": {"StringEquals": {"nonsense": "1"}}`),
		"condition of another action": statement(strings.ReplaceAll(valid, "s3:PutObject", "s3:GetObject") + `, "Condition": {"StringEquals": {"s3:x-amz-acl": "private"}}`),
		"one Sid twice":               `{"Version":"2012-10-17","Statement":[{"Sid":"A",` + valid + `},{"Sid":"A",` + valid + `}]}`,
	} {
		c.refusedFor(what, putPolicy(c, client, name, document), 400, "MalformedPolicy")
	}
	c.refused(putPolicy(c, client, name, " "+statement(valid)), 400, "MalformedPolicy")
}

func newRole(c *check, name string) string {
	role, err := iam.NewFromConfig(c.in(home)).CreateRole(c.Context(), &iam.CreateRoleInput{
		RoleName:                 &name,
		AssumeRolePolicyDocument: aws.String(statement(`"Effect":"Allow","Principal":{"Service":"mediaconvert.amazonaws.com"},"Action":"sts:AssumeRole"`)),
	})
	c.ok(err)
	return *role.Role.Arn
}

func principals(c *check, document string) string {
	var d struct {
		Statement []struct{ Principal map[string]any }
	}
	c.ok(json.Unmarshal([]byte(document), &d))
	return fmt.Sprint(d.Statement[0].Principal["AWS"])
}

func proveRolePrincipal(c *check) {
	client, name := c.bucket(home)
	role := c.name()
	grant := allow(`"AWS": "arn:aws:iam::` + c.id + `:role/` + role + `"`)
	c.refused(putPolicy(c, client, name, grant), 400, "MalformedPolicy")
	arn := newRole(c, role)
	c.ok(putPolicy(c, client, name, grant))
	if got := principals(c, getPolicy(c, client, name)); got != arn {
		c.Errorf("principal %q, want %q", got, arn)
	}
}

func proveRecreatedRole(c *check) {
	client, name := c.bucket(home)
	role := c.name()
	arn := newRole(c, role)
	c.ok(putPolicy(c, client, name, allow(`"AWS": "`+arn+`"`)))
	_, err := iam.NewFromConfig(c.in(home)).DeleteRole(c.Context(), &iam.DeleteRoleInput{RoleName: &role})
	c.ok(err)
	for _, state := range []string{"deleted", "made again"} {
		if got := principals(c, getPolicy(c, client, name)); !strings.HasPrefix(got, "AROA") || len(got) != 21 {
			c.Errorf("%s: principal %q", state, got)
		}
		newRole(c, role)
		role = c.name()
	}
	c.refused(putPolicy(c, client, name, getPolicy(c, client, name)), 400, "MalformedPolicy")
}

func provePublicPolicy(c *check) {
	client, name := c.bucket(home)
	anybody := func(more string) string {
		return statement(`"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"` + more)
	}
	c.refused(putPolicy(c, client, name, anybody("")), 403, "AccessDenied")
	c.refused(putPolicy(c, client, name, anybody(`, "Condition": {"StringLike": {"aws:SourceArn": "arn:aws:*"}}`)), 403, "AccessDenied")
	c.ok(putPolicy(c, client, name, anybody(`, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}`)))
	c.ok(putPolicy(c, client, name, strings.ReplaceAll(anybody(""), "Allow", "Deny")))
	_, err := client.DeletePublicAccessBlock(c.Context(), &s3.DeletePublicAccessBlockInput{Bucket: name})
	c.ok(err)
	c.ok(putPolicy(c, client, name, anybody("")))
	status, err := client.GetBucketPolicyStatus(c.Context(), &s3.GetBucketPolicyStatusInput{Bucket: name})
	c.ok(err)
	if !*status.PolicyStatus.IsPublic {
		c.Errorf("the policy is not said to be public")
	}
}
