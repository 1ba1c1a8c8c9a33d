package s3

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// minChunk is the least size of a chunk that is not the last one (API
// reference, Signature calculations: chunked upload).
const minChunk = 8 << 10

var errInvalidChunk = fail(http.StatusForbidden, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes")

// chunkedReader takes the content encoding aws-chunked off a body: chunks with
// their size and, when signed, a signature; then the trailer. Signatures are
// not checked, as with those of requests.
type chunkedReader struct {
	source  *bufio.Reader
	left    int64 // of the chunk that is being read
	small   bool  // a chunk below minChunk was seen: it must be the last
	done    bool
	trailer http.Header
}

func newChunkedReader(source io.Reader) *chunkedReader {
	return &chunkedReader{source: bufio.NewReader(source), trailer: http.Header{}}
}

// Read reads of the chunks' data. At the end the trailer is known.
func (r *chunkedReader) Read(p []byte) (int, error) {
	if r.done {
		return 0, io.EOF
	}
	if r.left == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
		if r.done {
			return 0, io.EOF
		}
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.source.Read(p)
	r.left -= int64(n)
	if err != nil {
		return n, errIncompleteBody
	}
	if r.left == 0 {
		return n, r.endChunk()
	}
	return n, nil
}

// next reads a chunk's head and, after the last chunk, the trailer.
func (r *chunkedReader) next() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	r.left, err = strconv.ParseInt(size, 16, 64)
	if err != nil || r.left < 0 {
		return errIncompleteBody
	}
	if r.left == 0 {
		r.done = true
		return r.readTrailer()
	}
	if r.small {
		return errInvalidChunk
	}
	r.small = r.left < minChunk
	return nil
}

func (r *chunkedReader) endChunk() error {
	line, err := r.line()
	if err == nil && line != "" {
		return errIncompleteBody
	}
	return err
}

func (r *chunkedReader) readTrailer() error {
	for {
		line, err := r.line()
		if errors.Is(err, errIncompleteBody) && line == "" {
			return nil // some clients end without the empty line
		}
		if err != nil {
			return err
		}
		if line == "" {
			return nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fail(http.StatusBadRequest, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
		r.trailer.Set(name, strings.TrimSpace(value))
	}
}

// maxLine is above what a chunk's head or a trailer's field can need.
const maxLine = 4 << 10

func (r *chunkedReader) line() (string, error) {
	var line []byte
	for len(line) < maxLine {
		b, err := r.source.ReadByte()
		if err != nil {
			return string(line), errIncompleteBody
		}
		if b == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, b)
	}
	return "", errIncompleteBody
}
