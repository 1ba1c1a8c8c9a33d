package ui

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/reconcile"
)

// words is a kind as people read it: "storage configuration".
func words(kind string) string { return strings.ReplaceAll(kind, "-", " ") }

// theKind is a resource that something else waits for: "the rule".
func theKind(key reconcile.Key) string { return "the " + words(key.Kind) }

// named is the key by which people are told of a resource. The kind of a
// follow-up says nothing to them: what it does stands for it.
func named(n *reconcile.NodeReport) reconcile.Key {
	key := n.Key
	if n.FollowUp && len(n.Steps) > 0 && n.Steps[0].Doing != "" {
		key.Kind = n.Steps[0].Doing
	}
	return key
}

// inWords tells a kind that is a follow-up's words from a word of its own.
func inWords(kind string) bool { return strings.Contains(kind, " ") }

// where is a key as an error's first words: "us-east-1 storage configuration",
// but "us-east-1: check the policy".
func where(key reconcile.Key) string {
	switch {
	case key.Region == "":
		return kindText(key.Kind)
	case inWords(key.Kind):
		return key.Region + ": " + key.Kind
	default:
		return key.Region + " " + words(key.Kind)
	}
}

// kindText is a kind in words; a follow-up's are words already.
func kindText(kind string) string {
	if inWords(kind) {
		return kind
	}
	return words(kind)
}

// kindIn is a kind with regions: "rule in us-east-1", but
// "check the policy (us-east-1)".
func kindIn(kind, regions string) string {
	switch {
	case regions == "":
		return kindText(kind)
	case inWords(kind):
		return kind + " (" + regions + ")"
	default:
		return words(kind) + " in " + regions
	}
}

func kinds(keys []reconcile.Key) []string {
	var all []string
	for _, k := range keys {
		if !slices.Contains(all, k.Kind) {
			all = append(all, k.Kind)
		}
	}
	return all
}

// byKind lists keys, a line for each kind with its regions.
func byKind(keys []reconcile.Key) []string {
	var lines []string
	for _, kind := range kinds(keys) {
		var of []reconcile.Key
		for _, k := range keys {
			if k.Kind == kind {
				of = append(of, k)
			}
		}
		lines = append(lines, kindIn(kind, strings.Join(regions(of), ", ")))
	}
	return lines
}
