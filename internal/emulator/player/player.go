// Package player is a page that plays recordings in a browser, with nothing from
// anywhere else: it puts the segments of MPEG-TS, which browsers do not play,
// into fragments of MP4 as they are.
//
// Where it gets them from is its server's business: below the page, at
// recordings/BUCKET/KEY.
package player

import (
	_ "embed" // the page
	"net/http"
	"strings"
	"time"
)

//go:embed player.html
var page string

//go:embed player.js
var script string

// Page serves the page, for ?bucket= and ?prefix=, the latter being what
// StartComposition calls the recordingPrefix.
func Page(w http.ResponseWriter, h *http.Request) {
	// Whatever a recording may hold, nothing but the page's own script is run.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; media-src blob:; style-src 'unsafe-inline'")
	http.ServeContent(w, h, "player.html", time.Time{}, strings.NewReader(page))
}

// Script serves the page's script.
func Script(w http.ResponseWriter, h *http.Request) {
	http.ServeContent(w, h, "player.js", time.Time{}, strings.NewReader(script))
}
