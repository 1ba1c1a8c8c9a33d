package s3

import (
	"net/http"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// level is what an operation is about.
type level int

const (
	onService level = iota
	onBucket
	onObject
)

// operation is one operation and the form of the requests that ask for it.
type operation struct {
	name        string
	method      string
	level       level
	subresource string // the query parameter that tells it from others, or ""
	serve       handler
}

type handler func(s *Service, c *call) (*wire.Response, error)

// operations are all that the emulator has. They are found by form, as S3 does
// it, and a request's x-id must agree.
var operations = []operation{
	{"ListBuckets", http.MethodGet, onService, "", (*Service).listBuckets},

	{"CreateBucket", http.MethodPut, onBucket, "", (*Service).createBucket},
	{"HeadBucket", http.MethodHead, onBucket, "", (*Service).headBucket},
	{"DeleteBucket", http.MethodDelete, onBucket, "", (*Service).deleteBucket},
	{"GetBucketLocation", http.MethodGet, onBucket, "location", reads(bucketLocation)},

	{"GetBucketPolicy", http.MethodGet, onBucket, "policy", (*Service).getBucketPolicy},
	{"PutBucketPolicy", http.MethodPut, onBucket, "policy", (*Service).putBucketPolicy},
	{"DeleteBucketPolicy", http.MethodDelete, onBucket, "policy", removes(func(b *Bucket) { b.Policy = "" })},
	{"GetBucketPolicyStatus", http.MethodGet, onBucket, "policyStatus", reads(policyStatus)},

	{"GetBucketOwnershipControls", http.MethodGet, onBucket, "ownershipControls", reads(ownershipControls)},
	{"PutBucketOwnershipControls", http.MethodPut, onBucket, "ownershipControls", writes("OwnershipControls", http.StatusOK, setOwnership)},
	{"DeleteBucketOwnershipControls", http.MethodDelete, onBucket, "ownershipControls", removes(func(b *Bucket) { b.Ownership = "" })},
	{"GetPublicAccessBlock", http.MethodGet, onBucket, "publicAccessBlock", reads(publicAccessBlock)},
	{"PutPublicAccessBlock", http.MethodPut, onBucket, "publicAccessBlock", writes("PublicAccessBlockConfiguration", http.StatusOK, setPublicAccess)},
	{"DeletePublicAccessBlock", http.MethodDelete, onBucket, "publicAccessBlock", removes(func(b *Bucket) { b.PublicAccess = nil })},
	{"GetBucketAcl", http.MethodGet, onBucket, "acl", reads(bucketACL)},
	{"PutBucketAcl", http.MethodPut, onBucket, "acl", (*Service).putBucketACL},

	{"GetBucketTagging", http.MethodGet, onBucket, "tagging", reads(bucketTagging)},
	{"PutBucketTagging", http.MethodPut, onBucket, "tagging", writes("Tagging", http.StatusNoContent, setTags)},
	{"DeleteBucketTagging", http.MethodDelete, onBucket, "tagging", removes(func(b *Bucket) { b.Tags = nil })},
	{"GetBucketEncryption", http.MethodGet, onBucket, "encryption", reads(bucketEncryption)},
	{"PutBucketEncryption", http.MethodPut, onBucket, "encryption", writes("ServerSideEncryptionConfiguration", http.StatusOK, setEncryption)},
	{"DeleteBucketEncryption", http.MethodDelete, onBucket, "encryption", removes(resetEncryption)},
	{"GetBucketVersioning", http.MethodGet, onBucket, "versioning", reads(bucketVersioning)},
	{"PutBucketVersioning", http.MethodPut, onBucket, "versioning", writes("VersioningConfiguration", http.StatusOK, setVersioning)},
	{"GetBucketLifecycleConfiguration", http.MethodGet, onBucket, "lifecycle", (*Service).getLifecycle},
	{"PutBucketLifecycleConfiguration", http.MethodPut, onBucket, "lifecycle", writes("LifecycleConfiguration", http.StatusOK, setLifecycle)},
	{"DeleteBucketLifecycle", http.MethodDelete, onBucket, "lifecycle", removes(func(b *Bucket) { b.Lifecycle = "" })},

	{"ListObjects", http.MethodGet, onBucket, "", (*Service).listObjects},
	{"ListObjectsV2", http.MethodGet, onBucket, "list-type", (*Service).listObjectsV2},
	{"ListObjectVersions", http.MethodGet, onBucket, "versions", (*Service).listObjectVersions},
	{"DeleteObjects", http.MethodPost, onBucket, "delete", (*Service).deleteObjects},

	{"PutObject", http.MethodPut, onObject, "", (*Service).putObject},
	{"CopyObject", http.MethodPut, onObject, copySource, (*Service).copyObject},
	{"GetObject", http.MethodGet, onObject, "", (*Service).getObject},
	{"HeadObject", http.MethodHead, onObject, "", (*Service).headObject},
	{"DeleteObject", http.MethodDelete, onObject, "", (*Service).deleteObject},

	{"CreateMultipartUpload", http.MethodPost, onObject, "uploads", (*Service).createMultipartUpload},
	{"UploadPart", http.MethodPut, onObject, "uploadId", (*Service).uploadPart},
	{"CompleteMultipartUpload", http.MethodPost, onObject, "uploadId", (*Service).completeMultipartUpload},
	{"AbortMultipartUpload", http.MethodDelete, onObject, "uploadId", (*Service).abortMultipartUpload},
	{"ListParts", http.MethodGet, onObject, "uploadId", (*Service).listParts},
	{"ListMultipartUploads", http.MethodGet, onBucket, "uploads", (*Service).listMultipartUploads},
}

// subresources are the query parameters that make S3 do something else, those
// that the emulator lacks included; other parameters only modify.
var subresources = []string{
	"abac", "accelerate", "acl", "analytics", "annotation", "annotations", "attributes", "cors", "delete", "encryption",
	"intelligent-tiering", "inventory", "legal-hold", "lifecycle", "list-type", "location", "logging",
	"metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics",
	"notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock",
	"renameObject", "replication", "requestPayment", "restore", "retention", "select", "session", "tagging",
	"torrent", "uploadId", "uploads", "versioning", "versions", "website",
}

// operation finds what the call asks for; nil when there is no such operation.
func (c *call) operation() *operation {
	at := onObject
	switch {
	case c.bucket == "":
		at = onService
	case c.key == "":
		at = onBucket
	}
	subresource := ""
	for _, name := range subresources {
		if !c.query.Has(name) {
			continue
		}
		if subresource != "" {
			return nil
		}
		subresource = name
	}
	if subresource == "list-type" && c.query.Get("list-type") != "2" {
		return nil
	}
	if c.HTTP.Header.Get(copySource) != "" {
		if subresource != "" {
			return nil
		}
		subresource = copySource
	}
	i := slices.IndexFunc(operations, func(o operation) bool {
		return o.method == c.HTTP.Method && o.level == at && o.subresource == subresource
	})
	if i < 0 || c.query.Has("x-id") && c.query.Get("x-id") != operations[i].name {
		return nil
	}
	found := operations[i]
	return &found
}

// reads makes the handler that answers with a part of the bucket's
// configuration.
func reads(document func(b Bucket) (any, error)) handler {
	return func(s *Service, c *call) (*wire.Response, error) {
		var found any
		err := s.view(c, func(_ *store.Tx, b Bucket) (err error) {
			found, err = document(b)
			return err
		})
		if err != nil {
			return nil, err
		}
		return answer(http.StatusOK, found)
	}
}

// writes makes the handler that replaces a part of the bucket's configuration
// by what the request's document says.
func writes(root string, status int, set func(c *call, b *Bucket, document *element) error) handler {
	return func(s *Service, c *call) (*wire.Response, error) {
		body, err := c.readBody()
		if err != nil {
			return nil, err
		}
		err = s.update(c, func(_ *store.Tx, b *Bucket) error {
			document, err := parseXML(body, root)
			if err != nil {
				return err
			}
			return set(c, b, document)
		})
		if err != nil {
			return nil, err
		}
		return answer(status, nil)
	}
}

// removes makes the handler that removes a part of the bucket's configuration,
// which succeeds whether it is there or not.
func removes(remove func(b *Bucket)) handler {
	return func(s *Service, c *call) (*wire.Response, error) {
		err := s.update(c, func(_ *store.Tx, b *Bucket) error {
			remove(b)
			return nil
		})
		if err != nil {
			return nil, err
		}
		return answer(http.StatusNoContent, nil)
	}
}
