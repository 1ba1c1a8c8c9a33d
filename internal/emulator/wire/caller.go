package wire

import "net/http"

// Caller is who makes a request, where policies limit what it may do. A nil one
// is the account's root user, who may do everything.
type Caller interface {
	// ARN is the caller's own in an account.
	ARN(account string) string
	// Refusal is why the caller may not do what is asked; nil when it may.
	Refusal(r *Request, ask Ask) *Refusal
}

// Guarded is a Service whose operations take permissions.
type Guarded interface {
	// Authorize tells whether r.Caller, which is not nil, may have r.Operation
	// carried out. Its error is in the service's form.
	Authorize(r *Request) error
}

// Ask is one thing that a request takes: an action on a resource, an ARN or *
// for actions that know no resources.
type Ask struct {
	Action, Resource string
	// Keys are the condition keys of the action beside those that every request
	// has.
	Keys map[string][]string
}

// Refusal is an Ask that was not granted.
type Refusal struct {
	Ask
	User string // an ARN
	// Explicit is that a statement denies it; otherwise none allows it.
	Explicit bool
}

// Message is in IAM's words (IAM user guide, Troubleshoot access denied error
// messages), with the resource as the service writes it.
func (f *Refusal) Message(resource string) string {
	why := " because no identity-based policy allows the " + f.Action + " action"
	if f.Explicit {
		why = " with an explicit deny in an identity-based policy"
	}
	return "User: " + f.User + " is not authorized to perform: " + f.Action + " on resource: " + resource + why
}

// Refused tells why the caller may not do the first thing of those asked that
// it may not; nil when it may do all.
func (r *Request) Refused(asks ...Ask) *Refusal {
	if r.Caller == nil {
		return nil
	}
	for _, ask := range asks {
		if refusal := r.Caller.Refusal(r, ask); refusal != nil {
			return refusal
		}
	}
	return nil
}

// Allow is Refused as the error AccessDeniedException, with the status of the
// service's protocol: awsJson sends 400 with every error that is the client's.
func (r *Request) Allow(status int, asks ...Ask) error {
	if refusal := r.Refused(asks...); refusal != nil {
		return Errorf(status, "AccessDeniedException", refusal.Message(refusal.Resource))
	}
	return nil
}

// StatusJSON11 is the status of errors of the client in awsJson1_1.
const StatusJSON11 = http.StatusBadRequest

// TagKeys are the condition keys of tags that a request sends along.
func TagKeys(tags map[string]string) map[string][]string {
	keys := map[string][]string{}
	for name, value := range tags {
		keys["aws:requesttag/"+name] = []string{value}
		keys["aws:tagkeys"] = append(keys["aws:tagkeys"], name)
	}
	return keys
}

// With adds the condition keys of the tags that a resource has.
func (a Ask) With(tags map[string]string) Ask {
	keys := map[string][]string{}
	for name, values := range a.Keys {
		keys[name] = values
	}
	for name, value := range tags {
		keys["aws:resourcetag/"+name] = []string{value}
	}
	a.Keys = keys
	return a
}
