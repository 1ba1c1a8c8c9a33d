package s3

import (
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// createBucket follows the API reference's page CreateBucket.
func (s *Service) createBucket(c *call) (*wire.Response, error) {
	b, err := c.newBucket()
	if err == nil && len(b.Tags) > 0 {
		err = c.allow("TagResource", c.resource())
	}
	if err != nil {
		return nil, err
	}
	err = s.store.Update(func(tx *store.Tx) error {
		if old, exists := Lookup(tx, b.Name); exists {
			return recreate(tx, c, old)
		}
		if countBuckets(tx, b.Account) >= s.MaxBuckets {
			return fail(http.StatusBadRequest, "TooManyBuckets", "You have attempted to create more buckets than allowed")
		}
		put(tx, b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	response, err := answer(http.StatusOK, nil)
	response.Header.Set("Location", "/"+b.Name)
	return response, err
}

// recreate answers for a name that is taken. For compatibility us-east-1
// succeeds on a bucket that is the caller's already, and resets its ACL.
func recreate(tx *store.Tx, c *call, old Bucket) error {
	if old.Account != c.Account {
		e := fail(http.StatusConflict, "BucketAlreadyExists",
			"The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
		e.Details = map[string]string{"BucketName": old.Name}
		return e
	}
	if c.Region != usEast1 || old.Region != usEast1 {
		e := fail(http.StatusConflict, "BucketAlreadyOwnedByYou",
			"Your previous request to create the named bucket succeeded and you already own it.")
		e.Details = map[string]string{"BucketName": old.Name}
		return e
	}
	old.ACL = aclPrivate
	put(tx, old)
	return nil
}

func countBuckets(tx *store.Tx, account string) int {
	count := 0
	for _, b := range store.Scan[struct{ Account string }](tx, tableBuckets, "", "") {
		if b.Account == account {
			count++
		}
	}
	return count
}

// newBucket reads and checks the request. What it does not say is as S3 makes
// buckets by default: ACLs disabled, all public access blocked, SSE-S3.
func (c *call) newBucket() (b Bucket, err error) {
	b = Bucket{
		Name: c.bucket, Account: c.Account, Region: c.Region, Created: c.Now,
		Ownership: OwnerEnforced, DefaultEncryption: EncryptionS3, ACL: aclPrivate,
		PublicAccess: &publicAccess{true, true, true, true},
	}
	if err := c.checkName(); err != nil {
		return b, err
	}
	header := c.HTTP.Header
	if strings.EqualFold(header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		return b, notImplemented("x-amz-bucket-object-lock-enabled")
	}
	if values := header.Values("X-Amz-Object-Ownership"); len(values) > 0 {
		b.Ownership = values[0]
	}
	if !slices.Contains([]string{OwnerEnforced, OwnerPreferred, ObjectWriter}, b.Ownership) {
		return b, invalidArgument("x-amz-object-ownership", b.Ownership, "Invalid x-amz-object-ownership header: "+b.Ownership)
	}
	if b.ACL, err = c.cannedACL(bucketACLs, aclPrivate); err != nil {
		return b, err
	}
	if err := checkBucketACL(b); err != nil {
		return b, err
	}
	return b, c.readCreateConfiguration(&b)
}

func (c *call) readCreateConfiguration(b *Bucket) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return c.checkLocation("")
	}
	e, err := parseXML(body, "CreateBucketConfiguration")
	if err != nil {
		return err
	}
	if err := e.only("LocationConstraint", "Location", "Bucket", "Tags"); err != nil {
		return err
	}
	if len(e.all("Location")) > 0 || len(e.all("Bucket")) > 0 {
		return notImplemented("directory buckets")
	}
	if tags := e.one("Tags"); tags != nil {
		if b.Tags, err = readTags(tags); err != nil {
			return err
		}
	}
	return c.checkLocation(e.value("LocationConstraint"))
}

var regionForm = lazyregexp.New(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

// checkLocation compares the constraint with the region that was asked, which
// must be the same; for us-east-1 there is no constraint, and EU is an old
// name of eu-west-1.
func (c *call) checkLocation(constraint string) error {
	if !regionForm.MatchString(c.Region) {
		return wrongSignatureRegion(c.Region, usEast1)
	}
	switch {
	case constraint == "" && c.Region == usEast1, constraint == c.Region && c.Region != usEast1, constraint == "EU" && c.Region == "eu-west-1":
		return nil
	case constraint == usEast1, constraint != "" && constraint != "EU" && !regionForm.MatchString(constraint):
		e := fail(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid")
		e.Details = map[string]string{"LocationConstraint": constraint}
		return e
	}
	if constraint == "" {
		constraint = "unspecified"
	}
	return fail(http.StatusBadRequest, "IllegalLocationConstraintException",
		"The "+constraint+" location constraint is incompatible for the region specific endpoint this request was sent to.")
}

var (
	nameForm    = lazyregexp.New(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	addressForm = lazyregexp.New(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$`)

	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// checkName applies the user guide's general purpose bucket naming rules,
// those of the account regional namespace included.
func (c *call) checkName() error {
	name := c.bucket
	reserved := func(match func(string, string) bool, list []string) bool {
		return slices.ContainsFunc(list, func(part string) bool { return match(name, part) })
	}
	ok := nameForm.MatchString(name) && !strings.Contains(name, "..") && !addressForm.MatchString(name) &&
		!reserved(strings.HasPrefix, reservedPrefixes) && !reserved(strings.HasSuffix, reservedSuffixes)
	switch space := c.HTTP.Header.Get("X-Amz-Bucket-Namespace"); space {
	case "", "global":
		ok = ok && !strings.HasSuffix(name, "-an")
	case "account-regional":
		prefix, own := strings.CutSuffix(name, "-"+c.Account+"-"+c.Region+"-an")
		ok = ok && own && prefix != ""
	default:
		return invalidArgument("x-amz-bucket-namespace", space, "Invalid x-amz-bucket-namespace header: "+space)
	}
	if !ok {
		e := fail(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
		e.Details = map[string]string{"BucketName": name}
		return e
	}
	return nil
}
