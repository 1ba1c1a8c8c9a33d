package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/player"
)

// adminPrefix begins the paths that are for the emulator itself. No bucket can
// have such a name: underscores are not in S3's alphabet.
const adminPrefix = "/_yolo/"

func isAdmin(h *http.Request) bool { return strings.HasPrefix(h.URL.Path, adminPrefix) }

// adminHelp is what the interface says of itself.
const adminHelp = `The emulator can be changed while it runs:

  GET POST DELETE /_yolo/faults      what goes wrong; DELETE takes ?id=
  GET POST DELETE /_yolo/latency     how long requests take
  GET DELETE      /_yolo/calls       what was called
  GET DELETE      /_yolo/events      what was sent over the event buses, and where it went
  GET POST DELETE /_yolo/iam-policies   IAM policies; while there are any, callers may do only what they allow
  GET POST        /_yolo/clock       the time; POST 10m sets it forward
  POST            /_yolo/objects     many objects at once in a bucket
  POST DELETE     /_yolo/publishers  who publishes to a stage, without media
  GET             /_yolo/play        a page that plays a recording, by ?bucket= and ?prefix=
  GET             /_yolo/recordings/BUCKET/KEY   an object, for any player

curl -d 'op=CreateBucket code=InternalError times=1' .../_yolo/faults
curl --data-binary @policy.json .../_yolo/iam-policies
curl -d 'bucket=my-bucket&prefix=media/&count=100000&size=1000' .../_yolo/objects
`

// adminHandler serves faults, latency, the call log, events and the clock, of which what
// is posted is JSON or, when it does not begin with a brace, the text form; and
// what is seeded, which is posted as a form.
func (s *Server) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_yolo/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, adminHelp)
	})
	mux.HandleFunc("GET /_yolo/faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"faults": s.faults.list()})
	})
	mux.HandleFunc("POST /_yolo/faults", s.postFault)
	mux.HandleFunc("DELETE /_yolo/faults", s.deleteFault)
	mux.HandleFunc("GET /_yolo/latency", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"latency": s.latency.list()})
	})
	mux.HandleFunc("POST /_yolo/latency", s.postLatency)
	mux.HandleFunc("DELETE /_yolo/latency", func(w http.ResponseWriter, _ *http.Request) {
		s.latency.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_yolo/calls", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.calls.read())
	})
	mux.HandleFunc("DELETE /_yolo/calls", func(w http.ResponseWriter, _ *http.Request) {
		s.calls.reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_yolo/events", s.getEvents)
	mux.HandleFunc("DELETE /_yolo/events", s.deleteEvents)
	mux.HandleFunc("GET /_yolo/iam-policies", s.getPolicies)
	mux.HandleFunc("POST /_yolo/iam-policies", s.postPolicy)
	mux.HandleFunc("DELETE /_yolo/iam-policies", s.deletePolicies)
	mux.HandleFunc("GET /_yolo/clock", func(w http.ResponseWriter, _ *http.Request) {
		now, err := s.store.Now()
		replyClock(w, now, err)
	})
	mux.HandleFunc("POST /_yolo/clock", s.postClock)
	mux.HandleFunc("GET /_yolo/play", player.Page)
	mux.HandleFunc("GET /_yolo/player.js", player.Script)
	mux.HandleFunc("GET /_yolo/recordings/{bucket}/{key...}", s.getRecording)
	mux.HandleFunc("POST /_yolo/objects", s.postObjects)
	mux.HandleFunc("POST /_yolo/publishers", s.postPublisher)
	mux.HandleFunc("DELETE /_yolo/publishers", s.deletePublishers)
	return mux
}

func (s *Server) postFault(w http.ResponseWriter, h *http.Request) {
	f, err := readPosted(h, ParseFault)
	if err != nil {
		refuse(w, err)
		return
	}
	armed, err := s.faults.add(f)
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, http.StatusCreated, armed)
}

// deleteFault disarms the fault that the query's id names, or all.
func (s *Server) deleteFault(w http.ResponseWriter, h *http.Request) {
	id := 0
	if text := h.URL.Query().Get("id"); text != "" {
		var err error
		if id, err = strconv.Atoi(text); err != nil || id <= 0 {
			refuse(w, fmt.Errorf("id: %q is not the number of a fault", text))
			return
		}
	}
	if !s.faults.remove(id) {
		reply(w, http.StatusNotFound, map[string]string{"error": fmt.Sprintf("there is no fault %d", id)})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) postLatency(w http.ResponseWriter, h *http.Request) {
	l, err := readPosted(h, ParseLatency)
	if err == nil {
		err = s.latency.add(l)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, http.StatusCreated, l)
}

type advance struct {
	Advance Duration `json:"advance"`
}

func (s *Server) postClock(w http.ResponseWriter, h *http.Request) {
	a, err := readPosted(h, func(text string) (a advance, err error) {
		if err := a.Advance.UnmarshalText([]byte(text)); err != nil {
			return a, fmt.Errorf("clock: %q is not a duration such as 10m", text)
		}
		return a, nil
	})
	if err == nil && a.Advance <= 0 {
		err = fmt.Errorf("clock: it only goes forward; advance must be above 0")
	}
	if err != nil {
		refuse(w, err)
		return
	}
	now, err := s.store.Advance(time.Duration(a.Advance))
	replyClock(w, now, err)
}

// readPosted reads what was posted, in either form.
func readPosted[T any](h *http.Request, parse func(string) (T, error)) (value T, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, h.Body, maxBody))
	if err != nil {
		return value, fmt.Errorf("read: %w", err)
	}
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("{")) {
		return parse(string(body))
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return value, fmt.Errorf("JSON: %w", err)
	}
	return value, nil
}

func replyClock(w http.ResponseWriter, now time.Time, err error) {
	if err != nil {
		reply(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	reply(w, http.StatusOK, map[string]time.Time{"now": now})
}

func refuse(w http.ResponseWriter, err error) {
	reply(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func reply(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
