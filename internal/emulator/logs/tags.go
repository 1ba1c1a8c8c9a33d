package logs

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxTags is how many tags a log group may have.
const maxTags = 50

// Limits of the API model. The ARN of the tag operations has no *, so that
// the form that ends in :* is refused.
var (
	tagKey      = constraint.Matching(1, 128, `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	tagValue    = constraint.Matching(0, 256, `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`)
	resourceArn = constraint.Matching(1, 1011, `[\w+=/:,.@-]*`)
)

func checkTags(c *constraint.Checks, tags map[string]string) {
	c.RequiredList("tags", tags != nil)
	if tags == nil {
		return
	}
	names := slices.Sorted(maps.Keys(tags))
	c.Size("tags", strings.Join(names, ", "), len(tags), 1, maxTags)
	for _, name := range names {
		value := tags[name]
		c.Text("tags", &name, tagKey)
		c.Text("tags."+name+".member", &value, tagValue)
	}
}

// checkReservedTags refuses the names that AWS keeps for itself.
func checkReservedTags(tags map[string]string) error {
	for name := range tags {
		if strings.HasPrefix(strings.ToLower(name), "aws:") {
			return invalidParameter("Tag keys starting with aws: are reserved for AWS use.")
		}
	}
	return nil
}

func (s *Service) addTags(r *wire.Request, name string, tags map[string]string) (*nothing, error) {
	if err := checkReservedTags(tags); err != nil {
		return nil, err
	}
	return s.changeGroup(r, name, func(g *group) error {
		if g.Tags == nil {
			g.Tags = map[string]string{}
		}
		maps.Copy(g.Tags, tags)
		if len(g.Tags) > maxTags {
			return wire.Errorf(http.StatusBadRequest, "TooManyTagsException", "A resource can have no more than 50 tags.")
		}
		return nil
	})
}

func (s *Service) removeTags(r *wire.Request, name string, keys []string) (*nothing, error) {
	return s.changeGroup(r, name, func(g *group) error {
		for _, key := range keys {
			delete(g.Tags, key)
		}
		return nil
	})
}

type tagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) listTags(r *wire.Request, name string) (*tagsOutput, error) {
	out := &tagsOutput{Tags: map[string]string{}}
	return out, s.store.View(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, name)
		maps.Copy(out.Tags, g.Tags)
		return err
	})
}

// arnInput is the input of the tag operations by ARN.
type arnInput struct {
	ResourceArn *string `json:"resourceArn"`
}

func (in *arnInput) check(c *constraint.Checks) {
	constraint.Required(c, "resourceArn", in.ResourceArn)
	c.Text("resourceArn", in.ResourceArn, resourceArn)
}

// name returns the group's name. Of the taggable kinds the emulator has log
// groups only, so every other ARN names nothing.
func (in *arnInput) name(r *wire.Request) (string, error) {
	if !strings.HasPrefix(*in.ResourceArn, "arn:") {
		return "", invalidParameter("The ARN is not valid: " + *in.ResourceArn)
	}
	name, ok := groupNameOf(r, *in.ResourceArn)
	if !ok {
		return "", notFound("The specified resource does not exist.")
	}
	return name, nil
}

type tagResourceInput struct {
	arnInput
	Tags map[string]string `json:"tags"`
}

func (s *Service) tagResource(r *wire.Request, in *tagResourceInput) (*nothing, error) {
	var c constraint.Checks
	in.check(&c)
	checkTags(&c, in.Tags)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	name, err := in.name(r)
	if err != nil {
		return nil, err
	}
	return s.addTags(r, name, in.Tags)
}

type untagResourceInput struct {
	arnInput
	TagKeys []string `json:"tagKeys"`
}

func (s *Service) untagResource(r *wire.Request, in *untagResourceInput) (*nothing, error) {
	var c constraint.Checks
	in.check(&c)
	checkTagKeys(&c, "tagKeys", in.TagKeys, 0)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	name, err := in.name(r)
	if err != nil {
		return nil, err
	}
	return s.removeTags(r, name, in.TagKeys)
}

func checkTagKeys(c *constraint.Checks, member string, keys []string, least int) {
	c.RequiredList(member, keys != nil)
	if keys == nil {
		return
	}
	c.Size(member, strings.Join(keys, ", "), len(keys), least, maxTags)
	for i := range keys {
		c.Text(member, &keys[i], tagKey)
	}
}

func (s *Service) listTagsForResource(r *wire.Request, in *arnInput) (*tagsOutput, error) {
	var c constraint.Checks
	in.check(&c)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	name, err := in.name(r)
	if err != nil {
		return nil, err
	}
	return s.listTags(r, name)
}

type tagLogGroupInput struct {
	groupInput
	Tags map[string]string `json:"tags"`
}

func (s *Service) tagLogGroup(r *wire.Request, in *tagLogGroupInput) (*nothing, error) {
	var c constraint.Checks
	in.checkName(&c)
	checkTags(&c, in.Tags)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	return s.addTags(r, *in.LogGroupName, in.Tags)
}

type untagLogGroupInput struct {
	groupInput
	Tags []string `json:"tags"`
}

func (s *Service) untagLogGroup(r *wire.Request, in *untagLogGroupInput) (*nothing, error) {
	var c constraint.Checks
	in.checkName(&c)
	checkTagKeys(&c, "tags", in.Tags, 1)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	return s.removeTags(r, *in.LogGroupName, in.Tags)
}

func (s *Service) listTagsLogGroup(r *wire.Request, in *groupInput) (*tagsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return s.listTags(r, *in.LogGroupName)
}
