package script

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// chosenIDs are those that AWS chooses, behind what tells that they are.
var chosenIDs = regexp.MustCompile(`((?:storage|encoder)-configuration(?:/|%2F))([A-Za-z0-9]{12})\b`)

func idsIn(lines []string) []string {
	var ids []string
	for _, line := range lines {
		for _, found := range chosenIDs.FindAllStringSubmatch(line, -1) {
			ids = append(ids, found[2])
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// unlike are the members of the emulator's rows that differ from run to run: the
// times. Its notes on what IVS saw of a policy are no state of an account.
var (
	unlike = []string{"Created", "Updated", "Modified", "LastModified", "created", "updated"}
	notes  = []string{"ivs.policy-seen", "store.clock"}
)

// readState is all that an emulated account has, out of the journal in which the
// emulator keeps it: one line a row, in a form that tells nothing of the order in
// which things were made.
func readState(t *testing.T, dir string) []string {
	t.Helper()
	journal, err := os.Open(filepath.Join(dir, "journal.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	rows := map[string]json.RawMessage{}
	lines := bufio.NewScanner(journal)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		_, text, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		var transaction []struct {
			Key   string          `json:"k"`
			Value json.RawMessage `json:"v"`
		}
		if err := json.Unmarshal(text, &transaction); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		for _, row := range transaction {
			if rows[row.Key] = row.Value; len(row.Value) == 0 {
				delete(rows, row.Key)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var state []string
	for key, raw := range rows {
		if table, _, _ := strings.Cut(key, "\x00"); !slices.Contains(notes, table) {
			var value any
			if err := json.Unmarshal(raw, &value); err != nil {
				t.Fatal(err)
			}
			state = append(state, strings.ReplaceAll(key, "\x00", " ")+" "+inOrder(value))
		}
	}
	return state
}

// inOrder is a value's JSON with its lists sorted, and without its times. A text
// that is JSON itself, such as a policy, is taken for what it says.
func inOrder(value any) string {
	text, err := json.Marshal(unordered(value))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func unordered(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if v[name] = unordered(member); slices.Contains(unlike, name) {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = unordered(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(inOrder(a), inOrder(b)) })
	case string:
		var document map[string]any
		if json.Unmarshal([]byte(v), &document) == nil {
			return unordered(document)
		}
	}
	return value
}

// envOf is what a run gave its app, out of its JSON.
func envOf(t *testing.T, stdout []byte) string {
	t.Helper()
	var document struct {
		Env json.RawMessage `json:"env"`
	}
	if err := json.Unmarshal(stdout, &document); err != nil {
		t.Errorf("%v: %s", err, stdout)
	}
	return string(document.Env)
}
