package whip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 64 << 10
	// maxRedirects is more than the few that lead to a region's server.
	maxRedirects = 10

	sdpType = "application/sdp"
)

// requester sends requests that carry the token.
type requester struct {
	endpoint *url.URL
	token    string
	hosts    []string
	client   *http.Client
	timeout  time.Duration
}

func newRequester(o Options) (*requester, error) {
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil || endpoint.Hostname() == "" {
		return nil, &Error{code: CodeNotSent, doing: "publish", message: fmt.Sprintf("%q is no URL of a WHIP endpoint", o.Endpoint), cause: err}
	}
	for _, c := range o.Token {
		if c <= ' ' || c > '~' {
			return nil, &Error{code: CodeNotSent, doing: "publish", message: "the token holds characters that no token has"}
		}
	}
	r := &requester{endpoint: endpoint, token: o.Token, hosts: o.Hosts, timeout: o.AnswerTimeout}
	r.client = &http.Client{
		Transport:     o.HTTP,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return r, r.mayGo(endpoint)
}

// onLoopback reports whether the endpoint is on this machine.
func (r *requester) onLoopback() bool { return isLoopback(r.endpoint) }

func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return ip.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
}

// mayGo reports whether the token may be sent to that URL: over https to the
// endpoint's own host and those that the caller named, or to loopback when the
// endpoint itself is there.
func (r *requester) mayGo(to *url.URL) error {
	if r.onLoopback() && isLoopback(to) && to.User == nil && (to.Scheme == "http" || to.Scheme == "https") {
		return nil
	}
	reason := ""
	switch {
	case to.User != nil:
		reason = "it names a user"
	case to.Scheme != "https":
		reason = "it is not https"
	case strings.EqualFold(to.Host, r.endpoint.Host):
	case !r.named(to):
		reason = "it is not one of the hosts that the service uses"
	}
	if reason == "" {
		return nil
	}
	where := (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
	return &Error{code: CodeRedirectRefused, doing: "send the token to " + r.withoutToken(where), message: reason + ", so it was not sent"}
}

// withoutToken is what a server says, which may repeat what it was sent, as
// people may see it.
func (r *requester) withoutToken(text string) string {
	if r.token == "" {
		return text
	}
	return strings.ReplaceAll(text, r.token, "[token]")
}

// named reports whether the caller named that host, on the ordinary port.
func (r *requester) named(to *url.URL) bool {
	if port := to.Port(); port != "" && port != "443" {
		return false
	}
	host := strings.ToLower(to.Hostname())
	for _, name := range r.hosts {
		name = strings.ToLower(name)
		parent, below := strings.CutPrefix(name, "*.")
		if below && strings.HasSuffix(host, "."+parent) || host == name {
			return true
		}
	}
	return false
}

// reply is what came back, and from where in the end.
type reply struct {
	from   *url.URL
	code   int
	status string // the code with its text
	header http.Header
	body   string
}

// location is the URL that the reply names, nil when it names none.
func (r *reply) location() *url.URL {
	text := r.header.Get("Location")
	to, err := r.from.Parse(text)
	if text == "" || err != nil {
		return nil
	}
	return to
}

// post sends the offer and returns the answer and the session's URL. The URL may
// be set beside an error: then there is a session that must be ended.
func (r *requester) post(ctx context.Context, offer string) (answer string, session *url.URL, err error) {
	got, err := r.send(ctx, http.MethodPost, r.endpoint, offer)
	if err != nil {
		return "", nil, err
	}
	doing := "publish to " + got.from.Host
	if got.code != http.StatusCreated {
		return "", nil, refusal(doing, got)
	}
	if session = got.location(); session == nil {
		return "", nil, problem(CodeInvalidAnswer, doing, errors.New("the answer does not name the session's URL (Location)"))
	}
	if err := r.mayGo(session); err != nil {
		return "", nil, err
	}
	if kind, _, _ := mime.ParseMediaType(got.header.Get("Content-Type")); kind != sdpType {
		return "", session, problem(CodeInvalidAnswer, doing, fmt.Errorf("the answer is of type %q, not %s", kind, sdpType))
	}
	return got.body, session, nil
}

// delete ends a session. One that is not there any more is ended.
func (r *requester) delete(ctx context.Context, session *url.URL) error {
	got, err := r.send(ctx, http.MethodDelete, session, "")
	switch {
	case err != nil:
		return err
	case got.code < http.StatusMultipleChoices, got.code == http.StatusNotFound, got.code == http.StatusGone:
		return nil
	}
	return refusal("end the session at "+got.from.Host, got)
}

// send sends a request and follows redirects that keep the method, 307 and 308.
func (r *requester) send(ctx context.Context, method string, to *url.URL, body string) (*reply, error) {
	for range maxRedirects {
		if err := r.mayGo(to); err != nil {
			return nil, err
		}
		got, err := r.once(ctx, method, to, body)
		if err != nil {
			return nil, err
		}
		if got.code != http.StatusTemporaryRedirect && got.code != http.StatusPermanentRedirect {
			return got, nil
		}
		if to = got.location(); to == nil {
			return nil, problem(CodeInvalidAnswer, "follow the redirect of "+got.from.Host, errors.New("it does not say where to (Location)"))
		}
	}
	return nil, problem(CodeInvalidAnswer, "publish to "+r.endpoint.Host, fmt.Errorf("more than %d redirects", maxRedirects))
}

func (r *requester) once(ctx context.Context, method string, to *url.URL, body string) (*reply, error) {
	doing := "publish to " + to.Host
	if method == http.MethodDelete {
		doing = "end the session at " + to.Host
	}
	limited, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, method, to.String(), strings.NewReader(body))
	if err != nil {
		return nil, problem(CodeNotSent, doing, err)
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", sdpType)
		request.Header.Set("Accept", sdpType)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, r.unanswered(ctx, doing, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, r.unanswered(ctx, doing, err)
	}
	if len(text) > maxAnswer {
		return nil, problem(CodeInvalidAnswer, doing, fmt.Errorf("an answer of more than %d bytes", maxAnswer))
	}
	return &reply{
		from: to, code: response.StatusCode, status: r.withoutToken(excerpt(response.Status)),
		header: response.Header, body: r.withoutToken(string(text)),
	}, nil
}

// unanswered tells why there is no answer, or not all of one.
func (r *requester) unanswered(ctx context.Context, doing string, err error) *Error {
	if ctx.Err() != nil {
		return ended(ctx, doing, err)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the method and the URL, which doing tells
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return &Error{code: CodeNoAnswer, doing: doing, message: fmt.Sprintf("no answer in %s", r.timeout), cause: err}
	}
	return problem(CodeUnreachable, doing, err)
}

// refusal tells what a reply says that is no success.
func refusal(doing string, got *reply) *Error {
	e := &Error{code: statusCode(got.code), doing: doing, message: "HTTP " + got.status, Status: got.code}
	e.requestID = excerpt(got.header.Get("x-amzn-RequestId"))
	if text := excerpt(got.body); text != "" {
		e.message += ": " + text
	}
	return e
}

// excerpt is the beginning of a text, in one line of printable characters.
func excerpt(text string) string {
	const longest = 120
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(c rune) bool { return c <= ' ' || c == 0x7f }), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}
