package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// namespace is that of S3's documents. Requests may leave it out.
const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

const xsi = "http://www.w3.org/2001/XMLSchema-instance"

// element is one element of a request's document. S3 checks documents against
// its schema, so operations say which children they know and refuse others,
// which encoding/xml's own decoding would pass over.
type element struct {
	name     string
	text     string
	children []*element
}

// maxXMLDepth is above what any of S3's documents nests.
const maxXMLDepth = 16

// parseXML reads a document whose outermost element is root.
func parseXML(body []byte, root string) (*element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, errMalformedXML
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		e, err := readElement(decoder, start, 0)
		if err != nil || e.name != root || trailing(decoder) {
			return nil, errMalformedXML
		}
		return e, nil
	}
}

// trailing tells whether anything but space and comments follows.
func trailing(decoder *xml.Decoder) bool {
	for {
		token, err := decoder.Token()
		if err != nil {
			return !errors.Is(err, io.EOF)
		}
		text, isText := token.(xml.CharData)
		_, isComment := token.(xml.Comment)
		if !isComment && !(isText && len(bytes.TrimSpace(text)) == 0) {
			return true
		}
	}
}

func readElement(decoder *xml.Decoder, start xml.StartElement, depth int) (*element, error) {
	if start.Name.Space != "" && start.Name.Space != namespace || depth > maxXMLDepth {
		return nil, errMalformedXML
	}
	e := &element{name: start.Name.Local}
	var text strings.Builder
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := readElement(decoder, t, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			e.text = text.String()
			return e, e.unmixed()
		}
	}
}

// unmixed refuses text beside child elements.
func (e *element) unmixed() error {
	if len(e.children) == 0 {
		return nil
	}
	if strings.TrimSpace(e.text) != "" {
		return errMalformedXML
	}
	e.text = ""
	return nil
}

// only checks that e has no children but those named.
func (e *element) only(names ...string) error {
	for _, child := range e.children {
		if !slices.Contains(names, child.name) {
			return errMalformedXML
		}
	}
	return nil
}

// all returns the children of a name.
func (e *element) all(name string) []*element {
	var found []*element
	for _, child := range e.children {
		if child.name == name {
			found = append(found, child)
		}
	}
	return found
}

// one returns the only child of a name; nil when there is none or several.
func (e *element) one(name string) *element {
	if found := e.all(name); len(found) == 1 {
		return found[0]
	}
	return nil
}

// value returns the text of the only child of a name, without the space
// around it; "" when there is none.
func (e *element) value(name string) string {
	if child := e.one(name); child != nil {
		return strings.TrimSpace(child.text)
	}
	return ""
}

// boolean reads an optional child that is true or false; absent is false.
func (e *element) boolean(name string) (bool, error) {
	if len(e.all(name)) == 0 {
		return false, nil
	}
	switch strings.ToLower(e.value(name)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, errMalformedXML
	}
}

// MarshalXML writes the element as it was read, without space around children.
func (e *element) MarshalXML(encoder *xml.Encoder, start xml.StartElement) error {
	start.Name = xml.Name{Local: e.name}
	if err := encoder.EncodeToken(start); err != nil {
		return err
	}
	if len(e.children) == 0 {
		if err := encoder.EncodeToken(xml.CharData(e.text)); err != nil {
			return err
		}
	}
	for _, child := range e.children {
		if err := encoder.Encode(child); err != nil {
			return err
		}
	}
	return encoder.EncodeToken(start.End())
}

// answer writes an XML document; nil is an empty body.
func answer(status int, document any) (*wire.Response, error) {
	response := &wire.Response{Status: status, Header: http.Header{}}
	if document == nil {
		return response, nil
	}
	encoded, err := xml.Marshal(document)
	if err != nil {
		return nil, err
	}
	response.Header.Set("Content-Type", "application/xml")
	response.Body = append([]byte(xml.Header), encoded...)
	return response, nil
}
