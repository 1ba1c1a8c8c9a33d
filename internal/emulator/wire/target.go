package wire

import "strings"

// Targets is a service that speaks awsJson1_1: its operations are named by the
// header X-Amz-Target and carried out by handlers. Services embed it.
type Targets struct {
	Prefix   string // of the header, such as "Logs_20140328."
	Handlers map[string]Handler
}

// Operation implements Service.
func (t Targets) Operation(r *Request) string {
	name, ok := strings.CutPrefix(r.HTTP.Header.Get("X-Amz-Target"), t.Prefix)
	if _, known := t.Handlers[name]; !ok || !known {
		return ""
	}
	return name
}

// Serve implements Service.
func (t Targets) Serve(r *Request) (*Response, error) { return t.Handlers[r.Operation](r) }

// Fail implements Service.
func (t Targets) Fail(_ *Request, e *Error) *Response { return JSON11().Fail(e) }
