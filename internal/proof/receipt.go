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
	// Unseen tells that the link could not be looked at.
	Unseen bool `json:"unseen,omitempty"`
}

// Receipt is what a proof of one feature in one region leaves behind. One that
// failed leaves one too, in the place of the receipt before it.
type Receipt struct {
	Version     int       `json:"version"`
	Run         string    `json:"run"`
	At          time.Time `json:"at"`
	Account     string    `json:"account"`
	Environment string    `json:"environment"`
	App         string    `json:"app"`
	Region      string    `json:"region"`
	Feature     string    `json:"feature"`
	Failed      bool      `json:"failed"`
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
		was := f.Was
		if f.Unseen {
			was = "not seen"
		}
		fmt.Fprintf(h, "%q %q\n", f.Link, was)
	}
	return hex.EncodeToString(h.Sum(nil))[:digestLength]
}

// Tag is the receipt as a tag's value: its time and the digest of its facts, and
// a word if the proof failed. It has only characters that all of AWS takes in
// tags (letters, digits, spaces and _.:/=+-@).
func (r Receipt) Tag() string {
	tag := fmt.Sprintf("v%d %s %s", r.Version, r.At.Format(time.RFC3339), Digest(r.Facts))
	if r.Failed {
		tag += " " + tagFailed
	}
	return tag
}

const tagFailed = "failed"

var errNoReceipt = errors.New("it is not a receipt's")

// parseTag takes a tag's value apart.
func parseTag(value string) (at time.Time, digest string, failed bool, err error) {
	fields := strings.Fields(value)
	if failed = len(fields) == 4 && fields[3] == tagFailed; failed {
		fields = fields[:3]
	}
	if len(fields) != 3 || fields[0] != fmt.Sprintf("v%d", receiptVersion) || len(fields[2]) != digestLength {
		return at, "", false, errNoReceipt
	}
	at, err = time.Parse(time.RFC3339, fields[1])
	return at, fields[2], failed, err
}

// Standing is whether a receipt still holds.
type Standing struct {
	// At is when it was proven, or the proof failed; zero when there is no receipt
	// that can be read.
	At     time.Time
	Failed bool
	// Holds tells that it was proven, and no link has changed since.
	Holds bool
	// Changed are the links that have; empty, though something has, when the
	// details are on another machine.
	Changed []string
	// Unseen are the links that cannot be looked at now, which may be for want of
	// a permission.
	Unseen []string

	same bool // no link has changed
}

// Since compares a receipt's tag with the facts of now. Details is the receipt
// of that tag, nil or another one's when this machine does not have it.
func Since(tag string, details *Receipt, now []Fact) Standing {
	at, digest, failed, err := parseTag(tag)
	if err != nil {
		return Standing{}
	}
	s := Standing{At: at, Failed: failed, same: Digest(now) == digest}
	s.Holds = s.same && !failed
	if s.same {
		return s
	}
	for _, f := range now {
		if f.Unseen {
			s.Unseen = append(s.Unseen, f.Link)
		}
	}
	if details != nil && details.Tag() == tag {
		s.Changed = changed(details.Facts, now)
	}
	return s
}

// changed are the links whose facts differ, with those that are only on one
// side. Of what cannot be looked at now nothing is said.
func changed(before, now []Fact) []string {
	was, is := map[string]Fact{}, map[string]bool{}
	for _, f := range before {
		was[f.Link] = f
	}
	var links []string
	for _, f := range now {
		is[f.Link] = true
		if have, ok := was[f.Link]; !f.Unseen && (!ok || have != f) {
			links = append(links, f.Link)
		}
	}
	for _, f := range before {
		if !is[f.Link] {
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
	happened := feature + " proven"
	if s.Failed {
		happened = "the proof of " + feature + " failed"
	}
	return fmt.Sprintf("%s %s in %s; since then: %s", happened, Ago(now.Sub(s.At)), region, s.since())
}

func (s Standing) since() string {
	unseen := ""
	if len(s.Unseen) > 0 {
		unseen = strings.Join(s.Unseen, ", ") + " cannot be looked at now"
	}
	switch {
	case s.same:
		return "nothing changed"
	case len(s.Changed) > 0 && unseen != "":
		return strings.Join(s.Changed, ", ") + " changed; " + unseen
	case len(s.Changed) > 0:
		return strings.Join(s.Changed, ", ") + " changed"
	case unseen != "":
		return "not known, since " + unseen
	}
	return "something changed"
}
