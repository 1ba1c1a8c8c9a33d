package iam

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

// maxTags is the quota of tags on a role (IAM user guide, quotas).
const maxTags = 50

var tagText = lazyregexp.New(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

func tagRole(tx *store.Tx, c *call) (any, error) {
	r, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	added, err := c.tags()
	if err != nil {
		return nil, err
	}
	for _, t := range added {
		r.Tags = append(without(r.Tags, t.Key), t)
	}
	if len(r.Tags) > maxTags {
		return nil, limitExceeded("The number of tags has reached the maximum limit.")
	}
	store.Put(tx, tableRoles, roleKey(r.Account, r.Name), r)
	return nil, nil
}

func untagRole(tx *store.Tx, c *call) (any, error) {
	r, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	for i := 1; c.form.Has(fmt.Sprintf("TagKeys.member.%d", i)); i++ {
		r.Tags = without(r.Tags, c.form.Get(fmt.Sprintf("TagKeys.member.%d", i)))
	}
	store.Put(tx, tableRoles, roleKey(r.Account, r.Name), r)
	return nil, nil
}

func listRoleTags(tx *store.Tx, c *call) (any, error) {
	r, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	limit, after, err := c.page(r.Name)
	if err != nil {
		return nil, err
	}
	begin := slices.IndexFunc(r.Tags, func(t tag) bool { return t.Key == after }) + 1
	rest := func(yield func(string, tag) bool) {
		for _, t := range r.Tags[begin:] {
			if !yield(t.Key, t) {
				return
			}
		}
	}
	result := struct {
		Tags        []tag `xml:"Tags>member"`
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{}
	result.Tags, after = paging.Take(rest, limit)
	result.IsTruncated, result.Marker = after != "", paging.Token(c.query(r.Name), after)
	return result, nil
}

// without returns the tags but that of key. Keys differ by more than case (API
// reference, TagRole).
func without(tags []tag, key string) []tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t tag) bool { return strings.EqualFold(t.Key, key) })
}

// tags reads and checks the parameter Tags.
func (c *call) tags() ([]tag, error) {
	var tags []tag
	for i := 1; c.form.Has(fmt.Sprintf("Tags.member.%d.Key", i)); i++ {
		t := tag{Key: c.form.Get(fmt.Sprintf("Tags.member.%d.Key", i)), Value: c.form.Get(fmt.Sprintf("Tags.member.%d.Value", i))}
		if n := utf8.RuneCountInString(t.Key); n < 1 || n > 128 || !tagText.MatchString(t.Key) {
			return nil, validation(fmt.Sprintf("Value at 'tags.%d.member.key' failed to satisfy constraint", i))
		}
		if utf8.RuneCountInString(t.Value) > 256 || !tagText.MatchString(t.Value) {
			return nil, validation(fmt.Sprintf("Value at 'tags.%d.member.value' failed to satisfy constraint", i))
		}
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, invalidInput("Tags cannot begin with aws:")
		}
		if len(without(tags, t.Key)) < len(tags) {
			return nil, invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		tags = append(tags, t)
	}
	if len(tags) > maxTags {
		return nil, validation("Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")
	}
	return tags, nil
}
