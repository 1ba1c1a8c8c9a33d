package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
)

// Query is the AWS query protocol of one service: the operation and its
// parameters are a form, the answer is XML in the service's namespace.
type Query struct{ Namespace string }

// Form returns the parameters of a request, in whose body or, for a GET, whose
// URL they are. Parameters that cannot be read are left out.
func (q Query) Form(r *Request) url.Values {
	form, _ := url.ParseQuery(string(r.Body))
	for name, values := range r.HTTP.URL.Query() {
		if !form.Has(name) {
			form[name] = values
		}
	}
	return form
}

// Answer writes an operation's result, whose members become the children of
// <{Operation}Result>; nil is an answer without a result.
func (q Query) Answer(r *Request, result any) (*Response, error) {
	var body bytes.Buffer
	encoder := xml.NewEncoder(&body)
	answer := xml.StartElement{
		Name: xml.Name{Local: r.Operation + "Response"},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: q.Namespace}},
	}
	metadata := struct {
		RequestID string `xml:"RequestId"`
	}{r.ID}
	err := errors.Join(
		encoder.EncodeToken(answer),
		encodeNamed(encoder, r.Operation+"Result", result),
		encodeNamed(encoder, "ResponseMetadata", metadata),
		encoder.EncodeToken(answer.End()),
		encoder.Close(),
	)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return q.response(http.StatusOK, body.Bytes()), nil
}

func encodeNamed(encoder *xml.Encoder, name string, value any) error {
	if value == nil {
		return nil
	}
	return encoder.EncodeElement(value, xml.StartElement{Name: xml.Name{Local: name}})
}

// Fail writes an error.
func (q Query) Fail(r *Request, e *Error) *Response {
	kind := "Sender"
	if e.Status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	body, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Namespace: q.Namespace, Type: kind, Code: e.Code, Message: e.Message, RequestID: r.ID})
	if err != nil {
		return &Response{Status: http.StatusInternalServerError}
	}
	response := q.response(e.Status, body)
	maps.Copy(response.Header, e.Header)
	return response
}

func (q Query) response(status int, body []byte) *Response {
	return &Response{Status: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: body}
}
