package s3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/yolo-live/yolo/internal/emulator/iam"
	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxPolicy is in bytes, white space not counted (user guide, Bucket policies:
// 20 KB).
const maxPolicy = 20 << 10

// Policy returns the bucket's policy document as GetBucketPolicy shows it. It
// is not ok when there is no such bucket or no policy.
func Policy(tx *store.Tx, name string) (document string, ok bool) {
	b, ok := Lookup(tx, name)
	if !ok || b.Policy == "" {
		return "", false
	}
	if !strings.Contains(b.Policy, iam.RoleIDPrefix) {
		return b.Policy, true // as it was kept, which is how mapRoles writes
	}
	return mapRoles(b.Policy, func(principal string) string { return iam.RoleARN(tx, principal) }), true
}

// SetPolicy replaces the bucket's policy document for another service of AWS,
// without the checks of PutBucketPolicy; "" deletes it. It does nothing when
// there is no such bucket.
func SetPolicy(tx *store.Tx, name, document string) {
	b, ok := Lookup(tx, name)
	if !ok {
		return
	}
	b.Policy = storedPolicy(tx, document)
	put(tx, b)
}

// storedPolicy is the document as it is kept. AWS keeps the unique id of a
// role rather than its ARN, so that a role made later under the name of a
// deleted one has no part in the old one's grants (IAM user guide, AWS JSON
// policy elements: Principal).
func storedPolicy(tx *store.Tx, document string) string {
	return mapRoles(document, roleIDs(tx))
}

func roleIDs(tx *store.Tx) func(principal string) string {
	return func(principal string) string { return iam.RoleID(tx, principal) }
}

// mapRoles writes the document anew with each AWS principal replaced by what
// to gives for it, or left when that is "". A document that cannot be read
// stays as it is.
func mapRoles(document string, to func(principal string) string) string {
	d, err := policydoc.Parse(document)
	if err != nil {
		return document
	}
	return withRoles(d, to)
}

// withRoles is mapRoles of a document that was read already.
func withRoles(d *policydoc.Document, to func(principal string) string) string {
	for _, s := range d.Statements {
		for _, p := range []*policydoc.Principal{s.Principal, s.NotPrincipal} {
			if p == nil {
				continue
			}
			for i, name := range p.Named["AWS"] {
				p.Named["AWS"][i] = firstOf(to(name), rootARN(name), name)
			}
		}
	}
	return d.String()
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// rootARN is the form in which S3 shows an account that was given by its
// number; "" for anything else.
func rootARN(principal string) string {
	if !accountForm.MatchString(principal) {
		return ""
	}
	return "arn:aws:iam::" + principal + ":root"
}

func (s *Service) getBucketPolicy(c *call) (*wire.Response, error) {
	response, err := answer(http.StatusOK, nil)
	if err != nil {
		return nil, err
	}
	return response, s.view(c, func(tx *store.Tx, b Bucket) error {
		document, ok := Policy(tx, b.Name)
		if !ok {
			return errNoSuchPolicy(b)
		}
		response.Header.Set("Content-Type", "application/json")
		response.Body = []byte(document)
		return nil
	})
}

func errNoSuchPolicy(b Bucket) error {
	return notFound("NoSuchBucketPolicy", "The bucket policy does not exist", b.Name)
}

func (s *Service) putBucketPolicy(c *call) (*wire.Response, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	err = s.update(c, func(tx *store.Tx, b *Bucket) error {
		document, err := checkPolicy(tx, *b, string(body))
		if err != nil {
			return err
		}
		if isPublic(document) && b.PublicAccess != nil && b.PublicAccess.BlockPublicPolicy {
			return errAccessDenied
		}
		b.Policy = withRoles(document, roleIDs(tx))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusNoContent, nil)
}

// checkPolicy reads a document and checks it as PutBucketPolicy does.
func checkPolicy(tx *store.Tx, b Bucket, text string) (*policydoc.Document, error) {
	if text == "" {
		return nil, fail(http.StatusBadRequest, "MissingRequestBodyError", "Request Body is empty")
	}
	if visibleBytes(text) > maxPolicy {
		return nil, fail(http.StatusBadRequest, "PolicyTooLarge", "Policy exceeds the maximum allowed document size.")
	}
	document, err := policydoc.Parse(text)
	if grammar, ok := errors.AsType[*policydoc.SyntaxError](err); ok {
		return nil, malformedPolicy(grammar.Message)
	}
	if err != nil {
		return nil, err
	}
	for i := range document.Statements {
		if err := checkStatement(tx, b, &document.Statements[i]); err != nil {
			return nil, err
		}
	}
	return document, nil
}

func malformedPolicy(message string) error {
	return fail(http.StatusBadRequest, "MalformedPolicy", message)
}

func visibleBytes(text string) int {
	return len(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

type policyStatusDocument struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
	IsPublic bool
}

func policyStatus(b Bucket) (any, error) {
	if b.Policy == "" {
		return nil, errNoSuchPolicy(b)
	}
	document, err := policydoc.Parse(b.Policy)
	if err != nil {
		return nil, err
	}
	return policyStatusDocument{IsPublic: isPublic(document)}, nil
}
