package logs

import "testing"

func TestFilter(t *testing.T) {
	const message = `{"detail-type":"IVS Composition State Change","detail":{"event_name":"Destination Failure","id":"a1"}}`
	for pattern, want := range map[string]bool{
		"":                                 true,
		"  ":                               true,
		"Failure":                          true,
		"failure":                          false,
		"Failure Destination":              true,
		"Failure Start":                    false,
		"Fail":                             true,
		`"Destination Failure"`:            true,
		`"Failure Destination"`:            false,
		`"\"event_name\":\"Destination F"`: true,
		`"\"event_name\":\"Failure"`:       false,
		"Destination -Start":               true,
		"Destination -Failure":             false,
		`-"Session Start"`:                 true,
		"?Start ?Failure":                  true,
		"?Start ?End":                      false,
		`?"Session Start" ?"a1"`:           true,
	} {
		matches, err := compileFilter(pattern)
		if err != nil {
			t.Errorf("%q: %v", pattern, err)
			continue
		}
		if got := matches(message); got != want {
			t.Errorf("%q: %t", pattern, got)
		}
	}
}

// What AWS refuses is refused likewise; what only the emulator lacks, it says.
func TestFilterRefuses(t *testing.T) {
	const invalid, lacking = "InvalidParameterException: Invalid filter pattern", "NotImplemented: the emulator has "
	for pattern, want := range map[string]string{
		`a:b`:                  invalid,
		`"not closed`:          invalid,
		`"not closed\"`:        invalid,
		`-`:                    invalid,
		`?`:                    invalid,
		`{ $.id = "a1" }`:      lacking + "filter patterns of terms only",
		` [time, id, ...]`:     lacking + "filter patterns of terms only",
		`%fail.*%`:             lacking + "filter patterns of terms only",
		`?Start Destination`:   lacking + "no filter patterns in which terms with ? are beside others",
		`?Start -Destination`:  lacking + "no filter patterns in which terms with ? are beside others",
		`Destination { $.id }`: lacking + "filter patterns of terms only",
	} {
		if _, err := compileFilter(pattern); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", pattern, err, want)
		}
	}
}
