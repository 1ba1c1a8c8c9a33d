package ivsrealtime

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Kinds of resources, as ARNs spell them. They name the tables, too.
const (
	kindStorage = "storage-configuration"
	kindEncoder = "encoder-configuration"
)

func table(kind string) string { return "ivs." + kind }

// resource is what both kinds have. Neither can be changed but for its tags.
type resource struct {
	ARN  string            `json:"arn"`
	Name string            `json:"name"` // not unique, may be ""
	Tags map[string]string `json:"tags"`
}

// id is one resource, taken apart from its ARN.
type id struct{ region, account, kind, name string }

// newID makes an id as IVS does: twelve letters and digits.
func newID(r *wire.Request, kind string) id {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var b [12]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return id{region: r.Region, account: r.Account, kind: kind, name: string(b[:])}
}

func (i id) arn() string {
	return fmt.Sprintf("arn:aws:ivs:%s:%s:%s/%s", i.region, i.account, i.kind, i.name)
}

func (i id) key() string { return store.Key(i.account, i.region, i.name) }

// parseARN takes an ARN of IVS apart; not ok for any other text.
func parseARN(arn string) (i id, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "ivs" {
		return id{}, false
	}
	kind, name, ok := strings.Cut(parts[5], "/")
	return id{region: parts[3], account: parts[4], kind: kind, name: name}, ok && name != ""
}

// reachable refuses a resource of another account, and one of another region:
// each region knows only its own.
func reachable(r *wire.Request, i id) error {
	if i.account != r.Account {
		return accessDenied(fmt.Sprintf("User: arn:aws:iam::%s:root is not authorized to perform: ivs:%s on resource: %s",
			r.Account, r.Operation, i.arn()))
	}
	if i.region != r.Region {
		return missing(i)
	}
	return nil
}

func missing(i id) error { return notFound("Resource: " + i.arn() + " not found") }

// identify checks the ARN that a request names.
func identify(r *wire.Request, arn *string, kind string) (id, error) {
	var c constraint.Checks
	constraint.Required(&c, "arn", arn)
	c.Text("arn", arn, arnLimit(kind))
	if err := c.Err(codeInvalid); err != nil {
		return id{}, err
	}
	i, ok := parseARN(*arn)
	if !ok {
		return id{}, invalid("Invalid ARN: " + *arn)
	}
	return i, reachable(r, i)
}

// find reads the resource of kind that a request names.
func find[T any](st *store.Store, r *wire.Request, arn *string, kind string) (found T, err error) {
	i, err := identify(r, arn, kind)
	if err != nil {
		return found, err
	}
	return found, st.View(func(tx *store.Tx) error {
		var ok bool
		if found, ok = store.Get[T](tx, table(kind), i.key()); !ok {
			return missing(i)
		}
		return nil
	})
}

// count counts the resources of kind in the request's account and region.
func count(tx *store.Tx, r *wire.Request, kind string) int {
	return tx.Count(table(kind), store.Key(r.Account, r.Region, ""))
}

// page is the input that all lists share.
type page struct {
	MaxResults *int    `json:"maxResults"`
	NextToken  *string `json:"nextToken"`
}

func (p *page) check() error {
	var c constraint.Checks
	c.Int("maxResults", p.MaxResults, minResults, maxResults)
	c.Text("nextToken", p.NextToken, tokenLimit)
	return c.Err(codeInvalid)
}

// list reads one page of the request's account and region. IVS documents no
// order; here it is that of the random ids.
func list[T any](st *store.Store, r *wire.Request, in *page, kind string) (items []T, token string, err error) {
	if err := in.check(); err != nil {
		return nil, "", err
	}
	prefix := store.Key(r.Account, r.Region, "")
	given := ""
	if in.NextToken != nil {
		given = *in.NextToken
	}
	after, ok := paging.After(kind+prefix, given)
	if !ok {
		return nil, "", invalid("Invalid nextToken")
	}
	limit := maxResults
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	err = st.View(func(tx *store.Tx) error {
		items, after = paging.Take(store.Scan[T](tx, table(kind), prefix, after), limit)
		return nil
	})
	return items, paging.Token(kind+prefix, after), err
}
