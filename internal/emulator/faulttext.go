package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ParseFault reads a fault in words, such as
//
//	region=eu-west-1 op=Create* code=InternalServerException after times=1
//
// The words service=, op=, region=, account=, skip=, times=, share=, seed=,
// before and after go with every kind for requests; the kind is one of code=CODE
// (with status= and message="…"), throttled, expired, refuse, no-such-host,
// reset, cut, hang, failed-entry=CODE, invisible=DURATION, skew=DURATION,
// lose-policy-edit, stale-policy-edit, no-media and empty-page. With
// event-late=DURATION, event-twice, event-after-next and event-lost go event=,
// region=, account=, skip=, times=, share= and seed=.
func ParseFault(text string) (Fault, error) {
	f, err := parseFault(text)
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", text, err)
	}
	return f, nil
}

func parseFault(text string) (Fault, error) {
	words, err := splitWords(text)
	if err != nil {
		return Fault{}, err
	}
	if len(words) == 0 {
		return Fault{}, errors.New("is empty; a fault is like \"op=CreateBucket code=InternalError times=1\"")
	}
	var f Fault
	seen := map[string]bool{}
	for _, word := range words {
		name, value, hasValue := strings.Cut(word, "=")
		if seen[name] {
			return Fault{}, fmt.Errorf("%s: is there twice", name)
		}
		seen[name] = true
		if err := f.set(name, value, hasValue); err != nil {
			return Fault{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if seen["before"] && seen["after"] {
		return Fault{}, errors.New("before and after exclude each other")
	}
	if f.Kind == "" {
		return Fault{}, fmt.Errorf("says nothing of what goes wrong: add one of %s", joinKinds())
	}
	return f, f.check()
}

var errUnknownWord = errors.New("is no word of a fault; there are service=, op=, event=, region=, account=, skip=, times=, share=, seed=, before, after, " +
	"status=, message= and the kinds " + joinKinds())

// set takes in one word.
func (f *Fault) set(name, value string, hasValue bool) (err error) {
	if slices.Contains([]string{"before", "after"}, name) {
		f.After = name == "after"
		return unwanted(hasValue)
	}
	if slices.Contains(kinds, Kind(name)) {
		return f.setKind(Kind(name), value, hasValue)
	}
	texts := map[string]*string{
		"service": &f.Service, "op": &f.Operation, "operation": &f.Operation,
		"region": &f.Region, "account": &f.Account, "message": &f.Message, "event": &f.Event,
	}
	numbers := map[string]*int{"times": &f.Times, "skip": &f.Skip, "status": &f.Status, "share": &f.Share, "seed": &f.Seed}
	text, isText := texts[name]
	number, isNumber := numbers[name]
	switch {
	case !isText && !isNumber:
		return errUnknownWord
	case !hasValue:
		return errors.New("its value is missing")
	case isText:
		*text = value
		return nil
	}
	digits := value
	if name == "share" {
		digits = strings.TrimSuffix(value, "%")
	}
	if *number, err = strconv.Atoi(digits); err != nil {
		return fmt.Errorf("%q is not a number", value)
	}
	return nil
}

func (f *Fault) setKind(kind Kind, value string, hasValue bool) error {
	if f.Kind != "" {
		return fmt.Errorf("a fault has one kind, and this one is %s already", f.Kind)
	}
	f.Kind = kind
	switch kind {
	case KindCode, KindFailedEntry:
		f.Code = value
		return nil
	case KindInvisible, KindSkew, KindEventLate:
		if err := f.Duration.UnmarshalText([]byte(value)); err != nil {
			return fmt.Errorf("%q is not a duration such as 10s", value)
		}
		return nil
	default:
		return unwanted(hasValue)
	}
}

func unwanted(hasValue bool) error {
	if hasValue {
		return errors.New("takes no value")
	}
	return nil
}

// splitWords splits at blanks that are not inside single or double quotes.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	begun := false
	for _, c := range text {
		switch {
		case quote == 0 && unicode.IsSpace(c):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		case quote == 0 && (c == '"' || c == '\''):
			quote, begun = c, true
		case c == quote:
			quote = 0
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quotation %c does not end", quote)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// ParseLatency reads a latency: "100ms" for every request, "eu-west-1=240ms"
// for a region, "s3=80ms" for a service, "s3/eu-west-1=90ms" for both. Names
// may be globs as of path.Match.
func ParseLatency(text string) (Latency, error) {
	where, amount, found := strings.Cut(strings.TrimSpace(text), "=")
	if !found {
		where, amount = "", where
	}
	service, region, both := strings.Cut(where, "/")
	if !both && !slices.Contains(signingNames, service) {
		service, region = "", where
	}
	delay, err := time.ParseDuration(amount)
	if err != nil {
		return Latency{}, fmt.Errorf("latency %q: %q is not a duration such as 240ms", text, amount)
	}
	l := Latency{Service: service, Region: region, Delay: Duration(delay)}
	if err := l.check(); err != nil {
		return Latency{}, fmt.Errorf("latency %q: %w", text, err)
	}
	return l, nil
}
