package s3_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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

func putPolicy(t *testing.T, client *s3.Client, name *string, document string) error {
	_, err := client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: name, Policy: aws.String(strings.ReplaceAll(document, "BUCKET", *name)),
	})
	return err
}

func getPolicy(t *testing.T, client *s3.Client, name *string) string {
	t.Helper()
	got, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
	ok(t, err)
	return strings.ReplaceAll(*got.Policy, *name, "BUCKET")
}

var policyBeliefs = []belief{
	{"S3-40 a bucket without a policy is NoSuchBucketPolicy (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		_, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
		refused(t, err, 404, "NoSuchBucketPolicy")
		_, err = client.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
		ok(t, err)
	}},
	{"S3-41 a policy is read back in other words with the same meaning (§1.3)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		ok(t, putPolicy(t, client, name, allow(`"AWS": ["`+w.theirs+`"], `+composite)))
		want := `{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + w.theirs +
			`:root","Service":"ivs-composite.us-east-1.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::BUCKET/*"}]}`
		if diff := cmp.Diff(want, getPolicy(t, client, name)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		_, err := client.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
		ok(t, err)
		_, err = client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
		refused(t, err, 404, "NoSuchBucketPolicy")
	}},
	{"S3-42 the statement that IVS documents is accepted (§1.3)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		ok(t, putPolicy(t, client, name, statement(`"Sid": "CompositeWrite-7eiKaIGkC9DO", "Effect": "Allow", "Principal": {`+composite+`},
		  "Action": ["s3:PutObject", "s3:PutObjectAcl"], "Resource": "arn:aws:s3:::BUCKET/*",
		  "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}, "Bool": {"aws:SecureTransport": "true"}}`)))
	}},
	{"S3-43 a document that breaks the language is MalformedPolicy (§6.1)", proveMalformed},
	{"S3-44 a role that does not exist is no principal (§6.1, §6.5)", proveRolePrincipal},
	{"S3-45 a role made again under the same name has no part in the old one's grants (§6.5)", proveRecreatedRole},
	{"S3-46 other principals that nobody has are refused (§6.1)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		for _, principal := range []string{
			`"AWS": "arn:aws:iam::` + w.mine + `:user/nobody"`, `"AWS": "AROAAAAAAAAAAAAAAAAAA"`, `"AWS": "12345"`, `"AWS": "arn:aws:iam::` + w.mine + `:role/*"`,
			`"Service": "ivs"`, `"Service": "ivs-composite.amazonaws.com"`, `"Service": "ivs-compositor.us-east-1.amazonaws.com"`, `"Other": "x"`, `"AWS": []`,
		} {
			refused(t, putPolicy(t, client, name, allow(principal)), 400, "MalformedPolicy")
		}
		for _, principal := range []string{`"AWS": "` + w.mine + `"`, `"AWS": "arn:aws:iam::` + w.mine + `:root"`, `"Service": "cloudfront.amazonaws.com"`} {
			ok(t, putPolicy(t, client, name, allow(principal)))
		}
	}},
	{"S3-47 a public policy is refused while public access is blocked (§1.4, §6.1)", provePublicPolicy},
	{"S3-48 another account's identity may not even ask (§6.1)", func(t *testing.T, w *world) {
		_, name := w.bucket(t, "us-east-1")
		theirs := w.s3(w.theirs, "us-east-1")
		refused(t, putPolicy(t, theirs, name, allow(composite)), 405, "MethodNotAllowed")
		_, err := theirs.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: name})
		refused(t, err, 405, "MethodNotAllowed")
		_, err = theirs.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
		refused(t, err, 403, "AccessDenied")
	}},
	{"S3-49 a policy has at most 20 KB, white space not counted (§1.3)", func(t *testing.T, w *world) {
		client, name := w.bucket(t, "us-east-1")
		document := func(statements int) string {
			var list []string
			for i := range statements {
				list = append(list, fmt.Sprintf(`{"Sid": "S%d", "Effect": "Allow", "Principal": {%s}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/%s/*"}`, i, composite, strings.Repeat("x", 400)))
			}
			return `{"Version":"2012-10-17",` + strings.Repeat(" ", 20<<10) + `"Statement":[` + strings.Join(list, ",") + `]}`
		}
		ok(t, putPolicy(t, client, name, document(30)))
		refused(t, putPolicy(t, client, name, document(40)), 400, "PolicyTooLarge")
	}},
}

func proveMalformed(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	rest := `"Principal": {` + composite + `}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/*"`
	valid := `"Effect": "Allow", ` + rest
	ok(t, putPolicy(t, client, name, statement(valid)))
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
		t.Run(what, func(t *testing.T) {
			refused(t, putPolicy(t, client, name, document), 400, "MalformedPolicy")
		})
	}
	refused(t, putPolicy(t, client, name, " "+statement(valid)), 400, "MalformedPolicy")
}

func newRole(t *testing.T, w *world, name string) string {
	t.Helper()
	role, err := w.iam().CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName:                 &name,
		AssumeRolePolicyDocument: aws.String(statement(`"Effect":"Allow","Principal":{"Service":"mediaconvert.amazonaws.com"},"Action":"sts:AssumeRole"`)),
	})
	ok(t, err)
	return *role.Role.Arn
}

func principals(t *testing.T, document string) string {
	t.Helper()
	var d struct {
		Statement []struct{ Principal map[string]any }
	}
	ok(t, json.Unmarshal([]byte(document), &d))
	return fmt.Sprint(d.Statement[0].Principal["AWS"])
}

func proveRolePrincipal(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	role := newName()
	grant := allow(`"AWS": "arn:aws:iam::` + w.mine + `:role/` + role + `"`)
	refused(t, putPolicy(t, client, name, grant), 400, "MalformedPolicy")
	arn := newRole(t, w, role)
	ok(t, putPolicy(t, client, name, grant))
	if got := principals(t, getPolicy(t, client, name)); got != arn {
		t.Errorf("principal %q, want %q", got, arn)
	}
}

func proveRecreatedRole(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	role := newName()
	arn := newRole(t, w, role)
	ok(t, putPolicy(t, client, name, allow(`"AWS": "`+arn+`"`)))
	_, err := w.iam().DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: &role})
	ok(t, err)
	for _, state := range []string{"deleted", "made again"} {
		if got := principals(t, getPolicy(t, client, name)); !strings.HasPrefix(got, "AROA") || len(got) != 21 {
			t.Errorf("%s: principal %q", state, got)
		}
		newRole(t, w, role)
		role = newName()
	}
	refused(t, putPolicy(t, client, name, getPolicy(t, client, name)), 400, "MalformedPolicy")
}

func provePublicPolicy(t *testing.T, w *world) {
	client, name := w.bucket(t, "us-east-1")
	anybody := func(more string) string {
		return statement(`"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"` + more)
	}
	refused(t, putPolicy(t, client, name, anybody("")), 403, "AccessDenied")
	refused(t, putPolicy(t, client, name, anybody(`, "Condition": {"StringLike": {"aws:SourceArn": "arn:aws:*"}}`)), 403, "AccessDenied")
	ok(t, putPolicy(t, client, name, anybody(`, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}`)))
	ok(t, putPolicy(t, client, name, strings.ReplaceAll(anybody(""), "Allow", "Deny")))
	_, err := client.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: name})
	ok(t, err)
	ok(t, putPolicy(t, client, name, anybody("")))
	status, err := client.GetBucketPolicyStatus(t.Context(), &s3.GetBucketPolicyStatusInput{Bucket: name})
	ok(t, err)
	if !*status.PolicyStatus.IsPublic {
		t.Error("the policy is not said to be public")
	}
}
