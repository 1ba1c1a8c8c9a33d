package script

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// masker replaces what differs from run to run. An id keeps its number in all
// of a script, so that goldens show what stayed the same.
type masker struct {
	work    string
	numbers map[string]map[string]int
}

// ids are the patterns of what AWS or a run chooses at random, by what stands
// in their place. The second group is the id.
var ids = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"ID", regexp.MustCompile(`((?:storage|encoder)-configuration/|composition/|stage/|CompositeWrite-)([A-Za-z0-9]{12})\b`)},
	{"RUN", regexp.MustCompile(`\b()([0-9a-f]{16})\b`)},
	{"ROLE", regexp.MustCompile(`\b()(AROA[A-Z0-9]{8,})\b`)},
}

// constants are patterns with what is put for all that fits them.
var constants = []struct {
	pattern *regexp.Regexp
	put     string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`"elapsed_ms": \d+`), `"elapsed_ms": 0`},
	{regexp.MustCompile(`"request_id": "[^"]+"`), `"request_id": "REQUEST"`},
	{regexp.MustCompile(`request id:? [0-9A-Za-z-]{8,}`), "request id REQUEST"},
	{regexp.MustCompile(`\b\d+\.\d+s\b`), "0.0s"},
	{regexp.MustCompile(`since \d{4}-\d\d-\d\d`), "since DATE"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
}

func (m *masker) text(s string) string {
	s = strings.ReplaceAll(s, m.work, "$WORK")
	for _, id := range ids {
		s = id.pattern.ReplaceAllStringFunc(s, func(found string) string {
			groups := id.pattern.FindStringSubmatch(found)
			return fmt.Sprintf("%s%s-%d", groups[1], id.name, m.number(id.name, groups[2]))
		})
	}
	for _, c := range constants {
		s = c.pattern.ReplaceAllString(s, c.put)
	}
	return s
}

// number is the place at which the script came across an id.
func (m *masker) number(kind, id string) int {
	if m.numbers == nil {
		m.numbers = map[string]map[string]int{}
	}
	if m.numbers[kind] == nil {
		m.numbers[kind] = map[string]int{}
	}
	known := m.numbers[kind]
	if known[id] == 0 {
		known[id] = len(known) + 1
	}
	return known[id]
}

// blank hides all ids, to sort what holds them.
func blank(s string) string {
	for _, id := range ids {
		s = id.pattern.ReplaceAllString(s, "${1}"+id.name)
	}
	return s
}

func maskLast(ts *testscript.TestScript, _ arguments) error {
	m := &worldOf(ts).mask
	stdout, stderr := m.text(ts.ReadFile("stdout")), m.text(ts.ReadFile("stderr"))
	if _, err := io.WriteString(ts.Stdout(), stdout); err != nil {
		return err
	}
	_, err := io.WriteString(ts.Stderr(), stderr)
	return err
}
