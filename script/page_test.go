package script

import (
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// page VARIABLE STATUS starts a server that answers everything with a page
// for people, as networks do that want a login first, and keeps its URL in the
// environment variable.
func page(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: page VARIABLE STATUS")
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<html><body>Please log in to the network of this hotel.</body></html>"))
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
