package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yolo-live/yolo/internal/emulator"
)

func calls(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: calls reset|total|writes|wrote|has|hasnot|list …")
	}
	w := worldOf(ts)
	verb, args := args[0], args[1:]
	if neg && verb != "has" && verb != "hasnot" {
		ts.Fatalf("calls %s cannot be negated", verb)
	}
	switch verb {
	case "reset":
		w.checkKnown()
		w.aws.ResetCalls()
	case "total":
		checkCount(ts, w.aws.Calls(), args)
	case "writes":
		checkCount(ts, w.aws.Writes(), args)
	case "wrote":
		checkWrote(ts, w.aws.Writes(), args)
	case "has", "hasnot":
		if len(args) != 1 {
			ts.Fatalf("usage: calls %s OP[@REGION]", verb)
		}
		found := slices.ContainsFunc(w.aws.Calls(), func(c emulator.Call) bool { return isCall(c, args[0]) })
		if found != (verb == "has") != neg {
			ts.Fatalf("calls %s %s is not so; there were: %s", verb, args[0], joinCalls(w.aws.Calls()))
		}
	case "list":
		fmt.Fprintln(ts.Stdout(), strings.ReplaceAll(joinCalls(w.aws.Calls()), " ", "\n"))
	default:
		ts.Fatalf("calls %s: is not known", verb)
	}
}

func checkCount(ts *testscript.TestScript, calls []emulator.Call, args []string) {
	if len(args) != 1 {
		ts.Fatalf("a number is missing")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if len(calls) != want {
		ts.Fatalf("there were %d requests, not %d: %s", len(calls), want, joinCalls(calls))
	}
}

// checkWrote strikes the wanted calls off those that were made; nothing may
// be left on either side.
func checkWrote(ts *testscript.TestScript, made []emulator.Call, args []string) {
	rest := slices.Clone(made)
	for _, arg := range args {
		name, times, n := arg, "", 1
		if before, after, ok := strings.Cut(arg, "*"); ok {
			name, times = before, after
			var err error
			n, err = strconv.Atoi(times)
			ts.Check(err)
		}
		for range n {
			i := slices.IndexFunc(rest, func(c emulator.Call) bool { return isCall(c, name) })
			if i < 0 {
				ts.Fatalf("%s is missing; written was: %s", arg, joinCalls(made))
			}
			rest = slices.Delete(rest, i, i+1)
		}
	}
	if len(rest) > 0 {
		ts.Fatalf("written was beyond that: %s", joinCalls(rest))
	}
}

func isCall(c emulator.Call, name string) bool {
	operation, region, _ := strings.Cut(name, "@")
	return c.Operation == operation && (region == "" || c.Region == region)
}

func joinCalls(calls []emulator.Call) string {
	var names []string
	for _, c := range calls {
		names = append(names, c.Operation+"@"+c.Region)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
