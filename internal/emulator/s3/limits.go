package s3

import (
	"net/http"
	"strconv"
	"unicode/utf16"

	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// Limits of bucket tags (user guide, Using cost allocation S3 bucket tags).
// Lengths are in UTF-16.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var tagForm = lazyregexp.New(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

func textLength(text string) int { return len(utf16.Encode([]rune(text))) }

func invalidTag(message, key string) error {
	e := fail(http.StatusBadRequest, "InvalidTag", message)
	e.Details = map[string]string{"TagKey": key}
	return e
}

// number reads a whole number between low and high from the query; above high
// S3 takes high.
func (c *call) number(name string, otherwise, low, high int) (int, error) {
	if !c.query.Has(name) {
		return otherwise, nil
	}
	text := c.query.Get(name)
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || int(n) < low {
		return 0, invalidArgument(name, text, "Provided "+name+" not an integer or within integer range")
	}
	return min(int(n), high), nil
}
