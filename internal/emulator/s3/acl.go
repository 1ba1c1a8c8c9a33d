package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Canned ACLs (user guide, Access control list overview).
const (
	aclPrivate          = "private"
	aclBucketOwnerFull  = "bucket-owner-full-control"
	aclPublicRead       = "public-read"
	aclPublicReadWrite  = "public-read-write"
	aclAuthenticated    = "authenticated-read"
	aclLogDeliveryWrite = "log-delivery-write"
)

var (
	bucketACLs = []string{aclPrivate, aclPublicRead, aclPublicReadWrite, aclAuthenticated, aclLogDeliveryWrite}
	publicACLs = []string{aclPublicRead, aclPublicReadWrite, aclAuthenticated}
	objectACLs = []string{
		aclPrivate, aclPublicRead, aclPublicReadWrite, aclAuthenticated,
		"aws-exec-read", "bucket-owner-read", aclBucketOwnerFull,
	}
)

// canonicalID makes the canonical user id of an account.
func canonicalID(account string) string {
	sum := sha256.Sum256([]byte("canonical user of " + account))
	return hex.EncodeToString(sum[:])
}

// cannedACL reads x-amz-acl, which must be one of allowed.
func (c *call) cannedACL(allowed []string, otherwise string) (string, error) {
	for name := range c.HTTP.Header {
		if strings.HasPrefix(name, "X-Amz-Grant-") {
			return "", notImplemented(strings.ToLower(name))
		}
	}
	acl := c.HTTP.Header.Get("X-Amz-Acl")
	if acl == "" {
		return otherwise, nil
	}
	if !slices.Contains(allowed, acl) {
		return "", invalidArgument("x-amz-acl", acl, "")
	}
	return acl, nil
}

// checkBucketACL tells what a new bucket's ACL contradicts (user guide,
// Controlling ownership of objects; Blocking public access).
func checkBucketACL(b Bucket) error {
	if b.ACL != aclPrivate && b.Ownership == OwnerEnforced {
		return fail(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership",
			"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	}
	if slices.Contains(publicACLs, b.ACL) && b.PublicAccess != nil && b.PublicAccess.BlockPublicAcls {
		return fail(http.StatusBadRequest, "InvalidBucketAclWithBlockPublicAccessError",
			"Bucket cannot have public ACLs set with BlockPublicAccess enabled")
	}
	return nil
}

// checkACLChange tells whether an ACL may be set on the bucket or on one of
// its objects.
func (c *call) checkACLChange(b Bucket, allowed []string) error {
	header := c.HTTP.Header
	if b.Ownership == OwnerEnforced {
		for name := range header {
			if strings.HasPrefix(name, "X-Amz-Grant-") {
				return errACLsDisabled
			}
		}
		if acl := header.Get("X-Amz-Acl"); acl != "" && acl != aclBucketOwnerFull {
			return errACLsDisabled
		}
		return nil
	}
	acl, err := c.cannedACL(allowed, aclPrivate)
	if err != nil {
		return err
	}
	if slices.Contains(publicACLs, acl) && b.PublicAccess != nil && b.PublicAccess.BlockPublicAcls {
		return errAccessDenied
	}
	return nil
}

// putBucketACL takes canned ACLs only.
func (s *Service) putBucketACL(c *call) (*wire.Response, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	err = s.update(c, func(_ *store.Tx, b *Bucket) error {
		canned := c.HTTP.Header.Get("X-Amz-Acl")
		if b.Ownership == OwnerEnforced && canned != aclBucketOwnerFull {
			return errACLsDisabled
		}
		if len(body) > 0 {
			return notImplemented("AccessControlPolicy")
		}
		if canned == "" {
			return fail(http.StatusBadRequest, "MissingSecurityHeader", "Your request was missing a required header")
		}
		if err := c.checkACLChange(*b, bucketACLs); err != nil {
			return err
		}
		if canned != aclBucketOwnerFull {
			b.ACL = canned
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, nil)
}

type grantee struct {
	XSI  string `xml:"xmlns:xsi,attr"`
	Type string `xml:"xsi:type,attr"`
	ID   string `xml:",omitempty"`
	URI  string `xml:",omitempty"`
}

type grant struct {
	Grantee    grantee
	Permission string
}

type accessControlPolicy struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
	Owner   owner
	Grants  []grant `xml:"AccessControlList>Grant"`
}

// groupGrants are what the canned ACLs grant beside the owner's full control:
// group, permission, group, permission, and so on.
var groupGrants = map[string][]string{
	aclPublicRead:       {"global/AllUsers", "READ"},
	aclPublicReadWrite:  {"global/AllUsers", "READ", "global/AllUsers", "WRITE"},
	aclAuthenticated:    {"global/AuthenticatedUsers", "READ"},
	aclLogDeliveryWrite: {"s3/LogDelivery", "WRITE", "s3/LogDelivery", "READ_ACP"},
}

func bucketACL(b Bucket) (any, error) {
	id := canonicalID(b.Account)
	policy := accessControlPolicy{Owner: owner{id}, Grants: []grant{
		{Grantee: grantee{XSI: xsi, Type: "CanonicalUser", ID: id}, Permission: "FULL_CONTROL"},
	}}
	for pair := range slices.Chunk(groupGrants[b.ACL], 2) {
		policy.Grants = append(policy.Grants, grant{
			Grantee:    grantee{XSI: xsi, Type: "Group", URI: "http://acs.amazonaws.com/groups/" + pair[0]},
			Permission: pair[1],
		})
	}
	return policy, nil
}
