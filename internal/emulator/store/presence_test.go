package store_test

import (
	"os"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator/store"
)

func TestPresence(t *testing.T) {
	dir := t.TempDir()
	presence := func() *store.Presence {
		s := open(t, dir)
		return s.Presence()
	}
	first, second := presence(), presence()
	name, err := first.Name()
	if again, _ := first.Name(); err != nil || name == "" || again != name {
		t.Fatalf("named %q, then %q, %v", name, again, err)
	}
	for _, p := range []*store.Presence{first, second} {
		if !p.Alive(name) || !p.Alive("") || p.Alive("nobody") {
			t.Error("the living are dead, or the other way round")
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if first.Alive(name) || second.Alive(name) {
		t.Error("who is gone is alive")
	}
	other, err := first.Name()
	if err != nil || other == name || !second.Alive(other) {
		t.Errorf("named %q after %q, %v", other, name, err)
	}
}

// A file that nobody has locked is of a process that was killed.
func TestPresenceOfTheKilled(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir).Presence()
	path := dir + "/process-killed"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p.Alive("killed") {
		t.Error("it is alive")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("its file is still there: %v", err)
	}
}

func TestPresenceInMemory(t *testing.T) {
	p := open(t, "").Presence()
	if name, err := p.Name(); name != "" || err != nil || !p.Alive(name) {
		t.Errorf("named %q, %v", name, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
