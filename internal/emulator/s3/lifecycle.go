package s3

import (
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// Limits of a lifecycle configuration (API reference,
// PutBucketLifecycleConfiguration; LifecycleRule).
const (
	maxLifecycleRules = 1000
	maxRuleID         = 255
)

var ruleActions = []string{
	"Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload",
}

func (s *Service) getLifecycle(c *call) (*wire.Response, error) {
	response, err := answer(http.StatusOK, nil)
	if err != nil {
		return nil, err
	}
	return response, s.view(c, func(_ *store.Tx, b Bucket) error {
		if b.Lifecycle == "" {
			return notFound("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", b.Name)
		}
		response.Header.Set("Content-Type", "application/xml")
		response.Header.Set("X-Amz-Transition-Default-Minimum-Object-Size", "all_storage_classes_128K")
		response.Body = []byte(xml.Header + b.Lifecycle)
		return nil
	})
}

// setLifecycle keeps the document as it is, but for the ids that S3 makes for
// rules that have none. What the rules say is never carried out.
func setLifecycle(c *call, b *Bucket, document *element) error {
	if err := c.requireDigest(); err != nil {
		return err
	}
	if size := c.HTTP.Header.Get("X-Amz-Transition-Default-Minimum-Object-Size"); size != "" && size != "all_storage_classes_128K" {
		return notImplemented("x-amz-transition-default-minimum-object-size")
	}
	rules := document.all("Rule")
	if document.only("Rule") != nil || len(rules) == 0 || len(rules) > maxLifecycleRules {
		return errMalformedXML
	}
	ids := map[string]bool{}
	for _, rule := range rules {
		if err := checkRule(rule); err != nil {
			return err
		}
		id := rule.value("ID")
		if id == "" {
			id = rand.Text()
			rule.children = append([]*element{{name: "ID", text: id}}, rule.children...)
		}
		if ids[id] {
			return invalidArgument("ID", id, "Rule ID must be unique. Found same ID for more than one rule")
		}
		ids[id] = true
	}
	var encoded strings.Builder
	if err := xml.NewEncoder(&encoded).Encode(document); err != nil {
		return err
	}
	b.Lifecycle = strings.Replace(encoded.String(), "<LifecycleConfiguration>", `<LifecycleConfiguration xmlns="`+namespace+`">`, 1)
	return nil
}

func checkRule(rule *element) error {
	if err := rule.only(append([]string{"ID", "Status", "Filter", "Prefix"}, ruleActions...)...); err != nil {
		return err
	}
	if status := rule.value("Status"); status != "Enabled" && status != "Disabled" {
		return errMalformedXML
	}
	if len(rule.all("Filter"))+len(rule.all("Prefix")) != 1 || len(rule.all("ID")) > 1 {
		return errMalformedXML
	}
	if len(rule.value("ID")) > maxRuleID {
		return invalidArgument("ID", rule.value("ID"), "ID length should not exceed allowed limit of 255")
	}
	if !slices.ContainsFunc(rule.children, func(e *element) bool { return slices.Contains(ruleActions, e.name) }) {
		return invalidRequest("At least one action needs to be specified in a rule")
	}
	return nil
}
