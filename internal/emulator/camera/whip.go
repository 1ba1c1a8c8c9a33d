package camera

import (
	"io"
	"net/http"
	"strings"
)

// Post sends an offer to a WHIP endpoint, wherever that sends it on to.
func (c *Camera) Post(url, token, offer string) (answer *http.Response, body string) {
	c.t.Helper()
	return c.ask(http.MethodPost, url, token, offer)
}

// Publish connects to a stage, and returns where the connection can be ended.
func (c *Camera) Publish(url, token string) (location string) {
	c.t.Helper()
	answer, body := c.Post(url, token, c.Offer())
	if answer.StatusCode != http.StatusCreated {
		c.t.Fatalf("camera: %s: %s", answer.Status, body)
	}
	c.Accept(body)
	return answer.Header.Get("Location")
}

// Leave ends a connection.
func (c *Camera) Leave(location, token string) (status int) {
	c.t.Helper()
	answer, _ := c.ask(http.MethodDelete, location, token, "")
	return answer.StatusCode
}

func (c *Camera) ask(method, url, token, text string) (*http.Response, string) {
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
	return answer, string(body)
}
