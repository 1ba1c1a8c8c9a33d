package emulator

import (
	"errors"
	"io/fs"
	"net/http"

	"github.com/yolo-live/yolo/internal/emulator/s3"
)

// getRecording serves an object without a signature, to players on this machine.
func (s *Server) getRecording(w http.ResponseWriter, h *http.Request) {
	if _, err := s.settledNow(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	content, err := s.services["s3"].(*s3.Service).Open(h.PathValue("bucket"), h.PathValue("key"))
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "there is no such object", http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer content.Close()
	// Who put it there says what it is: nobody's page, and nothing to be run.
	w.Header().Set("Content-Type", content.Type)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	http.ServeContent(w, h, "", content.Modified, content)
}
