package s3

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// Content is what an object holds. It is to be closed.
type Content struct {
	io.ReadSeekCloser
	Type     string // its Content-Type
	Modified time.Time
}

// Open opens the current version of an object for who looks at it on this
// machine, whoever's it is. The error is fs.ErrNotExist when there is none.
func (s *Service) Open(bucket, key string) (content Content, err error) {
	const attempts = 5
	for range attempts {
		var v version
		err = s.store.View(func(tx *store.Tx) error {
			var ok bool
			if v, ok = current(tx, bucket, key); !ok || v.Marker {
				return fs.ErrNotExist
			}
			return nil
		})
		if err != nil {
			return Content{}, err
		}
		body, err := s.bodies.open(v.Body)
		if err == nil {
			return Content{body, v.Headers["Content-Type"], v.Modified}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return Content{}, err
		}
		// It was replaced between the look at the state and now.
	}
	return Content{}, fs.ErrNotExist
}
