package manifest

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// nameRule is AWS's limit for one kind of name.
type nameRule struct {
	what     string // as in "the bucket"
	service  string // whose limit it is
	max      int
	foreign  *lazyregexp.Regexp // matches one character that is not allowed
	alphabet string
}

var (
	// Amazon S3 user guide, "General purpose bucket naming rules".
	bucketRule = nameRule{
		"the bucket", "S3", 63, lazyregexp.New(`[^a-z0-9.-]`), "lower-case letters, digits, dots and dashes",
	}
	// CreateStorageConfiguration and CreateEncoderConfiguration, name.
	storageRule = nameRule{
		"the storage configuration", "IVS", 128, lazyregexp.New(`[^a-zA-Z0-9_-]`), "letters, digits, dashes and underscores",
	}
	encoderRule = nameRule{
		"the encoder configuration", "IVS", 128, storageRule.foreign, storageRule.alphabet,
	}
	// CreateLogGroup, logGroupName.
	logGroupRule = nameRule{
		"the log group", "CloudWatch Logs", 512, lazyregexp.New(`[^.\-_/#A-Za-z0-9]`), "letters, digits and . - _ / #",
	}
	// PutRule, Name.
	ruleRule = nameRule{
		"the EventBridge rule", "EventBridge", 64, lazyregexp.New(`[^.\-_A-Za-z0-9]`), "letters, digits, dots, dashes and underscores",
	}
)

const minBucketName = 3

// Prefixes and suffixes that S3 keeps for itself.
var (
	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// IsBucketName reports whether S3 allows name for a bucket.
func IsBucketName(name string) bool { return bucketProblem(name) == "" }

// bucketProblem says which of S3's rules a bucket name breaks, empty for none.
func bucketProblem(name string) string {
	if foreign := bucketRule.foreign.FindString(name); foreign != "" {
		return fmt.Sprintf("has %s in it, and S3 takes only %s", quote(foreign), bucketRule.alphabet)
	}
	switch n := len(name); {
	case n < minBucketName:
		return fmt.Sprintf("has %s, and S3 asks for at least %d", count(n, "character"), minBucketName)
	case n > bucketRule.max:
		return fmt.Sprintf("has %d characters, and S3 takes at most %d", n, bucketRule.max)
	case strings.Trim(name, ".-") != name:
		return "must begin and end with a letter or digit"
	case strings.Contains(name, ".."):
		return "has two dots side by side, which S3 does not take"
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "has the form of an IP address, which S3 does not take"
	}
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(name, prefix) {
			return fmt.Sprintf("begins with %s, which S3 keeps for itself", prefix)
		}
	}
	for _, suffix := range reservedSuffixes {
		if strings.HasSuffix(name, suffix) {
			return fmt.Sprintf("ends with %s, which S3 keeps for itself", suffix)
		}
	}
	return ""
}
