package manifest

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v4"
)

// prove reads what a draft was added to, as anybody would, and compares: the
// environment asks for what the draft does, and everything else is as before.
func (b *Base) prove(d Draft, s slot, text string) error {
	after, err := newBase(newSource(b.Path, text))
	if invalid, ok := errors.AsType[*InvalidError](err); ok && aboutNames(invalid) {
		return invalid
	}
	if err == nil && after.unfinished != nil {
		return after.unfinished
	}
	if err != nil || after.root == nil || !d.met(after.read.manifest.environments[d.Environment], after.App) {
		return b.noPlace(s)
	}
	if b.root != nil && !alike(b.root, after.root, b.changed(d, s)) {
		return b.noPlace(s)
	}
	return nil
}

// aboutNames tells whether all errors are about the names that were there or
// asked for.
func aboutNames(invalid *InvalidError) bool {
	return !slices.ContainsFunc(invalid.Findings, func(f Finding) bool {
		return f.isError() && f.Code != CodeInvalidName && f.Code != CodeNameTooLong
	})
}

func (b *Base) noPlace(s slot) error {
	position := b.src.position(1, 1)
	if n := len(s.keys); n > 0 {
		position = b.src.at(s.keys[n-1])
	}
	return &UnsafeError{Position: position, Reason: "yolo finds no place from here on where it would change nothing else"}
}

// met tells whether an environment asks for just what the draft does.
func (d Draft) met(e *Environment, app string) bool {
	if e == nil || app != d.App || e.AccountID != d.AccountID || !slices.Equal(e.Regions, d.Regions) {
		return false
	}
	logging := Logging{Enabled: d.Logging, RetentionDays: DefaultRetentionDays}
	if d.RetentionDays != nil {
		logging.RetentionDays, logging.RetentionExplicit = *d.RetentionDays, true
	}
	recording := Recording{Enabled: d.Recording, Layout: d.layout(), Encoder: defaultEncoder}
	if !d.Recording && d.Layout == "" {
		recording.Layout = Shared
	}
	logging.SkipReason, recording.SkipReason = e.Logging.SkipReason, e.Recording.SkipReason
	return e.Logging == logging && e.Recording == recording
}

// changed are the paths of the keys that adding the draft brings, or gives a
// value.
func (b *Base) changed(d Draft, s slot) [][]string {
	path := []string{"environments", d.Environment, "aws", "ivs"}
	there := len(path) - len(s.missing)
	if s.filled() != nil {
		there-- // the key with the new value
	}
	changes := [][]string{path[:there+1]}
	if b.App == "" {
		changes = append(changes, []string{"name"})
	}
	if b.AccountID(d.Environment) == "" {
		changes = append(changes, []string{"environments", d.Environment, "aws", "account-id"})
	}
	return changes
}

// alike compares two values as they are written, but for their places and
// comments, and for keys that are expected to differ.
func alike(before, after *yaml.Node, except [][]string) bool {
	if before.Kind != after.Kind || before.Style != after.Style || before.Tag != after.Tag ||
		before.Value != after.Value || before.Anchor != after.Anchor {
		return false
	}
	old, now := before.Content, after.Content
	if before.Kind == yaml.MappingNode {
		old, now = without(old, except), without(now, except)
	}
	if len(old) != len(now) {
		return false
	}
	for i := range old {
		var below [][]string
		if before.Kind == yaml.MappingNode && i%2 == 1 {
			below = under(keyName(old[i-1]), except)
		}
		if !alike(old[i], now[i], below) {
			return false
		}
	}
	return true
}

// without leaves out the keys of a map, and their values, that are changed.
func without(content []*yaml.Node, changes [][]string) []*yaml.Node {
	var rest []*yaml.Node
	for i := 0; i+1 < len(content); i += 2 {
		changed := slices.ContainsFunc(changes, func(path []string) bool {
			return len(path) == 1 && path[0] == keyName(content[i])
		})
		if !changed {
			rest = append(rest, content[i], content[i+1])
		}
	}
	return rest
}

// under returns the rest of the paths that lead below a key.
func under(key string, paths [][]string) [][]string {
	var below [][]string
	for _, path := range paths {
		if len(path) > 1 && path[0] == key {
			below = append(below, path[1:])
		}
	}
	return below
}
