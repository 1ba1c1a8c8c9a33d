package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
)

type ownershipDocument struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ OwnershipControls"`
	Rule    string   `xml:"Rule>ObjectOwnership"`
}

func ownershipControls(b Bucket) (any, error) {
	if b.Ownership == "" {
		return nil, notFound("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", b.Name)
	}
	return ownershipDocument{Rule: b.Ownership}, nil
}

func setOwnership(_ *call, b *Bucket, document *element) error {
	rule := document.one("Rule")
	if rule == nil || document.only("Rule") != nil || rule.only("ObjectOwnership") != nil {
		return errMalformedXML
	}
	wanted := rule.value("ObjectOwnership")
	if !slices.Contains([]string{OwnerEnforced, OwnerPreferred, ObjectWriter}, wanted) {
		return errMalformedXML
	}
	if wanted == OwnerEnforced && b.ACL != aclPrivate {
		return fail(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership",
			"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	}
	b.Ownership = wanted
	return nil
}

type publicAccessDocument struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PublicAccessBlockConfiguration"`
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

func publicAccessBlock(b Bucket) (any, error) {
	p := b.PublicAccess
	if p == nil {
		return nil, notFound("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", b.Name)
	}
	return publicAccessDocument{
		BlockPublicAcls: p.BlockPublicAcls, IgnorePublicAcls: p.IgnorePublicAcls,
		BlockPublicPolicy: p.BlockPublicPolicy, RestrictPublicBuckets: p.RestrictPublicBuckets,
	}, nil
}

// setPublicAccess replaces all four; one that is absent is false.
func setPublicAccess(_ *call, b *Bucket, document *element) error {
	if err := document.only("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"); err != nil {
		return err
	}
	p := &publicAccess{}
	for name, into := range map[string]*bool{
		"BlockPublicAcls": &p.BlockPublicAcls, "IgnorePublicAcls": &p.IgnorePublicAcls,
		"BlockPublicPolicy": &p.BlockPublicPolicy, "RestrictPublicBuckets": &p.RestrictPublicBuckets,
	} {
		value, err := document.boolean(name)
		if err != nil {
			return err
		}
		*into = value
	}
	b.PublicAccess = p
	return nil
}

type encryptionDocument struct {
	XMLName   xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ServerSideEncryptionConfiguration"`
	Algorithm string   `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
	Key       string   `xml:"Rule>ApplyServerSideEncryptionByDefault>KMSMasterKeyID,omitempty"`
	BucketKey bool     `xml:"Rule>BucketKeyEnabled"`
}

func bucketEncryption(b Bucket) (any, error) {
	return encryptionDocument{Algorithm: b.DefaultEncryption, Key: b.KMSKey, BucketKey: b.BucketKey}, nil
}

func setEncryption(_ *call, b *Bucket, document *element) error {
	rule := document.one("Rule")
	if rule == nil || document.only("Rule") != nil {
		return errMalformedXML
	}
	if rule.one("BlockedEncryptionTypes") != nil {
		return notImplemented("BlockedEncryptionTypes")
	}
	byDefault := rule.one("ApplyServerSideEncryptionByDefault")
	if byDefault == nil || rule.only("ApplyServerSideEncryptionByDefault", "BucketKeyEnabled") != nil ||
		byDefault.only("SSEAlgorithm", "KMSMasterKeyID") != nil {
		return errMalformedXML
	}
	algorithm, key := byDefault.value("SSEAlgorithm"), byDefault.value("KMSMasterKeyID")
	if !slices.Contains([]string{EncryptionS3, EncryptionKMS, "aws:kms:dsse"}, algorithm) {
		return errMalformedXML
	}
	if algorithm == EncryptionS3 && key != "" {
		return invalidArgument("KMSMasterKeyID", key, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
	}
	bucketKey, err := rule.boolean("BucketKeyEnabled")
	if err != nil {
		return err
	}
	b.DefaultEncryption, b.KMSKey, b.BucketKey = algorithm, key, bucketKey
	return nil
}

// resetEncryption brings SSE-S3 back: since 2023 no bucket is without a default
// (user guide, Default encryption FAQ).
func resetEncryption(b *Bucket) {
	b.DefaultEncryption, b.KMSKey, b.BucketKey = EncryptionS3, "", false
}

type versioningDocument struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ VersioningConfiguration"`
	Status  string   `xml:",omitempty"`
}

func bucketVersioning(b Bucket) (any, error) { return versioningDocument{Status: b.Versioning}, nil }

func setVersioning(_ *call, b *Bucket, document *element) error {
	if err := document.only("Status", "MfaDelete"); err != nil {
		return err
	}
	if document.value("MfaDelete") == "Enabled" {
		return notImplemented("MfaDelete")
	}
	status := document.value("Status")
	if status == "" {
		return fail(http.StatusBadRequest, "IllegalVersioningConfigurationException",
			"The Versioning element must be specified")
	}
	if status != versioningEnabled && status != versioningSuspended {
		return errMalformedXML
	}
	b.Versioning = status
	return nil
}

type tagsDocument struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

func bucketTagging(b Bucket) (any, error) {
	if len(b.Tags) == 0 {
		return nil, notFound("NoSuchTagSet", "The TagSet does not exist", b.Name)
	}
	return tagsDocument{Tags: b.Tags}, nil
}

// setTags replaces the whole set.
func setTags(c *call, b *Bucket, document *element) error {
	if err := c.requireDigest(); err != nil {
		return err
	}
	set := document.one("TagSet")
	if set == nil || document.only("TagSet") != nil {
		return errMalformedXML
	}
	tags, err := readTags(set)
	if err != nil {
		return err
	}
	b.Tags = tags
	return nil
}

// readTags reads and checks the Tag elements of a set (user guide, Using cost
// allocation S3 bucket tags).
func readTags(set *element) ([]tag, error) {
	if err := set.only("Tag"); err != nil {
		return nil, err
	}
	var tags []tag
	for _, e := range set.all("Tag") {
		if e.only("Key", "Value") != nil || e.one("Key") == nil || e.one("Value") == nil {
			return nil, errMalformedXML
		}
		t := tag{Key: e.one("Key").text, Value: e.one("Value").text}
		if err := t.check(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(tags, func(other tag) bool { return other.Key == t.Key }) {
			return nil, invalidTag("Cannot provide multiple Tags with the same key", t.Key)
		}
		tags = append(tags, t)
	}
	if len(tags) > maxTags {
		return nil, fail(http.StatusBadRequest, "BadRequest", "Bucket tag count cannot be greater than 50")
	}
	return tags, nil
}

func (t tag) check() error {
	switch {
	case t.Key == "" || textLength(t.Key) > maxTagKey || !tagForm.MatchString(t.Key):
		return invalidTag("The TagKey you have provided is invalid", t.Key)
	case textLength(t.Value) > maxTagValue || !tagForm.MatchString(t.Value):
		return invalidTag("The TagValue you have provided is invalid", t.Key)
	case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
		return invalidTag("System tags cannot be added/updated by requester", t.Key)
	default:
		return nil
	}
}
