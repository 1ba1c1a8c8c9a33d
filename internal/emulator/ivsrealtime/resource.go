package ivsrealtime

import (
	"crypto/rand"
	"fmt"
	"iter"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/paging"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Kinds of resources, as ARNs spell them. They name the tables, too.
const (
	kindStorage     = "storage-configuration"
	kindEncoder     = "encoder-configuration"
	kindStage       = "stage"
	kindComposition = "composition"
)

// kindChannel is of IVS's low-latency API, which the emulator does not have.
const kindChannel = "channel"

// kinds are those that exist here, and can be tagged.
var kinds = []string{kindStorage, kindEncoder, kindStage, kindComposition}

func table(kind string) string { return "ivs." + kind }

// resource is what all kinds have.
type resource struct {
	ARN  string            `json:"arn"`
	Name string            `json:"name"` // not unique, may be ""
	Tags map[string]string `json:"tags"`
}

// id is one resource, taken apart from its ARN.
type id struct{ region, account, kind, name string }

// newID makes the id of a new resource.
func newID(r *wire.Request, kind string) id {
	return id{region: r.Region, account: r.Account, kind: kind, name: randomText(12)}
}

// randomText makes ids as IVS does, of letters and digits. Those of resources
// have twelve.
func randomText(length int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, length)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
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
	requireARN(&c, "arn", arn, kind)
	if err := c.Err(codeInvalid); err != nil {
		return id{}, err
	}
	return reach(r, *arn)
}

// requireARN checks the form of an ARN that must be there.
func requireARN(c *constraint.Checks, member string, arn *string, kind string) {
	constraint.Required(c, member, arn)
	c.Text(member, arn, arnLimit(kind))
}

// reach takes an ARN apart and refuses what the request cannot reach.
func reach(r *wire.Request, arn string) (id, error) {
	i, ok := parseARN(arn)
	if !ok {
		return id{}, invalid("Invalid ARN: " + arn)
	}
	return i, reachable(r, i)
}

// lookup reads the resource that an ARN of the right form names.
func lookup[T any](tx *store.Tx, r *wire.Request, arn string) (found T, i id, err error) {
	if i, err = reach(r, arn); err != nil {
		return found, i, err
	}
	found, ok := store.Get[T](tx, table(i.kind), i.key())
	if !ok {
		return found, i, missing(i)
	}
	return found, i, nil
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

// list is what a request for a page of rows asks for. T is a pointer, so that
// all rows share one copy of the code.
type list[T any] struct {
	*page
	table, below string // the rows' table, and what their keys begin with
	size         int    // of a page, when the request does not say
	// query says what else the request asks for, since a token is good for the
	// same request only.
	query string
	keep  func(T) bool // nil keeps all
}

// listOf asks for the resources of a kind in the request's account and region.
func listOf[T any](r *wire.Request, kind string, in *page, size int) list[T] {
	return list[T]{page: in, table: table(kind), below: store.Key(r.Account, r.Region, ""), size: size}
}

// read reads one page. IVS documents no order; here it is that of the random
// ids.
func (l list[T]) read(st *store.Store) (items []T, token string, err error) {
	if err := l.check(); err != nil {
		return nil, "", err
	}
	given := ""
	replace(&given, l.NextToken)
	replace(&l.size, l.MaxResults)
	query := store.Key(l.table, l.below, l.query)
	after, ok := paging.After(query, given)
	if !ok {
		return nil, "", invalid("Invalid nextToken")
	}
	err = st.View(func(tx *store.Tx) error {
		items, after = paging.Take(filter(store.Scan[T](tx, l.table, l.below, after), l.keep), l.size)
		return nil
	})
	return items, paging.Token(query, after), err
}

func filter[T any](scan iter.Seq2[string, T], keep func(T) bool) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for key, item := range scan {
			if (keep == nil || keep(item)) && !yield(key, item) {
				return
			}
		}
	}
}
