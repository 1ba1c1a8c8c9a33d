// Package dotenv reads .env files, and changes values in them while all else
// stays as it is, byte for byte.
//
// Such files have several readers: node's dotenv, Ruby's, PHP's phpdotenv and
// Docker Compose are followed where they agree. Where they differ, as on
// "K=a#b" or "K: a", most of them decide what Value is, and Uniform is false.
// Merge writes only what all of them read the same, and brings what they
// differ on into such a form. Of several assignments of a key the last counts
// for all of them, yet Merge changes each: an outdated one is right for nobody,
// and would count once the last is taken out. Start at Parse, then at Merge.
package dotenv

// Variable is a name with its value.
type Variable struct{ Key, Value string }

// Assignment is a place in a file that gives a key a value.
type Assignment struct {
	Variable
	// Line is the number of the line it begins on, from 1.
	Line int
	// Uniform tells that all readers take the value for the same.
	Uniform bool
	// Commented tells that it is in a comment, and gives no value.
	Commented bool
}

// Parse lists the assignments in a file's text, those in comments included, in
// their order. It passes over what is none, and never fails.
func Parse(text string) []Assignment {
	var all []Assignment
	_, text = cutBOM(text)
	for _, s := range scan(text) {
		if s.Key != "" {
			all = append(all, s.Assignment)
		}
	}
	return all
}

// Lookup returns the value of a key, which is "" when the text has none.
func Lookup(text, key string) string {
	value := ""
	for _, a := range Parse(text) {
		if a.Key == key && !a.Commented {
			value = a.Value
		}
	}
	return value
}
