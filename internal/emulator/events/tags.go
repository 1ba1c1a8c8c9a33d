package events

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// tagTable holds the tags of rules by the rule's ARN: they outlive PutRule.
const tagTable = "events.tags"

// maxTags is how many tags a rule may have.
const maxTags = 50

var (
	tagKey      = constraint.Text{Min: 1, Max: 128}
	tagValue    = constraint.Text{Max: 256}
	resourceArn = constraint.Text{Min: 1, Max: 1600}
)

type tag struct{ Key, Value *string }

func checkTags(c *constraint.Checks, tags []tag) {
	for i, t := range tags {
		at := fmt.Sprintf("tags.%d.member.", i+1)
		constraint.Required(c, at+"key", t.Key)
		constraint.Required(c, at+"value", t.Value)
		c.Text(at+"key", t.Key, tagKey)
		c.Text(at+"value", t.Value, tagValue)
	}
}

// checkTagSet refuses keys that are given twice or are AWS's own.
func checkTagSet(tags []tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		if strings.HasPrefix(strings.ToLower(*t.Key), "aws:") {
			return validation("Tag keys starting with aws: are reserved for AWS use.")
		}
		if seen[*t.Key] {
			return validation("Invalid parameter: Duplicated keys are not allowed.")
		}
		seen[*t.Key] = true
	}
	if len(seen) > maxTags {
		return validation("A resource can have no more than 50 tags.")
	}
	return nil
}

func putTags(tx *store.Tx, arn string, tags []tag) {
	set := map[string]string{}
	for _, t := range tags {
		set[*t.Key] = *t.Value
	}
	store.Put(tx, tagTable, arn, set)
}

// arnInput is the input of the tag operations.
type arnInput struct{ ResourceARN *string }

func (in *arnInput) check(c *constraint.Checks) {
	constraint.Required(c, "resourceARN", in.ResourceARN)
	c.Text("resourceARN", in.ResourceARN, resourceArn)
}

// find returns the rule that the ARN names.
func (in *arnInput) find(tx *store.Tx, r *wire.Request) (rule, error) {
	name, ok := strings.CutPrefix(*in.ResourceARN, arnOf(r, "rule/"))
	if !ok {
		return rule{}, notFound("Resource " + *in.ResourceARN + " does not exist.")
	}
	return findRule(tx, r, defaultBus, name)
}

// changeTags changes the tags of a rule that is nobody else's.
func (s *Service) changeTags(r *wire.Request, in *arnInput, change func(map[string]string) error) (*nothing, error) {
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		found, err := in.find(tx, r)
		if err != nil {
			return err
		}
		if err := found.checkManaged(); err != nil {
			return err
		}
		tags, _ := store.Get[map[string]string](tx, tagTable, found.Arn)
		if tags == nil {
			tags = map[string]string{}
		}
		if err := change(tags); err != nil {
			return err
		}
		store.Put(tx, tagTable, found.Arn, tags)
		return nil
	})
}

type tagResourceInput struct {
	arnInput
	Tags []tag
}

func (s *Service) tagResource(r *wire.Request, in *tagResourceInput) (*nothing, error) {
	var c constraint.Checks
	in.check(&c)
	c.RequiredList("tags", in.Tags != nil)
	checkTags(&c, in.Tags)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	if err := checkTagSet(in.Tags); err != nil {
		return nil, err
	}
	return s.changeTags(r, &in.arnInput, func(tags map[string]string) error {
		for _, t := range in.Tags {
			tags[*t.Key] = *t.Value
		}
		if len(tags) > maxTags {
			return validation("A resource can have no more than 50 tags.")
		}
		return nil
	})
}

type untagResourceInput struct {
	arnInput
	TagKeys []string
}

func (s *Service) untagResource(r *wire.Request, in *untagResourceInput) (*nothing, error) {
	var c constraint.Checks
	in.check(&c)
	c.RequiredList("tagKeys", in.TagKeys != nil)
	for i := range in.TagKeys {
		c.Text("tagKeys", &in.TagKeys[i], tagKey)
	}
	if err := invalid(&c); err != nil {
		return nil, err
	}
	return s.changeTags(r, &in.arnInput, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}

type listTagsForResourceOutput struct{ Tags []tag }

func (s *Service) listTagsForResource(r *wire.Request, in *arnInput) (*listTagsForResourceOutput, error) {
	var c constraint.Checks
	in.check(&c)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	out := &listTagsForResourceOutput{Tags: []tag{}}
	return out, s.store.View(func(tx *store.Tx) error {
		found, err := in.find(tx, r)
		if err != nil {
			return err
		}
		tags, _ := store.Get[map[string]string](tx, tagTable, found.Arn)
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			value := tags[key]
			out.Tags = append(out.Tags, tag{Key: &key, Value: &value})
		}
		return nil
	})
}
