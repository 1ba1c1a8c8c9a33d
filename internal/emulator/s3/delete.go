package s3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func (s *Service) deleteObject(c *call) (*wire.Response, error) {
	id, err := c.versionID()
	if err != nil {
		return nil, err
	}
	if c.HTTP.Header.Get("If-Match") != "" {
		return nil, notImplemented("If-Match")
	}
	var done deletion
	var unneeded []leftover
	err = s.store.Update(func(tx *store.Tx) error {
		b, err := admit(tx, c)
		if err != nil {
			return err
		}
		done, unneeded = remove(tx, b, c.key, id, c.Now)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.discard(unneeded)
	response, err := answer(http.StatusNoContent, nil)
	if done.version != "" {
		response.Header.Set("X-Amz-Version-Id", done.version)
	}
	if done.marker {
		response.Header.Set("X-Amz-Delete-Marker", "true")
	}
	return response, err
}

// maxDeletes is the most keys of one DeleteObjects (API reference,
// DeleteObjects).
const maxDeletes = 1000

type deleted struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteFailure struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

type deleteResult struct {
	XMLName xml.Name        `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deleted       `xml:"Deleted"`
	Errors  []deleteFailure `xml:"Error"`
}

func (s *Service) deleteObjects(c *call) (*wire.Response, error) {
	if err := c.requireDigest(); err != nil {
		return nil, err
	}
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	document, err := parseXML(body, "Delete")
	if err != nil {
		return nil, err
	}
	objects := document.all("Object")
	quiet, err := document.boolean("Quiet")
	if err != nil || document.only("Object", "Quiet") != nil || len(objects) == 0 || len(objects) > maxDeletes {
		return nil, errMalformedXML
	}
	var result deleteResult
	var unneeded []leftover
	err = s.store.Update(func(tx *store.Tx) error {
		b, err := admit(tx, c)
		if err != nil {
			return err
		}
		for _, object := range objects {
			more, err := result.remove(tx, b, object, c)
			if err != nil {
				return err
			}
			unneeded = append(unneeded, more...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.discard(unneeded)
	if quiet {
		result.Deleted = nil
	}
	return answer(http.StatusOK, result)
}

// refuseDelete tells why the caller may not delete an object, or a version of
// it; nil when it may.
func (c *call) refuseDelete(object, version string) *wire.Error {
	actions := deleteVersion
	if version == "" {
		actions = "DeleteObject"
	}
	for action := range strings.FieldsSeq(actions) {
		if refused, ok := errors.AsType[*wire.Error](c.allow(action, object)); ok {
			return refused
		}
	}
	return nil
}

// remove deletes one object of the list and notes what became of it.
func (result *deleteResult) remove(tx *store.Tx, b Bucket, object *element, c *call) ([]leftover, error) {
	key := object.one("Key")
	if key == nil || key.text == "" || object.only("Key", "VersionId") != nil {
		return nil, errMalformedXML
	}
	id := object.value("VersionId")
	if id != "" && !versionForm.MatchString(id) {
		result.Errors = append(result.Errors, deleteFailure{
			Key: key.text, VersionID: id, Code: "NoSuchVersion", Message: "The specified version does not exist.",
		})
		return nil, nil
	}
	if refused := c.refuseDelete(ARN(b.Name)+"/"+key.text, id); refused != nil {
		result.Errors = append(result.Errors, deleteFailure{Key: key.text, VersionID: id, Code: refused.Code, Message: refused.Message})
		return nil, nil
	}
	done, unneeded := remove(tx, b, key.text, id, c.Now)
	entry := deleted{Key: key.text, VersionID: id, DeleteMarker: done.marker}
	if done.marker {
		entry.DeleteMarkerVersionID = done.version
	}
	result.Deleted = append(result.Deleted, entry)
	return unneeded, nil
}
