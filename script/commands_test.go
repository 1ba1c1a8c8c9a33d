package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yolo-live/yolo/internal/emulator"
)

// The words that scripts have beyond testscript's own. A word is positional or
// an option, key=value; options go anywhere. region= is us-east-1 and account=
// is the script's unless given.
//
//	seed THING …         set AWS up behind yolo's back, with the SDK; the
//	                     things are at the head of seed_test.go
//	aws-show THING [NAME] [region=R] [account=A]
//	                     print something that is in AWS as canonical, masked
//	                     JSON: bucket NAME, storage, encoder, log-group NAME,
//	                     logs-policies, rule NAME, all (the names of all)
//	emulator [ivs-regions=A,B] [refuse-other-region-bucket]
//	         [refuse-doubtful-delivery] [enforce-rates]
//	                     replace the script's AWS by a new one
//	serve [FLAG]…        have the clients talk to a yolo emulator in the current
//	                     folder; seed, fault and calls do not reach it
//	fault TEXT           arm a fault, in emulator.ParseFault's words
//	fault clear          disarm all
//	latency TEXT         add a latency, in emulator.ParseLatency's words
//	clock DURATION       set the emulator's clock forward
//	calls reset          forget the requests so far, those of seed and
//	                     aws-show included
//	calls total N        there were N requests
//	calls writes N       N of them not Get, List, Describe, Head, Filter or Test
//	calls wrote [OP[@REGION][*N]]…
//	                     the writes were just these, in any order
//	calls has OP[@REGION], calls hasnot OP[@REGION]
//	calls list           print the requests, sorted, one a line
//	mask                 replace in the last stdout and stderr what differs
//	                     from run to run: each id by its number, ID-1 for the
//	                     first that the script came across; times, folders,
//	                     ports and request ids
//	digest               print the last stdout's JSON document in short,
//	                     masked: the result, each resource that changed,
//	                     failed or has notes, the env lines, the warnings
//	keep VARIABLE PATTERN
//	                     keep the first group of the pattern, as found in the
//	                     last stdout, in the environment variable
//	json PATH [VALUE]    the last stdout's JSON document has VALUE at PATH;
//	                     without VALUE: has something there. PATH is like
//	                     steps[ivs-storage-configuration].resources[eu-west-1].can_record:
//	                     [N] is an index, [*] all, each of which must fit,
//	                     [K=V] and [V] choose by a member, V by id, region,
//	                     code, attribute or name, [V,K=V] by several; .len is
//	                     a length. VALUE is JSON, or text, or a regular
//	                     expression in slashes.
//
// json, calls has, and calls hasnot can be negated with "!".
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"aws-show": plain(awsShow),
	"calls":    calls,
	"clock":    plain(clock),
	"digest":   plain(digest),
	"emulator": plain(newEmulator),
	"fault":    plain(fault),
	"json":     jsonCommand,
	"keep":     keep,
	"latency":  plain(latency),
	"mask":     plain(maskLast),
	"seed":     plain(seed),
	"serve":    plain(serve),
}

// plain makes a command of a function that cannot be negated.
func plain(do func(ts *testscript.TestScript, a arguments) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this cannot be negated")
		}
		a := parseArguments(args)
		ts.Check(do(ts, a))
		ts.Check(a.unused())
	}
}

// arguments are a command's words. Taking one marks it as used, so that a
// misspelt option cannot go unnoticed.
type arguments struct {
	all        []string
	positional []string
	options    map[string][]string
	used       map[string]bool
}

func parseArguments(args []string) arguments {
	a := arguments{all: args, options: map[string][]string{}, used: map[string]bool{}}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if ok && !strings.ContainsAny(key, `:/ {"*`) {
			a.options[key] = append(a.options[key], value)
		} else {
			a.positional = append(a.positional, arg)
		}
	}
	return a
}

// word is the nth positional argument, "" when there are fewer.
func (a arguments) word(n int) string {
	if n < len(a.positional) {
		return a.positional[n]
	}
	return ""
}

// option is the last value given, "" when there is none.
func (a arguments) option(key string) string {
	a.used[key] = true
	if values := a.options[key]; len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

func (a arguments) number(key string) (int32, error) {
	text := a.option(key)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int32(n), err
}

// pairs are the values of an option that are key=value themselves.
func (a arguments) pairs(key string) map[string]string {
	a.used[key] = true
	pairs := map[string]string{}
	for _, pair := range a.options[key] {
		k, v, _ := strings.Cut(pair, "=")
		pairs[k] = v
	}
	return pairs
}

func (a arguments) unused() error {
	for key := range a.options {
		if !a.used[key] {
			return fmt.Errorf("%s=: is no option of this", key)
		}
	}
	return nil
}

func newEmulator(ts *testscript.TestScript, a arguments) error {
	options := emulator.Options{
		RefuseForeignRegionBucket: slices.Contains(a.positional, "refuse-other-region-bucket"),
		RefuseDoubtfulDelivery:    slices.Contains(a.positional, "refuse-doubtful-delivery"),
		EnforceRates:              slices.Contains(a.positional, "enforce-rates"),
	}
	if regions := a.option("ivs-regions"); regions != "" {
		options.IVSRegions = strings.Split(regions, ",")
	}
	w := worldOf(ts)
	w.checkKnown()
	w.start(options)
	ts.Setenv("AWS_ENDPOINT_URL", w.aws.URL)
	return nil
}

// fault takes all words as one text, in which options are part of it.
func fault(ts *testscript.TestScript, a arguments) error {
	clear(a.options)
	server := worldOf(ts).aws.Server
	if slices.Equal(a.all, []string{"clear"}) {
		server.ClearFaults()
		return nil
	}
	f, err := emulator.ParseFault(strings.Join(a.all, " "))
	if err != nil {
		return err
	}
	return server.AddFault(f)
}

func latency(ts *testscript.TestScript, a arguments) error {
	clear(a.options)
	l, err := emulator.ParseLatency(strings.Join(a.all, " "))
	if err != nil {
		return err
	}
	return worldOf(ts).aws.Server.AddLatency(l)
}

func clock(ts *testscript.TestScript, a arguments) error {
	d, err := time.ParseDuration(a.word(0))
	if err != nil {
		return err
	}
	return worldOf(ts).aws.Server.Advance(d)
}
