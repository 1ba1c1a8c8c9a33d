package resource

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/yolo-live/yolo/internal/manifest"
)

// standings says of configurations of one name and content, which candidates
// are, how each stands to what a sync picks. Those of others are left out.
func (c *configuration) standings(candidates []candidate) []Thing {
	made := c.choose(candidates)
	var things []Thing
	add := func(one candidate, standing Standing, why string) {
		things = append(things, c.thing(one, standing, why))
	}
	switch {
	case made.picked != nil:
		add(*made.picked, Wanted, "")
	case len(made.unsettled) > 0:
		// A sync settles on the first one.
		add(made.unsettled[0], Wanted, "")
		made.unsettled = made.unsettled[1:]
	}
	for _, one := range made.duplicates {
		add(one, Duplicate, fmt.Sprintf("the same as %s, which is used", made.picked.arn))
	}
	for _, one := range made.unsettled {
		add(one, Unsettled, unsettledWhy)
	}
	return things
}

const unsettledWhy = "left by a run that did not finish"

func (c *configuration) thing(one candidate, standing Standing, why string) Thing {
	key := c.key()
	key.Name = one.arn
	return Thing{
		Key: key, Step: c.step, Name: c.name, ARN: one.arn, Standing: standing, Why: why, Tagged: c.tagged(one.tags),
	}
}

// other is a configuration of our name with another content; none when it is
// somebody else's. Instead is whether there is one as wanted.
func (c *configuration) other(one candidate, why string, instead bool) []Thing {
	switch {
	case c.notOurs(c.kind, c.name, one.tags) != nil:
		return nil
	case one.pending():
		return []Thing{c.thing(one, Unsettled, unsettledWhy)}
	case !instead:
		why += "; a sync has yet to make the one that replaces it"
	}
	return []Thing{c.thing(one, Replaced, why)}
}

// dropped are all configurations of our name where none is wanted.
func (c *configuration) dropped(all []candidate, why string) []Thing {
	var things []Thing
	for _, one := range all {
		if c.notOurs(c.kind, c.name, one.tags) == nil {
			things = append(things, c.thing(one, Dropped, why))
		}
	}
	return things
}

func wantedIn(things []Thing) bool {
	return slices.ContainsFunc(things, func(t Thing) bool { return t.Standing == Wanted })
}

// storageThings are the storage configurations of our name. Where the region
// records to may not be known; then all count as wanted.
func (s *Survey) storageThings(seen *sight) []Thing {
	name := s.env.StorageName()
	c := newConfiguration(s.world, StepStorage, name, storageKey(seen.region), nil)
	var same, others []candidate
	buckets := map[string]string{} // by ARN
	for _, one := range seen.storages {
		if aws.ToString(one.Name) != name {
			continue
		}
		found := candidate{arn: aws.ToString(one.Arn), tags: one.Tags}
		buckets[found.arn] = bucketOf(one)
		if seen.at == nil || bucketOf(one) == seen.at.name {
			same = append(same, found)
		} else {
			others = append(others, found)
		}
	}
	var things []Thing
	switch {
	case !s.records(seen.region):
		things = c.dropped(same, s.notWanted(seen.region, s.env.Recording.SkipReason))
	case seen.at == nil:
		for _, one := range same {
			if c.notOurs(c.kind, c.name, one.tags) == nil {
				things = append(things, c.thing(one, Wanted, ""))
			}
		}
	default:
		things = c.standings(same)
		instead := wantedIn(things)
		for _, one := range others {
			things = append(things, c.other(one, fmt.Sprintf("it records to %s, not to %s", buckets[one.arn], seen.at.name), instead)...)
		}
	}
	return seen.used(things, seen.stages)
}

// encoderThings are the encoder configurations of our name.
func (s *Survey) encoderThings(seen *sight) []Thing {
	e := &encoder{s.world, seen.region}
	c := e.configuration()
	if !s.records(seen.region) {
		var all []candidate
		for _, one := range seen.encoders.named {
			all = append(all, one.candidate)
		}
		return seen.used(c.dropped(all, s.notWanted(seen.region, s.env.Recording.SkipReason)), nil)
	}
	var same []candidate
	for _, one := range seen.encoders.named {
		if one.video == s.env.Recording.Encoder {
			same = append(same, one.candidate)
		}
	}
	things := c.standings(same)
	instead := wantedIn(things)
	for _, one := range seen.encoders.named {
		if one.video != s.env.Recording.Encoder {
			why := "another video than the manifest's: " + videoText(one.video)
			things = append(things, c.other(one.candidate, why, instead)...)
		}
	}
	return seen.used(things, nil)
}

func videoText(v manifest.Encoder) string {
	return fmt.Sprintf("%dx%d at %v fps, %d bps", v.Width, v.Height, v.Framerate, v.Bitrate)
}

// used adds to configurations who uses them. Beyond is a further reason why that
// is not known.
func (s *sight) used(things []Thing, beyond error) []Thing {
	for i := range things {
		t := &things[i]
		for _, u := range s.users {
			if slices.Contains(u.of, t.ARN) {
				t.Uses = append(t.Uses, u.Use)
			}
		}
		if t.Unknown = first([]error{s.compositions, beyond}); t.Unknown != nil && len(t.Uses) > 0 {
			t.Unknown = nil // that it is in use is known
		}
	}
	return things
}
