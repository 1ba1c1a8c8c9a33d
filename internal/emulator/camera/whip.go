package camera

import (
	"io"
	"net/http"
	"strings"
)

// Answer is what a WHIP endpoint answers.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Post sends an offer to a WHIP endpoint, wherever that sends it on to.
func (c *Camera) Post(url, token, offer string) Answer {
	c.t.Helper()
	return c.ask(http.MethodPost, url, token, offer)
}

// Publish connects to a stage, and returns where the connection can be ended.
func (c *Camera) Publish(url, token string) (location string) {
	c.t.Helper()
	answer := c.Post(url, token, c.Offer())
	if answer.Status != http.StatusCreated {
		c.t.Fatalf("camera: %d: %s", answer.Status, answer.Body)
	}
	c.Accept(answer.Body)
	return answer.Header.Get("Location")
}

// Leave ends a connection.
func (c *Camera) Leave(location, token string) (status int) {
	c.t.Helper()
	return c.ask(http.MethodDelete, location, token, "").Status
}

func (c *Camera) ask(method, url, token, text string) Answer {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(text))
	c.must(err)
	request.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	c.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	c.must(err)
	return Answer{answer.StatusCode, answer.Header, string(body)}
}
