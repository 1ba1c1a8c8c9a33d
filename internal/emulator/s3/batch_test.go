package s3

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

// openBatch is a service with one bucket, over a folder or over memory.
func openBatch(t *testing.T, dir string) (*store.Store, *Service, Bucket) {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	bucket := Bucket{Name: "b", Account: "123456789012", Region: "us-east-1", Ownership: OwnerEnforced, DefaultEncryption: EncryptionS3}
	if err := st.Update(func(tx *store.Tx) error { put(tx, bucket); return nil }); err != nil {
		t.Fatal(err)
	}
	return st, New(st, dir), bucket
}

// A batch has the effect that its transaction has, and leaves no bodies behind
// that nobody needs.
func TestBatchIsWholeOrNothing(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		st, s, bucket := openBatch(t, dir)
		write := func(text string, result error) {
			batch := s.Batch()
			err := st.Update(func(tx *store.Tx) error {
				for _, key := range []string{"x/1", "x/2"} {
					if err := batch.Put(tx, Object{Bucket: bucket, Key: key, Type: "text/plain", Body: []byte(text + key), Now: time.Now()}); err != nil {
						return err
					}
				}
				return result
			})
			if batch.End(err); !errors.Is(err, result) {
				t.Fatal(err)
			}
		}
		write("lost", errors.New("boom"))
		write("first", nil)
		write("second", nil)
		write("lost again", errors.New("boom"))
		for _, key := range []string{"x/1", "x/2"} {
			if got := contents(t, st, s, key); got != "second"+key {
				t.Errorf("%s holds %q", key, got)
			}
		}
		if n := countBodies(t, st, dir); n != 2 {
			t.Errorf("%d bodies for two objects", n)
		}
	}
}

func contents(t *testing.T, st *store.Store, s *Service, key string) string {
	t.Helper()
	var v version
	err := st.View(func(tx *store.Tx) error {
		var ok bool
		if v, ok = current(tx, "b", key); !ok || v.Cipher != EncryptionS3 || v.Headers["Content-Type"] != "text/plain" {
			t.Errorf("%s: %+v", key, v)
		}
		return nil
	})
	body, errOpen := s.bodies.open(v.Body)
	if err := errors.Join(err, errOpen); err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func countBodies(t *testing.T, st *store.Store, dir string) (n int) {
	t.Helper()
	if dir != "" {
		files, err := os.ReadDir(filepath.Join(dir, "objects"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	err := st.View(func(tx *store.Tx) error {
		n = tx.Count(tableBodies, "")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
