package ivsrealtime

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type tagsMember struct {
	Tags map[string]string `json:"tags"`
}

// tagged finds the resource that the path names. The pattern that the model
// has for these ARNs matches none, so it is not held against them.
func tagged(r *wire.Request) (id, error) {
	arn, _ := taggedARN(r.HTTP)
	i, ok := parseARN(arn)
	if !ok {
		return id{}, invalid("Invalid ARN: " + arn)
	}
	if !slices.Contains(kinds, i.kind) {
		return id{}, missing(i)
	}
	return i, reachable(r, i)
}

func (s *Service) listTags(r *wire.Request, _ *empty) (*tagsMember, error) {
	i, err := tagged(r)
	if err != nil {
		return nil, err
	}
	out := &tagsMember{}
	return out, s.store.View(func(tx *store.Tx) error {
		found, ok := store.Get[resource](tx, table(i.kind), i.key())
		if !ok {
			return missing(i)
		}
		out.Tags = found.Tags
		return nil
	})
}

func (s *Service) tagResource(r *wire.Request, in *tagsMember) (*empty, error) {
	var c constraint.Checks
	c.RequiredList("tags", in.Tags != nil)
	checkTags(&c, in.Tags)
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	if err := refuseReserved(in.Tags); err != nil {
		return nil, err
	}
	return s.changeTags(r, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		if len(tags) > maxTags {
			return invalid(fmt.Sprintf("The resource would have %d tags, the maximum is %d", len(tags), maxTags))
		}
		return nil
	})
}

func (s *Service) untagResource(r *wire.Request, _ *empty) (*empty, error) {
	keys := r.HTTP.URL.Query()["tagKeys"]
	var c constraint.Checks
	c.RequiredList("tagKeys", len(keys) > 0)
	c.Size("tagKeys", fmt.Sprint(keys), len(keys), 0, maxTags)
	for _, key := range keys {
		c.Text("tagKeys", &key, tagKey)
	}
	if err := c.Err(codeInvalid); err != nil {
		return nil, err
	}
	return s.changeTags(r, func(tags map[string]string) error {
		for _, key := range keys {
			delete(tags, key)
		}
		return nil
	})
}

// changeTags changes the tags of a resource of any kind, and leaves the
// rest of its row as it is.
func (s *Service) changeTags(r *wire.Request, change func(tags map[string]string) error) (*empty, error) {
	i, err := tagged(r)
	if err != nil {
		return nil, err
	}
	return &empty{}, s.store.Update(func(tx *store.Tx) error {
		row, ok := store.Get[map[string]json.RawMessage](tx, table(i.kind), i.key())
		if !ok {
			return missing(i)
		}
		tags := map[string]string{}
		if err := json.Unmarshal(row["tags"], &tags); err != nil {
			return fmt.Errorf("tags of %s: %w", i.arn(), err)
		}
		if err := change(tags); err != nil {
			return err
		}
		if row["tags"], err = json.Marshal(tags); err != nil {
			return fmt.Errorf("tags of %s: %w", i.arn(), err)
		}
		store.Put(tx, table(i.kind), i.key(), row)
		return nil
	})
}
