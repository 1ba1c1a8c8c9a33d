package emulator

import (
	"io"
	"maps"
	"net/http"
	"strconv"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// write sends an answer whole.
func write(w http.ResponseWriter, r *wire.Request, response *wire.Response) {
	writeHead(w, r, response)
	if response.Stream == nil {
		_, _ = w.Write(response.Body)
		return
	}
	defer response.Stream.Close()
	_, _ = io.Copy(w, response.Stream)
}

func writeHead(w http.ResponseWriter, r *wire.Request, response *wire.Response) {
	header := w.Header()
	maps.Copy(header, response.Header)
	if header.Get("X-Amzn-Requestid") == "" {
		header.Set("X-Amzn-Requestid", r.ID)
	}
	// The time by AWS's clock: clients correct their own by it.
	header.Set("Date", r.Now.UTC().Format(http.TimeFormat))
	w.WriteHeader(response.Status)
}

// writeHalf sends the head and half of the body, then ends the connection. Of
// an answer without a body there is nothing to cut but the head, and none of
// it is sent.
func writeHalf(w http.ResponseWriter, r *wire.Request, response *wire.Response) {
	if response.Stream != nil {
		defer response.Stream.Close()
	}
	size, err := strconv.ParseInt(response.Header.Get("Content-Length"), 10, 64)
	if response.Stream == nil {
		size, err = int64(len(response.Body)), nil
	}
	if err != nil || size == 0 || r.HTTP.Method == http.MethodHead {
		hangUp(w, false)
		return
	}
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	writeHead(w, r, response)
	if response.Stream == nil {
		_, _ = w.Write(response.Body[:size/2])
	} else {
		_, _ = io.CopyN(w, response.Stream, size/2)
	}
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
