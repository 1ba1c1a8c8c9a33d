package emulator

import (
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

func TestStatusOfACode(t *testing.T) {
	tests := map[string]int{ // service and code
		"ivs ServiceQuotaExceededException": 402,
		"ivs ThrottlingException":           429,
		"ivs ResourceNotFoundException":     404,
		"ivs AccessDeniedException":         403,
		"ivs ExpiredTokenException":         403,
		"ivs InternalServerException":       500,
		"logs ThrottlingException":          400,
		"logs LimitExceededException":       400,
		"logs ResourceNotFoundException":    400,
		"logs AccessDeniedException":        400,
		"logs ServiceUnavailableException":  503,
		"events InternalException":          500,
		"events ManagedRuleException":       400,
		"s3 SlowDown":                       503,
		"s3 OperationAborted":               409,
		"s3 ExpiredToken":                   400,
		"s3 PermanentRedirect":              301,
		"sts ExpiredToken":                  403,
		"iam NoSuchEntity":                  404,
	}
	for name, want := range tests {
		service, code, _ := strings.Cut(name, " ")
		f, err := ParseFault("code=" + code)
		if err != nil {
			t.Error(err)
			continue
		}
		got := f.errorOf(service, &wire.Request{Operation: "Op"})
		if got.Status != want || got.Message == "" || strings.Contains(got.Message, "{") {
			t.Errorf("%s: %d %q, want %d with a text", name, got.Status, got.Message, want)
		}
	}
}
