package logs

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/constraint"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

const groupTable = "logs.group"

// group is a log group as it is kept.
type group struct {
	Name               string
	Class              string
	KMSKey             string `json:",omitempty"`
	Created            int64  // milliseconds
	Retention          int    `json:",omitempty"` // days, 0: for ever
	DeletionProtection bool
	Tags               map[string]string `json:",omitempty"`
}

func (g *group) arn(r *wire.Request) string {
	return "arn:aws:logs:" + r.Region + ":" + r.Account + ":log-group:" + g.Name
}

// Limits of the API model.
var (
	groupName  = constraint.Matching(1, 512, `[\.\-_/#A-Za-z0-9]+`)
	kmsKeyID   = constraint.Text{Max: 256}
	groupClass = constraint.Text{Enum: []string{"STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"}}
)

// retentionDays are the values that PutRetentionPolicy allows.
var retentionDays = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
	1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// groupInput is the input of operations on one group by its name.
type groupInput struct {
	LogGroupName *string `json:"logGroupName"`
}

func (in *groupInput) checkName(c *constraint.Checks) {
	constraint.Required(c, "logGroupName", in.LogGroupName)
	c.Text("logGroupName", in.LogGroupName, groupName)
}

func (in *groupInput) check() error {
	var c constraint.Checks
	in.checkName(&c)
	return invalid(&c)
}

// invalid is the error for what violates the API model.
func invalid(c *constraint.Checks) error { return c.Err("InvalidParameterException") }

// findGroup returns the group of that name, which must exist.
func findGroup(tx *store.Tx, r *wire.Request, name string) (group, error) {
	g, ok := store.Get[group](tx, groupTable, here(r, name))
	if !ok {
		return group{}, notFound("The specified log group does not exist.")
	}
	return g, nil
}

// changeGroup changes the group of that name, which must exist.
func (s *Service) changeGroup(r *wire.Request, name string, change func(*group) error) (*nothing, error) {
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, name)
		if err != nil {
			return err
		}
		if err := change(&g); err != nil {
			return err
		}
		store.Put(tx, groupTable, here(r, name), g)
		return nil
	})
}

type createLogGroupInput struct {
	groupInput
	KMSKeyID                  *string           `json:"kmsKeyId"`
	Tags                      map[string]string `json:"tags"`
	LogGroupClass             *string           `json:"logGroupClass"`
	DeletionProtectionEnabled bool              `json:"deletionProtectionEnabled"`
}

func (in *createLogGroupInput) check() error {
	var c constraint.Checks
	in.checkName(&c)
	c.Text("kmsKeyId", in.KMSKeyID, kmsKeyID)
	c.Text("logGroupClass", in.LogGroupClass, groupClass)
	if in.Tags != nil {
		checkTags(&c, in.Tags)
	}
	if err := invalid(&c); err != nil {
		return err
	}
	if strings.HasPrefix(strings.ToLower(*in.LogGroupName), "aws/") {
		return invalidParameter("Log groups starting with AWS/ are reserved for AWS.")
	}
	return checkReservedTags(in.Tags)
}

func (s *Service) createLogGroup(r *wire.Request, in *createLogGroupInput) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	g := group{
		Name: *in.LogGroupName, Class: "STANDARD", Created: millis(r.Now), Tags: in.Tags,
		DeletionProtection: in.DeletionProtectionEnabled,
	}
	if in.LogGroupClass != nil {
		g.Class = *in.LogGroupClass
	}
	if in.KMSKeyID != nil {
		g.KMSKey = *in.KMSKeyID
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		if _, exists := store.Get[group](tx, groupTable, here(r, g.Name)); exists {
			return alreadyExists("The specified log group already exists")
		}
		store.Put(tx, groupTable, here(r, g.Name), g)
		return nil
	})
}

// deleteLogGroup deletes the group with its streams, events and policy.
func (s *Service) deleteLogGroup(r *wire.Request, in *groupInput) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &nothing{}, s.store.Update(func(tx *store.Tx) error {
		g, err := findGroup(tx, r, *in.LogGroupName)
		if err != nil {
			return err
		}
		if g.DeletionProtection {
			return wire.Errorf(http.StatusBadRequest, "ValidationException",
				"The specified log group has deletion protection enabled. Disable deletion protection before deleting it.")
		}
		tx.Delete(groupTable, here(r, g.Name))
		tx.Delete(groupPolicyTable, here(r, g.Name))
		deleteBelow(tx, streamTable, here(r, g.Name, ""))
		deleteBelow(tx, eventTable, here(r, g.Name, ""))
		deleteBelow(tx, deliveryTable, here(r, g.Name, ""))
		return nil
	})
}

// deleteBelow deletes all of a table whose keys begin with prefix.
func deleteBelow(tx *store.Tx, table, prefix string) {
	var keys []string
	for key := range store.Scan[json.RawMessage](tx, table, prefix, "") {
		keys = append(keys, key)
	}
	for _, key := range keys {
		tx.Delete(table, key)
	}
}

type putRetentionPolicyInput struct {
	groupInput
	RetentionInDays *int `json:"retentionInDays"`
}

func (s *Service) putRetentionPolicy(r *wire.Request, in *putRetentionPolicyInput) (*nothing, error) {
	var c constraint.Checks
	in.checkName(&c)
	constraint.Required(&c, "retentionInDays", in.RetentionInDays)
	if in.RetentionInDays != nil {
		days := strconv.Itoa(*in.RetentionInDays)
		c.Text("retentionInDays", &days, constraint.Text{Enum: allowedDays(retentionDays)})
	}
	if err := invalid(&c); err != nil {
		return nil, err
	}
	return s.changeGroup(r, *in.LogGroupName, func(g *group) error {
		g.Retention = *in.RetentionInDays
		return nil
	})
}

func allowedDays(days []int) []string {
	var texts []string
	for _, d := range days {
		texts = append(texts, strconv.Itoa(d))
	}
	slices.Sort(texts)
	return texts
}

func (s *Service) deleteRetentionPolicy(r *wire.Request, in *groupInput) (*nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return s.changeGroup(r, *in.LogGroupName, func(g *group) error {
		g.Retention = 0
		return nil
	})
}

type putDeletionProtectionInput struct {
	LogGroupIdentifier        *string `json:"logGroupIdentifier"`
	DeletionProtectionEnabled *bool   `json:"deletionProtectionEnabled"`
}

func (s *Service) putDeletionProtection(r *wire.Request, in *putDeletionProtectionInput) (*nothing, error) {
	var c constraint.Checks
	constraint.Required(&c, "logGroupIdentifier", in.LogGroupIdentifier)
	c.Text("logGroupIdentifier", in.LogGroupIdentifier, groupIdentifier)
	constraint.Required(&c, "deletionProtectionEnabled", in.DeletionProtectionEnabled)
	if err := invalid(&c); err != nil {
		return nil, err
	}
	name, err := identified(r, *in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	return s.changeGroup(r, name, func(g *group) error {
		g.DeletionProtection = *in.DeletionProtectionEnabled
		return nil
	})
}
