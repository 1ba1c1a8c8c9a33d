package cli

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
)

// profileVariable names the variable that chooses an environment's profile,
// YOLO_{ENV}_AWS_PROFILE: in capitals, with all but letters and digits as _.
func profileVariable(environment string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(environment))
	return "YOLO_" + name + "_AWS_PROFILE"
}

// profile is the profile to use for an environment: the variable's of the
// process, or of the .env beside the manifest; "" leaves it to the SDK.
func profile(environment, manifestPath string, getenv func(string) string) string {
	name := profileVariable(environment)
	if value := getenv(name); value != "" {
		return value
	}
	return fromDotenv(filepath.Join(filepath.Dir(manifestPath), ".env"), name)
}

// fromDotenv finds one variable in a .env file. Whatever else is in the file,
// which other programs may read in their own way, is passed over.
func fromDotenv(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	value := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimPrefix(strings.TrimSpace(lines.Text()), "export ")
		key, rest, ok := strings.Cut(line, "=")
		if ok && strings.TrimSpace(key) == name {
			value = unquoted(strings.TrimSpace(rest))
		}
	}
	return value
}

// unquoted takes quotes, or a comment behind a bare value, away.
func unquoted(value string) string {
	for _, quote := range []string{`"`, `'`} {
		if rest, ok := strings.CutPrefix(value, quote); ok {
			inside, _, _ := strings.Cut(rest, quote)
			return inside
		}
	}
	bare, _, _ := strings.Cut(value, " #")
	return strings.TrimSpace(bare)
}
