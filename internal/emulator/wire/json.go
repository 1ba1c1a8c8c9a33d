package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
)

// Protocol is one of AWS's ways to send JSON; they differ in how an operation
// is named and how an error is written.
type Protocol struct {
	contentType string
	// messageKey is the member that carries an error's text.
	messageKey string
	// typeInBody puts the error code into the body's __type as well.
	typeInBody bool
}

// RestJSON is restJson1 as IVS Real-Time speaks it: the operation is the path,
// the error code the header x-amzn-ErrorType (RealTimeAPIReference, Errors).
func RestJSON() Protocol {
	return Protocol{contentType: "application/json", messageKey: "exceptionMessage"}
}

// JSON11 is awsJson1_1: the operation is the header X-Amz-Target.
func JSON11() Protocol {
	return Protocol{contentType: "application/x-amz-json-1.1", messageKey: "message", typeInBody: true}
}

// WithMessageMember is the protocol with an error's text in another member.
func (p Protocol) WithMessageMember(name string) Protocol {
	p.messageKey = name
	return p
}

// Handler carries out one operation.
type Handler func(r *Request) (*Response, error)

// Handle makes a Handler of a function over the operation's input and output.
// A body of the wrong types answers SerializationException, as AWS does;
// members that the operation does not know in this spelling, upper and lower
// case included, are ignored, as AWS does too.
//
// In and Out are pointers to structs, so that the compiler makes one copy for
// all operations.
func Handle[In, Out any](p Protocol, fn func(r *Request, in In) (Out, error)) Handler {
	return p.handle(reflect.TypeFor[In]().Elem(), func(r *Request, in any) (any, error) { return fn(r, in.(In)) })
}

func (p Protocol) handle(input reflect.Type, fn func(r *Request, in any) (any, error)) Handler {
	known := membersOf(input)
	return func(r *Request) (*Response, error) {
		in := reflect.New(input).Interface()
		if err := decode(known.only(r.Body), in); err != nil {
			return nil, err
		}
		out, err := fn(r, in)
		if err != nil {
			return nil, err
		}
		return p.Answer(out)
	}
}

// decode reads a JSON body into the operation's input. An empty body is an
// empty object.
func decode(body []byte, in any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err := json.Unmarshal(body, in)
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return Errorf(http.StatusBadRequest, "SerializationException",
			fmt.Sprintf("Unexpected %s for member %s", typeErr.Value, typeErr.Field))
	}
	if err != nil {
		return Errorf(http.StatusBadRequest, "SerializationException", "The body is not valid JSON")
	}
	return nil
}

// Answer writes an operation's output; nil is an empty body.
func (p Protocol) Answer(out any) (*Response, error) {
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return &Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {p.contentType}}, Body: body}, nil
}

// Fail writes an error.
func (p Protocol) Fail(e *Error) *Response {
	members := map[string]string{p.messageKey: e.Message}
	if p.typeInBody {
		members["__type"] = e.Code
	}
	body, err := json.Marshal(members)
	if err != nil {
		body = []byte("{}")
	}
	header := http.Header{"Content-Type": {p.contentType}, "X-Amzn-Errortype": {e.Code}}
	for name, values := range e.Header {
		header[name] = values
	}
	return &Response{Status: e.Status, Header: header, Body: body}
}
