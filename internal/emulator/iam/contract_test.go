package iam_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/yolo-live/yolo/internal/emulator"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"mediaconvert.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// beliefs are what yolo believes of IAM. They know a client and names only, so
// that they can be tried on a real account, too.
var beliefs = []struct {
	name  string
	prove func(t *testing.T, client *iam.Client)
}{
	{"IAM-01 a role that is missing is NoSuchEntity (§6.4)", func(t *testing.T, client *iam.Client) {
		_, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("yolo-contract-missing")})
		refused(t, err, 404, "NoSuchEntity")
		_, err = client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("yolo-contract-missing")})
		refused(t, err, 404, "NoSuchEntity")
		if _, typed := errors.AsType[*types.NoSuchEntityException](err); !typed {
			t.Errorf("the SDK does not know %v", err)
		}
	}},
	{"IAM-02 a role is read back as it was made (§8)", proveRoundTrip},
	{"IAM-03 names are taken whatever their case", func(t *testing.T, client *iam.Client) {
		create(t, client, "yolo-contract-Case")
		_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("yolo-contract-case"), AssumeRolePolicyDocument: aws.String(trust)})
		refused(t, err, 409, "EntityAlreadyExists")
	}},
	{"IAM-04 names, paths and sessions have limits", func(t *testing.T, client *iam.Client) {
		for what, change := range map[string]func(in *iam.CreateRoleInput){
			"long name":      func(in *iam.CreateRoleInput) { in.RoleName = aws.String(strings.Repeat("a", 65)) },
			"name's letters": func(in *iam.CreateRoleInput) { in.RoleName = aws.String("a b") },
			"path":           func(in *iam.CreateRoleInput) { in.Path = aws.String("/open") },
			"session":        func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(60) },
			"description":    func(in *iam.CreateRoleInput) { in.Description = aws.String(strings.Repeat("x", 1001)) },
		} {
			in := &iam.CreateRoleInput{RoleName: aws.String("yolo-contract-limits"), AssumeRolePolicyDocument: aws.String(trust)}
			change(in)
			_, err := client.CreateRole(t.Context(), in)
			t.Run(what, func(t *testing.T) { refused(t, err, 400, "ValidationError") })
		}
	}},
	{"IAM-05 a trust policy must be one", func(t *testing.T, client *iam.Client) {
		for what, document := range map[string]string{
			"no JSON":        "nonsense",
			"no principal":   `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}`,
			"resource":       strings.Replace(trust, `"Action"`, `"Resource":"*","Action"`, 1),
			"other action":   strings.Replace(trust, "sts:AssumeRole", "s3:GetObject", 1),
			"unknown role":   strings.Replace(trust, `"Service":"mediaconvert.amazonaws.com"`, `"AWS":"arn:aws:iam::111111111111:role/nobody"`, 1),
			"unknown member": strings.Replace(trust, `"Action"`, `"Foo":1,"Action"`, 1),
		} {
			_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("yolo-contract-trust"), AssumeRolePolicyDocument: &document})
			t.Run(what, func(t *testing.T) { refused(t, err, 400, "MalformedPolicyDocument") })
		}
	}},
	{"IAM-06 a role made again has another id (§6.5)", func(t *testing.T, client *iam.Client) {
		first := create(t, client, "yolo-contract-again")
		_, err := client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: first.RoleName})
		ok(t, err)
		second := create(t, client, "yolo-contract-again")
		if *first.RoleId == *second.RoleId || *first.Arn != *second.Arn || !strings.HasPrefix(*first.RoleId, "AROA") || len(*first.RoleId) != 21 {
			t.Errorf("ids %s and %s", *first.RoleId, *second.RoleId)
		}
	}},
	{"IAM-07 ListRoles pages and filters by path", provePages},
	{"IAM-08 tags can be added, replaced and removed", proveTags},
}

func TestContract(t *testing.T) {
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	listener := httptest.NewServer(server)
	defer listener.Close()
	// IAM is one for all regions: whichever signs a request, it is the same.
	for i, b := range beliefs {
		client := iam.NewFromConfig(aws.Config{
			Region: []string{"us-east-1", "eu-west-1"}[i%2], BaseEndpoint: aws.String(listener.URL),
			Credentials: credentials.NewStaticCredentialsProvider("111111111111", "secret", ""),
		})
		t.Run(b.name, func(t *testing.T) { b.prove(t, client) })
	}
}

func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	api, isAPI := errors.AsType[smithy.APIError](err)
	response, isHTTP := errors.AsType[*awshttp.ResponseError](err)
	if !isAPI || !isHTTP || api.ErrorCode() != code || response.HTTPStatusCode() != status || api.ErrorMessage() == "" {
		t.Errorf("want %s (%d), got %v", code, status, err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// create makes a role.
func create(t *testing.T, client *iam.Client, name string, with ...func(*iam.CreateRoleInput)) *types.Role {
	t.Helper()
	in := &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust)}
	for _, change := range with {
		change(in)
	}
	out, err := client.CreateRole(t.Context(), in)
	ok(t, err)
	return out.Role
}

func proveRoundTrip(t *testing.T, client *iam.Client) {
	made := create(t, client, "yolo-contract-round", func(in *iam.CreateRoleInput) {
		in.Path, in.Description = aws.String("/media/"), aws.String("reads & writes <>")
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	})
	out, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: made.RoleName})
	ok(t, err)
	r := out.Role
	if !strings.HasSuffix(*r.Arn, ":role/media/yolo-contract-round") || *r.Description != "reads & writes <>" || *r.MaxSessionDuration != 3600 || len(r.Tags) != 1 {
		t.Errorf("role %s, %q, %d s, tags %v", *r.Arn, *r.Description, *r.MaxSessionDuration, r.Tags)
	}
	document, err := url.PathUnescape(*r.AssumeRolePolicyDocument)
	ok(t, err)
	if !json.Valid([]byte(document)) || document != trust {
		t.Errorf("trust policy %s", document)
	}
}

func provePages(t *testing.T, client *iam.Client) {
	for i := range 5 {
		create(t, client, fmt.Sprintf("yolo-contract-page-%d", i), func(in *iam.CreateRoleInput) { in.Path = aws.String("/pages/") })
	}
	found := 0
	pages := iam.NewListRolesPaginator(client, &iam.ListRolesInput{PathPrefix: aws.String("/pages/"), MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		ok(t, err)
		if len(page.Roles) > 2 {
			t.Errorf("a page of %d", len(page.Roles))
		}
		found += len(page.Roles)
	}
	if found != 5 {
		t.Errorf("%d roles", found)
	}
}

func proveTags(t *testing.T, client *iam.Client) {
	name := create(t, client, "yolo-contract-tags").RoleName
	add := func(key, value string) error {
		_, err := client.TagRole(t.Context(), &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: &key, Value: &value}}})
		return err
	}
	ok(t, add("a", "1"))
	ok(t, add("A", "2"))
	ok(t, add("b", ""))
	refused(t, add("aws:x", "1"), 400, "InvalidInput")
	_, err := client.UntagRole(t.Context(), &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"b"}})
	ok(t, err)
	out, err := client.ListRoleTags(t.Context(), &iam.ListRoleTagsInput{RoleName: name})
	ok(t, err)
	if len(out.Tags) != 1 || *out.Tags[0].Key != "A" || *out.Tags[0].Value != "2" {
		t.Errorf("tags %v", out.Tags)
	}
}
