package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fact is what one link of a chain was like when something was proven.
type Fact struct {
	Link string `json:"link"`
	Was  string `json:"was"`
}

// Receipt is what a proof of one feature in one region leaves behind.
type Receipt struct {
	Version     int       `json:"version"`
	Run         string    `json:"run"`
	At          time.Time `json:"at"`
	Account     string    `json:"account"`
	Environment string    `json:"environment"`
	App         string    `json:"app"`
	Region      string    `json:"region"`
	Feature     string    `json:"feature"`
	Facts       []Fact    `json:"facts"`
	// Evidence is what was found, by the finding's ID.
	Evidence map[string]string `json:"evidence"`
}

// receiptVersion changes when older receipts cannot be compared with newer ones.
const receiptVersion = 1

// NewReceipt is one of now, with its version set.
func NewReceipt(r Receipt) Receipt {
	r.Version = receiptVersion
	r.At = r.At.UTC().Truncate(time.Second)
	return r
}

// digestLength is how much of a digest a tag has; 128 bits are enough against
// chance.
const digestLength = 32

// Digest stands for facts, in their order.
func Digest(facts []Fact) string {
	h := sha256.New()
	for _, f := range facts {
		fmt.Fprintf(h, "%q %q\n", f.Link, f.Was)
	}
	return hex.EncodeToString(h.Sum(nil))[:digestLength]
}

// Tag is the receipt as a tag's value: its time and the digest of its facts.
func (r Receipt) Tag() string {
	return fmt.Sprintf("v%d %s %s", r.Version, r.At.Format(time.RFC3339), Digest(r.Facts))
}

var errNoReceipt = errors.New("it is not a receipt's")

// parseTag takes a tag's value apart.
func parseTag(value string) (at time.Time, digest string, err error) {
	fields := strings.Fields(value)
	if len(fields) != 3 || fields[0] != fmt.Sprintf("v%d", receiptVersion) || len(fields[2]) != digestLength {
		return at, "", errNoReceipt
	}
	at, err = time.Parse(time.RFC3339, fields[1])
	return at, fields[2], err
}

// Standing is whether a receipt still holds.
type Standing struct {
	// At is when it was proven; zero when there is no receipt that can be read.
	At time.Time
	// Holds tells that no link has changed since.
	Holds bool
	// Changed are the links that have; empty, without Holds, when the details
	// are on another machine.
	Changed []string
}

// Since compares a receipt's tag with the facts of now. Details is the receipt
// of that tag, nil or another one's when this machine does not have it.
func Since(tag string, details *Receipt, now []Fact) Standing {
	at, digest, err := parseTag(tag)
	if err != nil {
		return Standing{}
	}
	s := Standing{At: at, Holds: Digest(now) == digest}
	if !s.Holds && details != nil && details.Tag() == tag {
		s.Changed = changed(details.Facts, now)
	}
	return s
}

// changed are the links whose facts differ, with those that are only on one
// side.
func changed(before, now []Fact) []string {
	was, is := map[string]string{}, map[string]string{}
	for _, f := range before {
		was[f.Link] = f.Was
	}
	var links []string
	for _, f := range now {
		is[f.Link] = f.Was
		if have, ok := was[f.Link]; !ok || have != f.Was {
			links = append(links, f.Link)
		}
	}
	for _, f := range before {
		if _, ok := is[f.Link]; !ok {
			links = append(links, f.Link)
		}
	}
	return links
}

// Told is the standing as status shows it, at a time and of a feature in a
// region, as in "recording proven 3 h ago in us-east-1; since then: nothing
// changed".
func (s Standing) Told(feature, region string, now time.Time) string {
	if s.At.IsZero() {
		return feature + " never proven in " + region
	}
	since := "nothing changed"
	switch {
	case s.Holds:
	case len(s.Changed) == 0:
		since = "something changed"
	default:
		since = strings.Join(s.Changed, ", ") + " changed"
	}
	return fmt.Sprintf("%s proven %s in %s; since then: %s", feature, Ago(now.Sub(s.At)), region, since)
}
