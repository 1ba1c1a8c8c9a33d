package store

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// presencePrefix begins the names of the files by which processes over one
// folder know of each other.
const presencePrefix = "process-"

// Presence tells the processes over one state which of them are alive, so that
// none waits for what a dead one was about to do. A file that is locked says it:
// the system takes the lock away whatever the process ends of.
type Presence struct {
	dir string // "" in memory, where there is one process

	mu   sync.Mutex
	name string // of this process; "" until it is asked for
	own  *flock.Flock
}

// Presence is that of the state.
func (s *Store) Presence() *Presence {
	if s.journal == nil {
		return &Presence{}
	}
	return &Presence{dir: filepath.Dir(s.journal.path)}
}

// Name names this process, the same way each time. In memory it is "".
func (p *Presence) Name() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir == "" || p.name != "" {
		return p.name, nil
	}
	name := rand.Text()
	own := flock.New(p.path(name))
	if err := own.Lock(); err != nil {
		return "", folderError(p.dir, err)
	}
	p.name, p.own = name, own
	return name, nil
}

// Alive tells whether the process of a name is alive. Nobody is "", who always
// is.
func (p *Presence) Alive(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name == "" || name == p.name {
		return true
	}
	path := p.path(name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	lock := flock.New(path)
	dead, err := lock.TryLock()
	if err != nil || !dead {
		return true
	}
	// Removed while it is locked: nobody else can come to have it.
	_ = os.Remove(path)
	_ = lock.Close()
	return false
}

// Close says that this process has gone.
func (p *Presence) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own == nil {
		return nil
	}
	err, path := p.own.Close(), p.path(p.name)
	p.name, p.own = "", nil
	if removed := os.Remove(path); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

func (p *Presence) path(name string) string { return filepath.Join(p.dir, presencePrefix+name) }
