package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"mediaconvert.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

var iamBeliefs = []belief{
	{
		id: "IAM-01", source: "IAM API: GetRole, DeleteRole",
		claim: "a role that is missing is NoSuchEntity",
		prove: func(c *check) {
			_, err := c.iam().GetRole(c.Context(), &iam.GetRoleInput{RoleName: aws.String(c.mark)})
			c.refused(err, 404, "NoSuchEntity")
			_, err = c.iam().DeleteRole(c.Context(), &iam.DeleteRoleInput{RoleName: aws.String(c.mark)})
			c.refused(err, 404, "NoSuchEntity")
			if _, typed := errors.AsType[*types.NoSuchEntityException](err); !typed {
				c.Errorf("the SDK does not know %v", err)
			}
		},
	},
	{
		id: "IAM-02", source: "IAM API: CreateRole, GetRole",
		claim: "a role is read back as it was made",
		prove: proveRole,
	},
	{
		id: "IAM-03", source: "IAM API: CreateRole",
		claim: "names are taken whatever their case",
		prove: func(c *check) {
			createRole(c, c.mark+"-Case")
			_, err := c.iam().CreateRole(c.Context(), &iam.CreateRoleInput{RoleName: aws.String(c.mark + "-case"), AssumeRolePolicyDocument: aws.String(trust)})
			c.refused(err, 409, "EntityAlreadyExists")
		},
	},
	{
		id: "IAM-04", source: "IAM API: CreateRole",
		claim: "names, paths and sessions have limits",
		prove: func(c *check) {
			for what, change := range map[string]func(in *iam.CreateRoleInput){
				"long name":      func(in *iam.CreateRoleInput) { in.RoleName = aws.String(strings.Repeat("a", 65)) },
				"name's letters": func(in *iam.CreateRoleInput) { in.RoleName = aws.String("a b") },
				"path":           func(in *iam.CreateRoleInput) { in.Path = aws.String("/open") },
				"session":        func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(60) },
				"description":    func(in *iam.CreateRoleInput) { in.Description = aws.String(strings.Repeat("x", 1001)) },
			} {
				in := &iam.CreateRoleInput{RoleName: aws.String(c.name()), AssumeRolePolicyDocument: aws.String(trust)}
				change(in)
				_, err := c.iam().CreateRole(c.Context(), in)
				c.refusedFor(what, err, 400, "ValidationError")
			}
		},
	},
	{
		id: "IAM-05", source: "IAM API: CreateRole",
		claim: "a trust policy must be one",
		prove: func(c *check) {
			for what, document := range map[string]string{
				"no JSON":        "nonsense",
				"no principal":   `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}`,
				"resource":       strings.Replace(trust, `"Action"`, `"Resource":"*","Action"`, 1),
				"other action":   strings.Replace(trust, "sts:AssumeRole", "s3:GetObject", 1),
				"unknown role":   strings.Replace(trust, `"Service":"mediaconvert.amazonaws.com"`, `"AWS":"arn:aws:iam::111111111111:role/nobody"`, 1),
				"unknown member": strings.Replace(trust, `"Action"`, `"Foo":1,"Action"`, 1),
			} {
				_, err := c.iam().CreateRole(c.Context(), &iam.CreateRoleInput{RoleName: aws.String(c.name()), AssumeRolePolicyDocument: &document})
				c.refusedFor(what, err, 400, "MalformedPolicyDocument")
			}
		},
	},
	{
		id: "IAM-06", source: "IAM user guide: Unique identifiers",
		claim: "a role made again has another id",
		prove: func(c *check) {
			first := createRole(c, c.mark)
			_, err := c.iam().DeleteRole(c.Context(), &iam.DeleteRoleInput{RoleName: first.RoleName})
			c.ok(err)
			second := createRole(c, c.mark)
			if *first.RoleId == *second.RoleId || *first.Arn != *second.Arn || !strings.HasPrefix(*first.RoleId, "AROA") || len(*first.RoleId) != 21 {
				c.Errorf("ids %s and %s", *first.RoleId, *second.RoleId)
			}
		},
	},
	{
		id: "IAM-07", source: "IAM API: ListRoles",
		claim: "ListRoles pages and filters by path",
		prove: proveRolePages,
	},
	{
		id: "IAM-08", source: "IAM API: TagRole, UntagRole",
		claim: "tags can be added, replaced and removed",
		prove: proveRoleTags,
	},
}

func (c *check) iam() *iam.Client { return iam.NewFromConfig(c.in(home)) }

// createRole makes a role.
func createRole(c *check, name string, with ...func(*iam.CreateRoleInput)) *types.Role {
	in := &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust)}
	for _, change := range with {
		change(in)
	}
	out, err := c.iam().CreateRole(c.Context(), in)
	c.ok(err)
	return out.Role
}

func proveRole(c *check) {
	made := createRole(c, c.mark, func(in *iam.CreateRoleInput) {
		in.Path, in.Description = aws.String("/media/"), aws.String("reads & writes <>")
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	})
	out, err := c.iam().GetRole(c.Context(), &iam.GetRoleInput{RoleName: made.RoleName})
	c.ok(err)
	r := out.Role
	if !strings.HasSuffix(*r.Arn, ":role/media/"+c.mark) || *r.Description != "reads & writes <>" || *r.MaxSessionDuration != 3600 || len(r.Tags) != 1 {
		c.Errorf("role %s, %q, %d s, tags %v", *r.Arn, *r.Description, *r.MaxSessionDuration, r.Tags)
	}
	document, err := url.PathUnescape(*r.AssumeRolePolicyDocument)
	c.ok(err)
	if !json.Valid([]byte(document)) || document != trust {
		c.Errorf("trust policy %s", document)
	}
}

func proveRolePages(c *check) {
	for i := range 5 {
		createRole(c, fmt.Sprintf("%s-%d", c.mark, i), func(in *iam.CreateRoleInput) { in.Path = aws.String("/" + c.mark + "/") })
	}
	found := 0
	pages := iam.NewListRolesPaginator(c.iam(), &iam.ListRolesInput{PathPrefix: aws.String("/" + c.mark + "/"), MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.Context())
		c.ok(err)
		if len(page.Roles) > 2 {
			c.Errorf("a page of %d", len(page.Roles))
		}
		found += len(page.Roles)
	}
	if found != 5 {
		c.Errorf("%d roles", found)
	}
}

func proveRoleTags(c *check) {
	name := createRole(c, c.mark).RoleName
	add := func(key, value string) error {
		_, err := c.iam().TagRole(c.Context(), &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: &key, Value: &value}}})
		return err
	}
	c.ok(add("a", "1"))
	c.ok(add("A", "2"))
	c.ok(add("b", ""))
	c.refused(add("aws:x", "1"), 400, "InvalidInput")
	_, err := c.iam().UntagRole(c.Context(), &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"b"}})
	c.ok(err)
	out, err := c.iam().ListRoleTags(c.Context(), &iam.ListRoleTagsInput{RoleName: name})
	c.ok(err)
	if len(out.Tags) != 1 || *out.Tags[0].Key != "A" || *out.Tags[0].Value != "2" {
		c.Errorf("tags %v", out.Tags)
	}
}
